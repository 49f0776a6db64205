"""From how many images of a class on calibration helps more than it hurts.

    python benchmarks/calibration_floor.py [--draws 150] [--quick]

Draws out-of-fold predictions of two classes whose true log odds are known (normal, 2 and -2 on
average, standard deviation 2), says them as they are, twice as sure or half as sure, and calibrates
them as a run does, with no regard to how few there are. What is gained is measured in log loss on
4,000 new predictions.
"""

from __future__ import annotations

import argparse
from itertools import product
from unittest.mock import patch

import numpy as np
from figures import print_figure
from scipy.special import expit

from bioselect.estimators.calibration import NONE, TEMPERATURE
from bioselect.execution import one_thread
from bioselect.selection import calibrating
from bioselect.selection.outcome import OutOfFold

MEAN, SPREAD = 2.0, 2.0
SURE = {"right already": 1.0, "twice as sure": 2.0, "half as sure": 0.5}
UNITS = (3, 5, 8, 10, 15, 30, 100)
N_NEW = 4000
#: A loss of log loss that would be noticed.
NOTICED = 0.02


def said(generator: np.random.Generator, y: np.ndarray, sure: float) -> np.ndarray:
    """Return probabilities ``(n, 2)``; with `sure` = 1 they are the true ones."""
    log_odds = MEAN * (2 * y - 1) + SPREAD * generator.standard_normal(len(y))
    of_second = expit(sure * log_odds * 2 * MEAN / SPREAD**2)
    return np.stack([1 - of_second, of_second], axis=1)


def log_loss(table: np.ndarray, y: np.ndarray) -> float:
    """Return the mean logarithmic loss."""
    return float(-np.log(np.clip(table[np.arange(len(y)), y], 2.2e-16, 1.0)).mean())


def gains(n_units: int, sure: float, n_draws: int) -> tuple[np.ndarray, float]:
    """Return what calibration gains in each draw, and in which share of them it was used."""
    generator = np.random.default_rng([n_units, int(10 * sure)])
    y, y_new = np.arange(2 * n_units) % 2, np.arange(N_NEW) % 2
    found, used = np.empty(n_draws), 0
    for draw in range(n_draws):
        data = OutOfFold((said(generator, y, sure)[None],), y, np.arange(len(y)), 2)
        model = calibrating.calibrate(data, 0, TEMPERATURE, draw).calibration
        used += model.method != NONE
        new = said(generator, y_new, sure)
        found[draw] = log_loss(new, y_new) - log_loss(model.applied_to(new), y_new)
    return found, used / n_draws


def main() -> None:
    """Print a line for each kind of predictions and number of units."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=150)
    parser.add_argument("--quick", action="store_true", help="3 draws, to see that it works")
    options = parser.parse_args()
    n_draws = 3 if options.quick else options.draws
    print("| predictions | of each class | used | log loss gained | more than 0.02 lost |")
    print("|---|---|---|---|---|")
    floor = calibrating.FEWEST_OF_CLASS
    with patch.object(calibrating, "FEWEST_OF_CLASS", 2):
        for (words, sure), n_units in product(SURE.items(), UNITS):
            found, used = gains(n_units, sure, n_draws)
            lost = np.mean(found < -NOTICED)
            cells = (words, n_units, f"{used:.0%}", f"{found.mean():+.3f}", f"{lost:.0%}")
            print("|", *(f"{cell} |" for cell in cells), flush=True)
            if n_units == floor:
                print_figure(f"calibration of {floor} a class, {words}: gain", found.mean())


if __name__ == "__main__":
    with one_thread():
        main()
