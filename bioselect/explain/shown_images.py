"""Which images are worth a look: sure errors, labels hardly anybody believes, the undecided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bioselect.data.targets import BORDER, is_label_sets, is_values
from bioselect.explain.suspicion import entropy, trust

ERROR, SUSPECTED, UNCERTAIN = "error", "suspected", "uncertain"
#: Images in a list at most.
MOST_SHOWN = 24
#: Who gives an answer this much is not undecided.
_DECIDED = 0.8


@dataclass(frozen=True)
class Shown:
    """An image in a list.

    `image` is its place among all, `label` that of a label, where images may have several.
    `given` and `predicted` are places of classes, 1 or 0 of a label, or numbers. `probability`
    is that of what was predicted, or of a suspected label that of the given one; of numbers
    there is none. By `score` the list is sorted.
    """

    kind: str
    image: int
    label: int | None
    given: float
    predicted: float
    probability: float | None
    score: float


def shown_images(exported: np.ndarray, together: np.ndarray, targets: np.ndarray) -> list[Shown]:
    """Return the lists one after the other, each from its most telling image on.

    Parameters
    ----------
    exported : np.ndarray
        What the exported combination predicted, from :func:`.suspicion.mean_prediction`; errors
        and undecided images are its own.
    together : np.ndarray
        The mean of all good combinations, by which labels are suspected.
    targets : np.ndarray
        As given, see :mod:`bioselect.data.targets`.
    """
    if is_values(targets):
        return _far_off(exported[:, 0], targets)
    if not is_label_sets(targets):
        return [
            *_of_question(ERROR, None, exported, targets, MOST_SHOWN),
            *_of_question(SUSPECTED, None, together, targets, MOST_SHOWN),
            *_undecided(exported, targets),
        ]
    n_each = max(1, MOST_SHOWN // targets.shape[1])
    return [
        *(
            one
            for kind, table in ((ERROR, exported), (SUSPECTED, together))
            for label in range(targets.shape[1])
            for one in _of_question(
                kind, label, _yes_or_no(table, label), targets[:, label], n_each
            )
        ),
        *_undecided(exported, targets),
    ]


def _yes_or_no(table: np.ndarray, label: int) -> np.ndarray:
    return np.stack([1.0 - table[:, label], table[:, label]], axis=1)


def _of_question(
    kind: str, label: int | None, table: np.ndarray, given: np.ndarray, n_most: int
) -> list[Shown]:
    """Return images predicted otherwise, by how sure that is or how little is believed."""
    said = np.where(np.isnan(table), -1.0, table).argmax(axis=1)
    if label is not None:  # A label that is as likely as not is not said.
        said = (table[:, 1] > BORDER).astype(np.int64)
    wrong = np.isfinite(table).all(axis=1) & (said != given)
    rows = np.arange(len(given))
    if kind == ERROR:
        probability = table[rows, said]
        score, order = probability, _sorted(wrong, -probability)
    else:
        probability = table[rows, given]
        score = trust(table, given)
        order = _sorted(wrong, score)
    return [
        Shown(
            kind,
            int(place),
            label,
            float(given[place]),
            float(said[place]),
            float(probability[place]),
            float(score[place]),
        )
        for place in order[:n_most]
    ]


def _undecided(table: np.ndarray, targets: np.ndarray) -> list[Shown]:
    """Return images of which no answer, or of one label neither yes nor no, is likely."""
    of_labels = is_label_sets(targets)
    found = entropy(table, of_labels)
    rows = np.arange(len(table))
    safe = np.where(np.isnan(table), 1.0, table)
    columns = np.abs(safe - BORDER).argmin(axis=1) if of_labels else safe.argmax(axis=1)
    likely = safe[rows, columns]
    said = (likely > BORDER).astype(np.int64) if of_labels else columns
    surest = np.where(said == 0, 1.0 - likely, likely) if of_labels else likely
    given = targets[rows, columns] if of_labels else targets
    return [
        Shown(
            UNCERTAIN,
            int(place),
            int(columns[place]) if of_labels else None,
            float(given[place]),
            float(said[place]),
            float(surest[place]),
            float(found[place]),
        )
        for place in _sorted(surest < _DECIDED, -found)[:MOST_SHOWN]
    ]


def _far_off(predicted: np.ndarray, targets: np.ndarray) -> list[Shown]:
    errors = np.abs(predicted - targets)
    return [
        Shown(
            ERROR,
            int(place),
            None,
            float(targets[place]),
            float(predicted[place]),
            None,
            float(errors[place]),
        )
        for place in _sorted(errors > 0, -errors)[:MOST_SHOWN]
    ]


def _sorted(wanted: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Return the places that are wanted by their keys; of equal ones the first."""
    places = np.flatnonzero(wanted)
    return places[np.argsort(keys[places], kind="stable")]
