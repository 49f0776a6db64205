"""From files to rows, one batch at a time: read, prepare, transform.

Training and prediction go through here, so that an image gives the same row in both.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from bioselect.data.preparation import Reading, prepare
from bioselect.data.reading import read_source
from bioselect.data.records import Source
from bioselect.exceptions import ComponentError, DataError
from bioselect.features.measuring import QualityMeasures
from bioselect.features.transforming import Part, checked_transform, different_lengths

#: Images that keep their own size are transformed as soon as they fill so much memory: 32
#: microscope images of 2000 px would be 1.5 GB.
IMAGES_BYTES = 64 << 20

#: One image as each part takes it, in the order of the parts.
Prepared = tuple[np.ndarray, ...]
#: How an extractor takes its images: (height, width) or None, number of channels or None.
Demand = tuple[tuple[int, int] | None, int | None]


@dataclass(frozen=True)
class BatchRows:
    """What became of a batch of images: for each a row ``(n_features,)``, or None and an error."""

    sources: list[Source]
    rows: list[np.ndarray | None]
    errors: list[str]


def batch_size_of(parts: Sequence[Part]) -> int:
    """Return how many images are taken together: the largest batch of the parts."""
    return max(part.traits.batch_size for part in parts)


def demand_of(part: Part) -> Demand:
    """Return how an extractor takes its images."""
    return part.traits.input_size, part.traits.n_channels


def prepare_source(source: Source, reading: Reading, parts: Sequence[Part]) -> Prepared:
    """Read an image as each part takes it: float32 ``(height, width, n_channels)``, read-only."""
    return prepare_native(read_source(source, reading.stack), reading, parts, str(source))


def prepare_native(
    image: np.ndarray, reading: Reading, parts: Sequence[Part], where: str
) -> Prepared:
    """Prepare an image in the file's own dtype as each part takes it."""
    taking = [part for part in parts if not isinstance(part.extractor, QualityMeasures)]
    prepared = iter(
        _for_each_part(
            taking, lambda size, n_channels: prepare(image, reading, size, n_channels, where)
        )
    )
    return tuple(
        part.extractor.taken(image)
        if isinstance(part.extractor, QualityMeasures)
        else next(prepared)
        for part in parts
    )


def rows_of_batch(parts: Sequence[Part], images: Iterable[tuple[str, Prepared]]) -> np.ndarray:
    """Return float32 ``(n_images, n_features)``, the rows of the parts side by side.

    Parameters
    ----------
    parts : sequence of Part
        From :func:`bioselect.features.transforming.flat_parts`.
    images : iterable of (str, Prepared)
        What to call each image, and the image; taken one by one, so that they need not all be
        in memory.
    """
    collectors = [_Collector(part) for part in parts]
    for where, prepared in images:
        for collector, image in zip(collectors, prepared, strict=True):
            collector.add(where, image)
    return np.hstack([collector.finish() for collector in collectors])


def strict_batch(
    parts: Sequence[Part], sources: Sequence[Source], load: Callable[[Source], Prepared]
) -> BatchRows:
    """Compute a batch of images; the first that cannot be used raises."""
    rows = rows_of_batch(parts, ((str(source), load(source)) for source in sources))
    return BatchRows(list(sources), list(rows), [""] * len(sources))


def tolerant_batch(
    parts: Sequence[Part],
    sources: Sequence[Source],
    load: Callable[[Source], Prepared],
    reload: Callable[[Source], Prepared],
) -> BatchRows:
    """Compute a batch of images; those that cannot be used are told in `errors`.

    Parameters
    ----------
    parts, sources
        The extractors, and the files or parts of files.
    load : callable
        Gives a prepared image, once.
    reload : callable
        Gives it again, when a transform failed and each image has to be tried by itself.
    """
    errors = [""] * len(sources)

    def readable() -> Iterable[tuple[str, Prepared]]:
        for place, source in enumerate(sources):
            try:
                prepared = load(source)
            except (DataError, OSError) as error:
                errors[place] = str(error)
            else:
                yield str(source), prepared

    images = readable()
    try:
        computed = iter(rows_of_batch(parts, images))
    except (DataError, ComponentError):
        # `load` gives the images in their order: take all of this batch before the next begins.
        deque(images, maxlen=0)
        return _one_by_one(parts, sources, reload)
    rows = [None if error else next(computed) for error in errors]
    return BatchRows(list(sources), rows, errors)


