"""Two images laid over each other as well as they can be, and how alike they are then.

What is changed is one of the two: shifted, turned, scaled and slanted by a little, so that the
squares of the differences become least (Baker and Matthews 2004, "inverse compositional": what
the other one needs is computed once). Light and contrast do not count.
"""

from __future__ import annotations

import numpy as np

from bioselect.checks.look_alikes import N_FORMS, LookAlikes, formed
from bioselect.data.miniature import SIDE
from bioselect.data.opencv import opencv
from bioselect.progress import SILENT, Reporter

N_STEPS = 8
#: In fields: what is finer is noise; what is coarser than `COARSE` is alike in most images.
FINE, COARSE = 0.7, 2.0
#: What has to be shifted, scaled or turned by more than this shows something else: shares of a
#: side, factors, degrees.
MOST_SHIFTED, MOST_SCALED, MOST_TURNED = 0.16, 1.3, 20.0
_MIDDLE = (SIDE - 1) / 2
_N_AT_ONCE = 1 << 10


def likeness(
    miniatures: np.ndarray, pairs: LookAlikes, reporter: Reporter = SILENT
) -> tuple[np.ndarray, np.ndarray]:
    """Return how alike the images of each pair are, and how they were laid over each other.

    Parameters
    ----------
    miniatures : np.ndarray
        float32 ``(n_images, 32, 32)``.
    pairs : LookAlikes
        Which to compare, and where to begin.
    reporter : Reporter
        Shows the progress.

    Returns
    -------
    tuple of np.ndarray
        float64 ``(n_pairs,)``, the correlation of what is neither finer than a field nor coarser
        than some, where both have pixels: 1 is the same, 0 nothing in common. And float64
        ``(n_pairs, 2, 3)`` in the place of `LookAlikes.start`.
    """
    cv2 = opencv()
    smooth = np.stack([cv2.GaussianBlur(one, (0, 0), FINE) for one in miniatures])
    forms = [formed(smooth, form) for form in range(N_FORMS)]
    alike = np.empty(len(pairs.first))
    laid = np.empty((len(pairs.first), 2, 3))
    with reporter.task("laying pairs over each other", len(alike)) as task:
        for start in range(0, len(alike), _N_AT_ONCE):
            part = slice(start, start + _N_AT_ONCE)
            places = zip(pairs.form[part], pairs.second[part], strict=True)
            still = np.stack([forms[form][place] for form, place in places])
            moving = smooth[pairs.first[part]]
            laid[part] = _laid_over(still, moving, pairs.start[part].astype(np.float64))
            alike[part] = _correlation(still, moving, laid[part])
            task.advance(len(still))
    return alike, laid


def _laid_over(still: np.ndarray, moving: np.ndarray, laid: np.ndarray) -> np.ndarray:
    weights = np.sqrt(_window()).reshape(-1)
    flat = _normed(still.reshape(len(still), -1), weights)
    slopes = _slopes(still, weights, flat)
    steepness = slopes @ slopes.transpose(0, 2, 1)
    size = np.trace(steepness, axis1=1, axis2=2)[:, None, None]
    solve = np.linalg.inv(steepness + np.eye(6) * (size * 1e-4 + 1e-9))
    for _ in range(N_STEPS):
        moved = _normed(_moved(moving, laid).reshape(len(still), -1), weights)
        step = (solve @ (slopes @ (moved - flat)[:, :, None]))[:, :, 0].reshape(-1, 2, 3)
        step = step.clip(-0.5 * SIDE, 0.5 * SIDE)
        laid = _composed(laid, _inverse_step(step))
    return laid


def _window() -> np.ndarray:
    """Return float32 ``(32, 32)``: the edges count little, as the other image may end before."""
    edge = np.clip((_MIDDLE + 0.5 - np.abs(np.arange(SIDE) - _MIDDLE)) / 5, 0, 1)
    return np.outer(edge, edge).astype(np.float32)


