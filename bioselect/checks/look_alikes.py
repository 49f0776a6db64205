"""For each of many images those that look the most like it, however it is turned or cut.

Of every image 20 views are compared with the 8 ways to turn or mirror every other one, by a small
part of what its miniature shows: 16 x 16 fields in the directions in which the images of this data
set differ, each as important as the others. So what all of them have in common, such as a round
cell in the middle, counts for little.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bioselect.data.miniature import SIDE
from bioselect.data.opencv import opencv
from bioselect.progress import SILENT, Reporter

#: What is compared: means of 2 x 2 fields of a miniature, in so many directions.
N_FIELDS, N_DIRECTIONS = 16, 64
#: The directions come from so many images; those in which they hardly differ are held down by
#: this part of how much they differ in all.
N_MEASURED, HELD_DOWN = 2000, 1e-3
#: Which of those that look like an image are looked at closer, by rank. The later ones say how
#: much two different images look alike, also where several copies are the first.
RANKS = (0, 1, 2, 3, 4, 5, 7, 10, 15, 23)
#: Of more images only the ways to turn and mirror are compared: the time grows with the square.
MOST_WITH_VIEWS = 10_000
N_FORMS = 8
_N_AT_ONCE = 1 << 21
_N_PAIRS_AT_ONCE = 1 << 12


@dataclass(frozen=True)
class LookAlikes:
    """Pairs of images that may show the same, and how one of each has to be put on the other.

    Parameters
    ----------
    first, second : np.ndarray
        int64 ``(n_pairs,)``: places of the images.
    form : np.ndarray
        int64 ``(n_pairs,)``: how the second is turned and mirrored, see :func:`formed`.
    start : np.ndarray
        float32 ``(n_pairs, 2, 3)``: from places in the second, so formed, to places in the first;
        in fields from the middle.
    """

    first: np.ndarray
    second: np.ndarray
    form: np.ndarray
    start: np.ndarray


def views() -> np.ndarray:
    """Return float64 ``(n_views, 2, 3)``: the sections of an image that are compared.

    What one image is of another is also what the other is of the one, so half of them will do:
    the image itself first, then shifted, larger and shifted, turned and of three sizes.
    """
    step, slanted = 0.04 * SIDE, 0.028 * SIDE
    around = [(step, 0.0), (0.0, step), (slanted, slanted), (-slanted, slanted)]
    opposite = [(-across, -down) for across, down in around]
    found = [(0.0, 1.0, 0.0, 0.0), *((0.0, 1.0, *shift) for shift in around)]
    found += [(0.0, 1.09, *shift) for shift in [(0.0, 0.0), *around, *opposite]]
    found += [(angle, zoom, 0.0, 0.0) for angle in (4.0, 8.0) for zoom in (0.93, 1.0, 1.08)]
    return np.array([_section(*one) for one in found])


def formed(images: np.ndarray, form: int) -> np.ndarray:
    """Return images ``(..., height, width)`` turned left by ``form % 4`` quarters of a circle.

    From 4 on they are mirrored before, top to bottom.

    Examples
    --------
    >>> image = np.array([[1, 2], [3, 4]])
    >>> formed(image, 1).tolist(), formed(image, 4).tolist()
    ([[2, 4], [1, 3]], [[3, 4], [1, 2]])
    """
    turned = images[..., ::-1, :] if form >= N_FORMS // 2 else images
    return np.rot90(turned, form % 4, axes=(-2, -1))


def find_look_alikes(miniatures: np.ndarray, reporter: Reporter = SILENT) -> LookAlikes:
    """Return the pairs of images that are worth a closer look.

    Parameters
    ----------
    miniatures : np.ndarray
        float32 ``(n_images, 32, 32)``, at least two images, none of one light only.
    reporter : Reporter
        Shows the progress.
    """
    sections = views()[: 1 if len(miniatures) > MOST_WITH_VIEWS else None]
    forms, seen = _directions(miniatures, sections)
    pairs: set[tuple[int, int]] = set()
    with reporter.task("looking for images that are alike", len(miniatures)) as task:
        for place, others in enumerate(_nearest(forms, seen)):
            pairs.update((min(place, other), max(place, other)) for other in others.tolist())
            task.advance()
    first, second = np.array(sorted(pairs), dtype=np.int64).T
    return _put_on(first, second, forms, seen, sections.astype(np.float32))


def _section(angle: float, zoom: float, across: float, down: float) -> np.ndarray:
    turn = np.deg2rad(angle)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) / zoom
    return np.column_stack([matrix, -matrix @ [across, down]])


def _directions(miniatures: np.ndarray, sections: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return float32 ``(8, n_images, n_directions)`` and ``(n_views, n_images, n_directions)``."""
    forms = np.stack([_rows(formed(miniatures, form)) for form in range(N_FORMS)])
    every = max(1, len(miniatures) // N_MEASURED)
    sample = forms[:, ::every].reshape(-1, forms.shape[-1]).astype(np.float64)
    mean = sample.mean(axis=0)
    centred = sample - mean
    sizes, vectors = np.linalg.eigh(centred.T @ centred / len(centred))
    held_down = HELD_DOWN * sizes.sum()
    basis = vectors[:, : -N_DIRECTIONS - 1 : -1] / np.sqrt(
        sizes[: -N_DIRECTIONS - 1 : -1].clip(0) + max(held_down, 1e-12)
    )

    def along(rows: np.ndarray) -> np.ndarray:
        found = (rows - mean) @ basis
        lengths = np.linalg.norm(found, axis=-1, keepdims=True)
        return np.asarray(found / np.maximum(lengths, 1e-12), dtype=np.float32)

    seen = np.stack([along(_rows(_cut(miniatures, section))) for section in sections])
    return np.stack([along(form) for form in forms]), seen


def _rows(images: np.ndarray) -> np.ndarray:
    """Return the fields of each image as a row of mean 0 and length 1."""
    step = SIDE // N_FIELDS
    fields = images.reshape(len(images), N_FIELDS, step, N_FIELDS, step).mean(axis=(2, 4))
    rows = fields.reshape(len(images), -1)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))


