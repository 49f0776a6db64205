"""The last words of a study of masks, where scores have no value."""

import warnings
from types import SimpleNamespace

import numpy as np

from bioselect.metrics.masks import SCORES
from bioselect.selection.tested_masks import PartScores
from bioselect.workflows.segmentation.words import part_table


def test_a_score_that_no_image_of_a_part_has_is_a_dash_and_no_warning() -> None:
    """Where nothing is drawn, the precision has no value: nothing was claimed."""
    scores = np.full((1, len(SCORES), 3), 0.5)
    scores[:, SCORES.index("precision")] = np.nan
    fold = SimpleNamespace(parts=[PartScores("test", np.array([0]), scores)])
    judged = SimpleNamespace(opened=None, exported_folds=[fold, fold])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = [line.split() for line in part_table(judged)[1:]]
    assert rows[0][:4] == ["part", "Dice", "IoU", "precision"]
    assert rows[1] == ["test", "0.50", "0.50", "-", "0.50", "0.50"]
