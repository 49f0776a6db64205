"""The rows that the cache lacks: computed in order, kept for good every few batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.examined import check_as_examined
from bioselect.data.records import Source
from bioselect.exceptions import UnreadableImageError
from bioselect.features.batches import BatchRows, batch_size_of, prepare_source
from bioselect.features.cache import FeatureCache
from bioselect.features.streaming import Plan, stream_batches
from bioselect.features.transforming import different_lengths
from bioselect.progress import Reporter

#: Rows are kept for good every so many images, rounded up to whole batches.
COMMIT_IMAGES = 256


@dataclass(frozen=True)
class ExtractionTask:
    """One extractor and the different images it is asked for.

    `plan` holds one part and is not tolerant; `images` are pairs of pixel digest and file (or
    part of a file), no digest twice.
    """

    label: str
    name: str
    key: str
    plan: Plan
    images: Sequence[tuple[str, Source]]
    cache: FeatureCache | None


def compute_missing_rows(task: ExtractionTask, reporter: Reporter, n_jobs: int) -> np.ndarray:
    """Return the rows of all images of a task, float32 ``(n_images, n_features)``.

    Those that the cache has are taken from there; the others are computed and kept.
    """
    table = _Table(task)
    missing = [int(place) for place in np.flatnonzero(~table.have)]
    if missing:
        with reporter.task(f"features: {task.label}", len(missing)) as bar:
            sources = [task.images[place][1] for place in missing]
            digests = {task.images[place][1]: task.images[place][0] for place in missing}
            batches = stream_batches(task.plan, sources, n_jobs, digests)
            for n_rows in _fill(table, missing, batches):
                bar.advance(n_rows)
    if task.cache is not None:
        # Also when nothing was missing: a run that was killed may have left only its parts.
        task.cache.consolidate(task.name, task.key)
    return table.rows if table.rows is not None else np.empty((0, 0), dtype=np.float32)


def _fill(table: _Table, missing: Sequence[int], batches: Iterator[BatchRows]) -> Iterator[int]:
    """Put each batch into the table and, every few batches, into the cache; yield its size."""
    keeper = RowKeeper(table.task, missing)
    n_filled = 0
    with keeper:
        for batch in batches:
            n_new = len(batch.sources)
            rows = table.fill(missing[n_filled : n_filled + n_new], batch)
            n_filled += n_new
            keeper.add(rows)
            yield n_new


class RowKeeper:
    """Takes the rows of a task batch by batch and keeps them for good every few batches.

    Whole batches are kept, in order. So after a kill the images that are still missing begin
    where a batch begins, and a network sees the same batches as in an undisturbed run: its rows
    may depend, in the last bits, on what else is in the batch.

    As a context manager it keeps the rest at the end, also at that by a bad image or Ctrl-C: what
    was computed until then need not be computed again.

    Parameters
    ----------
    task : ExtractionTask
        Whose rows they are.
    places : sequence of int
        The images that rows will come for, in this order.
    """

    def __init__(self, task: ExtractionTask, places: Sequence[int]) -> None:
        self.task = task
        self.places = places
        size = batch_size_of(task.plan.parts)
        self.commit_images = -(-COMMIT_IMAGES // size) * size
        self.n_kept = 0
        self.n_waiting = 0
        self.waiting: list[np.ndarray] = []

    def __enter__(self) -> RowKeeper:
        return self

    def __exit__(self, *raised: object) -> None:
        self.keep()

    def add(self, rows: np.ndarray) -> None:
        """Take the rows of the next images, float32 ``(n_images, n_features)``."""
        self.waiting.append(rows)
        self.n_waiting += len(rows)
        if self.n_waiting >= self.commit_images:
            self.keep()

    def keep(self) -> None:
        """Keep for good what was taken.

        Raises
        ------
        StorageError
            If that is not possible; what was kept before stays.
        ChangedImageError
            If an image is not what it was when the study began: its row is not of its pixels.
        """
        rows, self.waiting = self.waiting, []
        first, last = self.n_kept, self.n_kept + self.n_waiting
        self.n_kept, self.n_waiting = last, 0
        if self.task.cache is not None and rows:
            images = [self.task.images[place] for place in self.places[first:last]]
            for digest, source in images:
                check_as_examined(source, self.task.plan.reading.stack, digest)
            digests = [digest for digest, _ in images]
            self.task.cache.add_part(self.task.name, self.task.key, digests, np.vstack(rows))


class _Table:
    """The rows of a task's images: some from the cache, the others filled in batch by batch."""

    def __init__(self, task: ExtractionTask) -> None:
        self.task = task
        self.rows: np.ndarray | None = None
        self.have = np.zeros(len(task.images), dtype=bool)
        if task.cache is not None:
            digests = [digest for digest, _ in task.images]
            self.rows, self.have = task.cache.load(task.name, task.key, digests)

    def fill(self, places: Sequence[int], batch: BatchRows) -> np.ndarray:
        """Put the rows of a batch in their places, and return them."""
        computed = [row for row in batch.rows if row is not None]
        for place, row in zip(places, computed, strict=True):
            if self.rows is None:
                self.rows = np.zeros((len(self.have), len(row)), dtype=np.float32)
            if self.rows.shape[1] != len(row):
                raise self._length_error(place, self.rows.shape[1], len(row))
            self.rows[place] = row
            self.have[place] = True
        return np.stack(computed)

    def _length_error(self, place: int, known_length: int, length: int) -> UnreadableImageError:
        def described(place: int, length: int) -> tuple[str, np.ndarray, int]:
            source = self.task.images[place][1]
            plan = self.task.plan
            return str(source), prepare_source(source, plan.reading, plan.parts)[0], length

        known_place = int(np.flatnonzero(self.have)[0])
        return different_lengths(
            self.task.name, described(known_place, known_length), described(place, length)
        )
