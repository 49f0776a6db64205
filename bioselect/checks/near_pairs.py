"""Which of many images are near copies: saved anew, cut, shifted, turned, mirrored, made brighter.

How alike two different images are depends on the data set: cells in the middle of a plain ground
hardly differ. So an image is compared with what else looks like it. Laid over each other, near
copies leave less than half of the difference that is left between either of them and all others
that look like it. Neighbours in a row of moments do so too: whoever links images by this must see
to it that a row is not linked as a whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.checks.laid_over import likeness
from bioselect.checks.look_alikes import N_FORMS, find_look_alikes
from bioselect.data.miniature import pixels_of
from bioselect.execution import one_thread
from bioselect.progress import SILENT, Reporter

#: Near copies differ from all others by so many times the difference between themselves: one copy,
#: and several, which could also be all that there is of a rare kind.
GAP, GAP_OF_SEVERAL = 2.4, 3.3
#: What is less alike than this is no copy, however different all others are; the same of several.
LEAST_ALIKE, LEAST_ALIKE_OF_SEVERAL = 0.85, 0.93
#: More than so many that look like one image are not told apart from all others.
MOST_COPIES = 7
#: Smaller differences are not told apart: simple shapes, laid over each other, are all alike.
_NO_DIFFERENCE = 1e-3
#: Among fewer images nobody can say what is usual.
FEWEST_IMAGES = 8
#: Fewer take seconds, for which nobody needs a bar.
FEWEST_SHOWN = 2000


@dataclass(frozen=True)
class NearPair:
    """Two images, by their places, of which one is a near copy of the other, and how it is."""

    first: int
    second: int
    how: str


def near_pairs(miniatures: Sequence[str], reporter: Reporter = SILENT) -> list[NearPair]:
    """Return which images are near copies, in the order of their places.

    Parameters
    ----------
    miniatures : sequence of str
        Of each image, see :func:`bioselect.data.miniature.miniature`; none is of one light only.
    reporter : Reporter
        Shows the progress, of many images.
    """
    if len(miniatures) < FEWEST_IMAGES:
        return []
    if len(miniatures) < FEWEST_SHOWN:
        reporter = SILENT
    pixels = pixels_of(miniatures)
    with one_thread():  # The last bits are the same whatever the number of cores.
        pairs = find_look_alikes(pixels, reporter)
        alike, laid = likeness(pixels, pairs, reporter)
    gaps = _gaps(len(pixels), pairs.first, pairs.second, 1 - alike)
    found = np.flatnonzero((gaps > np.log(GAP)) & (alike >= LEAST_ALIKE))
    near = []
    for n in found.tolist():
        first, second = sorted((int(pairs.first[n]), int(pairs.second[n])))
        near.append(NearPair(first, second, _how(int(pairs.form[n]), laid[n])))
    return sorted(near, key=lambda pair: (pair.first, pair.second))


def _gaps(
    n_images: int, first: np.ndarray, second: np.ndarray, differences: np.ndarray
) -> np.ndarray:
    """Return of each pair the widest step behind it among the differences of either image.

    Steps are those between logarithms, and as wide as they were between one copy and all others.
    A pair that is the last of an image has none behind it, and a gap of 0.
    """
    gaps = np.full((2, len(first)), np.inf)
    of_image: list[list[tuple[int, int]]] = [[] for _ in range(n_images)]
    for side, places in enumerate((first.tolist(), second.tolist())):
        for pair, place in enumerate(places):
            of_image[place].append((side, pair))
    for own in of_image:
        own.sort(key=lambda one: differences[one[1]])
        found = np.array([differences[pair] for _, pair in own])
        steps = np.zeros(len(own))
        steps[:-1] = np.diff(np.log(found + _NO_DIFFERENCE))
        steps[1:] = np.where(
            found[1:] <= 1 - LEAST_ALIKE_OF_SEVERAL, steps[1:] - np.log(GAP_OF_SEVERAL / GAP), 0
        )
        steps[MOST_COPIES:] = 0
        widest = np.maximum.accumulate(steps[::-1])[::-1]
        for (side, pair), gap in zip(own, widest, strict=True):
            gaps[side, pair] = gap
    return np.asarray(gaps.min(axis=0))


def _how(form: int, laid: np.ndarray) -> str:
    """Say how one image differs from the other: turned, mirrored, another section."""
    words = []
    if form >= N_FORMS // 2:
        words.append("mirrored")
    if form % 4 and form != N_FORMS // 2 + 2:
        words.append("turned by 180 degrees" if form % 4 == 2 else "turned by 90 degrees")
    angle = abs(np.degrees(np.arctan2(laid[1, 0] - laid[0, 1], laid[0, 0] + laid[1, 1])))
    if angle >= 1.5:
        words.append(f"turned by {angle:.0f} degrees" if not words else f"{angle:.0f} degrees more")
    zoom = float(np.sqrt(abs(np.linalg.det(laid[:, :2]))))
    if abs(np.log(zoom)) > 0.02 or np.abs(laid[:, 2]).max() > 0.4:
        words.append("cut or shifted")
    return ", ".join(words)
