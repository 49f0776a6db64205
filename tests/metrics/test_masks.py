import numpy as np
import pytest

from bioselect.data.pairs import IGNORED
from bioselect.metrics.masks import SCORES, image_scores
from bioselect.metrics.objects import ObjectRule

# Class 1: 4 pixels true, 3 predicted, 2 of them right. Class 2: 2 true, none predicted.
TRUE = np.array([[0, 1, 1, 2], [0, 1, 1, 2]], np.uint8)
PREDICTED = np.array([[0, 1, 1, 0], [1, 0, 0, 0]], np.uint8)


def test_scores_of_an_image_by_hand():
    scores = image_scores(TRUE, PREDICTED, 4, background=0)
    assert tuple(scores.image) == tuple(scores.per_class) == SCORES
    dice = scores.per_class["dice"]
    assert dice[:3] == pytest.approx([2 * 1 / (2 + 5), 2 * 2 / (4 + 3), 0.0])
    assert np.isnan(dice[3])
    assert scores.image["dice"] == pytest.approx((4 / 7 + 0) / 2)
    assert scores.image["iou"] == pytest.approx((2 / 5 + 0) / 2)
    # Class 2 was predicted nowhere: its precision has no value and is left out.
    assert np.isnan(scores.per_class["precision"][2])
    assert scores.image["precision"] == pytest.approx(2 / 3)
    assert scores.image["recall"] == pytest.approx((2 / 4 + 0) / 2)
    assert scores.image["pixel_accuracy"] == pytest.approx(3 / 8)


def test_without_a_background_every_class_counts():
    dice = image_scores(TRUE, PREDICTED, 3, background=None).image["dice"]
    assert dice == pytest.approx((2 / 7 + 4 / 7 + 0) / 3)


def test_undefined_cases():
    empty, full = np.zeros((3, 3), np.uint8), np.ones((3, 3), np.uint8)
    right = image_scores(empty, empty, 2, background=0)
    assert right.image == {name: float(name != "hausdorff_95") for name in SCORES}
    assert np.isnan(right.per_class["dice"][1])
    invented = image_scores(empty, full, 2, background=0).image
    assert invented["dice"] == invented["iou"] == invented["precision"] == 0
    assert np.isnan(invented["recall"])
    assert invented["object_f1"] == invented["object_ap50"] == invented["boundary_f1"] == 0
    assert invented["hausdorff_95"] == pytest.approx(np.sqrt(18))
    missed = image_scores(full, empty, 2, background=0).image
    assert missed["dice"] == missed["iou"] == missed["recall"] == 0
    assert np.isnan(missed["precision"])
    ignored = np.full((3, 3), IGNORED, np.uint8)
    nowhere = image_scores(ignored, full, 2, background=0)
    assert tuple(nowhere.image) == SCORES
    assert np.isnan(list(nowhere.image.values())).all()
    assert np.isnan(np.stack(list(nowhere.per_class.values()))).all()


def test_ignored_pixels_count_nowhere():
    true, predicted = TRUE.copy(), PREDICTED.copy()
    true[1], predicted[1] = IGNORED, 3
    scores = image_scores(true, predicted, 4, background=0).image
    expected = image_scores(TRUE[:1], PREDICTED[:1], 4, background=0).image
    for name in ("dice", "iou", "precision", "recall", "pixel_accuracy", "object_f1"):
        assert scores[name] == expected[name]


def test_distances_are_in_units_and_rules_of_objects_reach_them():
    true, predicted = np.zeros((2, 30, 30), np.uint8)
    true[5:15, 5:15], predicted[5:15, 9:19], true[20, 20] = 1, 1, 1
    true[25, 25] = 2  # which has no object of the size asked for in either mask
    scores = image_scores(true, predicted, 3, background=0, rule=ObjectRule(min_area=2))
    assert scores.image["hausdorff_95"] > 4
    # IoU of the squares: 60 common pixels by 140.
    assert scores.per_class["object_f1"][1] == 0.0
    assert np.isnan(scores.per_class["object_f1"][2])
    assert scores.image["object_f1"] == 0.0
    in_units = image_scores(true, predicted, 3, background=0, pixel_size=0.5)
    ratio = in_units.image["hausdorff_95"] / scores.image["hausdorff_95"]
    assert ratio == pytest.approx(0.5)
    small = np.zeros_like(true)
    small[3, 3] = 1
    nothing = image_scores(small, small, 2, background=0, rule=ObjectRule(min_area=2))
    assert np.isnan(nothing.per_class["object_ap50"][1])
    assert nothing.image["object_ap50"] == 1.0
