"""Code that a model names is run only where a person has named the folder or the module."""

import importlib
import json
import sys

import pytest

from bioselect.bundle.consent import missing_consent
from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.bundle.reading import load_bundle
from bioselect.exceptions import BundleError, ComponentError
from bioselect.own_modules import is_trusted, trusting
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, write_small_bundle

MODULE = """
import numpy as np
from pathlib import Path

(Path(__file__).parent / "was_run").touch()

class Mean:
    def transform(self, images):
        rows = [[image.mean(), image.std(), np.diff(image, axis=1).std()] for image in images]
        return np.array(rows, dtype=np.float32)
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """Return where packages are installed, with one of somebody's own that offers a name."""
    site = tmp_path_factory.mktemp("site")
    (site / "trustlab").mkdir()
    (site / "trustlab" / "__init__.py").write_text("")
    (site / "trustlab" / "features.py").write_text(MODULE)
    facts = site / "trustlab-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: trustlab\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(
        "[bioselect.extractors]\ntrust_mean = trustlab.features:Mean\n"
    )
    return site


@pytest.fixture
def at_hand(installed, monkeypatch):
    """Install the package for one test; return the file that its code leaves behind."""
    monkeypatch.syspath_prepend(installed)
    importlib.invalidate_caches()
    mark = installed / "trustlab" / "was_run"
    yield mark
    for name in [name for name in sys.modules if name.startswith("trustlab")]:
        del sys.modules[name]


@pytest.mark.parametrize("name", ["trustlab.features:Mean", "trust_mean"])
def test_installed_code_runs_only_where_its_module_is_trusted(at_hand, tmp_path, name):
    model = write_small_bundle(tmp_path / "model", ComponentSpec(name), ComponentSpec("lda"))
    for module in [one for one in sys.modules if one.startswith("trustlab")]:
        del sys.modules[module]  # as in a new process
    at_hand.unlink()
    with pytest.raises(BundleError, match=r"--trust trustlab\.features") as raised:
        load_bundle(model)
    assert f"'{name}'" in str(raised.value)
    assert "\n" not in str(raised.value)
    with trusting(["trustlab.other", "trust"]), pytest.raises(BundleError, match="--trust"):
        load_bundle(model)
    assert not at_hand.exists()
    images, _ = draw_classes(("coarse", "fine", "middle"), seed=5)
    for module in ("trustlab", "trustlab.features"):
        with trusting([module]):
            table = load_bundle(model).predict_images(images, ["image"] * len(images))
        assert table.shape == (24, 3)
    assert at_hand.exists()


INSIDE = {
    "part": {"extractors": ["hog", "evil:Own"]},
    "part of views": {"extractors": [{"name": "views", "params": {"extractor": "evil:Own"}}]},
    "step of views of a part": {
        "extractors": [
            {"name": "views", "params": {"extractor": "hog", "steps": [{"name": "evil:Own"}]}}
        ]
    },
    "parts of views of a part": {
        "extractors": [
            {
                "name": "views",
                "params": {
                    "extractor": {"name": "concat", "params": {"extractors": ["evil:Own"]}},
                    "steps": ["rotation"],
                },
            }
        ]
    },
}


@pytest.mark.parametrize("inside", INSIDE)
def test_code_deep_inside_is_found_before_it_is_imported(bundle, forge, tmp_path, inside):
    (tmp_path / "evil.py").write_text("raise SystemExit('this code was run')")
    sys.path.insert(0, str(tmp_path))
    manifest = json.loads((bundle / MANIFEST_FILE).read_text(encoding="utf-8"))
    forge(bundle, extractor={**manifest["extractor"], "name": "concat", "params": INSIDE[inside]})
    try:
        with pytest.raises(BundleError, match=r"'evil:Own', which is not part of bioselect"):
            load_bundle(bundle)
    finally:
        sys.path.remove(str(tmp_path))


@pytest.mark.parametrize("name", ["os", "subprocess", "importlib.util", "builtins", "sys"])
def test_modules_of_python_itself_cannot_be_trusted(name):
    with (
        pytest.raises(ComponentError, match=f"--trust {name}: .*comes with Python"),
        trusting([name]),
    ):
        raise AssertionError("must not get here")


@pytest.mark.parametrize("name", ["", "mylab:Mean", "my lab", "mylab.", "../mylab"])
def test_what_is_trusted_is_a_module(name):
    with (
        pytest.raises(ComponentError, match="must be a module as it is imported"),
        trusting([name]),
    ):
        raise AssertionError("must not get here")


def test_folder_and_module_are_both_ways_to_agree(tmp_path):
    (tmp_path / "mylab.py").write_text("")
    assert missing_consent("mylab:Own", tmp_path) is None
    assert "without other.py" in str(missing_consent("other:Own", tmp_path))
    assert "--components FOLDER" in str(missing_consent("mylab:Own", None))
    assert "--trust mylab" in str(missing_consent("mylab:Own", None))


@pytest.mark.parametrize("command", ["predict", "evaluate", "explain"])
def test_the_words_of_the_command_line(command, bundle, tmp_path, capsys):
    from bioselect.cli.main import build_parser, main

    (tmp_path / "images").mkdir()
    words = [command, str(bundle), str(tmp_path / "images"), "-o", str(tmp_path / "out")]
    options = build_parser().parse_args([*words, "--trust", "mylab", "--trust", "other.lab"])
    assert options.trust == ["mylab", "other.lab"]
    assert main([*words, "--trust", "os"]) == 1
    assert "error: --trust os: must be the package" in capsys.readouterr().err


def test_load_takes_what_is_trusted(at_hand, tmp_path):
    import bioselect

    spec = ComponentSpec("trustlab.features:Mean")
    model = write_small_bundle(tmp_path / "model", spec, ComponentSpec("lda"))
    with pytest.raises(BundleError, match=r"write --trust trustlab\.features \(trust in Python\)"):
        bioselect.load(model)
    assert bioselect.load(model, trust=["trustlab"]).class_names
    assert not is_trusted("trustlab")