def _normed(rows: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return rows weighted, without their mean, of length 1."""
    share = weights**2 / (weights**2).sum()
    rows = (rows - (rows @ share)[:, None]) * weights
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6))


def _slopes(still: np.ndarray, weights: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Return float32 ``(n, 6, n_fields)``: what each of the six numbers of a change would do."""
    down, across = np.gradient(still, axis=(1, 2))
    places = ((np.arange(SIDE) - _MIDDLE) / _MIDDLE).astype(np.float32)
    x, y = places[None, None, :], places[None, :, None]
    slopes = np.stack([g * at for g in (across, down) for at in (x, y, np.float32(1))], axis=1)
    slopes = slopes.reshape(len(still), 6, -1) * weights
    # As long as the rows are that they are compared with.
    share = weights**2 / (weights**2).sum()
    rows = still.reshape(len(still), -1)
    rows = (rows - (rows @ share)[:, None]) * weights
    slopes /= np.maximum(np.linalg.norm(rows, axis=1), 1e-6)[:, None, None]
    # Without what light and contrast do.
    level = weights / np.linalg.norm(weights)
    slopes -= (slopes @ level)[:, :, None] * level
    return np.asarray(slopes - (slopes @ flat[:, :, None]) * flat[:, None, :])


def _inverse_step(step: np.ndarray) -> np.ndarray:
    change = np.zeros((len(step), 3, 3))
    change[:] = np.eye(3)
    change[:, :2, :2] += step[:, :, :2] / _MIDDLE
    change[:, :2, 2] = step[:, :, 2]
    # A step that would fold the image is none.
    folds = np.linalg.det(change[:, :2, :2]) < 0.25
    change[folds] = np.eye(3)
    return np.linalg.inv(change)


def _composed(laid: np.ndarray, change: np.ndarray) -> np.ndarray:
    whole = np.zeros((len(laid), 3, 3))
    whole[:, :2] = laid
    whole[:, 2, 2] = 1
    return np.asarray((whole @ change)[:, :2])


def _moved(images: np.ndarray, laid: np.ndarray) -> np.ndarray:
    cv2 = opencv()
    matrices = laid.copy()
    matrices[:, :, 2] += _MIDDLE - laid[:, :, :2] @ np.array([_MIDDLE, _MIDDLE])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    border = cv2.BORDER_REPLICATE
    return np.stack(
        [
            cv2.warpAffine(image, matrix, (SIDE, SIDE), flags=flags, borderMode=border)
            for image, matrix in zip(images, matrices, strict=True)
        ]
    )


def _correlation(still: np.ndarray, moving: np.ndarray, laid: np.ndarray) -> np.ndarray:
    moved = _moved(moving, laid)
    inside = _are_inside(laid)
    one, other = (_fine_parts(images, inside) for images in (still, moved))
    alike = (one * other).sum(axis=(1, 2), dtype=np.float64)
    return np.asarray(np.where(_is_little(laid), alike, 0.0))


def _is_little(laid: np.ndarray) -> np.ndarray:
    """Tell whether one image was moved by no more than a copy of the other may be."""
    scales = np.linalg.svd(laid[:, :, :2], compute_uv=False)
    turned = np.arctan2(laid[:, 1, 0] - laid[:, 0, 1], laid[:, 0, 0] + laid[:, 1, 1])
    return np.asarray(
        (np.abs(laid[:, :, 2]).max(axis=1) <= MOST_SHIFTED * SIDE)
        & (scales[:, 0] <= MOST_SCALED)
        & (scales[:, 1] >= 1 / MOST_SCALED)
        & (np.abs(np.degrees(turned)) <= MOST_TURNED)
    )


def _are_inside(laid: np.ndarray) -> np.ndarray:
    places = np.arange(SIDE) - _MIDDLE
    x, y = places[None, None, :], places[None, :, None]
    found = np.ones((len(laid), SIDE, SIDE), dtype=bool)
    for axis in (0, 1):
        a, b, c = (laid[:, axis, column, None, None] for column in range(3))
        found &= np.abs(a * x + b * y + c) <= SIDE / 2
    return found


def _fine_parts(images: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """Return what is not coarse, where both have pixels; of mean 0 and length 1."""
    cv2 = opencv()
    coarse = np.stack([cv2.GaussianBlur(one, (0, 0), COARSE) for one in images])
    fine = np.where(inside, images - coarse, 0)
    n_inside = np.maximum(inside.sum(axis=(1, 2), keepdims=True), 1)
    fine = np.where(inside, fine - fine.sum(axis=(1, 2), keepdims=True) / n_inside, 0)
    length = np.sqrt((fine**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(fine / np.maximum(length, 1e-6))
