"""DICOM: uncompressed, RLE, JPEG, JPEG-LS, JPEG 2000, deflated, several frames, tables."""

import io

import imagecodecs
import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from tests.fuzzing.dicom_changes import changed_element as mutated
from tests.fuzzing.images import feed_image

__all__ = ["feed", "mutated", "seeds"]
COVERED = ("data/dicom*.py", "data/rescaling.py", "data/unpacking.py")
_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
feed = feed_image


def saved(pixels, syntax=ExplicitVRLittleEndian, frames=None, data=None, **attributes):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    meta.MediaStorageSOPClassUID = _CAPTURE
    meta.MediaStorageSOPInstanceUID = "1.2.3.4"
    dataset = FileDataset("a", {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID, dataset.SOPInstanceUID, dataset.SeriesInstanceUID = (
        _CAPTURE,
        "1.2.3.4",
        "1.2.3",
    )
    dataset.PatientID, dataset.StudyInstanceUID = "P1", "1.2"
    dataset.Rows, dataset.Columns = pixels.shape[(frames is not None) :][:2]
    is_colour = pixels.shape[-1] == 3
    dataset.SamplesPerPixel = 3 if is_colour else 1
    dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
    if is_colour:
        dataset.PlanarConfiguration = 0
    dataset.BitsAllocated = dataset.BitsStored = pixels.dtype.itemsize * 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    if frames is not None:
        dataset.NumberOfFrames = frames
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    dataset.PixelData = (
        pixels.astype(pixels.dtype.newbyteorder(order)).tobytes() if data is None else data
    )
    if len(dataset.PixelData) % 2:
        dataset.PixelData += b"\0"
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    dataset["PixelData"].is_undefined_length = meta.TransferSyntaxUID.is_encapsulated
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return file.getvalue()


def group(**attributes):
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def _place(z):
    return group(
        PlanePositionSequence=Sequence([group(ImagePositionPatient=[0, 0, z])]),
        PlaneOrientationSequence=Sequence([group(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])]),
        PixelValueTransformationSequence=Sequence([group(RescaleSlope=2 + z, RescaleIntercept=-5)]),
    )


def seeds():
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (8, 10), np.uint8)
    colour = rng.integers(0, 256, (8, 10, 3), np.uint8)
    deep = rng.integers(0, 4096, (8, 10), np.uint16)
    signed = deep.astype(np.int16) - 1024
    frames = rng.integers(0, 256, (3, 8, 10), np.uint8)
    palette = {
        "PhotometricInterpretation": "PALETTE COLOR",
        **{
            f"{name}PaletteColorLookupTableDescriptor": [256, 0, 16]
            for name in ("Red", "Green", "Blue")
        },
        **{
            f"{name}PaletteColorLookupTableData": rng.integers(0, 65536, 256, np.uint16).tobytes()
            for name in ("Red", "Green", "Blue")
        },
    }
    table = group(LUTDescriptor=[4096, 0, 16], ModalityLUTType="HU", LUTData=bytes(range(256)) * 32)
    place = {
        "ImagePositionPatient": [0, 0, 1.5],
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0],
        "InstanceNumber": 3,
    }
    bits = {"BitsStored": 12, "HighBit": 11}
    jpeg = [imagecodecs.jpeg8_encode(one) for one in (grey, colour)]
    jpeg_ls, jpeg_2000 = imagecodecs.jpegls_encode(deep), imagecodecs.jpeg2k_encode(deep, level=0)
    rle = pydicom.pixels.encoders.RLELosslessEncoder
    options = {"rows": 8, "columns": 10, "samples_per_pixel": 1, "number_of_frames": 1, "bits_allocated": 8,
               "bits_stored": 8, "pixel_representation": 0, "photometric_interpretation": "MONOCHROME2"}  # fmt: skip
    return {
        "grey.dcm": saved(grey, **place),
        "implicit.dcm": saved(deep, ImplicitVRLittleEndian, **bits, RescaleSlope=1, RescaleIntercept=-1024),
        "big.dcm": saved(signed, ExplicitVRBigEndian),
        "colour.dcm": saved(colour),
        "white.dcm": saved(deep, PhotometricInterpretation="MONOCHROME1", **bits),
        "palette.dcm": saved(grey, **palette),
        "table.dcm": saved(deep, **bits, ModalityLUTSequence=Sequence([table])),
        "frames.dcm": saved(frames, frames=3),
        "places.dcm": saved(
            frames, frames=3, PerFrameFunctionalGroupsSequence=Sequence([_place(z) for z in (0, 1, 2)])
        ),
        "rle.dcm": saved(grey, "1.2.840.10008.1.2.5", data=encapsulate([rle.encode(grey.tobytes(), **options)])),
        "jpeg.dcm": saved(grey, "1.2.840.10008.1.2.4.50", data=encapsulate([jpeg[0]])),
        "jpeg_colour.dcm": saved(
            colour, "1.2.840.10008.1.2.4.50", data=encapsulate([jpeg[1]]), PhotometricInterpretation="YBR_FULL_422"
        ),
        "jpeg_frames.dcm": saved(frames, "1.2.840.10008.1.2.4.50", frames=3, data=encapsulate([jpeg[0]] * 3)),
        "jpeg_ls.dcm": saved(deep, "1.2.840.10008.1.2.4.80", data=encapsulate([jpeg_ls]), **bits),
        "jpeg_2000.dcm": saved(deep, "1.2.840.10008.1.2.4.90", data=encapsulate([jpeg_2000]), **bits),
        "deflated.dcm": saved(grey, "1.2.840.10008.1.2.1.99"),
        "bits.dcm": saved(grey, BitsAllocated=1, BitsStored=1, HighBit=0, data=bytes(10)),
    }  # fmt: skip
