"""What every classifier must do: learn, repeat itself, survive odd folds and the model file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bioselect.estimators.responses import class_probabilities
from bioselect.testing.violations import require

N_PER_CLASS = 15
N_FEATURES = 6


def draw_rows(
    n_classes: int, n_features: int = N_FEATURES, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Draw well separated classes: float64 ``(n, n_features)`` and int64 ``(n,)``, shuffled."""
    random = np.random.default_rng(seed)
    centres = random.normal(scale=4.0, size=(n_classes, n_features))
    labels = np.repeat(np.arange(n_classes), N_PER_CLASS)
    rows = centres[labels] + random.normal(size=(len(labels), n_features))
    order = random.permutation(len(labels))
    return rows[order], labels[order]


def check_learns(make: Callable[[], Any]) -> None:
    """Well separated classes are told apart."""
    rows, labels = draw_rows(3)
    fitted = make().fit(rows[::2], labels[::2])
    share = float(np.mean(fitted.predict(rows[1::2]) == labels[1::2]))
    require(
        share >= 0.8,
        f"well separated classes must be told apart (at least 80 % right). Got {share:.0%}.",
    )


def check_fit_returns_self(make: Callable[[], Any]) -> None:
    """`fit` returns the estimator, as in scikit-learn."""
    rows, labels = draw_rows(2)
    estimator = make()
    require(estimator.fit(rows, labels) is estimator, "fit must return the estimator itself.")


def check_probabilities(make: Callable[[], Any]) -> None:
    """Two and five classes: probabilities are finite, sum to one and agree with `predict`."""
    for n_classes in (2, 5):
        rows, labels = draw_rows(n_classes)
        fitted = make().fit(rows, labels)
        table = class_probabilities(fitted, rows, n_classes)
        require(
            table.shape == (len(rows), n_classes),
            f"probabilities must be (n_images, n_classes). Got {table.shape}.",
        )
        require(bool(np.isfinite(table).all()), "probabilities must be finite. Got NaN or inf.")
        require(
            bool(np.allclose(table.sum(axis=1), 1.0) and (table >= 0).all()),
            "probabilities must be at least 0 and sum to 1. Got others.",
        )
        agree = float(np.mean(table.argmax(axis=1) == fitted.predict(rows)))
        require(
            agree == 1.0,
            f"the class with the highest probability must be the predicted one. Got {agree:.0%}.",
        )


def check_same_seed(make: Callable[[], Any]) -> None:
    """The same seed gives the same bits; NumPy's global random numbers are left alone."""
    rows, labels = draw_rows(3)
    before = _global_random_state()
    first = class_probabilities(make().fit(rows, labels), rows, 3)
    changed = before != _global_random_state()
    second = class_probabilities(make().fit(rows, labels), rows, 3)
    require(
        np.array_equal(first, second),
        "the same seed must give the same predictions. Got different ones.",
    )
    require(not changed, "fit must not use NumPy's global random numbers. Got a changed state.")


def check_missing_class(make: Callable[[], Any]) -> None:
    """A class that is missing among the training rows gets the probability 0."""
    rows, labels = draw_rows(3)
    kept = labels != 1
    fitted = make().fit(rows[kept], labels[kept])
    table = class_probabilities(fitted, rows, 3)
    require(
        bool((table[:, 1] == 0).all() and np.allclose(table.sum(axis=1), 1.0)),
        "a class that was not trained on must get probability 0. Got another one.",
    )


def check_inputs_unchanged(make: Callable[[], Any]) -> None:
    """Read-only rows are taken, and nothing is written into writable ones."""
    rows, labels = draw_rows(3)
    before = rows.copy()
    make().fit(rows, labels).predict(rows)
    require(np.array_equal(rows, before), "fit and predict must not write into the rows.")
    rows.flags.writeable = False
    labels.flags.writeable = False
    make().fit(rows, labels).predict(rows)


def check_odd_rows(make: Callable[[], Any]) -> None:
    """Constant features, and more features than images, are taken."""
    rows, labels = draw_rows(3)
    with_constant = np.hstack([rows, np.full((len(rows), 2), 7.0)])
    wide, wide_labels = draw_rows(3, n_features=4 * 3 * N_PER_CLASS)
    for some_rows, some_labels in ((with_constant, labels), (wide, wide_labels)):
        table = class_probabilities(make().fit(some_rows, some_labels), some_rows, 3)
        require(
            bool(np.isfinite(table).all()),
            "constant features and more features than images must be taken. Got NaN or inf.",
        )


def check_independent_rows(make: Callable[[], Any]) -> None:
    """The prediction of a row does not depend on the other rows."""
    rows, labels = draw_rows(3)
    fitted = make().fit(rows, labels)
    together = class_probabilities(fitted, rows, 3)
    alone = np.concatenate([class_probabilities(fitted, row[None], 3) for row in rows])
    require(
        bool(np.allclose(together, alone, rtol=1e-9, atol=1e-9)),
        "the prediction of a row must not depend on the other rows. Got another one alone.",
    )


def check_model_file(make: Callable[[], Any]) -> None:
    """The fitted classifier can be written without pickle and predicts the same when read."""
    import skops.io

    rows, labels = draw_rows(3)
    fitted = make().fit(rows, labels)
    data = skops.io.dumps(fitted)
    trusted = skops.io.get_untrusted_types(data=data)
    read = skops.io.loads(data, trusted=trusted)
    require(
        np.array_equal(class_probabilities(read, rows, 3), class_probabilities(fitted, rows, 3)),
        "a classifier read from its file must predict the same. Got another prediction.",
    )


def _global_random_state() -> str:
    return repr(np.random.get_state(legacy=True))


CHECKS: Mapping[str, Callable[[Callable[[], Any]], None]] = {
    "learns": check_learns,
    "fit returns self": check_fit_returns_self,
    "probabilities": check_probabilities,
    "same seed": check_same_seed,
    "missing class": check_missing_class,
    "inputs unchanged": check_inputs_unchanged,
    "odd rows": check_odd_rows,
    "independent rows": check_independent_rows,
    "model file": check_model_file,
}
