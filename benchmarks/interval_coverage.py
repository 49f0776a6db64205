"""How often the intervals of predicted numbers hold the truth, and how wide they are: simulated.

    python benchmarks/interval_coverage.py [--repetitions 200] [--only NAME ...] [--jobs N]

Every repetition draws a study, divides it into five folds (units whole), predicts each image by a
model that was not trained on it, makes 90 % intervals from these predictions as a run does, trains
the model on all images and predicts a thousand new images (of new groups, where there are groups).
With `the best of 5`, the candidate with the smallest error is taken of five, as a study does.
Printed are the mean coverage over the repetitions, its standard error, the share of studies below
80 %, the mean width beside that of somebody who knows the truth, and for groups the coverage where
images counted in place of groups.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from figures import print_figure
from joblib import Parallel, delayed
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR
from sklearn.tree import DecisionTreeRegressor

from bioselect.data.plain_folds import draw_plain_folds
from bioselect.selection.conformal import PredictedNumbers, fit_interval
from bioselect.selection.model_intervals import model_intervals

LEVEL = 0.9
#: Of a normal distribution, 90 % lie within so many deviations.
WITHIN = 1.6448536269514722
N_COLUMNS, N_NEW = 10, 1000

Model = Callable[[int], object]
MODELS: dict[str, Model] = {
    "ridge": lambda seed: Ridge(1.0),
    "linear": lambda seed: LinearRegression(),
    "knn": lambda seed: make_pipeline(StandardScaler(), KNeighborsRegressor(5)),
    "svr": lambda seed: make_pipeline(StandardScaler(), SVR(C=10.0)),
    "tree": lambda seed: DecisionTreeRegressor(min_samples_leaf=3, random_state=seed),
    "forest": lambda seed: RandomForestRegressor(15, random_state=seed, n_jobs=1),
}


@dataclass(frozen=True)
class Scenario:
    """A kind of study.

    `sizes` are the images of each group (one means that there are no groups); `between` is the
    deviation between groups, `within` that between images; with `growing` the latter grows with
    what is to be predicted.
    """

    sizes: tuple[int, ...]
    models: tuple[str, ...]
    between: float = 0.0
    within: float = 1.0
    growing: bool = False
    repeats: int = 2


#: All that are quick to train.
OF_FIVE = tuple(name for name in MODELS if name != "forest")
ALONE = {n: (1,) * n for n in (12, 30, 60, 200)}
UNEQUAL = (40, 30, 20, 15, 12, 10, 8, 6, 5, 4, 3, 3, 2, 2, 1, 1)
SCENARIOS = {
    "12 images, ridge": Scenario(ALONE[12], ("ridge",)),
    "30 images, ridge": Scenario(ALONE[30], ("ridge",)),
    "60 images, ridge": Scenario(ALONE[60], ("ridge",)),
    "60 images, tree": Scenario(ALONE[60], ("tree",)),
    "200 images, forest": Scenario(ALONE[200], ("forest",), repeats=1),
    "200 images, errors that grow, ridge": Scenario(ALONE[200], ("ridge",), growing=True),
    "30 images, the best of 5": Scenario(ALONE[30], OF_FIVE),
    "60 images, the best of 5": Scenario(ALONE[60], OF_FIVE),
    "12 groups of 10, ridge": Scenario((10,) * 12, ("ridge",), 1.0),
    "12 groups of 10, the best of 5": Scenario((10,) * 12, OF_FIVE, 1.0),
    "16 unequal groups, ridge": Scenario(UNEQUAL, ("ridge",), 1.0),
    "40 groups of 5, forest": Scenario((5,) * 40, ("forest",), 1.0, repeats=1),
}


def drawn(rng: np.random.Generator, scenario: Scenario, sizes: tuple[int, ...]) -> tuple:
    """Return rows, numbers and groups of images; what is learnt is partly a line, partly not."""
    groups = np.repeat(np.arange(len(sizes)), sizes)
    X = rng.standard_normal((len(groups), N_COLUMNS))
    signal = 2 * X[:, 0] + X[:, 1] + np.sin(2 * X[:, 2]) + 0.5 * X[:, 3] * X[:, 4]
    deviation = scenario.within * (np.exp(0.25 * signal) if scenario.growing else 1.0)
    of_group = scenario.between * rng.standard_normal(len(sizes))[groups]
    return X, signal + of_group + deviation * rng.standard_normal(len(groups)), groups


def out_of_fold(name: str, X: np.ndarray, y: np.ndarray, plan: object, seed: int) -> np.ndarray:
    """Return predictions ``(n_repeats, n_images)``."""
    table = np.empty((plan.n_repeats, len(y)))
    for fold in plan.folds:
        model = MODELS[name](seed).fit(X[fold.train], y[fold.train])
        table[fold.repeat, fold.test] = model.predict(X[fold.test])
    return table


def one_study(scenario: Scenario, seed: int) -> tuple[float, float, float]:
    """Return coverage and width on new images, and the coverage where images count."""
    rng = np.random.default_rng(seed)
    X, y, units = drawn(rng, scenario, scenario.sizes)
    plan = draw_plain_folds(units, 5, scenario.repeats, seed)
    tables = {name: out_of_fold(name, X, y, plan, seed) for name in scenario.models}
    best = min(tables, key=lambda name: float(np.abs(tables[name] - y).mean()))
    n_repeats = len(tables[best])
    numbers = PredictedNumbers(
        tables[best].ravel(), np.tile(y, n_repeats), np.tile(units, n_repeats)
    )
    interval = model_intervals(numbers, seed, LEVEL).interval
    X_new, y_new, _ = drawn(rng, scenario, (1,) * N_NEW)
    predicted = MODELS[best](seed).fit(X, y).predict(X_new)

    def covered(found: object) -> float:
        low, high = found.bounds(predicted)
        return float(np.mean((low <= y_new) & (y_new <= high)))

    places = np.tile(np.arange(len(y)), n_repeats)
    of_images = PredictedNumbers(numbers.predicted, numbers.true, places)
    width = float(2 * interval.half_widths(predicted).mean())
    return covered(interval), width, covered(fit_interval(of_images, LEVEL, interval.method))


def ideal_width(scenario: Scenario) -> float:
    """Return the mean width for somebody who knows signal and deviations."""
    rng = np.random.default_rng(0)
    deviation = scenario.within * np.ones(100_000)
    if scenario.growing:
        X = rng.standard_normal((len(deviation), N_COLUMNS))
        signal = 2 * X[:, 0] + X[:, 1] + np.sin(2 * X[:, 2]) + 0.5 * X[:, 3] * X[:, 4]
        deviation = scenario.within * np.exp(0.25 * signal)
    return float(2 * WITHIN * np.sqrt(deviation**2 + scenario.between**2).mean())


def main() -> None:
    """Print the table, and the lowest coverage as a figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    print("| study | coverage | of 100 studies below 80 % | width | ideal | images count |")
    print("|---|---|---|---|---|---|")
    lowest = 1.0
    for name in options.only:
        scenario = SCENARIOS[name]
        found = np.array(
            Parallel(options.jobs)(
                delayed(one_study)(scenario, seed) for seed in range(options.repetitions)
            )
        )
        coverage, width, of_images = found.mean(axis=0)
        error = found[:, 0].std(ddof=1) / np.sqrt(len(found))
        lowest = min(lowest, coverage)
        low = 100 * np.mean(found[:, 0] < 0.8)
        with_groups = f"{of_images:.1%}" if max(scenario.sizes) > 1 else ""
        print(
            f"| {name} | {coverage:.1%} ± {error:.1%} | {low:.0f} | {width:.2f} | "
            f"{ideal_width(scenario):.2f} | {with_groups} |",
            flush=True,
        )
    print_figure("intervals: lowest coverage", lowest)


if __name__ == "__main__":
    main()
