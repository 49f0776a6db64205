"""Predictions say of each image whether it is unlike those of the training, and what is odd."""

import csv
import re
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

import bioselect
from bioselect.bundle.familiar import read_familiar
from bioselect.bundle.novelty import NOVELTY_FILE, measure_novelty
from bioselect.bundle.quality import QUALITY_FILE, usual_quality
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.reference import make_reference
from bioselect.bundle.writing import write_bundle
from bioselect.data.image_quality import measures
from bioselect.exceptions import BundleError
from bioselect.features import batches
from bioselect.features.extraction import transform_prepared
from bioselect.predict.files import Prediction, predict_files
from bioselect.predict.unusual import Unusual
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.predict import predict

NAMES = ("coarse", "fine", "middle")


@pytest.fixture(scope="module")
def knowing(tmp_path_factory):
    """Return a model that knows its training images."""
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"), NAMES)
    images = [image for seed in range(6) for image in draw_classes(NAMES, seed)[0]]
    rows = transform_prepared(contents.extractor, images, contents.reading, ["image"] * len(images))
    numbers = np.arange(len(images))
    reference = make_reference(rows, np.zeros(len(images), dtype=int), numbers)
    quality = usual_quality([measures(image) for image in images])
    novelty = measure_novelty(reference, numbers)
    path = tmp_path_factory.mktemp("knowing") / "model"
    write_bundle(path, replace(contents, reference=reference, novelty=novelty, quality=quality))
    return path


@pytest.fixture
def folder(tmp_path, save_image):
    """Return usual images, one of noise alone, one blurred, and one that cannot be read."""
    images = draw_classes(NAMES, seed=77)[0][::8]
    for number, image in enumerate(images):
        save_image(tmp_path / "new" / f"usual-{number}.png", image)
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    save_image(tmp_path / "new" / "noise.png", noise)
    save_image(tmp_path / "new" / "soft.png", cv2.GaussianBlur(images[0], (0, 0), 2))
    (tmp_path / "new" / "bad.png").write_bytes(b"")
    return tmp_path / "new"


def test_the_table_and_the_summary_tell_of_them(knowing, folder, tmp_path):
    words = predict(knowing, [folder], tmp_path / "p.csv")
    with (tmp_path / "p.csv").open() as file:
        rows = {row["path"].rsplit("/", 1)[-1]: row for row in csv.DictReader(file)}
    assert list(rows["bad.png"])[-3:] == ["novelty", "quality", "error"]
    assert (rows["bad.png"]["novelty"], rows["bad.png"]["quality"]) == ("", "")
    assert float(rows["noise.png"]["novelty"]) > 1
    assert "blurred" in rows["soft.png"]["quality"]
    for number in range(3):
        assert float(rows[f"usual-{number}.png"]["novelty"]) <= 1
        assert rows[f"usual-{number}.png"]["quality"] == ""
    assert "of 5 images" in words
    assert "unlike the training images: " in words
    assert "noise.png (novelty" in words
    assert "quality: " in words
    assert "blurred" in words


def test_an_evaluation_says_what_has_drifted(knowing, tmp_path, save_image):
    # As in training, but through a lens out of focus and with half the light.
    images, places = draw_classes(NAMES, seed=78)
    for number, (image, place) in enumerate(zip(images, places, strict=True)):
        name = tmp_path / "labelled" / NAMES[place] / f"{number}.png"
        save_image(name, cv2.GaussianBlur(image // 2, (0, 0), 2))
    words = evaluate(knowing, tmp_path / "labelled", tmp_path / "out", seed=0)
    assert "of 24 images are as unlike the training images as 1 in 100 would be" in words
    assert re.search("unlike the training: brightness: .* in the middle image, ", words)
    with (tmp_path / "out" / "drift.csv").open() as file:
        rows = {row["measure"]: row for row in csv.DictReader(file)}
    assert float(rows["share beyond 1 in 100"]["value"]) > 0.5
    assert float(rows["share beyond 1 in 100"]["expected"]) == 0.01
    assert float(rows["novelty (Kolmogorov-Smirnov)"]["p"]) < 1e-6
    assert float(rows["share of coarse"]["value"]) == pytest.approx(1 / 3)
    assert rows["share of coarse"]["in_words"] == ""


def test_the_frame_has_the_same_columns(knowing, folder):
    table = bioselect.load(knowing).predict(folder)
    assert list(table.columns[-3:]) == ["novelty", "quality", "error"]
    novelty = table.set_index(table["path"].str.rsplit("/", n=1).str[-1])["novelty"]
    assert novelty["noise.png"] > 1
    assert np.isnan(novelty["bad.png"])


def test_nothing_is_read_twice_and_no_probability_changes(knowing, folder, monkeypatch):
    model, read = load_bundle(knowing), Counter()
    alone = list(predict_files(model, sorted(folder.iterdir())))
    original = batches.read_source

    def counted(source, stack=None):
        read[source.name] += 1
        return original(source, stack)

    monkeypatch.setattr(batches, "read_source", counted)
    known = read_familiar(knowing)
    told = list(predict_files(model, sorted(folder.iterdir()), familiar=known))
    assert set(read.values()) == {1}
    assert [one.error for one in told] == [one.error for one in alone]
    for one, other in zip(told, alone, strict=True):
        np.testing.assert_array_equal(one.probabilities, other.probabilities)
        assert other.novelty is None


@pytest.mark.parametrize("name", [NOVELTY_FILE, QUALITY_FILE])
def test_a_changed_file_is_not_used(knowing, tmp_path, name):
    import shutil

    shutil.copytree(knowing, tmp_path / "model")
    (tmp_path / "model" / name).write_bytes(b"{}")
    with pytest.raises(BundleError, match=name.replace(".", r"\.")):
        load_bundle(tmp_path / "model")
    with pytest.raises(BundleError, match=name.replace(".", r"\.")):
        read_familiar(tmp_path / "model")


def test_a_model_without_says_nothing(bundle_path):
    known = read_familiar(bundle_path)
    assert (known.novelty, known.quality, known.columns) == (None, None, ())


def test_the_most_unlike_are_named_whatever_their_number():
    seen = Unusual()
    for number in range(500):
        seen.add(Prediction(f"{number}.png", "a", None, "", novelty=number / 100))
    (line,) = seen.in_words(500)
    assert line.startswith(
        "399 of 500 images are unlike the training images: 499.png (novelty 5), 498.png (novelty "
        "5), 497.png (novelty 5) and 396 more"
    )
    assert len(seen.named) == 3