def _one_by_one(
    parts: Sequence[Part], sources: Sequence[Source], load: Callable[[Source], Prepared]
) -> BatchRows:
    rows: list[np.ndarray | None] = []
    errors = []
    for source in sources:
        try:
            rows.append(strict_batch(parts, [source], load).rows[0])
            errors.append("")
        except (DataError, ComponentError, OSError) as error:
            rows.append(None)
            errors.append(str(error))
    return BatchRows(list(sources), rows, errors)


def _for_each_part(
    parts: Sequence[Part], load: Callable[[tuple[int, int] | None, int | None], np.ndarray]
) -> Prepared:
    """Prepare once for all parts that take the same; hand out what nobody can write into."""
    done: dict[Demand, np.ndarray] = {}
    for part in parts:
        demand = demand_of(part)
        if demand not in done:
            done[demand] = read_only(load(*demand))
    return tuple(done[demand_of(part)] for part in parts)


def read_only(image: np.ndarray) -> np.ndarray:
    """Return an image that cannot be written into; the caller's own stays as it is."""
    view: np.ndarray = image.view()
    view.flags.writeable = False
    return view


class Batcher:
    """Takes the images of one extractor one by one and transforms them in its batches.

    Whatever goes wrong ends it without a word: `failed` is true from then on. This is for work
    that is done ahead; who asks for the rows later gets the error.

    Parameters
    ----------
    part : Part
        The extractor.
    n_images : int
        How many images will come: the last batch may be smaller.
    """

    def __init__(self, part: Part, n_images: int) -> None:
        self.part = part
        self.n_left = n_images
        self.n_gathered = 0
        self.failed = False
        self._collector = _Collector(part)

    def add(self, where: str, image: np.ndarray | None) -> np.ndarray | None:
        """Take an image, None if it cannot be had; return the rows of a batch that is whole."""
        if self.failed or image is None:
            self.failed = True
            return None
        try:
            self._collector.add(where, image)
            self.n_gathered += 1
            self.n_left -= 1
            if self.n_left and self.n_gathered < self.part.traits.batch_size:
                return None
            rows = self._collector.finish()
        except Exception:
            self.failed = True
            return None
        self._collector, self.n_gathered = _Collector(self.part), 0
        return rows


class _Collector:
    """Gathers images for one part, transforms them in its batches, keeps the rows."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.images: list[np.ndarray] = []
        self.where: list[str] = []
        self.n_bytes = 0
        self.rows: list[np.ndarray] = []
        self.first: tuple[str, np.ndarray, int] | None = None

    def add(self, where: str, image: np.ndarray) -> None:
        self.images.append(image)
        self.where.append(where)
        self.n_bytes += image.nbytes
        full = self.part.traits.input_size is None and self.n_bytes >= IMAGES_BYTES
        if full or len(self.images) == self.part.traits.batch_size:
            self._transform()

    def finish(self) -> np.ndarray:
        if self.images:
            self._transform()
        return np.vstack(self.rows) if self.rows else np.empty((0, 0), dtype=np.float32)

    def _transform(self) -> None:
        rows = checked_transform(self.part, self.images, self.where)
        here = (self.where[0], self.images[0], rows.shape[1])
        if self.first is None:
            self.first = here
        elif self.first[2] != rows.shape[1]:
            raise different_lengths(self.part.name, self.first, here)
        self.rows.append(rows)
        self.images, self.where, self.n_bytes = [], [], 0
