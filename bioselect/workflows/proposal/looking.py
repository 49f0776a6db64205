"""A look at some of the images: what they are, and which cannot be read.

Every image is listed, but only so many are read that a set of 100,000 takes seconds. Which ones
is always the same: spread evenly over each class.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bioselect.data.expansion import expanded
from bioselect.data.fingerprint import ImageFingerprint, fingerprint_images
from bioselect.data.folder_series import series_files
from bioselect.data.kinds import DICOM, NIFTI, first_bytes, kind_of
from bioselect.data.parts import PartName
from bioselect.data.reading import open_image, read_image
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.stacks import ALL, EVERY, MIDDLE, Stack
from bioselect.exceptions import UnreadableImageError
from bioselect.progress import Reporter
from bioselect.workflows.proposal.choices import counted, some_of

#: At most so many images are read ...
N_READ = 1000
#: ... of at most so many bytes of files together, ...
BYTES_READ = 500_000_000
#: ... but of each class at least so many.
FEWEST_OF_CLASS = 3
#: So many are looked at for colour; one is in colour if its channels differ by so many levels of
#: 255 on average, and the set if this part of them is.
_N_FOR_COLOUR = 40
_COLOURED_LEVELS = 4.0
_COLOURED_SHARE = 0.2
#: Of each stack the first plane only: no file has as many planes.
_FIRST_PLANE = Stack(EVERY, 10**9)


@dataclass(frozen=True)
class Looks:
    """What was found in the images that were read.

    `records` and `marks` are those of one image each, in the same order; `n_images` is how many
    there are in all. `stack` says what becomes of files with several planes, if there are any, and
    `planes` what these are, in words.
    """

    records: tuple[ImageRecord, ...]
    marks: tuple[ImageFingerprint, ...]
    n_images: int
    stack: Stack | None = None
    planes: str = ""
    is_coloured: bool = False

    @property
    def is_complete(self) -> bool:
        """Whether every image was read."""
        return len(self.records) == self.n_images

    @property
    def readable(self) -> list[ImageFingerprint]:
        """What was found in those that can be read."""
        return [mark for mark in self.marks if not mark.error]

    @property
    def extent(self) -> str:
        """How many images were read, in words."""
        if self.is_complete:
            return f"all {counted(self.n_images, 'image')}"
        return f"{len(self.records):,} of the {self.n_images:,} images"


def look_at(dataset: ImageDataset, n_jobs: int, reporter: Reporter) -> Looks:
    """Read some images of each class.

    Parameters
    ----------
    dataset : ImageDataset
        All images, a record for each file.
    n_jobs : int
        Threads.
    reporter : Reporter
        Shows the progress.
    """
    records = sample(dataset.records)
    stack, planes = _stack_for(records)
    rule = stack
    if stack is not None and stack.lists_planes:
        # The first plane stands for all of its file.
        records = list(expanded(replace(dataset, records=tuple(records)), _FIRST_PLANE)[0].records)
        rule = None
    marks = fingerprint_images(records, None, reporter, n_jobs, rule)
    coloured = _are_coloured(records, marks, rule)
    return Looks(tuple(records), tuple(marks), dataset.n_images, stack, planes, coloured)


def sample(
    records: Sequence[ImageRecord], n_read: int = N_READ, bytes_read: int = BYTES_READ
) -> list[ImageRecord]:
    """Return the images that are read: all of a small set, of a large one some of each class."""
    chosen = _spread_over_classes(records, n_read)
    n_bytes = sum(map(_n_bytes, chosen))
    if n_bytes <= bytes_read:
        return chosen
    return _spread_over_classes(records, len(chosen) * bytes_read // n_bytes)


def _spread_over_classes(records: Sequence[ImageRecord], n_chosen: int) -> list[ImageRecord]:
    """Return images of each class, as many of each as there are of the rarest, or more."""
    if len(records) <= n_chosen:
        return list(records)
    of_class: dict[str, list[ImageRecord]] = defaultdict(list)
    for record in records:
        # Every number would be a class of its own.
        name = "" if isinstance(record.target, float) else record.target_text
        of_class[name].append(record)
    chosen: list[ImageRecord] = []
    by_size = sorted(of_class.values(), key=len)
    for place, members in enumerate(by_size):
        share = max(0, n_chosen - len(chosen)) // (len(by_size) - place)
        chosen += some_of(members, max(share, FEWEST_OF_CLASS))
    return sorted(chosen, key=lambda record: record.image_id)


def _n_bytes(record: ImageRecord) -> int:
    """Return the size of an image's file; images in one array are small."""
    name = PartName.of(record.path, record.part)
    try:
        if name.split:
            return 0
        if name.series:
            return sum(file.stat().st_size for file in series_files(record.path, name.series))
        return record.path.stat().st_size
    except (OSError, UnreadableImageError):
        return 0


def _stack_for(records: Sequence[ImageRecord]) -> tuple[Stack | None, str]:
    """Return what to do with files of several planes, and what these are in words."""
    found: list[tuple[ImageRecord, tuple[str, ...], str]] = []
    for record in records:
        name = PartName.of(record.path, record.part)
        if not name.is_whole_file:
            continue
        try:
            volume = open_image(record.path, name.series)
        except (UnreadableImageError, OSError):
            continue  # Reading it says what is wrong.
        if volume.n_planes > 1:
            found.append((record, volume.contents, volume.in_words()))
    if not found:
        return None, ""
    record, _, words = found[0]
    planes = f"{len(found)} of {counted(len(records), 'file')} hold several planes, such as "
    planes += f"{record.image_id} with {words}"
    if any(len(contents) > 1 for _, contents, _ in found):
        return Stack.from_config(ALL), planes
    scanned = sum(_is_scan(record.path) for record, _, _ in found)
    return Stack(MIDDLE if 2 * scanned > len(found) else "max"), planes


def _is_scan(path: Path) -> bool:
    """Tell whether planes are slices of a body, of which the brightest pixels say nothing."""
    return path.is_dir() or kind_of(path, first_bytes(path)) in (DICOM, NIFTI)


def _are_coloured(
    records: Sequence[ImageRecord], marks: Sequence[ImageFingerprint], stack: Stack | None
) -> bool:
    """Tell whether 8-bit images with three channels show colours, and not grey saved as colour."""
    candidates = [
        record
        for record, mark in zip(records, marks, strict=True)
        if not mark.error and mark.n_channels == 3 and mark.dtype == "uint8"
    ]
    looked_at = some_of(candidates, _N_FOR_COLOUR)
    images = (read_image(record.path, record.part, stack) for record in looked_at)
    n_coloured = sum(_level_difference(image) >= _COLOURED_LEVELS for image in images)
    return n_coloured > _COLOURED_SHARE * len(looked_at)


def _level_difference(image: np.ndarray) -> float:
    """Return by how much the channels of uint8 pixels differ on average."""
    return float(np.mean(image.max(axis=2) - image.min(axis=2)))
