"""What is printed last of a study of masks, where scores have no value, and of the worst images."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.metrics.base import ChosenMetric
from bioselect.metrics.masks import SCORES
from bioselect.registry import ComponentSpec
from bioselect.selection.tested_masks import PartScores
from bioselect.workflows.segmentation.words import part_table, worst_images


def judged_by(*parts, metric="dice"):
    fold = SimpleNamespace(repeat=0, parts=parts)
    honest = SimpleNamespace(honest_score=SimpleNamespace(metric=metric))
    return SimpleNamespace(opened=None, exported_folds=(fold,), verdict=honest)


def part(scores, name="test"):
    """A part whose images have these scores of every kind."""
    table = np.repeat(np.array(scores, float)[:, None, None], len(SCORES), axis=1)
    return PartScores(name, np.arange(len(scores)), table)


def test_a_score_that_no_image_has_is_a_dash_without_a_word_of_numpy():
    without = part([np.nan, np.nan])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = part_table(judged_by(without, part([0.5, np.nan], "training")))
    assert lines[2].split()[:2] == ["training", "0.50"]
    assert lines[3].split()[:2] == ["test", "-"]


@pytest.mark.parametrize(
    ("metric", "scores", "named"),
    [
        # Of seven images two are drawn as the worst ones, of five one.
        ("dice", [0.9, 0.1, 0.5, 0.3, 0.8, 0.7, 0.6], "i1 (0.10), i3 (0.30)"),
        ("dice", [0.9, 0.1, np.nan, 0.3, 0.8, 0.7], "i1 (0.10)"),
        ("hausdorff_95", [0.9, 0.1, 0.5, 0.3, 0.8, 0.7, 0.6], "i0 (0.90), i4 (0.80)"),
    ],
)
def test_the_worst_images_are_those_that_are_drawn(metric, scores, named):
    inputs = SimpleNamespace(
        metric=ChosenMetric(ComponentSpec(metric)),
        config=SimpleNamespace(base_dir=None),
        dataset=SimpleNamespace(records=[SimpleNamespace(image_id=f"i{n}") for n in range(7)]),
    )
    (line,) = worst_images(inputs, judged_by(part(scores), metric=metric))
    assert "examples.png" in line
    assert line.endswith(f": {named}")
