"""What fails on the smallest image would fail in the run: it is tried before the work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioselect.checks.findings import WARNING, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_source
from bioselect.data.records import ImageDataset
from bioselect.exceptions import ComponentError, DataError
from bioselect.features.base import parts_of, traits
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import transform_prepared
from bioselect.features.keys import feature_key, specified_parts
from bioselect.workflows.usable_extractors import UsableExtractor


def try_smallest_image(
    extractors: Sequence[UsableExtractor],
    dataset: ImageDataset,
    marks: Sequence[ImageFingerprint],
    reading: Reading,
    cache: FeatureCache,
    base_dir: Path | None,
) -> list[Finding]:
    """Let every descriptor of ours describe the smallest image, and tell which cannot.

    Networks are not tried: they take any size, and start slowly. Neither is anybody's own code,
    which a study runs apart from itself, nor what the cache has.

    Raises
    ------
    DataError
        If no extractor is left.
    """
    sides = [(min(mark.height, mark.width), mark.height * mark.width) for mark in marks]
    place = min(range(len(sides)), key=sides.__getitem__)
    record = dataset.records[place]
    image = read_source(record.source, reading.stack)
    failed: dict[str, str] = {}
    for usable in extractors:
        if not all(map(_is_descriptor, parts_of(usable.extractor))):
            continue
        try:
            if _is_kept(usable, marks[place].pixels_sha256, reading, cache, base_dir):
                continue
            transform_prepared(usable.extractor, [image], reading, [record.image_id])
        except (ComponentError, DataError) as error:
            failed[usable.spec.label] = str(error)
    if failed and len(failed) == len(extractors):
        label, reason = next(iter(failed.items()))
        raise DataError(f"no extractor can describe the smallest image; {label}: {reason}")
    return [
        Finding(
            WARNING,
            record.image_id,
            f"{label} cannot describe this image, so all combinations with it will fail: {reason}",
            "Leave the extractor or the image out.",
        )
        for label, reason in failed.items()
    ]


def _is_descriptor(part: Any) -> bool:
    return traits(part).in_processes and type(part).__module__.startswith("bioselect.")


def _is_kept(
    usable: UsableExtractor,
    pixels_sha256: str,
    reading: Reading,
    cache: FeatureCache,
    base_dir: Path | None,
) -> bool:
    parts = specified_parts(usable.extractor) or [(usable.spec, usable.extractor)]
    return not any(
        cache.lacks(spec.name, feature_key(spec, part, reading, base_dir), [pixels_sha256])[0]
        for spec, part in parts
    )
