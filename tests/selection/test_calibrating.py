"""Calibration of the exported candidate: measured on units that it was not fitted on."""

from dataclasses import replace

import numpy as np
import pytest

from bioselect.estimators import calibration_fit
from bioselect.estimators.calibration import Calibration
from bioselect.selection.calibrating import ENOUGH_FOR_CURVES, calibrate, method_for
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.reliability import measured_reliability


def study(n=120, n_repeats=3, accuracy=0.8, said=0.99, units=None, seed=0):
    """Return predictions that say 99 % and are right in 80 %."""
    random = np.random.default_rng(seed)
    y = np.arange(n) % 2
    right = np.arange(n) % 10 < 10 * accuracy
    chosen = np.where(right, y, 1 - y)
    sure = np.clip(said + 0.005 * random.normal(size=(n_repeats, n)), 0.51, 0.999)
    table = np.empty((n_repeats, n, 2))
    for repeat in range(n_repeats):
        table[repeat, np.arange(n), chosen] = sure[repeat]
        table[repeat, np.arange(n), 1 - chosen] = 1 - sure[repeat]
    units = np.arange(n) if units is None else units
    return OutOfFold((None, table), y, units, 2)


@pytest.mark.parametrize("method", ["temperature", "sigmoid", "isotonic"])
def test_too_sure_before_and_right_after(method):
    found = calibrate(study(), 1, method, 0)
    assert (found.tried, found.calibration.method, found.n_units) == (method, method, 120)
    assert found.before.said == pytest.approx(0.99, abs=0.01)
    assert found.before.right == found.after.right == pytest.approx(0.8)
    assert found.after.said == pytest.approx(0.8, abs=0.03)
    assert found.after.log_loss < found.before.log_loss
    assert calibrate(study(), 1, method, 0) == found


def test_what_is_right_already_is_left_as_it_is():
    found = calibrate(study(accuracy=0.8, said=0.8), 1, "isotonic", 0)
    assert found.tried == "isotonic"
    assert found.calibration == Calibration()
    assert found.after.log_loss > found.before.log_loss * 0.99


def test_none_is_not_tried():
    found = calibrate(study(), 1, "none", 0)
    assert (found.tried, found.calibration, found.after) == ("none", Calibration(), None)


def test_after_is_measured_on_units_that_the_calibration_has_not_seen(monkeypatch):
    units = np.arange(120) // 6
    out_of_fold = study(units=units)
    marks = np.arange(120) / 1e4  # tells which image a row is of
    table = out_of_fold.probabilities[1]
    table[:, :, 0], table[:, :, 1] = 0.9 + marks, 0.1 - marks
    seen = []
    original = calibration_fit.fit_calibration

    def spied(method, rows, y, weights):
        seen.append(np.unique(np.rint((rows[:, 0] - 0.9) * 1e4).astype(int)))
        return original(method, rows, y, weights)

    monkeypatch.setattr(calibration_fit, "fit_calibration", spied)
    calibrate(out_of_fold, 1, "temperature", 0)
    parts = [set(range(120)) - set(images.tolist()) for images in seen[:5]]
    assert sorted(image for part in parts for image in part) == list(range(120))
    for part in parts:
        assert not {units[image] for image in part} & {
            units[image] for image in range(120) if image not in part
        }


def test_what_suits_the_same_images_is_not_taken_for_what_suits_others():
    # Probabilities that say nothing at all about which class is right: a curve through them fits
    # these images better than any straight line, and others worse.
    random = np.random.default_rng(4)
    table, y = random.dirichlet([4, 4], 60)[None], random.integers(0, 2, 60)
    out_of_fold = OutOfFold((table,), y, np.arange(60), 2)
    found = calibrate(out_of_fold, 0, "isotonic", 0)
    fitted = calibration_fit.fit_calibration("isotonic", table[0], y, np.ones(60))
    on_itself = measured_reliability(fitted.applied_to(table[0]), y, np.ones(60))
    assert on_itself.log_loss < found.after.log_loss


def test_images_without_a_prediction_do_not_count():
    out_of_fold = study(n_repeats=2)
    out_of_fold.probabilities[1][1, :60] = np.nan  # one prediction only
    out_of_fold.probabilities[1][:, 100:] = np.nan  # none at all
    found = calibrate(out_of_fold, 1, "temperature", 0)
    assert found.n_units == 100
    assert sum(one.n_images for one in found.before.bins) == pytest.approx(100)


@pytest.mark.parametrize(("n_units", "is_calibrated"), [(1, False), (9, False), (10, True)])
def test_fewer_than_ten_units_of_a_class_are_too_few_to_measure(n_units, is_calibrated):
    # Images of even numbers are of the first class: their units are as many as said.
    numbers = np.arange(120)
    units = np.where(numbers % 2 == 0, numbers // 2 % n_units, numbers + 60)
    found = calibrate(study(units=units), 1, "temperature", 0)
    assert (found.after is not None) == is_calibrated
    assert (found.calibration != Calibration()) == is_calibrated


def test_a_class_that_was_never_tested_is_one_of_too_few():
    out_of_fold = study()
    table = np.concatenate([out_of_fold.probabilities[1], np.zeros((3, 120, 1))], axis=2)
    third = replace(out_of_fold, probabilities=(None, table), n_classes=3)
    assert calibrate(third, 1, "temperature", 0).after is None


def test_a_candidate_that_failed():
    with pytest.raises(ValueError, match="it failed"):
        calibrate(study(), 0, "temperature", 0)


def test_the_method_goes_by_the_number_of_units():
    assert method_for(ENOUGH_FOR_CURVES - 1) == "temperature"
    assert method_for(ENOUGH_FOR_CURVES) == "isotonic"
