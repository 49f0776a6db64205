import numpy as np
import pytest

from bioselect.data.arrays import npz_image, npz_splits, open_npy
from bioselect.exceptions import UnreadableImageError


def _save(tmp_path, values, name="a.npy"):
    path = tmp_path / name
    np.save(path, values)
    return path


def _planes(path):
    volume = open_npy(path)
    planes = [volume.plane(place) for place in range(volume.n_planes)]
    for plane in planes:
        assert plane.ndim == 3
        assert plane.flags.c_contiguous
        assert plane.flags.owndata  # no window on the file
        assert plane.dtype.isnative
    return planes


@pytest.mark.parametrize(
    ("shape", "n_images", "image_shape"),
    [
        ((7, 9), 1, (7, 9, 1)),
        ((7, 9, 1), 1, (7, 9, 1)),
        ((1, 9, 1), 1, (1, 9, 1)),
        ((7, 9, 3), 1, (7, 9, 3)),
        ((5, 5, 4), 1, (5, 5, 4)),
        ((7, 9, 2), 1, (7, 9, 2)),
        ((1, 7, 9), 1, (7, 9, 1)),
        ((20, 7, 9), 20, (7, 9, 1)),
        ((1797, 8, 8), 1797, (8, 8, 1)),  # scikit-learn's digits
        ((5, 64, 64), 5, (64, 64, 1)),
        ((64, 64, 64), 64, (64, 64, 1)),
        ((64, 60, 31), 64, (60, 31, 1)),
        ((1, 64, 20), 1, (64, 20, 1)),
        ((20, 28, 28), 20, (28, 28, 1)),
        ((2, 7, 9, 3), 2, (7, 9, 3)),
        ((2, 70, 90, 16), 2, (70, 90, 16)),
        ((1, 64, 64, 5), 1, (64, 64, 5)),
        ((3, 7, 9, 1), 3, (7, 9, 1)),
    ],
)
def test_shapes_that_say_what_they_are(tmp_path, shape, n_images, image_shape):
    values = np.arange(np.prod(shape), dtype=np.int32).reshape(shape)
    planes = _planes(_save(tmp_path, values))
    assert len(planes) == n_images
    assert {plane.shape for plane in planes} == {image_shape}
    # The order of numbers is that of the file, whatever the axes are called.
    np.testing.assert_array_equal(np.concatenate([p.ravel() for p in planes]), values.ravel())


@pytest.mark.parametrize(
    "shape",
    [
        (3, 64, 64),  # three channels, or three images
        (64, 64, 5),  # five channels, or 64 images of 64 x 5
        (64, 64, 20),  # twenty channels or slices, or 64 images of 64 x 20
        (64, 60, 30),
        (64, 64, 100),
        (28, 28, 1000),  # a thousand images of 28 x 28, the images last
        (3, 7, 4),
        (2, 3, 4),
        (10, 3, 64, 64),  # channels before rows
        (10, 3, 16, 16),
        (10, 40, 64, 64),  # volumes
        (9,),
        (),
        (2, 2, 5, 5, 3),
    ],
)
def test_shapes_that_may_mean_two_things_are_an_error_that_asks(tmp_path, shape):
    path = _save(tmp_path, np.zeros(shape, np.uint8))
    with pytest.raises(UnreadableImageError) as caught:
        open_npy(path)
    assert str(caught.value) == (
        f"{path}: its shape {shape} does not say what its axes are. Save one image as (height, "
        "width) or (1, height, width, channels), and several as (images, height, width, channels) "
        "with at most 16 channels."
    )


@pytest.mark.parametrize(
    "dtype", ["uint8", "uint16", "int16", "int64", "float32", "float64", ">u2", ">f4"]
)
@pytest.mark.parametrize("order", ["C", "F"])
def test_types_and_orders_of_memory_keep_the_values(tmp_path, dtype, order):
    values = np.asarray(np.arange(6 * 7 * 3).reshape(6, 7, 3), dtype=dtype, order=order)
    (plane,) = _planes(_save(tmp_path, values))
    assert plane.dtype == np.dtype(dtype).newbyteorder("=")
    np.testing.assert_array_equal(plane, values)


def test_truth_values_become_black_and_white(tmp_path):
    (plane,) = _planes(_save(tmp_path, np.array([[True, False]])))
    assert plane.dtype == np.uint8
    assert plane.ravel().tolist() == [255, 0]


