"""NIfTI, plain and compressed."""

import gzip
import struct

import nibabel
import numpy as np

from tests.fuzzing.images import feed_image

COVERED = (
    "data/nifti.py",
    "data/unpacking.py",
    "data/rescaling.py",
    "data/combining.py",
    "data/kinds.py",
)
feed = feed_image


def _saved(values, affine=None, kind=nibabel.Nifti1Image, line=None):
    data = bytearray(kind(values, np.eye(4) if affine is None else affine).to_bytes())
    if line is not None:
        data[112:120] = struct.pack("<ff", *line)
    return bytes(data)


def seeds():
    rng = np.random.default_rng(0)
    volume = rng.integers(0, 1000, (6, 7, 5), np.int16)
    turned = np.array([[0, -1, 0, 4], [0, 0, 2, 0], [3, 0, 0, 1], [0, 0, 0, 1]], float)
    colours = np.zeros((6, 7, 3), [("R", "u1"), ("G", "u1"), ("B", "u1")])
    with_alpha = np.zeros((6, 7, 3), [("R", "u1"), ("G", "u1"), ("B", "u1"), ("A", "u1")])
    with_alpha["A"] = 255
    return {
        "volume.nii": _saved(volume),
        "turned.nii": _saved(volume, turned),
        "slice.nii": _saved(volume[:, :, :1], line=(2.0, -10.0)),
        "floats.nii": _saved(rng.random((5, 6, 4)), turned),
        "four.nii": _saved(volume[..., np.newaxis], line=(0.5, 0.0)),
        "colours.nii": _saved(colours),
        "alpha.nii": _saved(with_alpha),
        "two.nii": _saved(volume, kind=nibabel.Nifti2Image),
        "volume.nii.gz": gzip.compress(_saved(volume, turned), mtime=0),
        "two.nii.gz": gzip.compress(_saved(volume, kind=nibabel.Nifti2Image), mtime=0),
    }
