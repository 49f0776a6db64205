"""Some images and everything that another process is to do with them, each read once.

It computes the rows of the extractors that may leave this process, and hands back the images as
the others (networks) take them; small images as they were read, to be prepared here, because
sending what they are enlarged to would take longer than reading them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from bioselect.backend import cores_of_worker
from bioselect.data.examined import read_as_examined
from bioselect.data.preparation import Reading, prepare
from bioselect.data.reading import read_source
from bioselect.data.records import Source
from bioselect.exceptions import ChangedImageError
from bioselect.features.batches import Batcher, Demand, demand_of, read_only
from bioselect.features.joint import MIN_IMAGES_JOINED, join
from bioselect.features.packing import PackedParts, unpacked
from bioselect.features.transforming import Part
from bioselect.features.travelling import use_cores

#: An image travels as it was read if it has so many times fewer bytes than what is made of it.
SMALLER = 4

#: An image as each demand wants it; None where it cannot be had so.
PreparedFor = dict[Demand, np.ndarray | None]


@dataclass(frozen=True)
class Package:
    """What another process is given.

    `sources` are the files, or parts of files, by their place in the data set; `extractors` are
    packed with the places of the images that each takes, in whole batches; `demands` are the
    places of the images to hand back, for each way of preparing them. `covers` are the places that
    are done with for the images handed back: those of `extractors` may lie beyond. `examined` are
    the digests of the pixels, which a worker of a cluster compares; empty on this machine.
    """

    sources: Mapping[int, Source]
    reading: Reading
    extractors: Mapping[int, tuple[PackedParts, tuple[int, ...]]]
    demands: Mapping[Demand, frozenset[int]]
    covers: tuple[int, ...]
    examined: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unpacked:
    """What came of a package: rows by extractor (None: it failed), and images by place."""

    rows: dict[int, np.ndarray | None]
    images: dict[int, _Sent]
    covers: tuple[int, ...]

    def prepared(self, place: int, source: Source, reading: Reading) -> PreparedFor:
        """Return an image as each demand wants it."""
        return self.images[place].prepared(source, reading) if place in self.images else {}


def compute_package(package: Package) -> Unpacked:
    """Read every image of a package once and do with it what is wanted.

    Raises
    ------
    ChangedImageError
        If a worker of a cluster has other pixels under a path than those that were examined.
    """
    parts = _opened(package)
    batchers = {
        number: None if part is None else Batcher(part, len(package.extractors[number][1]))
        for number, part in parts.items()
    }
    takers = {number: set(places) for number, (_, places) in package.extractors.items()}
    rows: dict[int, list[np.ndarray]] = {number: [] for number in batchers}
    images: dict[int, _Sent] = {}
    for place, source in package.sources.items():
        here = {
            number: batcher
            for number, batcher in batchers.items()
            if batcher is not None and not batcher.failed and place in takers[number]
        }
        wanted = [demand for demand, places in package.demands.items() if place in places]
        digest = package.examined.get(place)
        native = read_native(source, package.reading, digest) if here or wanted else None
        sent = _Sent.of(native, wanted, source, package.reading)
        prepared = sent.shared | prepare_native_for(
            native,
            {demand_of(one.part) for one in here.values()} - set(sent.shared),
            source,
            package.reading,
        )
        for number, batcher in here.items():
            batch = batcher.add(str(source), prepared[demand_of(batcher.part)])
            if batch is not None:
                rows[number].append(batch)
        if wanted:
            images[place] = sent
    return Unpacked(
        {number: _whole(batcher, rows[number]) for number, batcher in batchers.items()},
        images,
        package.covers,
    )


def prepare_for(source: Source, reading: Reading, demands: Iterable[Demand]) -> PreparedFor:
    """Read an image once and prepare it as each demand wants it; None where that fails.

    The error is left to whoever asks for the rows.
    """
    return prepare_native_for(read_native(source, reading), demands, source, reading)


def read_native(source: Source, reading: Reading, digest: str | None = None) -> np.ndarray | None:
    """Read an image as its file has it; None where that fails.

    With a digest its pixels are compared, and a worker of a cluster that has others says so.
    """
    try:
        if digest is not None:
            return read_as_examined(source, reading.stack, digest)
        return read_source(source, reading.stack)
    except Exception as error:
        if isinstance(error, ChangedImageError) and cores_of_worker() is not None:
            raise
        return None


def prepare_native_for(
    native: np.ndarray | None, demands: Iterable[Demand], source: Source, reading: Reading
) -> PreparedFor:
    """Prepare an image as each demand wants it; None where that fails."""
    prepared: PreparedFor = dict.fromkeys(demands)
    if native is None:
        return prepared
    for demand in prepared:
        try:
            prepared[demand] = read_only(prepare(native, reading, *demand, str(source)))
        except Exception:
            continue
    return prepared


def _opened(package: Package) -> dict[int, Part | None]:
    """Return the extractors of a package; None where one cannot be had here.

    In a worker of a cluster there are networks among them, which get its cores; those that have a
    trunk in common, and the same images to do, compute together.
    """
    parts = {number: _part(given) for number, (given, _) in package.extractors.items()}
    n_cores = cores_of_worker()
    if n_cores is None:
        return parts
    use_cores(filter(None, parts.values()), n_cores)
    alike: dict[tuple[int, ...], list[int]] = {}
    for number, (_, places) in package.extractors.items():
        if parts[number] is not None and len(places) >= MIN_IMAGES_JOINED:
            alike.setdefault(places, []).append(number)
    for numbers in alike.values():
        together = _joined(tuple(package.extractors[number][0] for number in numbers))
        parts.update(zip(numbers, together, strict=True))
    return parts


def _part(given: PackedParts) -> Part | None:
    try:
        return unpacked(given)[0]
    except Exception:
        return None


@lru_cache(maxsize=8)
def _joined(given: tuple[PackedParts, ...]) -> list[Part]:
    """Join extractors once a process: whether that gives the same bits is tried then."""
    return join([unpacked(one)[0] for one in given])


def _whole(batcher: Batcher | None, batches: list[np.ndarray]) -> np.ndarray | None:
    if batcher is None or batcher.failed:
        return None
    try:
        return np.vstack(batches)
    except ValueError:  # Rows of different lengths.
        return None


@dataclass(frozen=True)
class _Sent:
    """An image on its way back: as it was read, or as each demand wants it."""

    demands: tuple[Demand, ...]
    native: np.ndarray | None
    laid: dict[Demand, _Laid | None]

    @classmethod
    def of(
        cls, native: np.ndarray | None, wanted: list[Demand], source: Source, reading: Reading
    ) -> _Sent:
        if native is not None and SMALLER * native.nbytes <= sum(map(n_bytes_of, wanted)):
            return cls(tuple(wanted), native, {})
        prepared = prepare_native_for(native, wanted, source, reading)
        return cls(
            tuple(wanted), None, {demand: _Laid.of(image) for demand, image in prepared.items()}
        )

    @property
    def shared(self) -> PreparedFor:
        """What was prepared in order to be sent."""
        return {demand: None if one is None else one.image() for demand, one in self.laid.items()}

    def prepared(self, source: Source, reading: Reading) -> PreparedFor:
        if self.native is None:
            return self.shared
        return prepare_native_for(self.native, self.demands, source, reading)


def n_bytes_of(demand: Demand) -> int:
    """Return about how many bytes an image has that is prepared so; 0 if it keeps its size.

    Examples
    --------
    >>> n_bytes_of(((224, 224), 3)), n_bytes_of((None, 3))
    (602112, 0)
    """
    height, width = demand[0] or (0, 0)
    return 4 * height * width * (demand[1] or 1)


@dataclass(frozen=True)
class _Laid:
    """A prepared image: pickling would change the order in which its values lie.

    Sums over an image depend on that order in their last bits.
    """

    in_order: np.ndarray
    axes: tuple[int, ...]

    @classmethod
    def of(cls, image: np.ndarray | None) -> _Laid | None:
        if image is None:
            return None
        axes = tuple(int(axis) for axis in np.argsort([-step for step in image.strides]))
        return cls(image.transpose(axes), axes)

    def image(self) -> np.ndarray:
        return read_only(self.in_order.transpose(np.argsort(self.axes)))
