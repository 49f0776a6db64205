"""Of which images a report shows what the model goes by: sure errors, and sure right answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import BORDER, is_label_sets, is_values
from bioselect.explain.shown_images import ERROR, Shown

RIGHT = "right"
#: So many errors, and so many images that were predicted rightly, each of another class. With
#: descriptors a map takes a second or two, of which a first study should not take many.
N_ERRORS, N_RIGHT = 2, 2


@dataclass(frozen=True)
class Chosen:
    """An image, its place among all, and the column of the prediction that is explained.

    `given` and `predicted` are places of classes, 1 or 0 of the label `column`, or numbers.
    """

    kind: str
    image: int
    column: int
    given: float
    predicted: float


def explained_images(
    shown: Sequence[Shown], exported: np.ndarray, targets: np.ndarray
) -> list[Chosen]:
    """Return the images, errors and right ones in turn: whoever has to stop early has both.

    Parameters
    ----------
    shown : sequence of Shown
        The lists of the report. Of an error the class is explained that was wrongly predicted.
    exported : np.ndarray
        What the exported combination predicted of images that it was not trained on.
    targets : np.ndarray
        As given, see :mod:`bioselect.data.targets`.

    Examples
    --------
    >>> exported = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]])
    >>> [(one.image, one.column) for one in explained_images([], exported, np.array([0, 0, 1]))]
    [(0, 0), (2, 1)]
    """
    errors = [
        Chosen(one.kind, one.image, _column(one, targets), one.given, one.predicted)
        for one in shown
        if one.kind == ERROR
    ][:N_ERRORS]
    if is_values(targets):
        right = _nearest(exported[:, 0], targets)
    elif is_label_sets(targets):
        right = _surest(exported, targets == 1, exported > BORDER, of_labels=True)
    else:
        given = targets[:, np.newaxis] == np.arange(exported.shape[1])
        said = np.where(np.isnan(exported), -1.0, exported).argmax(axis=1)
        is_said = said[:, np.newaxis] == np.arange(exported.shape[1])
        right = _surest(exported, given, is_said, of_labels=False)
    return [
        one
        for place in range(max(N_ERRORS, N_RIGHT))
        for one in (*errors[place : place + 1], *right[place : place + 1])
    ]


def _column(one: Shown, targets: np.ndarray) -> int:
    if one.label is not None:
        return one.label
    return 0 if is_values(targets) else int(one.predicted)


def _surest(
    exported: np.ndarray, given: np.ndarray, said: np.ndarray, of_labels: bool
) -> list[Chosen]:
    """Return of each of the most frequent classes the image that was most surely right."""
    found = []
    for column in np.argsort(-given.sum(axis=0), kind="stable").tolist():
        sure = np.where(given[:, column] & said[:, column], exported[:, column], np.nan)
        if np.isnan(sure).all():
            continue
        value = 1.0 if of_labels else float(column)
        found.append(Chosen(RIGHT, int(np.nanargmax(sure)), column, value, value))
    return found[:N_RIGHT]


def _nearest(predicted: np.ndarray, targets: np.ndarray) -> list[Chosen]:
    order = np.argsort(np.abs(predicted - targets), kind="stable")  # NaN comes last.
    return [
        Chosen(RIGHT, int(place), 0, float(targets[place]), float(predicted[place]))
        for place in order[:N_RIGHT]
        if not np.isnan(predicted[place])
    ]
