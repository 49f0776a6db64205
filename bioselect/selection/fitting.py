"""Training one candidate on some rows: the same in every fold and for the final model."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.exceptions import ComponentError
from bioselect.features.learning import Learning
from bioselect.metrics.base import ChosenMetric, evaluate, get_metric
from bioselect.registry import ComponentSpec

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


@dataclass(frozen=True, eq=False)
class TrainingRows:
    """What an estimator is trained on.

    `X` is ``(n_images, n_features)``; `class_indices` and `units` are int ``(n_images,)``;
    `n_classes` counts the classes of the study, of which some may be missing here. Where images may
    have several labels, `class_indices` are 0 and 1 ``(n_images, n_labels)``.
    """

    X: np.ndarray
    class_indices: np.ndarray
    units: np.ndarray
    n_classes: int

    def of_images(self, places: np.ndarray) -> TrainingRows:
        """Return the rows of some images."""
        return TrainingRows(
            self.X[places], self.class_indices[places], self.units[places], self.n_classes
        )


def derived_seed(seed: int, *path: int) -> int:
    """Return a seed that depends on the study's seed and a path (repeat, fold), and only on them.

    All candidates of a fold get the same one, so that they differ in nothing else.

    Examples
    --------
    >>> derived_seed(0, 1, 2) == derived_seed(0, 1, 2) != derived_seed(0, 2, 1)
    True
    """
    # Below 2**31: some libraries keep a seed in a signed 32-bit number.
    return int(np.random.SeedSequence([seed, *path]).generate_state(1)[0] >> 1)


def fit_estimator(
    spec: ComponentSpec,
    rows: TrainingRows,
    seed: int,
    metric_name: str | ChosenMetric,
    base_dir: Path | None,
) -> tuple[Any, dict[str, Any]]:
    """Train the estimator of a spec, searching its parameters first when the spec says so.

    Parameters
    ----------
    spec : ComponentSpec
        A classifier; with `search`, the metric chooses among the values on inner folds that do
        not split units.
    rows : TrainingRows
        What to train on; the estimator gets float64.
    seed : int
        For the estimator and the inner folds.
    metric_name : str or ChosenMetric
        What a search looks at.
    base_dir : Path or None
        Where a user's own modules lie.

    Returns
    -------
    estimator
        Fitted.
    chosen : dict
        The values that the search chose, and the border that `threshold` did, as JSON holds them;
        mostly empty.
    """
    from bioselect.estimators.label_sets import create_for
    from bioselect.estimators.training import chosen_in_training, train

    X = np.ascontiguousarray(rows.X, dtype=np.float64)
    if spec.search:
        return _fit_searched(spec, replace(rows, X=X), seed, metric_name, base_dir)
    estimator = create_for(rows.class_indices, spec, seed, base_dir)
    train(estimator, X, rows.class_indices, rows.units)
    return estimator, plain_values(chosen_in_training(estimator))


def fit_after_learning(
    spec: ComponentSpec,
    rows: TrainingRows,
    seed: int,
    metric_name: str | ChosenMetric,
    base_dir: Path | None,
    learning: Learning | None,
) -> tuple[Any, dict[str, Any]]:
    """Train the estimator of a spec behind the learnt step of its extractor, if there is one.

    Parameters
    ----------
    spec, rows, seed, metric_name, base_dir
        See `fit_estimator`; the rows are those of the extractor.
    learning : Learning or None
        Of the extractor.

    Returns
    -------
    estimator
        Fitted; with a learnt step a pipeline that takes the extractor's rows.
    chosen : dict
        The values that the search chose.
    """
    if learning is None:
        return fit_estimator(spec, rows, seed, metric_name, base_dir)
    from bioselect.estimators.fitted_pipeline import FittedPipeline

    step = learning.step(seed)
    step.fit(read_only(rows.X))
    learnt = replace(rows, X=learnt_rows(step, read_only(rows.X)))
    estimator, chosen = fit_estimator(spec, learnt, seed, metric_name, base_dir)
    return FittedPipeline([("learnt", step), ("estimator", estimator)]), chosen


def read_only(X: np.ndarray) -> np.ndarray:
    """Return the same numbers, which cannot be written to by whoever gets them."""
    view: np.ndarray = X.view()
    view.flags.writeable = False
    return view


def learnt_rows(step: Any, X: np.ndarray) -> np.ndarray:
    """Return what a fitted step makes of rows, float64 ``(n_images, any number)``.

    Raises
    ------
    ComponentError
        If it makes something else than one row of finite numbers for each.
    """
    found = step.transform(X)
    if not isinstance(found, np.ndarray):
        raise ComponentError(
            f"{type(step).__name__}: transform must return an array of NumPy. Got "
            f"{type(found).__name__}."
        )
    rows = np.ascontiguousarray(found, dtype=np.float64)
    is_table = rows.ndim == 2 and len(rows) == len(X) and rows.shape[1] > 0
    if not is_table or not np.isfinite(rows).all():
        raise ComponentError(
            f"{type(step).__name__}: transform must return a row of finite numbers for each image. "
            f"Got shape {rows.shape} for {len(X)} images, "
            f"{int((~np.isfinite(rows)).sum())} of the numbers not finite."
        )
    return rows


def goodness_of(metric_name: str | ChosenMetric, base_dir: Path | None) -> Callable[..., float]:
    """Return the function by which a search judges: the higher, the better."""
    metric = get_metric(metric_name, base_dir)
    sign = 1.0 if metric.higher_is_better else -1.0

    def goodness(y_true: np.ndarray, probabilities: np.ndarray) -> float:
        return sign * evaluate(metric, y_true, probabilities)

    return goodness


def _fit_searched(
    spec: ComponentSpec,
    rows: TrainingRows,
    seed: int,
    metric_name: str | ChosenMetric,
    base_dir: Path | None,
) -> tuple[Any, dict[str, Any]]:
    from bioselect.estimators.search import fit_with_search
    from bioselect.estimators.training import chosen_in_training

    estimator, chosen = fit_with_search(
        spec,
        rows.X,
        rows.class_indices,
        rows.n_classes,
        rows.units,
        goodness_of(metric_name, base_dir),
        seed,
        base_dir,
    )
    return estimator, plain_values({**chosen, **chosen_in_training(estimator)})


def plain_values(chosen: dict[str, Any]) -> dict[str, Any]:
    """Return the values as they come back from JSON, so that a stored result equals a new one."""
    plain: dict[str, Any] = json.loads(json.dumps(chosen, default=lambda value: value.tolist()))
    return plain


@contextmanager
def collected_warnings(texts: list[str]) -> Iterator[None]:
    """Append each different warning raised in the block to `texts`, one line each."""
    with warnings.catch_warnings(record=True) as caught:
        # scikit-learn sets every filter there is anew for each tree of a forest.
        warnings.resetwarnings()
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for warning in caught:
                text = one_line(f"{warning.category.__name__}: {warning.message}")
                if text not in texts:
                    texts.append(text)


def one_line(text: str) -> str:
    r"""Return the text with line breaks and runs of blanks turned into single blanks.

    Places in memory, which differ from run to run, are left out.

    Examples
    --------
    >>> one_line("lbfgs failed\n   to converge")
    'lbfgs failed to converge'
    """
    return " ".join(_ADDRESS.sub("", text).split())
