"""DICOM files that the tests write themselves."""

import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, generate_uid

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


@pytest.fixture
def write_dicom(tmp_path):
    """Return a function that writes stored numbers as a DICOM file and returns its path."""

    def write(
        pixels,
        name="a.dcm",
        bits_stored=None,
        syntax=ExplicitVRLittleEndian,
        frames=None,
        data=None,
        **attributes,
    ):
        """Write `pixels` (height, width[, 3]); `data` takes their place, `attributes` decide."""
        pixels = np.asarray(pixels)
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = syntax
        meta.MediaStorageSOPClassUID = SECONDARY_CAPTURE
        meta.MediaStorageSOPInstanceUID = generate_uid()
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dataset = FileDataset(path, {}, file_meta=meta, preamble=bytes(128))
        dataset.SOPClassUID = SECONDARY_CAPTURE
        dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
        dataset.SeriesInstanceUID = "1.2.3"
        dataset.Rows, dataset.Columns = pixels.shape[(frames is not None) :][:2]
        is_colour = pixels.shape[-1] == 3 and pixels.ndim - (frames is not None) == 3
        dataset.SamplesPerPixel = 3 if is_colour else 1
        dataset.PhotometricInterpretation = "RGB" if is_colour else "MONOCHROME2"
        if is_colour:
            dataset.PlanarConfiguration = 0
        dataset.BitsAllocated = pixels.dtype.itemsize * 8
        dataset.BitsStored = bits_stored or dataset.BitsAllocated
        dataset.HighBit = dataset.BitsStored - 1
        dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
        if frames is not None:
            dataset.NumberOfFrames = frames
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        dataset.PixelData = pixels.astype(pixels.dtype.newbyteorder(order)).tobytes()
        if data is not None:
            dataset.PixelData = data
        if len(dataset.PixelData) % 2:
            dataset.PixelData += b"\0"
        dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
        dataset["PixelData"].is_undefined_length = meta.TransferSyntaxUID.is_encapsulated
        for keyword, value in attributes.items():
            if value is None:
                delattr(dataset, keyword)
            else:
                setattr(dataset, keyword, value)
        pydicom.dcmwrite(path, dataset, enforce_file_format=True)
        return path

    return write
