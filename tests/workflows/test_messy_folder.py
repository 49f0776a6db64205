"""A folder as it comes from a shared drive goes through check, run, predict and evaluate."""

import csv
import os
import shutil

import numpy as np
import pytest
from PIL import Image

from bioselect.cli.main import main

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
SKIPPED = "this file system has no such names"
NAMES = (
    "plain.png",
    "UPPER.PNG",
    "Mixed.Jpg",
    "with blank.bmp",
    " leading blank.png",
    "Z\u00e4hler \u00e9t\u00e9.png",
    "za\u0308hler decomposed.png",
    "\u7d30\u80de 1.png",
    "\u043a\u043b\u0435\u0442\u043a\u0430.tif",
    "\U0001f52c.png",
    "comma, semicolon; quote'\".png",
    "percent%20 #1 [x] {y}.png",
    "x" * 251 + ".png",
    "two.dots.tar.png",
    "-dash.png",
)
MORE = ("upper.png", "Mixed.png", "linked.png", "deep.png")
N_IMAGES = 2 * len(NAMES) + len(MORE)
OF_SYSTEMS = ("Thumbs.db", "desktop.ini", "._plain.png", ".DS_Store", "__MACOSX/._a.png")


@pytest.fixture
def messy(tmp_path, monkeypatch):
    """Return a folder with two classes of images under all of the names, and much else."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    folder = tmp_path / "my images"
    for name, light in (("healthy", 60), ("tumour \u2620", 160)):
        (folder / name / "deeper" / "still").mkdir(parents=True)
        for place, file in enumerate(NAMES):
            pixels = np.clip(random.normal(light, 30, (20, 20, 3)), 0, 250).astype(np.uint8)
            parent = folder / name / ("deeper/still" if place % 3 == 0 else ".")
            try:
                Image.fromarray(pixels).save(parent / file)
            except OSError:
                pytest.skip(SKIPPED)
    here = folder / "healthy"
    for rubbish in (*OF_SYSTEMS, ".hidden.png", ".cache/a.png", "notes.txt", "a.czi"):
        (here / rubbish).parent.mkdir(exist_ok=True)
        (here / rubbish).write_bytes(b"rubbish")
    (folder / "empty").mkdir()
    (here / "cell.ome.zarr").mkdir()
    (here / "cell.ome.zarr/0").write_bytes(b"rubbish")
    os.mkfifo(here / "pipe.png")
    (here / "again").symlink_to(folder)
    (here / "nearby").symlink_to("deeper")
    shutil.copy(here / "UPPER.PNG", here / "upper.png")
    shutil.copy(here / "Mixed.Jpg", here / "Mixed.png")  # a JPEG that is called PNG
    (here / "linked.png").symlink_to("UPPER.PNG")
    very_deep = here.joinpath(*("d" * 60 for _ in range(8)))
    very_deep.mkdir(parents=True)
    shutil.copy(here / "UPPER.PNG", very_deep / "deep.png")
    return folder


def too_deep(folder):
    """Make folders in each other until the system refuses the path; return the last it takes."""
    opened = os.open(folder, os.O_RDONLY)
    length = len(os.fsencode(folder))
    for number in range(30):
        name = f"{number:02d}" + "x" * 200
        os.mkdir(name, dir_fd=opened)
        inside = os.open(name, os.O_RDONLY, dir_fd=opened)
        os.close(opened)
        opened = inside
        length += 1 + len(name)
        if length <= 4095:
            closed = number + 1
    os.close(opened)
    return f"{closed:02d}" + "x" * 200


def write_config(folder, rest=""):
    config = folder.parent / "config.yaml"
    config.write_text(
        "dataset: {path: my images}\nextractors: [intensity]\nclassifiers: [lda]\n"
        f"validation: {{folds: 3, repeats: 1}}\noutput: results\n{rest}"
    )
    return str(config)


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def listing(folder):
    return sorted((str(path), path.lstat().st_mtime_ns) for path in folder.rglob("*"))


def test_all_images_of_a_messy_folder_are_used_and_all_else_is_told_of(messy, tmp_path, capsys):
    before = listing(messy)
    assert main(["check", write_config(messy)]) == 0
    assert main(["run", write_config(messy)]) == 0
    # Of many notes, some are told in this table only.
    told = [f"{row['image']}: {row['what']}" for row in rows("results/findings.csv")]
    for words in (
        "1 file ends in .czi, a format that is not read",
        "1 file ends in .zarr, a format that is not read",
        "files that are no images were left aside: 1 x .txt",
        f"system or the disk were left aside: {len(OF_SYSTEMS)}, for example .DS_Store.",
        "hidden files and folders (their names begin with a dot) were left aside: 2, for example",
        "pipes and devices were left aside: 1, for example pipe.png.",
        "healthy/again leads to a folder that contains it",
        "healthy/nearby is by a link the same folder as healthy/deeper",
        "the folder 'empty' holds no image",
        "upper.png: differs from healthy/UPPER.PNG in capitals only",
        "linked.png: is the same file as healthy/UPPER.PNG",
        "deep.png: has the same pixels as",
    ):
        assert any(words in line for line in told), words
    assert "note: the link healthy/again" in capsys.readouterr().out
    used = [row["image_id"] for row in rows("results/dataset.csv")]
    assert len(used) == N_IMAGES
    assert {os.path.basename(name) for name in used} == {*NAMES, *MORE}

    assert main(["predict", "results/model", "my images", "-o", "predictions.csv"]) == 0
    predictions = rows("predictions.csv")
    assert len(predictions) == len(used)
    assert not any(row["error"] for row in predictions)
    assert main(["evaluate", "results/model", "my images", "-o", "evaluation"]) == 0
    assert listing(messy) == before  # nothing is written beside the images


def test_bad_files_are_left_out_one_by_one_and_listed(messy, tmp_path, capsys):
    here = messy / "healthy"
    (here / "zero.png").write_bytes(b"")
    (here / "gone.png").symlink_to("nowhere.png")
    (here / "self.png").symlink_to("self.png")
    bad = ["gone.png", "self.png", "zero.png"]
    with open(os.fsencode(here) + b"/z\xe4hler.png", "wb"):
        bad.append("z\\xe4hler.png")
    bad.append(too_deep(here))
    config = write_config(messy)
    assert main(["run", config]) == 1
    assert f"{len(bad)} of the {len(bad) + N_IMAGES} images" in capsys.readouterr().err
    named = {os.path.basename(row["image"]) for row in rows("results/findings.csv")}
    assert named >= set(bad)

    text = (tmp_path / "config.yaml").read_text()
    text = text.replace("my images}", "my images, on_bad_image: exclude}")
    (tmp_path / "config.yaml").write_text(text)
    assert main(["run", config]) == 0
    assert (
        "warning: healthy/z\\xe4hler.png: its name must be valid UTF-8" in capsys.readouterr().err
    )
    found = [
        row for row in rows("results/findings.csv") if row["remedy"] == "The image is left out."
    ]
    assert sorted(os.path.basename(row["image"]) for row in found) == sorted(bad)
    assert len(rows("results/dataset.csv")) == N_IMAGES
    assert main(["predict", "results/model", str(messy), "-o", "predictions.csv"]) == 0
    failed = [os.path.basename(row["path"]) for row in rows("predictions.csv") if row["error"]]
    assert sorted(failed) == sorted(bad)


def test_a_table_finds_files_whatever_form_of_accents_it_has(messy, tmp_path):
    import unicodedata

    lines = ["file,class"]
    for name in ("healthy", "tumour \u2620"):
        for path in sorted((messy / name).rglob("*.*")):
            if path.name in NAMES and '"' not in path.name and "," not in path.name:
                written = path.relative_to(messy).as_posix()
                lines.append(f"{unicodedata.normalize('NFC', written)},{name}")
    (tmp_path / "labels.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    config = tmp_path / "config.yaml"
    config.write_text(
        "dataset: {table: labels.csv, root: my images, image: file, target: class}\n"
        "extractors: [intensity]\nclassifiers: [lda]\noutput: results\n"
    )
    assert main(["check", str(config)]) == 0
