import io

import imagecodecs
import numpy as np
import pytest
from PIL import Image

from bioselect.data.coded_sizes import coded_size

PIXELS = np.zeros((19, 23, 3), np.uint8)


def _by_pillow(kind, **options):
    file = io.BytesIO()
    Image.fromarray(PIXELS).save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        _by_pillow("JPEG"),
        _by_pillow("JPEG", progressive=True),
        _by_pillow("WebP"),
        _by_pillow("WebP", lossless=True),
        _by_pillow("WebP", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0"),
        imagecodecs.jpegls_encode(PIXELS[:, :, 0]),
        imagecodecs.jpeg2k_encode(PIXELS, codecformat="jp2"),
        imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k"),
    ],
    ids=["jpeg", "progressive", "lossy", "lossless", "extended", "jpegls", "jp2", "j2k"],
)
def test_the_header_says_the_size(data):
    assert coded_size(data) == (23, 19)


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"RIFF", b"\xff\x4f\xff\x51", b"PK"])
def test_what_has_no_header_has_no_size(data):
    assert coded_size(data) is None
