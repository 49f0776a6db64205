"""All extractors in one pass over the files: every image is read once, whoever needs it.

What is computed goes into the cache, a few batches at a time; nobody is told of what fails. So
this only saves time: whoever asks for the rows of an extractor afterwards finds them in the
cache, or computes those that are missing and gets the error.

Other processes read the images and compute descriptors; networks compute in this process, on the
cores that are left, on images that were prepared there. Every extractor gets the batches that it
would get alone, so its rows have the same bits whatever else is computed with it. On a cluster the
workers compute both, and the images stay there.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial

import numpy as np

from bioselect.backend import backend_in_use, n_at_once
from bioselect.exceptions import ComponentError
from bioselect.execution import resolve_jobs, stream_tasks
from bioselect.features.base import Extractor
from bioselect.features.batches import Batcher, demand_of
from bioselect.features.joint import MIN_IMAGES_JOINED, join
from bioselect.features.missing_rows import ExtractionTask, RowKeeper
from bioselect.features.packages import (
    Package,
    PreparedFor,
    compute_package,
    n_bytes_of,
    prepare_for,
)
from bioselect.features.packing import PackedParts, packed
from bioselect.features.streaming import read_ahead
from bioselect.features.transforming import Part
from bioselect.features.travelling import files_of, travels, use_cores
from bioselect.progress import Reporter

#: Images that were prepared elsewhere and wait for a network take about so much memory at most.
WAITING_BYTES = 256 << 20
#: Images of a package at most, but for descriptors that take more at once.
PACKAGE_IMAGES = Extractor.batch_size
#: So many packages of images for each process are under way or wait to be taken, where they fit.
PACKAGES_AHEAD = 2
#: So many extractors are named while they are computed.
N_NAMED = 4


def compute_in_one_pass(tasks: Sequence[ExtractionTask], reporter: Reporter, n_jobs: int) -> None:
    """Compute the rows that the cache lacks, of all extractors at once, and keep them.

    Parameters
    ----------
    tasks : sequence of ExtractionTask
        All with the same images and reading, and with a cache; what is there twice is done once.
    reporter : Reporter
        Shows the progress: one bar for the images.
    n_jobs : int
        Processes that read and compute descriptors; networks get the cores of those that wait. The
        rows do not depend on it.

    Raises
    ------
    StorageError
        If rows cannot be kept; those kept before stay.
    ChangedImageError
        If a worker of a cluster has other pixels under a path than this machine.
    BioselectError
        If a process died (out of memory, a crash in a compiled library).
    """
    n_jobs = resolve_jobs(n_jobs)
    # Extractors of several parts that have no names of their own are left to their study.
    once = {(task.name, task.key): task for task in tasks if len(task.plan.parts) == 1}
    shares = [share for task in once.values() if len((share := _Share(task)).places)]
    for together in _passes(shares, n_jobs):
        _compute(together, reporter, n_jobs)


class _Share:
    """What one extractor has to do in a pass: its images come in order, its rows are kept."""

    def __init__(self, task: ExtractionTask) -> None:
        assert task.cache is not None
        self.task = task
        (self.part,) = task.plan.parts
        self.demand = demand_of(self.part)
        self.travels = travels(self.part)
        digests = [digest for digest, _ in task.images]
        self.places = np.flatnonzero(task.cache.lacks(task.name, task.key, digests))
        self.keeper = RowKeeper(task, self.places.tolist())
        self.batcher = Batcher(self.part, len(self.places))
        self.failed = False
        self.n_taken = 0
        self.n_features = 0

    def computed_by(self, part: Part) -> None:
        """Compute with an extractor that gives the same rows; before the first image."""
        self.part = part
        self.batcher = Batcher(part, len(self.places))

    def take(self, place: int, prepared: PreparedFor) -> None:
        """Take an image, if it is one of those that are missing."""
        if self.failed or self.n_taken == len(self.places) or self.places[self.n_taken] != place:
            return
        self.n_taken += 1
        where = str(self.task.images[place][1])
        rows = self.batcher.add(where, prepared[self.demand])
        if rows is not None or self.batcher.failed:
            self.keep(rows)

    def keep(self, rows: np.ndarray | None) -> None:
        """Keep the rows of the next images; None means that they could not be computed.

        After that nothing more is kept: what is missing then begins where a batch begins.
        """
        self.failed = self.failed or rows is None
        if self.failed or rows is None:
            return
        self.n_features = self.n_features or rows.shape[1]
        if rows.shape[1] == self.n_features:
            self.keeper.add(rows)
        else:
            self.failed = True

    def batches_from(self, last: int) -> tuple[int, ...]:
        """Return the images of all batches that begin up to a place and were not returned yet."""
        if self.failed:
            return ()
        size = self.part.traits.batch_size
        n_until = int(np.searchsorted(self.places, last, side="right"))
        end = max(self.n_taken, -(-n_until // size) * size)
        taken = self.places[self.n_taken : end]
        self.n_taken = end
        return tuple(taken.tolist())

    def among(self, chunk: np.ndarray) -> frozenset[int]:
        """Return which images of a piece of the data set are missing."""
        return (
            frozenset() if self.failed else frozenset(np.intersect1d(chunk, self.places).tolist())
        )


def _passes(shares: list[_Share], n_jobs: int) -> Iterator[list[_Share]]:
    """Yield the extractors that go together.

    With several processes two kinds have passes of their own. Networks that take images of any
    size, beside descriptors: such images may be huge and are not sent from process to process. And
    descriptors in batches of more than `PACKAGE_IMAGES`: a package has whole batches, so it would
    be as large for all others, and of few packages not every process would get one.
    """
    if n_jobs == 1 and backend_in_use() is None:
        yield from filter(None, [shares])
        return
    usual: list[_Share] = []
    of_any_size: list[_Share] = []
    in_large_batches: dict[int, list[_Share]] = {}
    for share in shares:
        kind = share.part.traits
        if share.travels and kind.batch_size > PACKAGE_IMAGES:
            in_large_batches.setdefault(kind.batch_size, []).append(share)
        elif share.travels or kind.input_size is not None:
            usual.append(share)
        else:
            of_any_size.append(share)
    if not any(share.travels for share in usual):
        usual, of_any_size = usual + of_any_size, []
    yield from filter(None, (usual, of_any_size, *in_large_batches.values()))


def _compute(shares: Sequence[_Share], reporter: Reporter, n_jobs: int) -> None:
    places = np.unique(np.concatenate([share.places for share in shares]))
    leaving = [share for share in shares if share.travels]
    size = max((share.part.traits.batch_size for share in leaving), default=1)
    if backend_in_use() is None and (n_jobs == 1 or len(places) <= size):
        leaving = []
    here = [share for share in shares if share not in leaving]
    give_cores = partial(use_cores, [share.part for share in here])
    give_cores(n_jobs)
    _join(here)
    with ExitStack() as stack:
        bar = stack.enter_context(reporter.task(f"features: {_in_words(shares)}", len(places)))
        for share in shares:
            stack.enter_context(share.keeper)
        if leaving:
            images = _prepared_elsewhere(leaving, here, places, size, n_jobs, give_cores)
        else:
            images = _prepared_here(here, places, n_jobs)
        for place, prepared in stack.enter_context(closing(images)):
            for share in here:
                share.take(place, prepared)
            bar.advance()


def _join(shares: Sequence[_Share]) -> None:
    """Let networks that have a trunk in common, and the same images to do, compute together."""
    alike: dict[bytes, list[_Share]] = {}
    for share in shares:
        if len(share.places) >= MIN_IMAGES_JOINED:
            alike.setdefault(share.places.tobytes(), []).append(share)
    for some in alike.values():
        for share, part in zip(some, join([share.part for share in some]), strict=True):
            share.computed_by(part)


def _in_words(shares: Sequence[_Share]) -> str:
    labels = [share.task.label for share in shares]
    named = ", ".join(labels[:N_NAMED])
    n_more = len(labels) - N_NAMED
    return f"{named} and {n_more} more" if n_more > 0 else named


_Images = Generator[tuple[int, PreparedFor], None, None]


def _prepared_here(shares: Sequence[_Share], places: np.ndarray, n_threads: int) -> _Images:
    """Yield the images as they are taken here; threads of this process read ahead."""
    task = shares[0].task

    def load(place: int) -> PreparedFor:
        # Nothing is read for those that have failed.
        demands = {share.demand for share in shares if not share.failed}
        source, reading = task.images[place][1], task.plan.reading
        return prepare_for(source, reading, demands) if demands else {}

    def n_bytes(prepared: PreparedFor) -> int:
        return sum(image.nbytes for image in prepared.values() if image is not None)

    parts = [share.part for share in shares]
    with closing(read_ahead(load, places.tolist(), n_bytes, parts, n_threads)) as loaded:
        for place, future in zip(places.tolist(), loaded, strict=True):
            yield place, future.result()


def _prepared_elsewhere(
    leaving: Sequence[_Share],
    here: Sequence[_Share],
    places: np.ndarray,
    size: int,
    n_jobs: int,
    give_cores: Callable[[int], None],
) -> _Images:
    """Yield the images as they are taken here; other processes read, and compute what may leave.

    What computes here is given the cores of the processes that wait, and always one.
    """
    n_packages = -(-len(places) // size)
    n_processes = min(n_at_once(n_jobs), n_packages)
    demands = {share.demand for share in here}
    package_bytes = sum(size * n_bytes_of(demand) for demand in demands)
    n_ahead = PACKAGES_AHEAD * n_processes
    if package_bytes:
        n_ahead = min(n_ahead, max(1, WAITING_BYTES // package_bytes))
    task = leaving[0].task
    packages = _packages(leaving, here, places, size)
    for unpacked in stream_tasks(
        compute_package,
        packages,
        n_processes,
        n_ahead,
        tell_busy=lambda n_busy: give_cores(max(1, n_jobs - n_busy)),
        files_of=lambda package: files_of(package.sources.values()),
    ):
        for number, rows in unpacked.rows.items():
            leaving[number].keep(rows)
        for place in unpacked.covers:
            yield place, unpacked.prepared(place, task.images[place][1], task.plan.reading)


def _packages(
    leaving: Sequence[_Share], here: Sequence[_Share], places: np.ndarray, size: int
) -> Iterator[Package]:
    """Divide the images; a batch that begins in a package belongs to it as a whole.

    Where the batches of all extractors begin together, as they do unless some were computed before
    or have an odd size, no image is in two packages.
    """
    task = leaving[0].task
    is_elsewhere = backend_in_use() is not None
    in_packets: dict[int, PackedParts] = {}
    for number, share in enumerate(leaving):
        try:
            in_packets[number] = packed((share.part,))
        except ComponentError:
            share.keep(None)
    for first in range(0, len(places), size):
        chunk = places[first : first + size]
        extractors = {
            number: (content, taken)
            for number, content in in_packets.items()
            if (taken := leaving[number].batches_from(int(chunk[-1])))
        }
        demands = {share.demand: frozenset[int]() for share in here}
        for share in here:
            demands[share.demand] |= share.among(chunk)
        needed = sorted(
            {place for _, taken in extractors.values() for place in taken}.union(*demands.values())
        )
        yield Package(
            sources={place: task.images[place][1] for place in needed},
            reading=task.plan.reading,
            extractors=extractors,
            demands=demands,
            covers=tuple(chunk.tolist()),
            examined={place: task.images[place][0] for place in needed} if is_elsewhere else {},
        )
