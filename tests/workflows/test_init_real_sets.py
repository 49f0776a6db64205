"""`init` on the three real sets: what it writes passes `check`, and a part of each runs."""

import shutil
from pathlib import Path

import pytest

from bioselect.config.loading import load_config
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.init import init
from bioselect.workflows.run import run

REAL_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
WEIGHTS = REAL_DATA / "weights" / "mobilenet_v2_alpha1.0_224_notop.h5"
IN_CACHE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
SETS = {
    "cell_cycle": {"intensity": {"min": 0, "max": 4095}, "group": None, "on_bad_image": "stop"},
    "brain_mri": {"intensity": "dtype", "group": None, "on_bad_image": "exclude"},
    "blood_cells/labels.csv": {"intensity": "dtype", "group": "smear", "target": "cell_type"},
}

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not WEIGHTS.is_file(), reason=f"no {WEIGHTS}"),
]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """Put real weights into a cache folder of Keras."""
    (tmp_path / "keras" / "models").mkdir(parents=True)
    shutil.copyfile(WEIGHTS, tmp_path / "keras" / "models" / IN_CACHE)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SETS)
def test_the_whole_set_can_be_run(cache, name):
    init(REAL_DATA / name, "proposed.yaml", jobs=2)
    config = load_config(cache / "proposed.yaml")
    assert {key: getattr(config.dataset, key) for key in SETS[name]} == SETS[name]
    network = config.extractors[-1]
    assert (network.name, network.on_unavailable) == ("mobilenet_v2", None)
    assert CAN_BE_RUN in check(config, jobs=2)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", ["cell_cycle", "brain_mri"])
def test_a_part_of_a_set_runs_untouched(cache, name):
    folders = sorted(one for one in (REAL_DATA / name).iterdir() if one.is_dir())[:2]
    for folder in folders:
        (cache / "part" / folder.name).mkdir(parents=True)
        for file in sorted(folder.iterdir())[:15]:
            shutil.copyfile(file, cache / "part" / folder.name / file.name)
    init("part", jobs=2)
    result = run(cache / "part.yaml", jobs=2)
    assert "mobilenet_v2" in result.summary
    assert (cache / "results" / "part" / "model").is_dir()
