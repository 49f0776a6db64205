"""Stacks from the configuration to the tables of predictions."""

import csv
import shutil

import numpy as np
import pytest
import tifffile
import yaml
from PIL import Image

import bioselect
from bioselect.bundle.reading import load_bundle
from bioselect.data.stacks import Stack
from bioselect.exceptions import DataError
from bioselect.workflows.check import check
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.labelled_images import TableColumns
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

N_FILES, N_PLANES, SIDE = 8, 4, 20


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw_stack(is_bright, random, n_planes=N_PLANES):
    """Draw uint16 (n_planes, 20, 20) of a 12-bit camera; bright ones have a spot."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    spot = 900 * np.exp(-((rows - 10) ** 2 + (columns - 10) ** 2) / 20) * is_bright
    planes = random.normal(1200, 150, (n_planes, SIDE, SIDE)) + spot
    return np.clip(planes, 0, 4095).astype(np.uint16)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory):
    """Return a folder of two classes with eight stacks each, of four slices, and a flat image."""
    folder = tmp_path_factory.mktemp("stacks") / "data"
    random = np.random.default_rng(2)
    for is_bright, name in enumerate(("dark", "spot")):
        (folder / name).mkdir(parents=True)
        for number in range(N_FILES):
            pixels = draw_stack(is_bright, random)
            axes = {"axes": "ZYX"}
            tifffile.imwrite(folder / name / f"{number}.tif", pixels, imagej=True, metadata=axes)
    return folder


def write_config(folder, stacks, stack, more=""):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(
        f"dataset: {{path: {stacks.as_posix()}, stack: {stack}{more}}}\n"
        "extractors: [intensity]\nclassifiers: [lda]\n"
        "validation: {folds: 3, repeats: 1}\noutput: run\n"
    )
    return path


@pytest.fixture(scope="module")
def of_planes(tmp_path_factory, stacks):
    """Return the folder of a finished run whose images are the planes."""
    return run(write_config(tmp_path_factory.mktemp("all"), stacks, "all"), jobs=1).folder


def test_without_the_key_the_run_stops_and_asks_for_it(tmp_path, stacks):
    config = write_config(tmp_path, stacks, "null")
    with pytest.raises(DataError, match=r"16 of the 16 images of .* cannot be read") as caught:
        check(config)
    message = str(caught.value)
    assert "0.tif: a file must hold one image. Got 4 slices (axes ZYX, shape (4, 20, 20)). " in (
        message
    )
    assert "Write dataset.stack: {projection: max}, {projection: mean}, middle, all or" in message


def test_every_plane_is_an_image_and_files_stay_in_one_fold(of_planes, stacks):
    rows = read(of_planes / "dataset.csv")
    assert len(rows) == 2 * N_FILES * N_PLANES
    assert [row["image_id"] for row in rows[:5]] == [
        *(f"dark/0.tif#{place}" for place in range(4)),
        "dark/1.tif#0",
    ]
    assert rows[3]["path"] == f"{stacks / 'dark' / '0.tif'}#3"
    folds = {}
    for row in rows:
        assert row["group"] == row["image_id"].split("#")[0]
        folds.setdefault(row["group"], set()).add(row["fold_of_repeat_0"])
    assert all(len(of_file) == 1 for of_file in folds.values())
    assert len(set.union(*folds.values())) == 3
    (note,) = (row["what"] for row in read(of_planes / "findings.csv") if "planes" in row["what"])
    assert note.startswith("16 files hold 64 planes that are images of their own (stack: all)")


def test_the_run_keeps_the_key_and_so_does_the_model(of_planes):
    kept = yaml.safe_load((of_planes / "config.yaml").read_text())
    assert kept["dataset"]["stack"] == "all"
    reading = load_bundle(of_planes / "model").reading
    assert reading.stack == Stack("every", 1)
    assert reading.intensity.as_config() == {"min": 0, "max": 4095}


@pytest.mark.parametrize("jobs", [1, 2])
def test_prediction_has_a_row_for_each_plane(of_planes, tmp_path, jobs):
    random = np.random.default_rng(9)
    folder = tmp_path / "new"
    folder.mkdir()
    planes = draw_stack(True, random, n_planes=11)
    tifffile.imwrite(folder / "b.tif", planes, photometric="minisblack", compression="zlib")
    flat = draw_stack(False, random, n_planes=1)[0]
    Image.fromarray(flat).save(folder / "c.png")
    (folder / "a.tif").write_bytes(b"")
    predict(of_planes / "model", [folder], tmp_path / "out.csv", jobs=jobs)
    rows = read(tmp_path / "out.csv")
    assert [row["path"] for row in rows] == [
        str(folder / "a.tif"),
        *(f"{folder / 'b.tif'}#{place}" for place in range(11)),
        str(folder / "c.png"),
    ]
    assert "it is empty" in rows[0]["error"]
    assert [row["prediction"] for row in rows[1:]] == ["spot"] * 11 + ["dark"]
    # Each plane as a file of its own gives the same probabilities.
    for place in range(11):
        tifffile.imwrite(tmp_path / "one.tif", planes[place])
        table = bioselect.load(of_planes / "model").predict(tmp_path / "one.tif")
        got = float(rows[1 + place]["probability_spot"])
        assert table["probability_spot"][0] == pytest.approx(got, abs=1e-9)
    table = bioselect.load(of_planes / "model").predict(folder)
    assert list(table["path"]) == [row["path"] for row in rows]


def test_evaluation_counts_planes_and_keeps_those_of_a_file_together(of_planes, stacks, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(stacks, other)
    random = np.random.default_rng(4)
    for is_bright, name in enumerate(("dark", "spot")):
        for number in range(2, N_FILES):
            tifffile.imwrite(
                other / name / f"{number}.tif",
                draw_stack(is_bright, random),
                photometric="minisblack",
            )
    summary = evaluate(of_planes / "model", other, tmp_path / "out", jobs=1)
    assert summary.startswith("64 images evaluated")
    # Two files of each class are those of training, with four planes each.
    assert "16 of 64 images are the very files that this model was trained on" in summary
    groups = read(tmp_path / "out" / "groups.csv")
    assert len(groups) == 2 * N_FILES
    assert {row["n_images"] for row in groups} == {"4"}
    table = other / "labels.csv"
    table.write_text("file,type\ndark/3.tif,dark\nspot/3.tif,spot\n")
    columns = TableColumns("file", "type", None)
    summary = evaluate(of_planes / "model", table, tmp_path / "two", columns, jobs=1)
    assert summary.startswith("8 images evaluated")


@pytest.mark.parametrize(
    ("stack", "expected"),
    [
        ("{projection: max}", lambda planes: planes.max(axis=0)),
        ("{projection: mean}", lambda planes: planes.mean(axis=0).astype(np.float32)),
        ("middle", lambda planes: planes[2]),
    ],
)
def test_one_image_of_a_stack_is_that_image_as_a_file(tmp_path, stacks, stack, expected):
    flat = tmp_path / "flat"
    for path in sorted(stacks.rglob("*.tif")):
        image = flat / path.relative_to(stacks)
        image.parent.mkdir(parents=True, exist_ok=True)
        tifffile.imwrite(image, expected(tifffile.imread(path)))
    whole = run(write_config(tmp_path / "a", stacks, stack), jobs=1).folder
    single = run(write_config(tmp_path / "b", flat, "null"), jobs=1).folder
    for name in ("scores.csv", "ranking.csv", "out_of_fold.h5"):
        assert (whole / name).read_bytes() == (single / name).read_bytes()
    predict(whole / "model", [stacks], tmp_path / "whole.csv", jobs=1)
    predict(single / "model", [flat], tmp_path / "single.csv", jobs=1)
    for one, other in zip(*(read(tmp_path / f"{n}.csv") for n in ("whole", "single")), strict=True):
        assert one.pop("path").endswith(other.pop("path").removeprefix(str(flat)))
        assert one == other


def test_pages_that_are_channels(tmp_path, stacks):
    folder = run(write_config(tmp_path, stacks, "channels"), jobs=1).folder
    model = load_bundle(folder / "model")
    # `intensity` describes each channel by 14 numbers.
    assert (model.manifest.image_shape, model.manifest.n_features) == ([20, 20, 4], 4 * 14)


def test_what_is_known_of_stacks_is_not_mixed_up_between_runs(tmp_path, stacks):
    cache = f", on_bad_image: exclude}}\ncache: {(tmp_path / 'cache').as_posix()} #"
    widths = {}
    for stack in ("channels", "all", "middle"):
        folder = run(write_config(tmp_path / stack, stacks, stack, cache), jobs=1).folder
        manifest = load_bundle(folder / "model").manifest
        widths[stack] = (manifest.n_features, manifest.dataset["n_images"])
    assert widths == {"channels": (56, 16), "all": (14, 64), "middle": (14, 16)}
