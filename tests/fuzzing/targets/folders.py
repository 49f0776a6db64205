"""Folders of files: DICOM series, classes, images with masks, names and links of every kind."""

import io
import os
import zlib
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from bioselect.data.expansion import expanded, expanded_sources
from bioselect.data.fingerprint import fingerprint_images
from bioselect.data.intensities import Intensity
from bioselect.data.layouts import GroupRule, from_class_folders, list_images
from bioselect.data.mask_pairs import pairs_of_folders
from bioselect.data.names import as_text
from bioselect.data.preparation import Reading
from bioselect.data.reading import open_image, read_image, read_source
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.stacks import Stack
from bioselect.data.tiles import Tiles
from bioselect.progress import SILENT
from tests.fuzzing import folders
from tests.fuzzing.dicom_changes import changed_element
from tests.fuzzing.files import written
from tests.fuzzing.images import check
from tests.fuzzing.mutations import mutated as damaged
from tests.fuzzing.refusals import all_of
from tests.fuzzing.targets.arrays import npz
from tests.fuzzing.targets.dicom import group, saved
from tests.fuzzing.targets.tiff import saved as saved_tiff

COVERED = (
    "data/folder_series.py", "data/dicom*.py", "data/expansion.py", "data/header_groups.py",
    "data/unreadable.py", "data/layouts.py", "data/file_tree.py", "data/mask_pairs.py",
    "data/mask_names.py", "data/tiling.py", "data/fingerprint.py", "data/parts.py",
)  # fmt: skip
AXIAL = [1, 0, 0, 0, 1, 0]
TILES = Tiles.from_config({"size": 16, "stride": 16, "background": "skip"})
GROUPS = (None, GroupRule(folder_level=1), GroupRule(pattern=r"^([^_0-9]+)"))
STACKS = tuple(
    None if one is None else Stack.from_config(one)
    for one in (None, "middle", "channels", "all", {"every": 2}, {"projection": "mean"})
)
_N_READ = 4


