"""`bioselect explain`, from a study of a planted marker to the pictures."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import bioselect
from bioselect.bundle.familiar import read_familiar
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.reference import read_reference
from bioselect.cli.main import main
from bioselect.exceptions import BundleError, ConfigurationError, DataError, StorageError
from bioselect.explain.occlusion import parts_of_heat
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle
from bioselect.workflows.explain import explain
from bioselect.workflows.run import run

WEIGHTS = Path(__file__).parents[3] / "shared/data/weights" / "mobilenet_v2_alpha0.35_224_notop.h5"
SIDE, MARK = 48, 10  # 4.3 % of the area
N_TRAINING, N_NEW = 40, 4
STUDY = """\
dataset: {path: images}
extractors: [haralick]
classifiers: [logistic_regression]
validation: {folds: 2, repeats: 1}
bundle: {thumbnails: true}
output: run
jobs: 1
"""


def textured(random):
    coarse = random.normal(size=(SIDE // 4, SIDE // 4)).repeat(4, axis=0).repeat(4, axis=1)
    return 128 + 12 * coarse + 8 * random.normal(size=(SIDE, SIDE))


def draw(folder, n_images, seed):
    """Draw textures, every second with stripes somewhere; return where these are."""
    random, places = np.random.default_rng(seed), {}
    for number in range(n_images):
        image, where = textured(random), np.zeros((SIDE, SIDE), dtype=bool)
        name = "plain" if number % 2 else "marked"
        if name == "marked":
            top, left = random.integers(0, SIDE - MARK, 2)
            where[top : top + MARK, left : left + MARK] = True
            image = np.where(where, np.where(np.arange(SIDE) // 2 % 2, 230, 30)[:, None], image)
        path = folder / name / f"{number:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.clip(image, 0, 255).astype(np.uint8)).save(path)
        places[path.stem] = where
    return places


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """Return the folder of a study, of new images, of their explanation, and where markers are."""
    folder = tmp_path_factory.mktemp("explained")
    draw(folder / "images", N_TRAINING, 0)
    places = draw(folder / "new", N_NEW, 1)
    (folder / "new" / "marked" / "bad.png").write_bytes(b"no image")
    (folder / "config.yaml").write_text(STUDY, encoding="utf-8")
    run(folder / "config.yaml")
    (folder / "said.txt").write_text(explain(folder / "run", [folder / "new"], folder / "why"))
    return folder, places


def rows_of(folder):
    with (folder / "explanations.csv").open(newline="", encoding="utf-8") as file:
        return {Path(row["image"]).stem: row for row in csv.DictReader(file)}


def test_heat_lies_on_the_planted_marker(explained):
    folder, places = explained
    shares = [
        parts_of_heat(tifffile.imread(folder / "why" / "marked" / f"{name}_occlusion.tif"), where)
        for name, where in places.items()
        if where.any()
    ]
    assert len(shares) == N_NEW // 2
    assert min(shares) >= 0.6


def test_a_row_for_each_image_and_a_corrupt_one_ends_nothing(explained):
    folder, _ = explained
    rows = rows_of(folder / "why")
    assert list(rows) == ["000", "002", "bad", "001", "003"]
    assert "it is not a PNG" in rows["bad"]["error"]
    assert {rows["bad"][key] for key in rows["bad"]} == {
        rows["bad"]["image"],
        rows["bad"]["error"],
        "",
    }
    told = (folder / "said.txt").read_text()
    assert told.startswith("4 images explained\n1 image could not be used")
    assert {rows[name]["prediction"] for name in ("000", "002")} == {"marked"}
    assert rows["000"]["explained"] == "marked"
    # Without the marker the class is lost.
    assert float(rows["000"]["largest_drop"]) > 0.5


def test_neighbours_are_training_images_of_the_same_kind(explained):
    folder, _ = explained
    row = rows_of(folder / "why")["000"]
    numbers = [int(row[f"neighbour_{n}"]) for n in range(1, 6)]
    with (folder / "run" / "dataset.csv").open(newline="", encoding="utf-8") as file:
        targets = [one["target"] for one in csv.DictReader(file)]
    assert [targets[number] for number in numbers] == ["marked"] * 5
    assert [row[f"neighbour_{n}_target"] for n in range(1, 6)] == ["marked"] * 5
    distances = [float(row[f"neighbour_{n}_distance"]) for n in range(1, 6)]
    assert 0 < distances[0] <= distances[-1]
    # A training image is its own neighbour.
    explain(folder / "run", [folder / "images" / "plain" / "001.png"], folder / "own")
    own = rows_of(folder / "own")["001"]
    # Folders are read in order: 20 marked ones, then 001.
    assert own["neighbour_1"] == "20"
    assert float(own["neighbour_1_distance"]) == pytest.approx(0, abs=1e-3)


def test_pictures_are_there_and_the_same_of_a_zip(explained, tmp_path):
    folder, _ = explained
    names = {path.name for path in (folder / "why" / "marked").iterdir()}
    assert names == {
        f"{name}_{what}"
        for name in ("000", "002")
        for what in ("occlusion.png", "occlusion.tif", "neighbours.png")
    }
    picture = np.asarray(Image.open(folder / "why" / "marked" / "000_occlusion.png"))
    red, blue = picture[:, :, 0].astype(int), picture[:, :, 2].astype(int)
    assert (red - blue > 60).sum() > 1000  # what is orange
    image = folder / "new" / "marked" / "000.png"
    zipped = shutil.make_archive(str(tmp_path / "model"), "zip", folder / "run" / "model")
    explain(Path(zipped), [image], tmp_path / "again")
    for what in ("occlusion.png", "occlusion.tif", "neighbours.png"):
        again = (tmp_path / "again" / f"000_{what}").read_bytes()
        assert again == (folder / "why" / "marked" / f"000_{what}").read_bytes()


def test_the_model_says_what_travels_with_it(explained):
    folder, _ = explained
    model = folder / "run" / "model"
    card = (model / "card.md").read_text(encoding="utf-8")
    assert f"It holds pictures of {N_TRAINING} training images" in card
    reference = read_reference(folder / "run")
    assert len(reference.numbers) == N_TRAINING
    # Neither names nor paths: the file holds numbers only.
    data = (model / "reference.npz").read_bytes()
    assert not [part for part in (b"images", b"marked", b".png") if part in data]
    for name in ("novelty.npz", "quality.json"):
        told = (model / name).read_bytes()
        assert not [part for part in (b"images", b"marked", b".png") if part in told]
    files = set(load_bundle(model).manifest.files)
    assert {"reference.npz", "novelty.npz", "quality.json", "thumbnails.zip"} <= files


def test_new_images_of_the_same_kind_are_not_unlike_the_training(explained):
    folder, _ = explained
    known = read_familiar(folder / "run")
    # Each image is a unit of its own.
    assert known.novelty.n_units == N_TRAINING
    table = bioselect.load(folder / "run").predict(folder / "new")
    used = table[table["error"] == ""]
    assert (used["novelty"] <= 1).all()
    assert set(used["quality"]) == {""}


def test_another_class_can_be_asked_for(explained, tmp_path):
    folder, _ = explained
    image = folder / "new" / "marked" / "000.png"
    arguments = [str(folder / "run"), str(image), "-o", str(tmp_path / "why")]
    assert main(["explain", *arguments, "--class", "plain"]) == 0
    row = rows_of(tmp_path / "why")["000"]
    assert (row["prediction"], row["explained"]) == ("marked", "plain")
    # What hides the marker raises the other class.
    assert float(row["largest_drop"]) < -0.5
    with pytest.raises(ConfigurationError, match=r"marked, plain\)\. Got 'maked'"):
        explain(folder / "run", [image], tmp_path / "no", ["maked"])


def test_what_cannot_be_done_is_one_line(explained, tmp_path):
    folder, _ = explained
    image = folder / "new" / "marked" / "000.png"
    with pytest.raises(StorageError, match="must be a new or an empty folder"):
        explain(folder / "run", [image], folder / "why")
    with pytest.raises(StorageError, match="must be a folder, the one to write into"):
        explain(folder / "run", [image], tmp_path / "why.csv")
    bad = folder / "new" / "marked" / "bad.png"
    with pytest.raises(DataError, match="none of the 1 images could be used"):
        explain(folder / "run", [bad], tmp_path / "why")


def test_a_model_that_remembers_nothing_explains_without_neighbours(tmp_path):
    model = write_small_bundle(tmp_path / "old", ComponentSpec("intensity"), ComponentSpec("lda"))
    colours = np.random.default_rng(0).integers(0, 255, (32, 32, 3)).astype(np.uint8)
    Image.fromarray(colours).save(tmp_path / "a.png")
    explain(model, [tmp_path / "a.png"], tmp_path / "why")
    row = rows_of(tmp_path / "why")["a"]
    assert row["prediction"]
    assert row["neighbour_1"] == row["error"] == ""
    assert not list((tmp_path / "why").glob("*_neighbours.png"))


def test_masks_are_refused(tmp_path, monkeypatch):
    from bioselect.bundle import reading

    monkeypatch.setattr(reading, "read_any_manifest", lambda *given: object())
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "manifest.json").write_text("{}")
    with pytest.raises(BundleError, match="Got one that gives masks"):
        explain(tmp_path, [tmp_path], tmp_path / "why")


@pytest.mark.real_data
@pytest.mark.skipif(not WEIGHTS.is_file(), reason=f"no {WEIGHTS}")
def test_heat_of_a_pretrained_network_lies_on_the_marker(tmp_path):
    params = f"{{alpha: 0.35, input_size: 96, weights: {WEIGHTS.as_posix()}}}"
    network = f"{{name: mobilenet_v2, params: {params}}}"
    (tmp_path / "config.yaml").write_text(STUDY.replace("haralick", network), encoding="utf-8")
    draw(tmp_path / "images", N_TRAINING, 0)
    places = draw(tmp_path / "new", 12, 1)
    run(tmp_path / "config.yaml")
    explain(tmp_path / "run", [tmp_path / "new" / "marked"], tmp_path / "why")
    rows = rows_of(tmp_path / "why")
    shares = [
        parts_of_heat(tifffile.imread(tmp_path / "why" / f"{name}_occlusion.tif"), places[name])
        for name, row in rows.items()
        if row["prediction"] == "marked"
    ]
    assert len(shares) >= 4
    assert np.median(shares) >= 0.6
