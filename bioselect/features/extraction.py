"""Images of a study -> the matrix of features, each image computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np

from bioselect.data.preparation import Reading
from bioselect.data.records import Source
from bioselect.features.base import FeatureExtractor
from bioselect.features.batches import BatchRows, prepare_native, rows_of_batch
from bioselect.features.cache import FeatureCache
from bioselect.features.keys import feature_key, specified_parts
from bioselect.features.measuring import with_measures
from bioselect.features.missing_rows import ExtractionTask, compute_missing_rows
from bioselect.features.streaming import Plan, stream_batches
from bioselect.features.transforming import Part, flat_parts
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec


def extract_features(
    spec: ComponentSpec,
    extractor: FeatureExtractor,
    images: Sequence[tuple[Source, str]],
    reading: Reading,
    cache: FeatureCache | None,
    reporter: Reporter,
    n_jobs: int,
    base_dir: Path | None = None,
) -> np.ndarray:
    """Return the features of images; only those that the cache lacks are computed.

    Parameters
    ----------
    spec : ComponentSpec
        Name and parameters of the extractor.
    extractor : FeatureExtractor
        The component made from `spec`. The parts of a `concat` are computed and kept one by one.
    images : sequence of (Path or FilePart, str)
        Each file, or part of one, and the digest of its pixels; equal pixels are computed once.
    reading : Reading
        How pixels become numbers.
    cache : FeatureCache or None
        Where rows are kept.
    reporter : Reporter
        Shows the progress, and is told of damaged files in the cache.
    n_jobs : int
        Processes, or threads that read ahead for a network. The features do not depend on it.
    base_dir : Path, optional
        The configuration's folder, where the user's own extractors may lie.

    Returns
    -------
    np.ndarray
        float32 ``(n_images, n_features)`` in the order of `images`; ``(0, 0)`` without images.

    Raises
    ------
    UnreadableImageError
        If an image cannot be read, does not fit the extractor, or gives a row of another length.
    ComponentError
        If the extractor returns something else than finite float32 ``(n_images, n_features)``.
    StorageError
        If rows cannot be kept (disk full); those kept before stay.
    """
    parts = extract_parts(spec, extractor, images, reading, cache, reporter, n_jobs, base_dir)
    return parts[0] if len(parts) == 1 else np.hstack(parts)


def extract_parts(
    spec: ComponentSpec,
    extractor: FeatureExtractor,
    images: Sequence[tuple[Source, str]],
    reading: Reading,
    cache: FeatureCache | None,
    reporter: Reporter,
    n_jobs: int,
    base_dir: Path | None = None,
) -> list[np.ndarray]:
    """Return the features of each part of a `concat`, of others all in one; see above."""
    parts = specified_parts(extractor)
    if parts:
        return [
            extract_features(one, part, images, reading, cache, reporter, n_jobs, base_dir)
            for one, part in parts
        ]
    (task,) = extraction_tasks(spec, extractor, images, reading, cache, reporter, base_dir)
    rows = compute_missing_rows(task, reporter, n_jobs)
    if len(task.images) == len(images):
        return [rows]
    place_of = {digest: place for place, (digest, _) in enumerate(task.images)}
    return [rows[[place_of[digest] for _, digest in images]]]


def extraction_tasks(
    spec: ComponentSpec,
    extractor: FeatureExtractor,
    images: Sequence[tuple[Source, str]],
    reading: Reading,
    cache: FeatureCache | None,
    reporter: Reporter,
    base_dir: Path | None = None,
) -> list[ExtractionTask]:
    """Return what has to be known to compute rows: a task for each part of a `concat`, else one.

    Parameters are those of :func:`extract_features`; of images with equal pixels the first counts.
    """
    parts = specified_parts(extractor)
    if parts:
        return [
            task
            for one, part in parts
            for task in extraction_tasks(one, part, images, reading, cache, reporter, base_dir)
        ]
    first_source: dict[str, Source] = {}
    for source, digest in images:
        first_source.setdefault(digest, source)
    return [
        ExtractionTask(
            label=spec.label,
            name=spec.name,
            plan=Plan(flat_parts(extractor, spec.name), reading, tolerant=False),
            key=feature_key(spec, extractor, reading, base_dir),
            images=list(first_source.items()),
            cache=None if cache is None else FeatureCache(cache.folder, reporter),
        )
    ]


def iterate_features(
    extractor: FeatureExtractor,
    sources: Iterable[Source],
    reading: Reading,
    n_jobs: int,
    measured: bool = False,
    opened: Callable[[], FeatureExtractor] | None = None,
) -> Iterator[tuple[list[Source], np.ndarray | None, list[str]]]:
    """Yield the features of any number of images, some at a time; a bad file stops nothing.

    Parameters
    ----------
    extractor : FeatureExtractor
        Anything with `transform`.
    sources : iterable of Path or FilePart
        Files, or parts of files; taken as they are needed.
    reading : Reading
        How pixels become numbers; the one of training.
    n_jobs : int
        Processes, or threads that read ahead for a network.
    measured : bool
        Whether the measures of :mod:`bioselect.data.image_quality` stand behind each row.
    opened : callable, optional
        Gives the same extractor to a worker of a cluster, where it cannot be sent itself.

    Yields
    ------
    sources : list of Path or FilePart
        Some of them, in the order given.
    features : np.ndarray or None
        float32 ``(n_good, n_features)``, a row for each of these that has no error, in
        their order; None if all have one. Where rows differ in length (images with another
        number of channels), files with equal lengths are yielded together.
    errors : list of str
        For each of these: empty, or why there is no row for it.
    """
    parts = _with_measures(extractor, measured)
    there = None if opened is None else partial(_opened_parts, opened, measured)
    plan = Plan(parts, reading, tolerant=True, opened=there)
    for batch in stream_batches(plan, sources, n_jobs):
        for places in _of_one_length(batch):
            good = [row for place in places if (row := batch.rows[place]) is not None]
            yield (
                [batch.sources[place] for place in places],
                np.stack(good) if good else None,
                [batch.errors[place] for place in places],
            )


def _with_measures(extractor: FeatureExtractor, measured: bool) -> tuple[Part, ...]:
    parts = flat_parts(extractor)
    return with_measures(parts) if measured else parts


def _opened_parts(opened: Callable[[], FeatureExtractor], measured: bool) -> tuple[Part, ...]:
    return _with_measures(opened(), measured)


def transform_prepared(
    extractor: FeatureExtractor,
    images_native: Sequence[np.ndarray],
    reading: Reading,
    where: Sequence[str],
) -> np.ndarray:
    """Return the features of images in memory, prepared as files are.

    Parameters
    ----------
    extractor : FeatureExtractor
        Anything with `transform`.
    images_native : sequence of np.ndarray
        Each ``(height, width, n_channels)`` in the file's own dtype, as
        :func:`bioselect.data.reading.read_image` returns it.
    reading : Reading
        How pixels become numbers.
    where : sequence of str
        What to call each image in an error.

    Returns
    -------
    np.ndarray
        float32 ``(n_images, n_features)``; ``(0, 0)`` without images.
    """
    parts = flat_parts(extractor)
    return rows_of_batch(
        parts,
        (
            (one, prepare_native(image, reading, parts, one))
            for image, one in zip(images_native, where, strict=True)
        ),
    )


def _of_one_length(batch: BatchRows) -> Iterator[list[int]]:
    """Yield the places of neighbours whose rows have one length; errors go with those before."""
    lengths: list[int] = []
    first = next((len(row) for row in batch.rows if row is not None), 0)
    for row in batch.rows:
        before = lengths[-1] if lengths else first
        lengths.append(before if row is None else len(row))
    for _, places in groupby(range(len(lengths)), key=lengths.__getitem__):
        yield list(places)
