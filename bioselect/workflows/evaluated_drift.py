"""Drift: whether labelled images that a model never saw differ from those of its training.

A score on images that the model does not know is one thing, that they are other images another:
then the score says something of the change as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.familiar import Familiar
from bioselect.bundle.novelty import Novelty
from bioselect.predict.files import Prediction
from bioselect.run_folder import write_table

DRIFT_FILE = "drift.csv"
DRIFT_COLUMNS = ("measure", "value", "expected", "p", "in_words")
#: Below this p-value a change is told.
ALPHA = 0.01
#: Images are looked at beyond so rare a novelty of the training, where its units can show that.
_RARE = 0.05
#: A median that lies so far on the way to the edge of what is usual has moved.
_MOVED = 0.5
#: Shares of classes that differ by so much are told.
_OTHER_SHARE = 0.1
_REMEDY = "another microscope, staining or kind of sample?"

_Row = tuple[str, Any, Any, Any, str]


@dataclass(frozen=True)
class Drift:
    """Rows of the table, and what of it is worth saying."""

    rows: tuple[_Row, ...] = ()
    lines: tuple[str, ...] = ()


def drift(
    familiar: Familiar,
    predictions: Sequence[Prediction],
    groups: Sequence[str | None],
    trained: dict[str, int] | None = None,
    here: Sequence[str] = (),
) -> Drift:
    """Compare images with those of the training.

    Parameters
    ----------
    familiar : Familiar
        What the model knows of its training images.
    predictions : sequence of Prediction
        Of the images; those with an error are passed over.
    groups : sequence of str or None
        The group of each: images of one group are one observation.
    trained : dict, optional
        How many training images have each class.
    here : sequence of str
        The true class of each image.
    """
    used = [place for place, one in enumerate(predictions) if not one.error]
    if not used:
        return Drift()
    rows: list[_Row] = []
    if familiar.novelty is not None:
        rows += _novelty(
            familiar.novelty,
            [predictions[place] for place in used],
            [groups[place] for place in used],
        )
    if familiar.quality is not None:
        rows += _quality(familiar, [predictions[place] for place in used])
    if trained:
        rows += _classes(trained, [here[place] for place in used] if here else [])
    return Drift(tuple(rows), tuple(row[-1] for row in rows if row[-1]))


def write_or_remove(path: Path, found: Drift) -> None:
    """Write the table; where nothing is known of the training, one from before must not stay."""
    if found.rows:
        write_table(path, DRIFT_COLUMNS, found.rows)
    else:
        path.unlink(missing_ok=True)


def _novelty(
    known: Novelty, used: Sequence[Prediction], groups: Sequence[str | None]
) -> list[_Row]:
    told = [place for place, one in enumerate(used) if one.novelty is not None]
    if not told:
        return []
    novelty = np.array([used[place].novelty for place in told], dtype=np.float64)
    p_values = known.p_values(novelty)
    units = [groups[place] or f"\0{place}" for place in told]
    n_images, n_units = len(told), len(set(units))
    n_beyond, share_rare = int((novelty > 1.0).sum()), float((p_values <= _RARE).mean())
    p = smaller_than_uniform(p_values, units)
    one_in = round(1.0 / known.level)
    # No image can be rarer than 1 in the units of the training and itself.
    is_seen = known.level < _RARE
    words = ""
    if p < ALPHA:
        rare = f", {100 * share_rare:.0f} % as 1 in {1 / _RARE:.0f}" if is_seen else ""
        words = (
            f"novelty: {n_beyond} of {n_images} images are as unlike the training images as 1 in "
            f"{one_in} would be by chance{rare}: the images differ from those of the training "
            f"(p = {p:.1g}); {_REMEDY}"
        )
    by = f", {n_units} groups" if n_units < n_images else ""
    shares: list[_Row] = [
        (f"share beyond 1 in {one_in}", n_beyond / n_images, known.level, None, "")
    ]
    if is_seen:
        shares.append((f"share beyond 1 in {1 / _RARE:.0f}", share_rare, _RARE, None, ""))
    return [
        *shares,
        (f"novelty (Kolmogorov-Smirnov{by})", float(np.median(p_values)), 0.5, p, words),
    ]


def smaller_than_uniform(p_values: np.ndarray, units: Sequence[str]) -> float:
    """Return the p-value of these being uniform, against smaller ones (Kolmogorov-Smirnov).

    Every unit counts as one, however many it has: images of one patient are no independent ones.

    Examples
    --------
    >>> even = np.linspace(0.05, 1.0, 20)
    >>> smaller_than_uniform(even, list("abcdefghijklmnopqrst")) > 0.5
    True
    >>> smaller_than_uniform(even / 4, list("abcdefghijklmnopqrst")) < 0.001
    True
    >>> smaller_than_uniform(even / 4, ["a"] * 20) > 0.1
    True
    """
    from scipy.stats import ksone

    _, places, counts = np.unique(units, return_inverse=True, return_counts=True)
    order = np.argsort(p_values, kind="stable")
    weights = (1.0 / counts[places.ravel()])[order] / len(counts)
    distance = float(np.max(np.cumsum(weights) - p_values[order]))
    return float(ksone.sf(max(0.0, distance), len(counts)))


def _quality(familiar: Familiar, used: Sequence[Prediction]) -> list[_Row]:
    assert familiar.quality is not None
    looks = [one.measures for one in used if one.measures is not None]
    rows: list[_Row] = []
    for name in ("brightness", "focus"):
        low, usual, high = familiar.quality.spans[name]
        here = float(np.median([getattr(one, name) for one in looks])) if looks else usual
        edge = high if here > usual else low
        words = ""
        if abs(here - usual) > _MOVED * abs(edge - usual) and here != usual:
            words = (
                f"{name}: {here:.3g} in the middle image, {usual:.3g} in that of the training "
                f"(nearly all there from {low:.3g} to {high:.3g}); other settings of the camera?"
            )
        rows.append((f"{name} (median)", here, usual, None, words))
    counts = Counter(flag.split(" (")[0] for one in used for flag in one.quality)
    for flag, count in counts.most_common():
        share = count / len(used)
        words = f"quality ({flag}): {count} of {len(used)} images" if share > _RARE else ""
        rows.append((f"quality: {flag}", share, 0.0, None, words))
    return rows


def _classes(trained: dict[str, int], here: Sequence[str]) -> list[_Row]:
    if not here:
        return []
    n_trained, counts = sum(trained.values()), Counter(here)
    rows: list[_Row] = []
    for name, number in trained.items():
        share, expected = counts[name] / len(here), number / n_trained
        words = ""
        if abs(share - expected) > _OTHER_SHARE:
            words = (
                f"classes: {name} is {100 * share:.0f} % of these images and was "
                f"{100 * expected:.0f} % of the training images; scores that count images, and "
                "probabilities, shift with that"
            )
        rows.append((f"share of {name}", share, expected, None, words))
    return rows
