"""Batches of images -> batches of rows, in order, on all cores, in bounded memory.

Descriptors: whole batches are spread over processes. Keras networks: threads read ahead while
this process computes.
"""

from __future__ import annotations

import pickle
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, tee
from pathlib import Path
from typing import Any

from bioselect.data.preparation import Reading
from bioselect.data.records import Source
from bioselect.exceptions import ComponentError
from bioselect.execution import resolve_jobs, run_tasks
from bioselect.features.batches import (
    BatchRows,
    Prepared,
    batch_size_of,
    prepare_source,
    strict_batch,
    tolerant_batch,
)
from bioselect.features.transforming import Part
from bioselect.registry import importable

#: So many batches a process are handed out before their rows must have been taken.
BATCHES_AHEAD = 16


@dataclass(frozen=True)
class Plan:
    """What is done with every image.

    `tolerant` makes one that cannot be used an error text instead of an exception.
    """

    parts: tuple[Part, ...]
    reading: Reading
    tolerant: bool


def stream_batches(plan: Plan, sources: Iterable[Source], n_jobs: int) -> Iterator[BatchRows]:
    """Yield the rows of images, batch by batch in the order of the images.

    Parameters
    ----------
    plan : Plan
        Extractors, reading, and what happens to bad files.
    sources : iterable of Path or FilePart
        Taken as they are needed; there may be any number.
    n_jobs : int
        Processes for descriptors, reading threads for networks; the rows do not depend on it.
    """
    n_jobs = resolve_jobs(n_jobs)
    if all(part.traits.in_processes for part in plan.parts):
        yield from _in_processes(plan, _batches(sources, batch_size_of(plan.parts)), n_jobs)
    else:
        yield from _in_this_process(plan, sources, n_jobs)


def _batches(sources: Iterable[Source], size: int) -> Iterator[list[Source]]:
    remaining = iter(sources)
    while batch := list(islice(remaining, size)):
        yield batch


# Descriptors: batches over processes.


def _in_processes(plan: Plan, batches: Iterator[list[Source]], n_jobs: int) -> Iterator[BatchRows]:
    packed = None
    while window := list(islice(batches, BATCHES_AHEAD * n_jobs)):
        if n_jobs == 1 or len(window) == 1:
            yield from run_tasks(_compute, [(plan, batch) for batch in window], 1)
            continue
        packed = packed or _packed(plan)
        tasks = [(packed, batch) for batch in window]
        yield from run_tasks(_compute, tasks, min(n_jobs, len(window)))


def _compute(task: tuple[Plan | _PackedPlan, list[Source]]) -> BatchRows:
    given, sources = task
    plan = _unpacked(given) if isinstance(given, _PackedPlan) else given

    def load(source: Source) -> Prepared:
        return prepare_source(source, plan.reading, plan.parts)

    if plan.tolerant:
        return tolerant_batch(plan.parts, sources, load, load)
    return strict_batch(plan.parts, sources, load)


@dataclass(frozen=True)
class _PackedPlan:
    """A plan on its way to another process, and the folders its classes are imported from."""

    content: bytes
    folders: tuple[Path, ...]


def _packed(plan: Plan) -> _PackedPlan:
    from joblib import wrap_non_picklable_objects

    folders = {_import_folder(part.extractor) for part in plan.parts} - {None}
    try:
        # Also takes classes that are not in a module (a notebook, the Python prompt).
        content = pickle.dumps(wrap_non_picklable_objects(plan, keep_wrapper=False))
    except Exception as error:
        names = ", ".join(repr(part.name) for part in plan.parts)
        raise ComponentError(
            f"extractor {names}: must be picklable to run in several processes. Got {error}. Set "
            "`in_processes = False` in the class, or run with --jobs 1."
        ) from error
    return _PackedPlan(content, tuple(sorted(path for path in folders if path is not None)))


@lru_cache(maxsize=2)
def _unpacked(packed: _PackedPlan) -> Plan:
    """Make the plan again, once a process; a module beside the configuration is found too."""
    with ExitStack() as stack:
        for folder in packed.folders:
            stack.enter_context(importable(folder))
        try:
            plan: Plan = pickle.loads(packed.content)
        except ImportError as error:
            raise ComponentError(
                f"extractor: its module must be importable in every process. Got {error}. Put the "
                "module beside the configuration or install it, or run with --jobs 1."
            ) from error
    return plan


def _import_folder(extractor: Any) -> Path | None:
    """Return the folder from which the extractor's module was imported, None for our own."""
    top_name = type(extractor).__module__.split(".")[0]
    file = getattr(sys.modules.get(top_name), "__file__", None)
    if top_name in ("bioselect", "__main__") or file is None:
        return None
    path = Path(file).resolve()
    return path.parent.parent if path.stem == "__init__" else path.parent


# Networks: this process computes, threads read.


def _in_this_process(plan: Plan, sources: Iterable[Source], n_threads: int) -> Iterator[BatchRows]:
    def load(source: Source) -> Prepared:
        return prepare_source(source, plan.reading, plan.parts)

    for part in plan.parts:
        if hasattr(part.extractor, "n_jobs"):
            part.extractor.n_jobs = n_threads
    small = all(part.traits.input_size is not None for part in plan.parts)
    size = batch_size_of(plan.parts)
    # One batch is read while another is computed; images that keep their size may be huge.
    n_ahead = (size if small else 1) + n_threads
    to_compute, to_read = tee(sources)
    with ThreadPoolExecutor(n_threads, thread_name_prefix="reading") as pool:
        reader = _Reader(pool, load, to_read, n_ahead)
        try:
            for batch in _batches(to_compute, size):
                if plan.tolerant:
                    yield tolerant_batch(plan.parts, batch, reader.load_next, load)
                else:
                    yield strict_batch(plan.parts, batch, reader.load_next)
        finally:
            pool.shutdown(cancel_futures=True)


class _Reader:
    """Hands out prepared images in their order; some are always under way."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        load: Callable[[Source], Prepared],
        sources: Iterator[Source],
        n_ahead: int,
    ) -> None:
        self.pool = pool
        self.load = load
        self.sources = sources
        self.n_ahead = n_ahead
        self.under_way: deque[Future[Prepared]] = deque()

    def load_next(self, _: Source) -> Prepared:
        """Wait for the next image; the caller asks for each once, in order."""
        for source in islice(self.sources, self.n_ahead + 1 - len(self.under_way)):
            self.under_way.append(self.pool.submit(self.load, source))
        return self.under_way.popleft().result()
