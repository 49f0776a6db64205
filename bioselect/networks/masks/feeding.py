"""Patches of images and their masks, batch by batch.

What is in a batch follows from the seed, the epoch, the place of an image and the number of the
patch in it. So neither the number of threads nor an interruption changes anything.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bioselect.augmentation.pipeline import Augmenter
from bioselect.data.pairs import Pairs
from bioselect.execution import resolve_jobs
from bioselect.networks.feeding import MOST_THREADS, Batch, prepared
from bioselect.networks.masks.census import Census
from bioselect.networks.masks.task import MaskTask

#: What random numbers are drawn for; each has a stream of its own.
_ORDER, _ORIGINALS, _CENTRED, _PATCH, _IMAGE = range(10, 15)
#: A training does not wait for more patches than this before it is judged, unless it is told to.
MOST_PATCHES = 400


@dataclass(frozen=True, eq=False)
class PatchFeed:
    """Where the patches of a training come from.

    An image is as many patches as cover its area, at least one; `n_written` says how many patches
    an epoch has in place of all of them (at most `MOST_PATCHES`, or one an image).

    Parameters
    ----------
    pairs, task, census
        Images and masks, which of them are trained on, and where their classes are.
    patch_shape : tuple of int
        (height, width, n_channels). Smaller images are mirrored at their borders; one channel
        becomes as many equal ones.
    batch_size : int
        Most patches in a batch.
    class_share : float
        The share of an epoch's patches that lie around a pixel of a class, which is drawn evenly
        from those of the image that count; the others may lie anywhere.
    n_written : int, optional
        Patches in an epoch.
    augmenter : Augmenter, optional
        Changes image and mask alike; None trains on the originals only.
    share_of_originals : float
        The share of an epoch's patches that are shown unchanged, with an augmenter.
    """

    pairs: Pairs
    task: MaskTask
    census: Census
    patch_shape: tuple[int, int, int]
    batch_size: int
    class_share: float
    n_written: int | None = None
    augmenter: Augmenter | None = None
    share_of_originals: float = 0.0

    @property
    def patch_size(self) -> tuple[int, int]:
        """(height, width) of a patch."""
        return self.patch_shape[0], self.patch_shape[1]

    @property
    def n_patches(self) -> int:
        """Patches in an epoch."""
        n_all = len(self._all_patches)
        return self.n_written or min(n_all, max(MOST_PATCHES, len(self.task.train)))

    @property
    def n_batches(self) -> int:
        """Batches in an epoch."""
        return -(-self.n_patches // self.batch_size)

    def epoch(self, number: int) -> Generator[Batch, None, None]:
        """Give patches float32 and masks uint8 of each batch of an epoch, counted from 1."""
        chosen = self._chosen(number)
        is_centred = self._marked(number, _CENTRED, self.class_share)
        share = 1.0 if self.augmenter is None else self.share_of_originals
        is_original = self._marked(number, _ORIGINALS, share)
        parts = np.array_split(np.arange(self.n_patches), self.n_batches)
        tasks = [(number, chosen[part], is_centred[part], is_original[part]) for part in parts]
        n_threads = 1 if self.augmenter is None else min(resolve_jobs(None), MOST_THREADS)
        yield from prepared(self._batch, tasks, n_threads)

    @cached_property
    def _all_patches(self) -> np.ndarray:
        """Return (place, number of the patch in its image) of every patch."""
        area = self.patch_size[0] * self.patch_size[1]
        found = []
        for place in np.asarray(self.task.train).tolist():
            height, width = self.pairs.size(place)
            n_patches = max(1, round(height * width / area))
            found += [(place, number) for number in range(n_patches)]
        return np.array(found)

    def _chosen(self, epoch: int) -> np.ndarray:
        """Return which patches an epoch has, in their order."""
        rng = np.random.default_rng((self.task.seed, epoch, _ORDER))
        every = self._all_patches
        # Further rounds over all patches draw other windows: their numbers go on.
        n_rounds = -(-self.n_patches // len(every))
        n_each = int(every[:, 1].max()) + 1
        rounds = [
            rng.permutation(every) + np.array([0, n_each * number]) for number in range(n_rounds)
        ]
        return np.concatenate(rounds)[: self.n_patches]

    def _marked(self, epoch: int, purpose: int, share: float) -> np.ndarray:
        """Return bool for each patch: is it one of the share."""
        rng = np.random.default_rng((self.task.seed, epoch, purpose))
        marked = np.zeros(self.n_patches, dtype=bool)
        marked[rng.permutation(self.n_patches)[: round(share * self.n_patches)]] = True
        return marked

    def _batch(
        self, epoch: int, chosen: np.ndarray, is_centred: np.ndarray, is_original: np.ndarray
    ) -> Batch:
        shape = (len(chosen), *self.patch_size)
        images = np.empty((*shape, self.patch_shape[2]), dtype=np.float32)
        masks = np.empty(shape, dtype=np.uint8)
        for row, (place, number) in enumerate(chosen.tolist()):
            rng = np.random.default_rng((self.task.seed, epoch, _PATCH, place, number))
            window = self._window(place, bool(is_centred[row]), rng)
            images[row] = fitted(self.pairs.image(place, *window), self.patch_size)
            masks[row] = fitted(self.pairs.mask(place, *window), self.patch_size)
            if self.augmenter is not None and not is_original[row]:
                own = np.random.default_rng((self.task.seed, epoch, _IMAGE, place, number))
                images[row], masks[row] = self.augmenter.one_with_mask(images[row], masks[row], own)
        return images, masks

    def _window(
        self, place: int, is_centred: bool, rng: np.random.Generator
    ) -> tuple[slice, slice]:
        """Return rows and columns of a patch, or of the whole image where that is smaller."""
        sides = list(zip(self.pairs.size(place), self.patch_size, strict=True))
        starts = [int(rng.integers(max(0, have - want) + 1)) for have, want in sides]
        classes = self.census.classes_in(place, self.task.counted) if is_centred else []
        if classes and any(have > want for have, want in sides):
            pixel = self.census.draw_pixel(place, classes[int(rng.integers(len(classes)))], rng)
            starts = [
                min(max(0, middle - want // 2), max(0, have - want))
                for middle, (have, want) in zip(pixel, sides, strict=True)
            ]
        rows, columns = (
            slice(start, start + min(have, want))
            for start, (have, want) in zip(starts, sides, strict=True)
        )
        return rows, columns


def fitted(array: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image or mask made as large as `size` by mirroring it at its lower right borders.

    Examples
    --------
    >>> fitted(np.array([[1, 2, 3]]), (2, 5)).tolist()
    [[1, 2, 3, 2, 1], [1, 2, 3, 2, 1]]
    """
    missing = [want - have for want, have in zip(size, array.shape[:2], strict=True)]
    if not any(missing):
        return array
    margins = [(0, missing[0]), (0, missing[1]), *[(0, 0)] * (array.ndim - 2)]
    return np.pad(array, margins, mode="reflect")
