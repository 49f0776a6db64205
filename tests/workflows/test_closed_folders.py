"""What the system does not let us read or write is told in words, file by file.

The superuser may read everything, so there the tests give up that right for a while.
"""

import csv
import os
import shutil
import stat
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bioselect.cli.main import main
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle

pytestmark = pytest.mark.skipif(
    not hasattr(os, "setresuid"), reason="rights cannot be given up for a while here"
)
NOBODY = 65534
CONFIG = (
    "dataset: {{path: {path}{rest}}}\nextractors: [intensity]\nclassifiers: [lda]\n"
    "validation: {{folds: 3, repeats: 1}}\noutput: {output}\n"
)


@contextmanager
def without_rights():
    """Do without the rights of the superuser, if we have them."""
    if os.geteuid() != 0:
        yield
        return
    os.setresgid(NOBODY, NOBODY, 0)
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)
        os.setresgid(0, 0, 0)


def _may_read_packages():
    with without_rights():
        return os.access(np.__file__, os.R_OK, effective_ids=True)


@pytest.fixture(scope="module")
def open_lab(tmp_path_factory):
    """Return a folder with images and a model; everything that is needed is imported then."""
    if not _may_read_packages():
        pytest.skip("the packages are installed where only the superuser may read them")
    place = tmp_path_factory.mktemp("lab")
    random = np.random.default_rng(0)
    for name in ("healthy", "tumour"):
        (place / "images" / name / "inside").mkdir(parents=True)
        for number in range(8):
            pixels = random.integers(0, 250, (16, 16, 3)).astype(np.uint8)
            below = "inside" if number > 5 else "."
            Image.fromarray(pixels).save(place / "images" / name / below / f"{number}.png")
    classes = ("healthy", "tumour")
    write_small_bundle(place / "model", ComponentSpec("intensity"), ComponentSpec("lda"), classes)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert main(configured("images", "before", command="run")) == 0
        assert main(["predict", "model", "images", "-o", "before.csv", "--jobs", "1"]) == 0
        assert main(["evaluate", "model", "images", "-o", "evaluated", "--jobs", "1"]) == 0
    return place


@pytest.fixture
def lab(open_lab, monkeypatch):
    """Return a copy of it to which rights may be denied."""
    # Not `tmp_path`, which lies in a folder that its owner only may enter.
    place = Path(tempfile.mkdtemp())
    place.chmod(0o777)
    for name in ("images", "model"):
        shutil.copytree(open_lab / name, place / name)
    monkeypatch.chdir(place)
    yield place
    for folder, _, _ in os.walk(place):
        os.chmod(folder, 0o700)
    shutil.rmtree(place)


def configured(path, output="results", rest="", command="check"):
    Path("config.yaml").write_text(CONFIG.format(path=path, output=output, rest=rest))
    return [command, "config.yaml", "--jobs", "1"]


def closed(path):
    path.chmod(0)
    return path


def states(folder):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in folder.rglob("*")}


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_images_on_a_read_only_disk_are_used_and_nothing_is_written_there(lab):
    before = states(lab / "images")
    for path in [lab / "images", *(lab / "images").rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    with without_rights():
        assert main(configured("images")) == 0
        assert main(configured("images", command="run")) == 0
        assert main(["predict", "results/model", "images", "-o", "p.csv", "--jobs", "1"]) == 0
        assert main(["evaluate", "results/model", "images", "--jobs", "1"]) == 0
    assert states(lab / "images") == before


def test_closed_files_and_folders_are_named_and_may_be_left_out(lab, capsys):
    images = lab / "images"
    closed(images / "healthy/0.png")
    closed(images / "tumour/inside")
    with without_rights():
        assert main(configured("images")) == 1
        shown = capsys.readouterr().err
        assert "2 of the 15 images" in shown
        assert "healthy/0.png: no permission to read it. Ask for the right to." in shown
        assert "tumour/inside: no permission to read it" in shown
        assert main(configured("images", rest=", on_bad_image: exclude", command="run")) == 0
        assert main(["predict", "model", "images", "-o", "p.csv", "--jobs", "1"]) == 0
    left_out = [row["image"] for row in rows("results/findings.csv") if "left out" in row["remedy"]]
    assert sorted(left_out) == ["healthy/0.png", "tumour/inside"]
    assert len(rows("results/dataset.csv")) == 13
    failed = [row["path"] for row in rows("p.csv") if row["error"]]
    assert failed == ["images/healthy/0.png", "images/tumour/inside"]
    assert stat.S_IMODE((images / "tumour/inside").stat().st_mode) == 0


def test_files_in_a_folder_that_can_be_listed_but_not_entered(lab, capsys):
    (lab / "images/tumour").chmod(0o444)
    with without_rights():
        assert main(configured("images")) == 1
    shown = capsys.readouterr().err
    # Six files and the folder inside, which cannot be told from a file any more or not entered.
    assert "7 of the 15 images" in shown
    assert "tumour/0.png: no permission to read it" in shown


@pytest.mark.parametrize(
    ("shut", "arguments", "message"),
    [
        ("images/healthy", None, "healthy: cannot look into this folder (Permission denied). Ask"),
        ("images", None, "images: cannot look into this folder (Permission denied). Ask"),
        ("images", ["predict", "model", "images"], "images: cannot look into this folder"),
        ("images", ["predict", "model", "images/healthy"], "no right to look at it"),
        ("images", ["evaluate", "model", "images/healthy"], "no right to look at it"),
        ("model", ["predict", "model", "images"], "model: cannot be read (model"),
        ("model/estimator.skops", ["predict", "model", "images"], "estimator.skops: Permission"),
        ("places", ["predict", "places/model", "images"], "places/model: cannot be read"),
        ("places", ["predict", "model", "images", "-o", "places/p.csv"], "no permission"),
        ("places", ["evaluate", "model", "images", "-o", "places/e"], "no permission"),
        ("places", "places/results", "places/results: cannot be written: no permission in"),
    ],
)
def test_what_is_closed_is_named(lab, capsys, shut, arguments, message):
    (lab / "places").mkdir()
    closed(lab / shut)
    if arguments is None or isinstance(arguments, str):
        arguments = configured("images", arguments or "results")
    with without_rights():
        assert main(arguments) == 1
    shown = capsys.readouterr().err
    assert "Traceback" not in shown
    (error,) = [line for line in shown.splitlines() if line.startswith("error: ")]
    assert message in error
