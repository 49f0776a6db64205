"""Drift is told where images of a set differ from the training, and not where they do not."""

import csv

import numpy as np
import pytest
from scipy.stats import kstest

from bioselect.bundle.familiar import Familiar
from bioselect.bundle.novelty import Novelty
from bioselect.bundle.quality import usual_quality
from bioselect.data.image_quality import measures
from bioselect.predict.files import Prediction
from bioselect.workflows.evaluated_drift import drift, smaller_than_uniform, write_or_remove

SCORES = np.sort(np.random.default_rng(0).gamma(9.0, size=400))
KNOWN = Novelty(np.ones(400), SCORES, np.arange(400))


def predicted(novelty, looks=None):
    return [
        Prediction(
            f"{place}.png", "a", None, "", ("a",), novelty=value / KNOWN.border, measures=looks
        )
        for place, value in enumerate(novelty)
    ]


def usual_novelty(n_images, factor=1.0):
    return np.random.default_rng(1).gamma(9.0, size=n_images) * factor


def test_images_like_those_of_the_training_have_not_drifted():
    found = drift(Familiar(None, KNOWN), predicted(usual_novelty(100)), [None] * 100)
    assert found.lines == ()
    shares = {row[0]: row[1] for row in found.rows}
    assert shares["share beyond 1 in 20"] == pytest.approx(0.05, abs=0.05)


def test_other_images_have_and_it_is_said_what_would_be_expected():
    found = drift(Familiar(None, KNOWN), predicted(usual_novelty(100, 1.6)), [None] * 100)
    (line,) = found.lines
    n_beyond = int((usual_novelty(100, 1.6) > KNOWN.border).sum())
    assert f"{n_beyond} of 100 images are as unlike the training images as 1 in 100" in line
    assert "another microscope" in line


@pytest.mark.parametrize("n_units", [12, 19])
def test_what_few_units_of_the_training_cannot_show_is_not_said(n_units):
    few = Novelty(np.ones(n_units), SCORES[::20][:n_units], np.arange(n_units))
    novel = [
        Prediction(f"{place}.png", "a", None, "", ("a",), novelty=value / few.border)
        for place, value in enumerate(usual_novelty(100, 3.0))
    ]
    found = drift(Familiar(None, few), novel, [None] * 100)
    (line,) = found.lines
    # The rarest of n + 1 is 1 in n + 1: said once, and nothing rarer or as rare beside it.
    assert f"as 1 in {n_units + 1} would be by chance: the images differ" in line
    shares = [row[0] for row in found.rows if row[0].startswith("share beyond")]
    assert shares == [f"share beyond 1 in {n_units + 1}"]


def test_images_of_one_group_are_one_observation():
    groups = ["only one"] * 100
    found = drift(Familiar(None, KNOWN), predicted(usual_novelty(100, 1.6)), groups)
    assert found.lines == ()
    assert any("1 groups" in row[0] for row in found.rows)


def test_without_groups_the_test_is_that_of_scipy():
    values = np.random.default_rng(3).random(40) ** 1.5
    expected = kstest(values, "uniform", alternative="greater", method="exact").pvalue
    found = smaller_than_uniform(values, [str(number) for number in range(40)])
    assert found == pytest.approx(expected, rel=1e-6)


def test_light_and_classes_that_shift_are_told(tmp_path):
    images = np.random.default_rng(0).integers(60, 90, (30, 20, 20, 1)).astype(np.uint8)
    images += (np.arange(30) % 7).astype(np.uint8)[:, None, None, None]
    quality = usual_quality([measures(image) for image in images])
    brighter = predicted([1.0] * 20, measures(images[0] + 60))
    classes = {"a": 50, "b": 50}
    found = drift(Familiar(None, None, quality), brighter, [None] * 20, classes, ["a"] * 20)
    said = "\n".join(found.lines)
    assert "brightness: 0.53 in the middle image, 0.302 in that of the training" in said
    assert "a is 100 % of these images and was 50 % of the training images" in said
    write_or_remove(tmp_path / "drift.csv", found)
    with (tmp_path / "drift.csv").open() as file:
        assert [row["measure"] for row in csv.DictReader(file)][:2] == [
            "brightness (median)",
            "focus (median)",
        ]
    # A model that knows nothing leaves no table of an earlier evaluation behind.
    write_or_remove(tmp_path / "drift.csv", drift(Familiar(), brighter, [None] * 20))
    assert not (tmp_path / "drift.csv").exists()
