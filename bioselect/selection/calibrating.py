"""The probabilities of the chosen candidate, calibrated on its out-of-fold predictions.

How good that is, is measured on images that the calibration was not fitted on: the units are
divided into five parts, and the predictions of each part are calibrated by what the other four
say. What is kept is then fitted on all of them. A calibration that does not help there is not
used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.target_folds import draw_target_folds
from bioselect.data.targets import fewest_units, is_label_sets
from bioselect.estimators.calibration import ISOTONIC, NONE, TEMPERATURE, Calibration
from bioselect.execution import one_thread
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.reliability import Reliability, measured_reliability

#: From so many independent images or groups on, isotonic curves calibrate as well as a sigmoid or
#: better; below, they fit the noise. Niculescu-Mizil and Caruana (2005), "Predicting good
#: probabilities with supervised learning", ICML, section 5.
ENOUGH_FOR_CURVES = 1000

#: Parts that the calibration is measured on.
N_PARTS = 5

#: Where a class has fewer independent images or groups than this, nothing is calibrated. Simulated
#: with probabilities that are twice or half as sure as they should be (`benchmarks/README.md`), it
#: gains on average from about here on; with five it loses as much as it gains.
FEWEST_OF_CLASS = 10

#: The logarithmic loss must fall by at least this share for a calibration to be used.
LEAST_GAIN = 0.01


@dataclass(frozen=True)
class CalibratedModel:
    """What is done with the probabilities of a model, and how far they can be believed.

    Attributes
    ----------
    tried : str
        The method that was tried; "none" if none was.
    calibration : Calibration
        What is applied: `tried`, or nothing where that did not help.
    before : Reliability
        Of the out-of-fold predictions as they are.
    after : Reliability or None
        Of the same predictions, each calibrated without its own unit; None if a class has fewer
        than `FEWEST_OF_CLASS` units or nothing was tried.
    n_units : int
        Independent images or groups that it rests on.
    of_labels : bool
        Whether images may have several labels; what is measured are then the answers to the
        question whether an image has a label, yes or no.
    """

    tried: str
    calibration: Calibration
    before: Reliability
    after: Reliability | None
    n_units: int
    of_labels: bool = False


def method_for(n_units: int) -> str:
    """Return the method for a number of independent images or groups.

    One number for all classes (temperature) is what few images can carry, and it never changes
    the order of the classes.

    Examples
    --------
    >>> method_for(253), method_for(5000)
    ('temperature', 'isotonic')
    """
    return ISOTONIC if n_units >= ENOUGH_FOR_CURVES else TEMPERATURE


def calibrate(out_of_fold: OutOfFold, index: int, method: str, seed: int) -> CalibratedModel:
    """Fit and measure the calibration of one candidate.

    Parameters
    ----------
    out_of_fold : OutOfFold
        Predictions of all candidates.
    index : int
        Which of them; it did not fail.
    method : {"none", "temperature", "sigmoid", "isotonic"}
        What is tried; of several labels an image, one calibration for the answers to all of them.
    seed : int
        Of the division into parts.
    """
    from bioselect.estimators.calibration_fit import fit_calibration

    rows = _rows(out_of_fold, index)
    table, y, weights, _ = rows
    units = out_of_fold.units[np.unique(rows[3])]
    n_units = len(np.unique(units))
    before = measured_reliability(table, y, weights)
    of_labels = is_label_sets(out_of_fold.class_indices)
    if method == NONE:
        return CalibratedModel(NONE, Calibration(), before, None, n_units, of_labels)
    with one_thread():
        held_out = _held_out(out_of_fold, rows, method, seed)
        if held_out is None:
            return CalibratedModel(method, Calibration(), before, None, n_units, of_labels)
        after = measured_reliability(held_out, y, weights)
        calibration = Calibration()
        if after.log_loss <= before.log_loss * (1.0 - LEAST_GAIN):
            calibration = fit_calibration(method, table, y, weights)
    return CalibratedModel(method, calibration, before, after, n_units, of_labels)


_Rows = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _rows(out_of_fold: OutOfFold, index: int) -> _Rows:
    """Return every prediction there is: probabilities, truth, weight and place of the image.

    All predictions of an image together weigh as much as one image.
    """
    probabilities = out_of_fold.probabilities[index]
    if probabilities is None:
        raise ValueError(f"candidate {index} must have predictions. Got none: it failed.")
    repeats, images = np.nonzero(np.isfinite(probabilities).all(axis=2))
    times = np.bincount(images, minlength=probabilities.shape[1])
    table, targets = probabilities[repeats, images], out_of_fold.class_indices[images]
    if is_label_sets(targets):
        # Each label is a question of two answers.
        images = np.repeat(images, targets.shape[1])
        table, targets = np.stack([1.0 - table.ravel(), table.ravel()], axis=1), targets.ravel()
    return table, targets, 1.0 / times[images], images


def _held_out(out_of_fold: OutOfFold, rows: _Rows, method: str, seed: int) -> np.ndarray | None:
    """Return the predictions, each calibrated by those of other units; None if too few."""
    from bioselect.estimators.calibration_fit import fit_calibration

    table, y, weights, images = rows
    tested = np.unique(images)
    targets, units = out_of_fold.class_indices[tested], out_of_fold.units[tested]
    fewest = fewest_units(targets, units)
    # The answers to all labels are calibrated together, so a rare label need not have so many.
    of_labels = is_label_sets(targets)
    is_one_missing = not of_labels and len(np.unique(targets)) < out_of_fold.n_classes
    if is_one_missing or fewest < (2 if of_labels else FEWEST_OF_CLASS):
        return None
    found = np.empty_like(table)
    for fold in draw_target_folds(targets, units, min(N_PARTS, fewest), 1, seed).folds:
        inside = np.isin(images, tested[fold.test])
        fitted = fit_calibration(method, table[~inside], y[~inside], weights[~inside])
        found[inside] = fitted.applied_to(table[inside])
    return found