def feed(name, data):
    number = zlib.crc32(data)
    with written("none", b"") as path:
        root = path.parent / "folder"
        root.mkdir()
        folders.write(data, root)
        below = sorted(Path(one) for one, _, _ in os.walk(root))[1:]
        stack = STACKS[number // 64 % len(STACKS)]
        tiles = TILES if number // 512 % 4 == 0 else None
        uses = [
            partial(_listed, root, stack, tiles, number % 2 == 0),
            partial(_classes, root, stack, GROUPS[number // 8 % len(GROUPS)]),
            partial(_predicted, root, stack, tiles, number % 2 == 0),
            partial(_opened, root, stack),
            *(partial(_opened, one, stack) for one in below[:3]),
        ]
        if any(one.name == "masks" for one in below):
            uses.append(partial(pairs_of_folders, root / "images", root / "masks"))
            uses.append(partial(pairs_of_folders, root, root / "masks"))
        # Some of them, the same for the same bytes: all would take three times as long.
        all_of(use for place, use in enumerate(uses) if (number >> 16 + place) % 2 or place == 3)


def _listed(root: Path, stack, tiles, whole: bool) -> None:
    files, _ = list_images(root)
    records = tuple(ImageRecord(as_text(one.relative_to(root)), one, "a") for one in files)
    listed = ImageDataset("", root, records, ("a",))
    _read_some(expanded(listed, stack, whole_series=whole, tiles=tiles)[0].records, stack)


def _classes(root: Path, stack, group) -> None:
    dataset, _ = from_class_folders(root, group)
    found, _ = expanded(dataset, stack)
    fingerprint_images(found.records[:_N_READ], None, SILENT, 1, stack)
    _read_some(found.records, stack)


def _predicted(root: Path, stack, tiles, joined: bool) -> None:
    files = sorted(one for one in root.rglob("*") if os.path.isfile(one))
    some = files[: len(files) // 2 + 1] if len(files) % 3 == 0 else files
    reading = Reading(Intensity("dtype"), stack=stack, join_series=joined, tiles=tiles)
    sources = expanded_sources(some, reading)
    all_of(partial(_read, one, stack) for one in sources[:_N_READ])


def _opened(folder: Path, stack) -> None:
    """Open a folder, or each thing in it, and again after one of its files was written anew."""

    def planes() -> None:
        volume = open_image(folder)
        for place in {0, volume.n_planes // 2, volume.n_planes - 1}:
            volume.plane(place)
        check(read_image(folder, "", stack))

    def anew() -> None:
        files = sorted(
            one for one in folder.iterdir() if os.path.isfile(one) and not one.is_symlink()
        )
        if len(files) > 1:
            files[0].write_bytes(files[-1].read_bytes()[:-7])
            planes()

    inside = sorted(folder.iterdir())
    all_of([planes, anew, *(partial(open_image, one) for one in inside[:_N_READ])])


def _read_some(records, stack) -> None:
    all_of(partial(_read, one.source, stack) for one in (*records[: _N_READ - 1], *records[-1:]))


def _read(source, stack) -> None:
    check(read_source(source, stack))


def mutated(data, random):
    """Return another folder; the DICOM files in it differ by elements more often than by bytes."""

    def change(content, random):
        if content[128:132] == b"DICM" and random.random() < 0.7:
            return changed_element(content, random)
        return damaged(content, [content], random)

    return folders.changed(data, random, change)


def _slices(form, places, pixels=None, **attributes):
    """Return the files of a series; callables say what a slice has by its place in the list."""
    if pixels is None:
        pixels = np.random.default_rng(0).integers(0, 256, (8, 10), np.uint8)
    found = {}
    for number, depth in enumerate(places):
        own = {
            name: value(number) if callable(value) else value for name, value in attributes.items()
        }
        if depth is not None:
            own |= {"ImagePositionPatient": [0, 0, depth], "ImageOrientationPatient": AXIAL}
        own = {"SOPInstanceUID": f"1.2.3.4.{number}", "InstanceNumber": number + 1, **own}
        found[form.format(number)] = saved(pixels, **own)
    return found


def _png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def seeds():
    rng = np.random.default_rng(0)
    deep = rng.integers(0, 4096, (8, 10)).astype(np.uint16)
    large = rng.integers(0, 256, (40, 36, 3), np.uint8)
    grey = rng.integers(0, 256, (12, 17), np.uint8)
    white = np.full((40, 40), 255, np.uint8)
    stack = rng.integers(0, 256, (3, 20, 20), np.uint8)
    table = group(LUTDescriptor=[4096, 0, 16], ModalityLUTType="HU", LUTData=bytes(8192))
    arrays = npz(train_images=stack, train_labels=np.array([[0], [1], [0]], np.uint8))

    def folder(form, places=(0, 1, 2), **more):
        return folders.packed(_slices(form, places, **more))

    def patients(own):
        two = [
            _slices(f"{n}/IM{{}}", (0, 1), SeriesInstanceUID=f"1.2.{n}", **own(n)) for n in range(4)
        ]
        return folders.packed({name: data for one in two for name, data in one.items()})

    return {
        "series": folder("IM{:04}.dcm", (0, 1, 2, 3), SpacingBetweenSlices=1),
        "rescaled": folder(
            "IM{:04}", (3, 2, 1), pixels=deep, RescaleSlope=lambda n: n + 0.5, RescaleIntercept=-9
        ),
        "white": folder("{}.dcm", pixels=deep, PhotometricInterpretation="MONOCHROME1",
                        RescaleSlope=2, RescaleIntercept=-1024),
        "table": folder("{}.dcm", pixels=deep, ModalityLUTSequence=[table],
                        PhotometricInterpretation="MONOCHROME1"),
        "colours": folder("{}.dcm", pixels=large),
        "declared_gap": folder("a/{}.dcm", (0, 1, 4, 5), SpacingBetweenSlices=1, SliceThickness=0.5),
        "wide_inside": folder("{}.dcm", (0, 1, 2, 7, 8, 9)),
        "wide_end": folder("{}.dcm", (0, 1, 2, 9)),
        "left_out": folder("{}.dcm", (0, 1, 3, 4), InstanceNumber=lambda n: (1, 2, 4, 5)[n]),
        "numbers": folder("{}", (None, None, None), InstanceNumber=lambda n: (1, 2, 5)[n]),
        "unsorted": folder("{}", (None, None), InstanceNumber=1),
        "times": folder("{}.dcm", (0, 0, 1, 1, 2)),
        "patients": patients(lambda n: {"PatientID": f"P{n // 2}", "StudyInstanceUID": f"1.{n}"}),
        "nameless": patients(
            lambda n: {"PatientID": ("a", "b", "", "")[n], "StudyInstanceUID": f"1.{n // 2}"}
        ),
        "studies": patients(
            lambda n: {"PatientID": "anonymous", "StudyInstanceUID": f"1.{n // 2}"}
        ),
        "alone": patients(lambda n: {"PatientID": "", "StudyInstanceUID": "1"}),
        "two_in_one": folder("{}.dcm", (0, 1, 0, 1), SeriesInstanceUID=lambda n: f"1.2.{n // 2}"),
        "unlike": folder("{}.dcm", (0, 1), NumberOfFrames=lambda n: n + 1, Rows=lambda n: 8 - 4 * n),
        "owners": folder("{}.dcm", (0, 1), PatientID=lambda n: f"P{n}"),
        "twice": folder("{}.dcm", (0, 1), SOPInstanceUID="1.2.3.9"),
        "turned": folder("{}.dcm", (None, None), ImagePositionPatient=[0, 0, 1],
                         ImageOrientationPatient=lambda n: [AXIAL, [0, 1, 0, 0, 0, 1]][n]),
        "damaged": folders.packed(
            {**_slices("IM{}", (0, 1)), "IM7": saved(grey)[:200], "IM8": b"", "README": b"text"}
        ),
        "classes": folders.packed(
            {"a/1_x.png": _png(grey), "b/2_x.png": _png(large), "a/2_x.tif": saved_tiff(stack, photometric="minisblack"),
             **_slices("b/s/{}.dcm", (0, 1))}
        ),
        "large": folders.packed({"a/1.png": _png(large), "b/2.png": _png(large), "c/3.png": _png(white)}),
        "background": folders.packed({"1.png": _png(white), "a.npz": arrays, "small.png": _png(grey)}),
        "masks": folders.packed(
            {"images/a.png": _png(large), "images/b_1.png": _png(large), "masks/a.png": _png(white),
             "masks/b_1_mask.png": _png(white)}
        ),
        "worded_masks": folders.packed(
            {"images/cell1.png": _png(large), "masks/cell1_mask.png": _png(white)}
        ),
        "parts": folders.packed({"train/a/1.png": _png(grey), "test/b/1.png": _png(grey)}),
        "links": folders.packed(
            {"a/1.png": _png(grey), "a/x.dcm": saved(grey)},
            link={"a/2.png": "a/1.png", "a/3.png": "none", "b": "a", "a/self.png": "a/self.png",
                  "c.dcm": "b/x.dcm", "long.png": "x" * 300, "d/up": "d"},
            pipe={"a/pipe.png": ""}, folder={"e.dcm": "", "f": ""},
        ),
    }  # fmt: skip
