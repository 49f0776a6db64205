"""Several planes become one image exactly as `dataset.stack` says."""

import numpy as np
import pytest

from bioselect.data.combining import combined
from bioselect.data.stacks import Stack
from bioselect.data.volumes import Volume
from bioselect.exceptions import UnreadableImageError

EVERY_MODE = [Stack(mode) for mode in ("max", "mean", "middle", "channels")]


def volume_of(pixels, *contents, read=None):
    def plane(place):
        if read is not None:
            read.append(place)
        return pixels[place]

    return Volume(len(pixels), plane, contents)


def drawn(*shape, dtype="uint16", high=65536):
    return np.random.default_rng(3).integers(0, high, shape).astype(dtype)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int32", "float64"])
def test_the_maximum_keeps_the_type_and_the_channels(dtype):
    pixels = drawn(7, 5, 6, 3, dtype=dtype, high=250)
    image = combined(volume_of(pixels), Stack("max"), "a.tif")
    assert image.dtype == dtype
    np.testing.assert_array_equal(image, np.max(pixels, axis=0))


def test_the_maximum_does_not_write_into_the_planes():
    pixels = drawn(3, 4, 4, 1)
    before = pixels.copy()
    combined(volume_of(pixels), Stack("max"), "a.tif")
    np.testing.assert_array_equal(pixels, before)


def test_the_mean_is_exact_before_it_is_rounded_to_float32():
    # 65535 + 65534 + 65534 in 16 bits would overflow; / 3 = 65534.333...
    pixels = np.array([65535, 65534, 65534], dtype=np.uint16).reshape(3, 1, 1, 1)
    image = combined(volume_of(pixels), Stack("mean"), "a.tif")
    assert image.dtype == np.float32
    assert image.item() == np.float32(196603 / 3)
    # A float32 sum of 2**24 + 1 + 1 would stay 2**24.
    wide = np.array([2**24, 1, 1], dtype=np.uint32).reshape(3, 1, 1, 1)
    assert combined(volume_of(wide), Stack("mean"), "a.tif").item() == np.float32((2**24 + 2) / 3)


def test_the_mean_of_a_single_plane_has_the_same_type_as_that_of_many():
    image = combined(volume_of(drawn(1, 3, 3, 1)), Stack("mean"), "a.tif")
    assert image.dtype == np.float32


@pytest.mark.parametrize(("n_planes", "middle"), [(2, 1), (3, 1), (4, 2), (5, 2)])
def test_the_middle_is_the_only_plane_that_is_read(n_planes, middle):
    read = []
    pixels = drawn(n_planes, 3, 3, 1)
    image = combined(volume_of(pixels, read=read), Stack("middle"), "a.tif")
    assert read == [middle]
    np.testing.assert_array_equal(image, pixels[middle])


def test_projections_hold_one_plane_at_a_time():
    alive = []

    class Plane(np.ndarray):
        pass

    def plane(place):
        import gc
        import weakref

        gc.collect()
        alive.append(sum(one() is not None for one in references))
        fresh = np.full((4, 4, 1), place, dtype=np.uint8).view(Plane)
        references.append(weakref.ref(fresh))
        return fresh

    for mode in ("max", "mean"):
        references = []
        combined(Volume(20, plane), Stack(mode), "a.tif")
    assert max(alive) <= 2


def test_planes_can_be_channels():
    pixels = drawn(5, 4, 6, 1)
    image = combined(volume_of(pixels), Stack("channels"), "a.tif")
    np.testing.assert_array_equal(image, np.moveaxis(pixels[..., 0], 0, 2))


@pytest.mark.parametrize("stack", [None, *EVERY_MODE, Stack("every", 2)])
def test_a_single_plane_is_an_image_whatever_is_said(stack):
    pixels = drawn(1, 3, 4, 2)
    np.testing.assert_array_equal(combined(volume_of(pixels), stack, "a.tif"), pixels[0])


def test_several_planes_ask_for_the_key():
    volume = Volume(5, lambda place: drawn(3, 3, 1), ("5 slices",), "axes ZYX, shape (5, 3, 3)")
    with pytest.raises(UnreadableImageError) as caught:
        combined(volume, None, "x/a.tif")
    assert str(caught.value) == (
        "x/a.tif: a file must hold one image. Got 5 slices (axes ZYX, shape (5, 3, 3)). Write "
        "dataset.stack: {projection: max}, {projection: mean}, middle, all or {every: N}; if they "
        "are the channels of one image, write dataset.stack: channels."
    )


@pytest.mark.parametrize(
    ("pixels", "contents"), [(drawn(4, 3, 3, 3), ()), (drawn(4, 3, 3, 1), ("2 a", "2 b"))]
)
def test_what_cannot_be_channels_is_not_offered_as_such(pixels, contents):
    with pytest.raises(UnreadableImageError) as caught:
        combined(volume_of(pixels, *contents), None, "a.tif")
    assert "channels" not in str(caught.value)


def test_planes_with_channels_of_their_own_are_no_channels():
    with pytest.raises(UnreadableImageError, match=r"one channel each\. Got 4 planes"):
        combined(volume_of(drawn(4, 3, 3, 3)), Stack("channels"), "a.tif")


@pytest.mark.parametrize("stack", EVERY_MODE)
def test_planes_of_two_kinds_are_not_mixed(stack):
    volume = volume_of(drawn(6, 3, 3, 1), "2 points in time", "3 slices")
    with pytest.raises(UnreadableImageError, match=r"time x 3 slices\. Write dataset"):
        combined(volume, stack, "a.tif")


def test_a_file_whose_planes_are_images_is_not_one_image():
    with pytest.raises(UnreadableImageError, match=r"`stack: all` makes images.*a\.tif#0"):
        combined(volume_of(drawn(6, 3, 3, 1)), Stack("every", 1), "a.tif")


@pytest.mark.parametrize("mode", ["max", "mean", "channels"])
@pytest.mark.parametrize("other", [drawn(3, 4, 1), drawn(3, 3, 1, dtype="float32")])
def test_planes_of_different_size_or_type_are_an_error(mode, other):
    with pytest.raises(UnreadableImageError, match=r"one size and type.*in plane 1"):
        combined(volume_of([drawn(3, 3, 1), other]), Stack(mode), "a.tif")
