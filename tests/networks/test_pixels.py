import numpy as np

from bioselect.networks.pixels import ArrayPixels


def test_some_images_are_given_in_the_order_asked_for():
    images = np.arange(4 * 2 * 3 * 1, dtype=np.float32).reshape(4, 2, 3, 1) / 24
    pixels = ArrayPixels(images)
    assert (len(pixels), pixels.shape) == (4, (2, 3, 1))
    assert np.array_equal(pixels.batch(np.array([3, 1])), images[[3, 1]])


def test_an_array_on_the_disk_is_read_and_never_written(tmp_path):
    images = np.memmap(tmp_path / "images", np.float32, "w+", shape=(3, 4, 4, 2))
    images[:] = 0.25
    images.flush()
    stored = np.memmap(tmp_path / "images", np.float32, "r", shape=(3, 4, 4, 2))
    batch = ArrayPixels(stored).batch(np.array([0, 2]))
    batch += 1
    assert float(stored.max()) == 0.25
