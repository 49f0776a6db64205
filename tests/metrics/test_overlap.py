import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, f1_score, jaccard_score, precision_score, recall_score

from bioselect.data.pairs import IGNORED
from bioselect.metrics import overlap
from bioselect.metrics.overlap import overlap_scores, pixel_counts

RANDOM = np.random.default_rng(0)
TRUE = RANDOM.integers(0, 4, (33, 21)).astype(np.uint8)
PREDICTED = np.where(RANDOM.random(TRUE.shape) < 0.6, TRUE, RANDOM.integers(0, 4, TRUE.shape))
PREDICTED = PREDICTED.astype(np.uint8)


def test_counts_and_scores_are_those_of_scikit_learn():
    counts = pixel_counts(TRUE, PREDICTED, 4)
    flat = TRUE.ravel(), PREDICTED.ravel()
    assert np.array_equal(counts, confusion_matrix(*flat))
    scores = overlap_scores(counts)
    for name, reference in [
        ("dice", f1_score),  # the Dice coefficient is F1 of pixels
        ("iou", jaccard_score),
        ("precision", precision_score),
        ("recall", recall_score),
    ]:
        assert scores[name] == pytest.approx(reference(*flat, average=None), abs=1e-12)
    agreeing = [np.mean((one == TRUE) == (one == PREDICTED)) for one in range(4)]
    assert scores["pixel_accuracy"] == pytest.approx(agreeing, abs=1e-12)


def test_ignored_pixels_count_nowhere():
    true = TRUE.copy()
    true[:10] = IGNORED
    assert np.array_equal(
        pixel_counts(true, PREDICTED, 4), pixel_counts(TRUE[10:], PREDICTED[10:], 4)
    )
    nothing = np.full((3, 3), IGNORED, np.uint8)
    assert not pixel_counts(nothing, nothing, 2).any()


def test_many_rows_are_counted_some_at_a_time(monkeypatch):
    once = pixel_counts(TRUE, PREDICTED, 4)
    monkeypatch.setattr(overlap, "_PIXELS_AT_A_TIME", 50)
    assert np.array_equal(pixel_counts(TRUE, PREDICTED, 4), once)


def test_what_is_no_mask_is_refused():
    with pytest.raises(ValueError, match=r"of one size. Got \(33, 21\) and \(21, 33\)"):
        pixel_counts(TRUE, PREDICTED.T, 4)
    with pytest.raises(ValueError, match=r"places 0 to 2 .*Got 3"):
        pixel_counts(TRUE, PREDICTED, 3)
    with pytest.raises(ValueError, match=r"places 0 to 3 .*Got 255"):
        pixel_counts(TRUE, np.full_like(TRUE, IGNORED), 4)
