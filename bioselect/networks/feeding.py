"""Batches of an epoch, prepared in background threads while the network computes.

What is in a batch follows from the seed, the epoch and the places of its images alone. So neither
the number of threads nor an interruption changes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from bioselect.augmentation.pipeline import Augmenter
from bioselect.execution import resolve_jobs, submitted_ahead
from bioselect.networks.pixels import Pixels
from bioselect.networks.task import NetworkTask

Result = TypeVar("Result")
#: Images and their targets.
Batch = tuple[np.ndarray, np.ndarray]

#: More threads than this wait for each other rather than prepare.
MOST_THREADS = 8
#: Batches that are ready or under way while the network computes, beyond one a thread.
N_AHEAD = 2
#: What random numbers are drawn for; each has a stream of its own.
_ORDER, _ORIGINALS, _IMAGE, _BATCH = range(4)


@dataclass(frozen=True, eq=False)
class Feed:
    """Where the batches of a training come from.

    Parameters
    ----------
    pixels, task
        The images and their classes.
    batch_size : int
        Most images in a batch.
    augmenter : Augmenter, optional
        Changes images; None trains on the originals only.
    share_of_originals : float
        The share of an epoch's images that are shown unchanged, with an augmenter: 0 none, 1 all.
    n_jobs : int, optional
        Most threads that augment; all cores unless given.
    """

    pixels: Pixels
    task: NetworkTask
    batch_size: int
    augmenter: Augmenter | None = None
    share_of_originals: float = 0.0
    n_jobs: int | None = None

    @property
    def n_batches(self) -> int:
        """Batches in an epoch of training."""
        return -(-len(self.task.train) // self.batch_size)

    def epoch(self, number: int) -> Generator[Batch, None, None]:
        """Give the images and targets of each batch of an epoch, counted from 1.

        Every image is shown once, in an order drawn for this epoch. Batches are as large as each
        other to within one image, so that none is left with a single one.
        """
        train = self.task.train
        order = self._rng(number, _ORDER).permutation(len(train))
        is_changed = self._changed(number)
        tasks = [
            (number, place, np.asarray(train)[chosen], is_changed[chosen])
            for place, chosen in enumerate(np.array_split(order, self.n_batches))
        ]
        n_threads = 1 if self.augmenter is None else min(resolve_jobs(self.n_jobs), MOST_THREADS)
        yield from prepared(self._augmented, tasks, n_threads)

    def originals(self, places: np.ndarray) -> Generator[Batch, None, None]:
        """Give images as they are, and their targets, in the order of `places`."""
        n_batches = -(-len(places) // self.batch_size)
        parts = np.array_split(np.asarray(places), n_batches) if n_batches else []
        yield from prepared(self._as_they_are, [(part,) for part in parts], 1)

    def _as_they_are(self, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.pixels.batch(places), self.task.targets(places)

    def _changed(self, epoch: int) -> np.ndarray:
        """Return bool for each image to train on: is it augmented in this epoch."""
        n_images = len(self.task.train)
        if self.augmenter is None:
            return np.zeros(n_images, dtype=bool)
        n_originals = round(self.share_of_originals * n_images)
        drawn = self._rng(epoch, _ORIGINALS).permutation(n_images)
        changed = np.ones(n_images, dtype=bool)
        changed[drawn[:n_originals]] = False
        return changed

    def _augmented(
        self, epoch: int, batch: int, places: np.ndarray, is_changed: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        images, targets = self._as_they_are(places)
        if self.augmenter is None or not is_changed.any():
            return images, targets
        images = np.array(images, dtype=np.float32)
        for row in np.flatnonzero(is_changed):
            rng = self._rng(epoch, _IMAGE, int(places[row]))
            images[row] = self.augmenter.one(images[row], rng)
        return self.augmenter.mixed(
            images, targets, self._rng(epoch, _BATCH, batch), chosen=is_changed
        )

    def _rng(self, epoch: int, purpose: int, place: int = 0) -> np.random.Generator:
        return np.random.default_rng((self.task.seed, epoch, purpose, place))


def prepared(
    function: Callable[..., Result], tasks: Sequence[tuple[Any, ...]], n_threads: int
) -> Generator[Result, None, None]:
    """Give the results of a function in the order of its tasks; threads work ahead."""
    executor = ThreadPoolExecutor(n_threads, thread_name_prefix="images")
    try:
        futures = submitted_ahead(
            lambda task: executor.submit(function, *task), tasks, lambda: n_threads + N_AHEAD
        )
        for future in futures:
            yield future.result()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
