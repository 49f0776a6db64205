"""Small pictures of training images: no larger than said, and nothing but pixels in them."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bioselect.bundle.reading import load_bundle
from bioselect.bundle.thumbnails import (
    THUMBNAILS_FILE,
    as_thumbnail,
    read_thumbnails,
    write_thumbnails,
)
from bioselect.bundle.writing import write_bundle
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import small_contents


def picture(height, width):
    return np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8)


def test_longer_side_is_64_and_small_ones_stay():
    large = Image.open(io.BytesIO(as_thumbnail(picture(300, 200))))
    assert large.size == (43, 64)
    assert not large.info
    small = Image.open(io.BytesIO(as_thumbnail(picture(20, 30))))
    np.testing.assert_array_equal(np.asarray(small), picture(20, 30))


def test_grey_pictures_have_one_channel():
    grey = np.repeat(picture(20, 30)[:, :, :1], 3, axis=2)
    assert Image.open(io.BytesIO(as_thumbnail(grey))).mode == "L"


def test_a_bundle_gives_those_it_has(whole_bundle, tmp_path):
    assert read_thumbnails(whole_bundle, [3]) == {}
    pictures = {7: as_thumbnail(picture(9, 9)), 3: as_thumbnail(picture(8, 8))}
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    bundle = tmp_path / "model"
    write_bundle(bundle, replace(contents, thumbnails=pictures))
    load_bundle(bundle)
    assert read_thumbnails(bundle, [3, 4, 7]) == pictures
    write_thumbnails(tmp_path / "again.zip", dict(sorted(pictures.items())))
    assert (tmp_path / "again.zip").read_bytes() == (bundle / THUMBNAILS_FILE).read_bytes()
    (bundle / THUMBNAILS_FILE).write_bytes(b"PK")
    with pytest.raises(BundleError, match=r"thumbnails\.zip is damaged"):
        read_thumbnails(bundle, [3])