def test_planes_are_told_in_words_and_are_copies(tmp_path):
    path = _save(tmp_path, np.zeros((20, 7, 9), np.uint8))
    volume = open_npy(path)
    assert volume.in_words() == "20 images (shape (20, 7, 9))"
    volume.plane(3)[:] = 1
    assert volume.plane(3).max() == 0
    with pytest.raises(UnreadableImageError, match=r"numbered from 0 to 19. Got 20"):
        volume.plane(20)


def test_nothing_is_unpickled(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.array([[{}, 1]], dtype=object), allow_pickle=True)
    with pytest.raises(UnreadableImageError, match=r"holds Python objects, which are not opened"):
        open_npy(path)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.zeros((5, 5), complex), r"must be integers, floats or truth values. Got complex128"),
        (np.full((5, 5), "x"), r"Got <U1"),
        (np.zeros((5, 5), [("a", "u1")]), r"Got \[\('a', 'u1'\)\]"),
        (np.zeros((0, 5), np.uint8), r"it has no pixels \(shape \(0, 5\)\)"),
    ],
)
def test_what_is_no_image_is_an_error(tmp_path, values, message):
    with pytest.raises(UnreadableImageError, match=message):
        open_npy(_save(tmp_path, values))


def test_a_file_that_is_cut_short_is_an_error(tmp_path):
    path = _save(tmp_path, np.zeros((20, 30), np.uint8))
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short .* Copy it again"):
        open_npy(path)
    path.write_bytes(b"\x93NUMPY\x01")
    with pytest.raises(UnreadableImageError, match=r"is damaged or cut short"):
        open_npy(path)
    with pytest.raises(UnreadableImageError, match=r"there is no such file"):
        open_npy(tmp_path / "gone.npy")


# .npz

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (5, 28, 28), dtype=np.uint8)
COLOUR = RANDOM.integers(0, 256, (3, 28, 28, 3), dtype=np.uint8)


@pytest.fixture(params=[np.savez, np.savez_compressed], ids=["stored", "compressed"])
def npz(tmp_path, request):
    """Return a file in the form of MedMNIST."""
    path = tmp_path / "set.npz"
    request.param(
        path,
        test_images=COLOUR,
        test_labels=np.zeros((3, 1), np.uint8),
        extra_images=GREY[:1],
        train_images=GREY,
        train_labels=np.zeros((5, 1), np.uint8),
        val_images=GREY[:2],
    )
    return path


def test_the_splits_of_a_file_in_the_official_order(npz):
    assert list(npz_splits(npz).items()) == [("train", 5), ("val", 2), ("test", 3), ("extra", 1)]


def test_images_of_a_split_by_number(npz):
    image = npz_image(npz, "train", 4)
    assert image.shape == (28, 28, 1)
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image[:, :, 0], GREY[4])
    np.testing.assert_array_equal(npz_image(npz, "test", 1), COLOUR[1])
    with pytest.raises(UnreadableImageError, match=r"numbered from 0 to 4. Got 5"):
        npz_image(npz, "train", 5)
    with pytest.raises(UnreadableImageError, match=r"has no array other_images. List the images"):
        npz_image(npz, "other", 0)


def test_a_file_of_another_form_is_an_error_that_tells_what_it_holds(tmp_path):
    path = tmp_path / "mnist.npz"
    np.savez(path, x_train=GREY, y_train=np.zeros(5))
    with pytest.raises(UnreadableImageError) as caught:
        npz_splits(path)
    assert str(caught.value) == (
        f"{path}: an .npz of images must hold arrays named train_images and train_labels (likewise "
        "val and test, as in MedMNIST). Got x_train, y_train. Rename the arrays."
    )


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((2, 28, 28, 28), np.uint8), r"Got shape \(2, 28, 28, 28\). Save volumes as pl"),
        (np.zeros((2, 28), np.uint8), r"Got shape \(2, 28\)"),
        (np.zeros((0, 28, 28), np.uint8), r"Got shape \(0, 28, 28\)"),
        (np.zeros((2, 28, 28), complex), r"Got complex128"),
    ],
)
def test_arrays_that_are_no_images_are_an_error(tmp_path, images, message):
    path = tmp_path / "set.npz"
    np.savez(path, train_images=images)
    with pytest.raises(UnreadableImageError, match=message):
        npz_splits(path)
