"""Batches of images -> batches of rows, in order, on all cores, in bounded memory.

Descriptors: whole batches are spread over processes. Keras networks: threads read ahead while
this process computes. On a cluster, whole batches of both go to the workers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, islice, tee
from typing import TypeVar

from bioselect.backend import backend_in_use, cores_of_worker, n_at_once
from bioselect.data.examined import read_as_examined
from bioselect.data.preparation import Reading
from bioselect.data.records import Source
from bioselect.execution import resolve_jobs, run_tasks, stream_tasks, submitted_ahead
from bioselect.features.batches import (
    BatchRows,
    Prepared,
    batch_size_of,
    prepare_native,
    prepare_source,
    strict_batch,
    tolerant_batch,
)
from bioselect.features.packing import PackedParts, packed, unpacked
from bioselect.features.transforming import Part
from bioselect.features.travelling import files_of, travels, use_cores

Place = TypeVar("Place")
Images = TypeVar("Images")

#: So many batches a process are under way, or wait for their rows to be taken.
BATCHES_AHEAD = 2
#: Images that threads read ahead take about so much memory at most.
AHEAD_BYTES = 256 << 20


@dataclass(frozen=True)
class Plan:
    """What is done with every image.

    `tolerant` makes one that cannot be used an error text instead of an exception. `opened` gives
    the same parts to a worker of a cluster, where they cannot be sent: those of a model.
    """

    parts: tuple[Part, ...]
    reading: Reading
    tolerant: bool
    opened: Callable[[], tuple[Part, ...]] | None = None


def stream_batches(
    plan: Plan,
    sources: Iterable[Source],
    n_jobs: int,
    examined: Mapping[Source, str] | None = None,
) -> Iterator[BatchRows]:
    """Yield the rows of images, batch by batch in the order of the images.

    Parameters
    ----------
    plan : Plan
        Extractors, reading, and what happens to bad files.
    sources : iterable of Path or FilePart
        Taken as they are needed; there may be any number.
    n_jobs : int
        Processes for descriptors, reading threads for networks; the rows do not depend on it.
    examined : mapping of Path or FilePart to str, optional
        The digests of the pixels, which the workers of a cluster compare with what they read.

    Raises
    ------
    ChangedImageError
        If a worker has other pixels under a path.
    """
    n_jobs = resolve_jobs(n_jobs)
    if backend_in_use() is not None and all(map(travels, plan.parts)):
        batches = _batches(sources, batch_size_of(plan.parts))
        yield from _elsewhere(plan, batches, n_jobs, examined)
    elif all(part.traits.in_processes for part in plan.parts):
        yield from _in_processes(plan, _batches(sources, batch_size_of(plan.parts)), n_jobs)
    else:
        yield from _in_this_process(plan, sources, n_jobs)


def _batches(sources: Iterable[Source], size: int) -> Iterator[list[Source]]:
    remaining = iter(sources)
    while batch := list(islice(remaining, size)):
        yield batch


# Descriptors: batches over processes.


def _in_processes(plan: Plan, batches: Iterator[list[Source]], n_jobs: int) -> Iterator[BatchRows]:
    # No more processes than batches: a few images need no other process at all.
    first = list(islice(batches, n_jobs))
    batches = chain(first, batches)
    if len(first) <= 1:
        yield from run_tasks(_compute, ((plan, None, batch, {}) for batch in batches), 1)
        return
    yield from _elsewhere(plan, batches, len(first))


def _elsewhere(
    plan: Plan,
    batches: Iterator[list[Source]],
    n_jobs: int,
    examined: Mapping[Source, str] | None = None,
) -> Iterator[BatchRows]:
    examined = examined or {}
    bare = replace(plan, parts=(), opened=None)
    parts = plan.opened if plan.opened is not None and backend_in_use() else packed(plan.parts)
    tasks = (
        (bare, parts, batch, {one: examined[one] for one in batch if one in examined})
        for batch in batches
    )
    yield from stream_tasks(
        _compute,
        tasks,
        n_jobs,
        BATCHES_AHEAD * n_at_once(n_jobs),
        files_of=lambda task: files_of(task[2]),
    )


_Given = PackedParts | Callable[[], tuple[Part, ...]] | None


def _compute(task: tuple[Plan, _Given, list[Source], Mapping[Source, str]]) -> BatchRows:
    plan, given, sources, examined = task
    if given is None:
        parts = plan.parts
    else:
        parts = unpacked(given) if isinstance(given, PackedParts) else given()
    if (n_cores := cores_of_worker()) is not None:
        use_cores(parts, n_cores)

    def load(source: Source) -> Prepared:
        if source in examined:
            image = read_as_examined(source, plan.reading.stack, examined[source])
            return prepare_native(image, plan.reading, parts, str(source))
        return prepare_source(source, plan.reading, parts)

    if plan.tolerant:
        return tolerant_batch(parts, sources, load, load)
    return strict_batch(parts, sources, load)


# Networks: this process computes, threads read.


def _in_this_process(plan: Plan, sources: Iterable[Source], n_threads: int) -> Iterator[BatchRows]:
    def load(source: Source) -> Prepared:
        return prepare_source(source, plan.reading, plan.parts)

    def n_bytes(prepared: Prepared) -> int:
        return sum(image.nbytes for image in prepared)

    use_cores(plan.parts, n_threads)
    size = batch_size_of(plan.parts)
    to_compute, to_read = tee(sources)
    with closing(read_ahead(load, to_read, n_bytes, plan.parts, n_threads)) as loaded:

        def load_next(_: Source) -> Prepared:
            return next(loaded).result()

        for batch in _batches(to_compute, size):
            if plan.tolerant:
                yield tolerant_batch(plan.parts, batch, load_next, load)
            else:
                yield strict_batch(plan.parts, batch, load_next)


def read_ahead(
    load: Callable[[Place], Images],
    places: Iterable[Place],
    n_bytes: Callable[[Images], int],
    parts: Iterable[Part],
    n_threads: int,
) -> Generator[Future[Images], None, None]:
    """Yield what was loaded for each place, in order; threads load what follows meanwhile.

    What follows is a batch, of images that may be huge a single one, and one for each thread. It
    is less where the largest image until then says that so many would take more than `AHEAD_BYTES`:
    a few huge ones fill the memory.

    Parameters
    ----------
    load : callable
        Reads the image of a place, and prepares it in one or more ways.
    places : iterable
        Taken as they are needed.
    n_bytes : callable
        How many bytes something has that was loaded.
    parts : iterable of Part
        Who takes the images.
    n_threads : int
        Threads that load.
    """
    parts = tuple(parts)
    small = all(part.traits.input_size is not None for part in parts)
    n_most = (batch_size_of(parts) if small else 1) + n_threads
    largest = 0

    def n_ahead() -> int:
        if not largest:  # How large they are is not known before one was read.
            return 0
        return min(n_most, max(1, AHEAD_BYTES // largest))

    with ThreadPoolExecutor(n_threads, thread_name_prefix="reading") as pool:
        try:
            for future in submitted_ahead(lambda place: pool.submit(load, place), places, n_ahead):
                if future.exception() is None:
                    largest = max(1, largest, n_bytes(future.result()))
                yield future
        finally:
            pool.shutdown(cancel_futures=True)
