"""Some images and everything that another process is to do with them, each read once.

It computes the rows of the extractors that may leave this process, and hands back the images as
the others (networks) take them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from bioselect.data.preparation import Reading, prepare
from bioselect.data.reading import read_source
from bioselect.data.records import Source
from bioselect.features.batches import Batcher, Demand, demand_of, read_only
from bioselect.features.packing import PackedParts, unpacked

#: An image as each demand wants it; None where it cannot be had so.
PreparedFor = dict[Demand, np.ndarray | None]


@dataclass(frozen=True)
class Package:
    """What another process is given.

    `sources` are the files, or parts of files, by their place in the data set; `extractors` are
    packed with the places of the images that each takes, in whole batches; `demands` are the
    places of the images to hand back, for each way of preparing them. `covers` are the places that
    are done with for the images handed back: those of `extractors` may lie beyond.
    """

    sources: Mapping[int, Source]
    reading: Reading
    extractors: Mapping[int, tuple[PackedParts, tuple[int, ...]]]
    demands: Mapping[Demand, frozenset[int]]
    covers: tuple[int, ...]


@dataclass(frozen=True)
class Unpacked:
    """What came of a package: rows by extractor (None: it failed), and images by place."""

    rows: dict[int, np.ndarray | None]
    images: dict[int, dict[Demand, _Sent | None]]
    covers: tuple[int, ...]

    def prepared(self, place: int) -> PreparedFor:
        """Return an image as it was prepared."""
        sent = self.images.get(place, {})
        return {demand: None if one is None else one.image() for demand, one in sent.items()}


def compute_package(package: Package) -> Unpacked:
    """Read every image of a package once and do with it what is wanted."""
    batchers = {
        number: _batcher(given, len(places))
        for number, (given, places) in package.extractors.items()
    }
    takers = {number: set(places) for number, (_, places) in package.extractors.items()}
    rows: dict[int, list[np.ndarray]] = {number: [] for number in batchers}
    images: dict[int, dict[Demand, _Sent | None]] = {}
    for place, source in package.sources.items():
        here = {
            number: batcher
            for number, batcher in batchers.items()
            if batcher is not None and not batcher.failed and place in takers[number]
        }
        wanted = [demand for demand, places in package.demands.items() if place in places]
        prepared = prepare_for(
            source, package.reading, {*wanted, *(demand_of(one.part) for one in here.values())}
        )
        for number, batcher in here.items():
            batch = batcher.add(str(source), prepared[demand_of(batcher.part)])
            if batch is not None:
                rows[number].append(batch)
        if wanted:
            images[place] = {demand: _Sent.of(prepared[demand]) for demand in wanted}
    return Unpacked(
        {number: _whole(batcher, rows[number]) for number, batcher in batchers.items()},
        images,
        package.covers,
    )


def prepare_for(source: Source, reading: Reading, demands: Iterable[Demand]) -> PreparedFor:
    """Read an image once and prepare it as each demand wants it; None where that fails.

    The error is left to whoever asks for the rows.
    """
    prepared: PreparedFor = dict.fromkeys(demands)
    if not prepared:
        return prepared
    try:
        image = read_source(source, reading.stack)
    except Exception:
        return prepared
    for demand in prepared:
        try:
            prepared[demand] = read_only(prepare(image, reading, *demand, str(source)))
        except Exception:
            continue
    return prepared


def _batcher(given: PackedParts, n_images: int) -> Batcher | None:
    try:
        return Batcher(unpacked(given)[0], n_images)
    except Exception:
        return None


def _whole(batcher: Batcher | None, batches: list[np.ndarray]) -> np.ndarray | None:
    if batcher is None or batcher.failed:
        return None
    try:
        return np.vstack(batches)
    except ValueError:  # Rows of different lengths.
        return None


@dataclass(frozen=True)
class _Sent:
    """An image on its way back: pickling would change the order in which its values lie.

    Sums over an image depend on that order in their last bits.
    """

    in_order: np.ndarray
    axes: tuple[int, ...]

    @classmethod
    def of(cls, image: np.ndarray | None) -> _Sent | None:
        if image is None:
            return None
        axes = tuple(int(axis) for axis in np.argsort([-step for step in image.strides]))
        return cls(image.transpose(axes), axes)

    def image(self) -> np.ndarray:
        return read_only(self.in_order.transpose(np.argsort(self.axes)))
