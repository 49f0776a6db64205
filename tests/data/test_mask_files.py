import numpy as np
import pytest

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_files import fits_png, in_codes, write_picture
from bioselect.data.reading import read_image

PLACES = np.array([[0, 1, 2], [2, 1, 0]], dtype=np.uint8)


def codes(*values):
    names = tuple(f"class{place}" for place in range(len(values)))
    return MaskCodes(names, tuple((value, place) for place, value in enumerate(values)))


@pytest.mark.parametrize(
    ("values", "dtype", "is_png"),
    [
        ((36, 72, 108), "uint8", True),
        ((0, 128, 300), "uint16", True),
        ((0, 1, 70000), "uint32", False),
        ((-1, 0, 1), "int32", False),
        (((255, 0, 0), (0, 255, 0), 0), "uint8", True),
    ],
)
def test_masks_are_read_back_as_the_same_classes(tmp_path, values, dtype, is_png):
    one = codes(*values)
    written = in_codes(PLACES, one)
    assert written.dtype == dtype
    assert fits_png(one) == is_png
    for ending in (".png", ".tif") if is_png else (".tif",):
        path = tmp_path / f"mask{ending}"
        write_picture(path, written)
        assert np.array_equal(one.places(read_image(path)), PLACES)


def test_of_several_codes_of_a_class_the_first_is_written():
    one = MaskCodes(("a", "b"), ((7, 0), (9, 1), (5, 1)))
    assert in_codes(np.array([[0, 1]], np.uint8), one).tolist() == [[7, 9]]


@pytest.mark.parametrize("n_channels", [1, 2, 3, 5])
@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_pictures_keep_type_and_channels(tmp_path, n_channels, dtype):
    pixels = (np.random.default_rng(0).random((6, 5, n_channels)) * 200).astype(dtype)
    write_picture(tmp_path / "a.tif", pixels)
    found = read_image(tmp_path / "a.tif")
    assert found.dtype == dtype
    assert np.array_equal(found, pixels)
