"""Metrics of images that may have several labels, and what makes them of metrics of classes.

Each label is a question with two answers. A macro metric is the mean over labels of that of each, a
micro metric counts the answers of all labels together. A label that is neither among the true nor
among the predicted ones (of recall: not among the true ones; of curves: that all or no images
have) is left out of the mean, where scikit-learn takes 0 or 1 for it by a setting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from bioselect.metrics import counts
from bioselect.metrics.base import Metric, UndefinedMetricError

OfCounts = Callable[[np.ndarray], np.ndarray]
WeightedCurve = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
#: ``(y_true, response, weights)`` -> ``(n_draws,)``, the truth and the response of label sets.
OfDraws = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def hamming_loss() -> Metric:
    """Share of wrong answers among all, one for each image and label; lower is better."""
    return _metric("hamming_loss", "label_sets", _wrong_shares, direction="lower")


def subset_accuracy() -> Metric:
    """Share of images of which every label is right, none missing and none too many."""
    return _metric("subset_accuracy", "label_sets", _exact_shares)


def f1_micro() -> Metric:
    """F1 of all answers counted together, so that common labels weigh more.

    Undefined where no label is true or predicted.
    """
    return _metric("f1_micro", "label_sets", partial(_of_all_answers, counts.f1_scores_of))


def mean_of_labels(name: str, of_counts: OfCounts) -> Metric:
    """Return a metric that is the mean over labels of one of their table of two classes.

    Parameters
    ----------
    name : str
        Of the metric.
    of_counts : callable
        From tables ``(..., 2, 2)`` to values of both classes ``(..., 2)``, NaN where there is none.
    """
    return _metric(name, "label_sets", partial(_mean_of_tables, of_counts))


def of_one_label(name: str, of_counts: OfCounts, place: int, words: str) -> Metric:
    """Return the same of the label at one place."""
    return _metric(name, "label_sets", partial(_of_one_table, of_counts, place), words=words)


def mean_of_curves(
    name: str, weighted: WeightedCurve, place: int | None = None, words: str = ""
) -> Metric:
    """Return the mean over labels of an area under a curve, or that of the label at one place.

    Parameters
    ----------
    name : str
        Of the metric.
    weighted : callable
        ``weighted(is_positive, scores, weights)`` returns one value for each draw.
    place : int, optional
        Of a label.
    words : str
        What it is called in sentences.
    """
    return _metric(name, "label_probabilities", partial(_mean_curves, weighted, place), words=words)


def _metric(
    name: str, response: str, of_draws: OfDraws, words: str = "", direction: str = "higher"
) -> Metric:
    return Metric(
        name,
        direction,
        (0.0, 1.0),
        response,
        partial(_value, name, of_draws),
        partial(_values, of_draws),
        words,
    )


def _value(
    name: str, of_draws: OfDraws, y_true: np.ndarray, response: np.ndarray, n_labels: int
) -> float:
    value = float(of_draws(y_true, response, np.ones((1, len(y_true))))[0])
    if np.isnan(value):
        raise UndefinedMetricError(
            f"{name}: must have images with a label that it judges, and images without it. Got "
            f"{len(y_true)} without such a difference."
        )
    return value


def _values(
    of_draws: OfDraws, y_true: np.ndarray, response: np.ndarray, n_labels: int, weights: np.ndarray
) -> np.ndarray:
    return of_draws(y_true, response, weights)


def _wrong_shares(y_true: np.ndarray, said: np.ndarray, weights: np.ndarray) -> np.ndarray:
    right = counts.accuracy_of(counts.label_counts(y_true, said, weights).sum(axis=1))
    return np.asarray(1.0 - right)


def _exact_shares(y_true: np.ndarray, said: np.ndarray, weights: np.ndarray) -> np.ndarray:
    exact = (y_true == said).all(axis=1).astype(np.float64)
    n_images = weights.sum(axis=1)
    filled = np.full(len(weights), np.nan)
    shares: np.ndarray = np.divide(weights @ exact, n_images, out=filled, where=n_images > 0)
    return shares


def _of_all_answers(
    of_counts: OfCounts, y_true: np.ndarray, said: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    together = counts.label_counts(y_true, said, weights).sum(axis=1)
    values: np.ndarray = of_counts(together)[..., 1]
    return values


def _mean_of_tables(
    of_counts: OfCounts, y_true: np.ndarray, said: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    tables = counts.label_counts(y_true, said, weights)
    return counts.mean_of_defined(of_counts(tables)[..., 1])


def _of_one_table(
    of_counts: OfCounts, place: int, y_true: np.ndarray, said: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    one = [place]
    return _mean_of_tables(of_counts, y_true[:, one], said[:, one], weights)


def _mean_curves(
    weighted: WeightedCurve,
    place: int | None,
    y_true: np.ndarray,
    probabilities: np.ndarray,
    weights: np.ndarray,
) -> np.ndarray:
    columns = []
    for number in range(y_true.shape[1]) if place is None else [place]:
        has = y_true[:, number] == 1
        values = weighted(has, probabilities[:, number], weights)
        # Where all images have a label, every order of them is right.
        both = (weights[:, has].sum(axis=1) > 0) & (weights[:, ~has].sum(axis=1) > 0)
        columns.append(np.where(both, values, np.nan))
    return counts.mean_of_defined(np.stack(columns, axis=1))