def _cut(images: np.ndarray, section: np.ndarray) -> np.ndarray:
    """Return a section of each image; what lies outside is mirrored."""
    cv2 = opencv()
    middle = (SIDE - 1) / 2
    matrix = section.copy()
    matrix[:, 2] += middle - section[:, :2] @ [middle, middle]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.stack(
        [
            cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REFLECT)
            for image in images
        ]
    )


def _nearest(forms: np.ndarray, seen: np.ndarray) -> Iterator[np.ndarray]:
    """Yield for each image the places of others by `RANKS`, the most alike first."""
    n_images = forms.shape[1]
    ranks = [rank for rank in RANKS if rank < n_images - 1]
    n_rows = max(1, _N_AT_ONCE // n_images)
    for start in range(0, n_images, n_rows):
        rows = slice(start, min(start + n_rows, n_images))
        best = np.full((rows.stop - start, n_images), -2, dtype=np.float32)
        for view in seen[:, rows]:
            for form in forms:
                np.maximum(best, view @ form.T, out=best)
        best[np.arange(len(best)), np.arange(start, rows.stop)] = -3
        top = np.argpartition(-best, ranks[-1], axis=1)[:, : ranks[-1] + 1]
        order = np.argsort(-np.take_along_axis(best, top, 1), axis=1, kind="stable")
        yield from np.take_along_axis(top, order, 1)[:, ranks]


def _put_on(
    first: np.ndarray,
    second: np.ndarray,
    forms: np.ndarray,
    seen: np.ndarray,
    sections: np.ndarray,
) -> LookAlikes:
    """Say for each pair which view of which of the two is nearest to which form of the other."""
    swapped = np.empty(len(first), dtype=bool)
    form, section = np.empty((2, len(first)), dtype=np.int64)
    for start in range(0, len(first), _N_PAIRS_AT_ONCE):
        part = slice(start, start + _N_PAIRS_AT_ONCE)
        ways = [
            np.einsum("vpd,fpd->pvf", seen[:, one[part]], forms[:, other[part]], optimize=True)
            for one, other in ((first, second), (second, first))
        ]
        flat = np.concatenate([way.reshape(len(way), -1) for way in ways], axis=1)
        best = flat.argmax(axis=1)
        n_ways = flat.shape[1] // 2
        swapped[part] = best >= n_ways
        section[part], form[part] = np.divmod(best % n_ways, N_FORMS)
    first, second = np.where(swapped, second, first), np.where(swapped, first, second)
    return LookAlikes(first, second, form, sections[section])
