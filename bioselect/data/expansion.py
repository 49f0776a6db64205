"""Files -> the images in them: DICOM files of one series together, planes of a stack apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bioselect.data.dicom_identity import is_dicom_file
from bioselect.data.folder_series import series_files, series_of_files
from bioselect.data.header_groups import (
    grouped_by_header,
    groups_in_words,
    without_lonely_groups,
)
from bioselect.data.npz_datasets import is_npz, npz_sources
from bioselect.data.parts import PartName
from bioselect.data.preparation import Reading
from bioselect.data.reading import open_image
from bioselect.data.records import ImageDataset, ImageRecord, Source
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.data.tiling import (
    TiledScan,
    check_not_all_background,
    tiled,
    tiled_scans,
    tiles_in_words,
)
from bioselect.exceptions import DataError, UnreadableImageError
from bioselect.progress import SILENT, Reporter


def expanded(
    dataset: ImageDataset,
    stack: Stack | None,
    join_series: bool = True,
    whole_series: bool = True,
    tiles: Tiles | None = None,
    reporter: Reporter = SILENT,
) -> tuple[ImageDataset, list[str]]:
    """Return a data set with a record for every image that its files hold.

    Parameters
    ----------
    dataset : ImageDataset
        One record a file; records of parts of files are left as they are.
    stack : Stack or None
        ``all`` and ``every`` make a record of each of these planes, in the order of the file. The
        planes of one file share a group: the declared one, else the file's image id.
    join_series : bool
        Whether the files of one DICOM series in one folder are one volume. A table that names
        each file by itself has already said that each is an image. Either way, images of one
        patient share a group, unless one is declared; see
        :func:`bioselect.data.dicom_patients.owners`.
    whole_series : bool
        Whether a series of which only some files are listed is an error. If not, these become
        records whose reading says so.
    tiles : Tiles or None
        Makes a record of each tile of each image, in the order of the grid. They share a group,
        as the planes of one file do. Every image is read for it.
    reporter : Reporter
        Shows the progress of that.

    Returns
    -------
    dataset : ImageDataset
        Sorted by image id, the planes of one file by their number, tiles row by row.
    notes : list of str
        What was joined or taken apart, in words.

    Raises
    ------
    DataError
        If the files of a DICOM series have different classes or groups in one folder, or only
        some of those in a folder are listed; or if all tiles are background.
    """
    notes = []
    records, groups = grouped_by_header(dataset.records)
    if join_series:
        n_files = len(records)
        records = _with_series(records, whole_series)
        n_series = sum(PartName.of(one.path, one.part).series != "" for one in records)
        if n_series:
            notes.append(
                f"{n_files - len(records) + n_series} DICOM files are the slices of {n_series} "
                "series; each series is one volume."
            )
    records = without_lonely_groups(records, groups)
    notes += groups_in_words(records, groups)
    if stack is not None and stack.lists_planes:
        planes = [list(_planes(record, stack)) for record in records]
        several = [
            listed for listed, record in zip(planes, records, strict=True) if listed != [record]
        ]
        if several:
            notes.append(
                f"{len(several)} files hold {sum(map(len, several))} planes that are images of "
                f"their own (stack: {stack.in_words()}). The planes of one file share a group and "
                "stay in the same fold."
            )
        records = [record for listed in planes for record in listed]
    if tiles is not None:
        records, more = tiled(records, tiles, stack, reporter)
        notes += more
    return replace(dataset, records=tuple(records)), notes


def expanded_sources(
    paths: Sequence[Path], reading: Reading, reporter: Reporter = SILENT
) -> list[Source]:
    """Return every image that files hold, in their order, taken apart as in training.

    Of an .npz file these are the images of all its splits. Files of a DICOM series of which
    others are not named become sources whose reading says so: the others are still predicted.

    Parameters
    ----------
    paths : sequence of Path
        The files.
    reading : Reading
        How the images of the training were read.
    reporter : Reporter
        Where images are cut into tiles, told how far that is and what was left out.
    """
    if reading.tiles is None:
        return [record.source for record in _of_files(paths, reading)]
    scans = expanded_scans(paths, reading, reporter)
    check_not_all_background(scans)
    for note in tiles_in_words(scans):
        reporter.say(note)
    return [record.source for scan in scans for record in scan.records]


def expanded_scans(
    paths: Sequence[Path], reading: Reading, reporter: Reporter = SILENT
) -> list[TiledScan]:
    """Return every large image that files hold, in their order, cut into tiles as in training.

    Raises
    ------
    DataError
        If the images of the training were not cut.
    """
    if reading.tiles is None:
        raise DataError(
            "the model was trained on images as they are, and not on tiles of large ones. Train "
            "one with `dataset: {tiles: {size: 256}}`."
        )
    return list(tiled_scans(_of_files(paths, reading), reading.tiles, reading.stack, reporter))


def _of_files(paths: Sequence[Path], reading: Reading) -> list[ImageRecord]:
    arrays = [path for path in paths if is_npz(path)]
    records = tuple(ImageRecord(str(path), path) for path in paths if not is_npz(path))
    listed = ImageDataset("", Path(), records)
    dataset, _ = expanded(listed, reading.stack, reading.join_series, whole_series=False)
    if not arrays:
        return list(dataset.records)
    found = list(dataset.records)
    for source in (one for path in arrays for one in npz_sources(path)):
        found.append(ImageRecord(str(source), source.path, part=source.part))
    return sorted(found, key=lambda one: one.path)


def _planes(record: ImageRecord, stack: Stack) -> Iterator[ImageRecord]:
    """Yield a record for each plane that is listed, or the record itself if it is one image."""
    name = PartName.of(record.path, record.part)
    n_planes = _n_planes(record.path, name.series) if name.is_whole_file else 1
    if n_planes == 1:
        yield record
        return
    for number in range(0, n_planes, stack.step):
        yield replace(
            record,
            image_id=f"{record.image_id}#{number}",
            part=str(replace(name, number=number)),
            group=record.image_id if record.group is None else record.group,
        )


def _n_planes(path: Path, series: str) -> int:
    """Return how many planes a file has; one that cannot be opened is told of when it is read."""
    try:
        return open_image(path, series).n_planes
    except (UnreadableImageError, OSError):
        return 1


def _with_series(records: Sequence[ImageRecord], whole_series: bool) -> list[ImageRecord]:
    """Join the files of each DICOM series of several files into one record, in their folder.

    Of a series that is not whole, the files become slices that are no image by themselves, or,
    with `whole_series`, an error.
    """
    in_folder: dict[Path, list[ImageRecord]] = defaultdict(list)
    for record in _dicom_files(records):
        in_folder[record.path.parent].append(record)
    made: list[ImageRecord] = []
    gone: set[Path] = set()
    for folder, members in in_folder.items():
        for series, slices in _series_of_several(members).items():
            if len(slices) < len(series_files(folder, series)) and not whole_series:
                made += [replace(one, part=str(PartName(series=series))) for one in slices]
            else:
                made.append(_joined(folder, series, slices))
            gone.update(record.path for record in slices)
    kept = [record for record in records if record.path not in gone]
    if not made:
        return kept
    return sorted([*kept, *made], key=lambda record: record.image_id)


def _dicom_files(records: Sequence[ImageRecord]) -> list[ImageRecord]:
    return [record for record in records if not record.part and is_dicom_file(record.path)]


def _series_of_several(records: Sequence[ImageRecord]) -> dict[str, list[ImageRecord]]:
    """Return the DICOM series that have several of these files."""
    record_of = {record.path: record for record in records}
    return {
        series: [record_of[path] for path in paths]
        for series, paths in series_of_files(record_of).items()
        if len(paths) > 1
    }


def _joined(folder: Path, series: str, records: Sequence[ImageRecord]) -> ImageRecord:
    first = records[0]
    n_there = len(series_files(folder, series))
    if n_there > len(records):
        raise DataError(
            f"{folder}: the files of one DICOM series are one volume. Got {len(records)} of its "
            f"{n_there} files (series {series}). Name the folder, or all of them."
        )
    for what in ("target", "group"):
        different = sorted({str(getattr(record, what)) for record in records})
        if len(different) > 1:
            raise DataError(
                f"{folder}: the {len(records)} files of one DICOM series must have one {what}. "
                f"Got {', '.join(different[:3])} (series {series}). Correct the {what}, or move "
                "the files apart."
            )
    part = str(PartName(series=series))
    above = Path(first.image_id).parent.as_posix()
    image_id = f"{'' if above == '.' else above}#{part}"
    return replace(first, image_id=image_id, path=folder, part=part)
