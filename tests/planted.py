"""A data set whose names attack whoever shows them, and whose files say who made them.

Names of classes, groups, files and columns are formulas, markup, escapes and quotes; every file has
in it what people forget is there. `IDENTITIES` and `PLACES` must be found in nothing that is passed
on, and no reader of what is written may run one of the names.
"""

from pathlib import Path

import numpy as np
import openpyxl
import pydicom
import tifffile
from PIL import Image, PngImagePlugin
from pydicom.dataset import FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage, generate_uid

#: Parts of the place where the study lies, and what its machine is called.
USER, HOST, STUDY = "planted-user", "planted-host", "<i>&study"
PLACES = (USER, HOST)
IDENTITIES = (
    "PlantedArtist", "PlantedOwner", "PlantedSerial", "PlantedAuthor", "PlantedDescription",
    "PlantedComputer", "PlantedExperimenter", "PlantedPatient", "PLANTEDID", "19331224",
    "PLANTEDACCESSION", "PlantedClinic", "PlantedTable",
)  # fmt: skip
CLASSES = (
    "=cmd|' /C calc'!A0",
    "<script>alert('class')</script>",
    '[red]"><img src=x onerror=alert(1)>',
)
GROUPS = (
    "@SUM(1+1)", "-2+3+cmd", "+1;=1+1", "<svg/onload=alert(2)>", "</script><b>",
    "' onclick='alert(3)", "&lt;u&gt;", "![x](http://planted.example/x.png)", "{{7*7}}${x}",
)  # fmt: skip
IMAGE, TARGET, GROUP = "@image", "=class", "<u>group"
#: What stands between the number of a file and its ending; no name may hold a slash.
FILES = (
    "=1+1",
    "<img src=x onerror=alert(4)>",
    '"onmouseover="alert(5)',
    "[link=http:]x[",
    "&amp;'",
)
#: Names that a terminal would obey; such files are refused.
UNSEEN = ("\x1b[31mred\x1b[0m", "line\nerror: planted", "photo\u202egnp")
N_PER_CLASS, SIDE = 12, 24


def write_study(root):
    """Write images, their table and a configuration below `root`; return the configuration."""
    folder = Path(root) / USER / STUDY
    images = folder / "images"
    images.mkdir(parents=True)
    book = openpyxl.Workbook()
    book.properties.creator = book.properties.lastModifiedBy = "PlantedTable"
    rows = [(IMAGE, TARGET, GROUP)]
    random = np.random.default_rng(0)
    for number in range(N_PER_CLASS * len(CLASSES)):
        place = number % len(CLASSES)
        grey = 60 + 60 * place + random.normal(scale=30, size=(SIDE, SIDE))
        name = f"{number:02d}{FILES[number % len(FILES)]}"
        name = name.lstrip("0123456789") + f"{number:02d}"  # What is dangerous comes first.
        kind = KINDS[number // len(CLASSES) % len(KINDS)]
        path = kind(images / name, np.clip(grey, 0, 255).astype(np.uint8))
        rows.append((path.name, CLASSES[place], GROUPS[number // len(CLASSES) % len(GROUPS)]))
    for name in UNSEEN:
        path = _png(images / name, np.zeros((SIDE, SIDE), dtype=np.uint8))
        rows.append((path.name.replace("\x1b", "?"), CLASSES[0], GROUPS[0]))
    sheet = book.active
    for row in rows[: 1 + N_PER_CLASS * len(CLASSES)]:
        sheet.append(["" for _ in row])
        for cell, text in zip(sheet[sheet.max_row], row, strict=True):
            cell.value, cell.data_type = text, "s"  # Text, as Excel keeps what begins with '.
    book.save(folder / "table.xlsx")
    config = folder / "config.yaml"
    config.write_text(
        f"dataset:\n  table: table.xlsx\n  root: images\n  image: '{IMAGE}'\n"
        f"  target: '{TARGET}'\n  group: '{GROUP}'\n"
        "extractors: [intensity, lbp]\nclassifiers: [lda]\nvalidation: {folds: 3, repeats: 2}\n"
        "bundle: {thumbnails: true}\noutput: run\n",
        encoding="utf-8",
    )
    return config


def _png(path, grey):
    path = path.with_name(f"{path.name}.png")
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "PlantedAuthor")
    notes.add_itxt("Description", "PlantedDescription")
    Image.fromarray(grey).save(path, pnginfo=notes, exif=_exif())
    return path


def _jpeg(path, grey):
    path = path.with_name(f"{path.name}.jpg")
    Image.fromarray(grey).save(path, exif=_exif(), comment=b"PlantedDescription", quality=95)
    return path


def _exif():
    exif = Image.Exif()
    exif[0x013B], exif[0x010E], exif[0x013C] = (
        "PlantedArtist",
        "PlantedDescription",
        "PlantedComputer",
    )
    exif.get_ifd(0x8769).update({0xA430: "PlantedOwner", 0xA431: "PlantedSerial"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.0), 3: "E", 4: (13.0, 24.0, 0.0)})
    return exif


def _tiff(path, grey):
    path = path.with_name(f"{path.name}.tif")
    # 315: the artist, 316: the computer.
    extra = [(315, "s", 0, "PlantedArtist", True), (316, "s", 0, "PlantedComputer", True)]
    tifffile.imwrite(path, grey, description="PlantedDescription", extratags=extra, metadata=None)
    return path


def _ome(path, grey):
    path = path.with_name(f"{path.name}.ome.tif")
    tifffile.imwrite(path, grey, ome=True, metadata={"axes": "YX", "Name": "PlantedExperimenter"})
    return path


def _dicom(path, grey):
    path = path.with_name(f"{path.name}.dcm")
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data = pydicom.Dataset()
    data.file_meta = meta
    data.SOPClassUID, data.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    data.SeriesInstanceUID, data.StudyInstanceUID = generate_uid(), generate_uid()
    data.PatientName, data.PatientID = "PlantedPatient^Anna", f"PLANTEDID{path.name[-8:-4]}"
    data.PatientBirthDate, data.AccessionNumber = "19331224", "PLANTEDACCESSION"
    data.InstitutionName, data.DeviceSerialNumber = "PlantedClinic", "PlantedSerial"
    data.Modality, data.SamplesPerPixel, data.PhotometricInterpretation = "OT", 1, "MONOCHROME2"
    data.Rows, data.Columns = grey.shape
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = grey.tobytes()
    data.save_as(path, enforce_file_format=True)
    return path


#: What writes an image in each form.
KINDS = (_png, _jpeg, _tiff, _dicom, _ome)
