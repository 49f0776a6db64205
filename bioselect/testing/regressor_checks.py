"""What every regressor must do: learn, repeat itself, survive odd rows and the model file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bioselect.estimators.responses import class_probabilities
from bioselect.testing.violations import require

N_IMAGES = 60
N_FEATURES = 6
#: Of every target that is drawn: far from 0 and narrow, as areas in square micrometres may be.
CENTRE, SPREAD = 5000.0, 200.0


def draw_numbers(n_features: int = N_FEATURES, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows and numbers that follow from them: float64 ``(n, n_features)`` and ``(n,)``."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(N_IMAGES, n_features)) * 10.0 ** random.integers(-3, 3, n_features)
    scaled = rows / rows.std(axis=0)
    weights = np.zeros(n_features)
    weights[:3] = 3.0, -2.0, 1.0
    numbers = scaled @ weights + 0.05 * random.normal(size=N_IMAGES)
    return rows, CENTRE + SPREAD * numbers / np.std(numbers)


def _predicted(fitted: Any, rows: np.ndarray) -> np.ndarray:
    return class_probabilities(fitted, rows, 1)[:, 0]


def check_learns(make: Callable[[], Any]) -> None:
    """Numbers that follow from the features are predicted better than by their mean."""
    rows, numbers = draw_numbers()
    fitted = make().fit(rows[::2], numbers[::2])
    error = float(np.mean(np.abs(_predicted(fitted, rows[1::2]) - numbers[1::2])))
    of_mean = float(np.mean(np.abs(numbers[::2].mean() - numbers[1::2])))
    require(
        error <= 0.8 * of_mean,
        "numbers that follow from the features must be predicted with an error of at most 80 % of "
        f"what always predicting the mean has ({of_mean:.3g}). Got {error:.3g}.",
    )


def check_fit_returns_self(make: Callable[[], Any]) -> None:
    """`fit` returns the estimator, as in scikit-learn."""
    rows, numbers = draw_numbers()
    estimator = make()
    require(estimator.fit(rows, numbers) is estimator, "fit must return the estimator itself.")


def check_predictions(make: Callable[[], Any]) -> None:
    """One finite number for each row, near those that were learnt."""
    rows, numbers = draw_numbers()
    fitted = make().fit(rows, numbers)
    shape = np.shape(fitted.predict(rows))
    require(
        shape in ((len(rows),), (len(rows), 1)),
        f"predict must return one number for each row. Got shape {shape} for {len(rows)} rows.",
    )
    found = _predicted(fitted, rows)
    reach = 3.0 * float(np.ptp(numbers))
    far = float(np.abs(found - numbers.mean()).max())
    require(
        far <= reach,
        "predictions of the training rows must lie near the numbers that were learnt. Got one "
        f"{far:.3g} from their mean, {far / np.ptp(numbers):.1f} times their range.",
    )


def check_units_of_target(make: Callable[[], Any]) -> None:
    """A target in other units gives the same predictions in those units."""
    rows, numbers = draw_numbers()
    once = _predicted(make().fit(rows, numbers), rows)
    # By a power of two, so that no number is rounded differently.
    larger = _predicted(make().fit(rows, 1024.0 * numbers), rows) / 1024.0
    off = float(np.abs(once - larger).max())
    require(
        off <= 1e-3 * SPREAD,
        "a target in another unit must give the same predictions in that unit. Got some that "
        f"differ by {off / SPREAD:.3g} standard deviations: scale the target inside.",
    )


def check_same_seed(make: Callable[[], Any]) -> None:
    """The same seed gives the same bits; NumPy's global random numbers are left alone."""
    rows, numbers = draw_numbers()
    before = _global_random_state()
    first = _predicted(make().fit(rows, numbers), rows)
    changed = before != _global_random_state()
    second = _predicted(make().fit(rows, numbers), rows)
    require(
        np.array_equal(first, second),
        "the same seed must give the same predictions. Got different ones.",
    )
    require(not changed, "fit must not use NumPy's global random numbers. Got a changed state.")


def check_inputs_unchanged(make: Callable[[], Any]) -> None:
    """Read-only rows are taken, and nothing is written into writable ones."""
    rows, numbers = draw_numbers()
    before = rows.copy(), numbers.copy()
    make().fit(rows, numbers).predict(rows)
    unchanged = np.array_equal(rows, before[0]) and np.array_equal(numbers, before[1])
    require(unchanged, "fit and predict must not write into the rows or the target.")
    rows.flags.writeable = False
    numbers.flags.writeable = False
    make().fit(rows, numbers).predict(rows)


def check_odd_rows(make: Callable[[], Any]) -> None:
    """Constant features, more features than images, and a constant target are taken."""
    rows, numbers = draw_numbers()
    with_constant = np.hstack([rows, np.full((len(rows), 2), 7.0)])
    wide, wide_numbers = draw_numbers(n_features=4 * N_IMAGES)
    same = np.full(len(rows), CENTRE)
    for some_rows, target in ((with_constant, numbers), (wide, wide_numbers), (rows, same)):
        found = np.asarray(make().fit(some_rows, target).predict(some_rows), dtype=np.float64)
        require(
            bool(np.isfinite(found).all()),
            "constant features, more features than images and a constant target must be taken. "
            "Got NaN or inf.",
        )


def check_independent_rows(make: Callable[[], Any]) -> None:
    """The prediction of a row does not depend on the other rows."""
    rows, numbers = draw_numbers()
    fitted = make().fit(rows, numbers)
    together = _predicted(fitted, rows)
    alone = np.concatenate([_predicted(fitted, row[None]) for row in rows])
    require(
        bool(np.allclose(together, alone, rtol=1e-9, atol=1e-9 * SPREAD)),
        "the prediction of a row must not depend on the other rows. Got another one alone.",
    )


def check_model_file(make: Callable[[], Any]) -> None:
    """The fitted regressor can be written without pickle and predicts the same when read."""
    import skops.io

    rows, numbers = draw_numbers()
    fitted = make().fit(rows, numbers)
    data = skops.io.dumps(fitted)
    read = skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    require(
        np.array_equal(_predicted(read, rows), _predicted(fitted, rows)),
        "a regressor read from its file must predict the same. Got another prediction.",
    )


def _global_random_state() -> str:
    return repr(np.random.get_state(legacy=True))


CHECKS: Mapping[str, Callable[[Callable[[], Any]], None]] = {
    "learns": check_learns,
    "fit returns self": check_fit_returns_self,
    "predictions": check_predictions,
    "units of the target": check_units_of_target,
    "same seed": check_same_seed,
    "inputs unchanged": check_inputs_unchanged,
    "odd rows": check_odd_rows,
    "independent rows": check_independent_rows,
    "model file": check_model_file,
}
