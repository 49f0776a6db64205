import numpy as np
import pytest

from bioselect.data.file_scene import file_scene
from bioselect.data.intensities import Intensity
from bioselect.data.pairs import WHOLE
from bioselect.data.preparation import Reading, prepare
from bioselect.exceptions import UnreadableImageError

IMAGE = np.random.default_rng(0).integers(0, 4096, (9, 7, 3)).astype(np.uint16)


@pytest.mark.parametrize("intensity", [Intensity("percentile"), Intensity("range", 100, 3000)])
@pytest.mark.parametrize("channels", [None, (2, 0, 1), (1,)])
def test_windows_are_parts_of_the_prepared_image(intensity, channels):
    reading = Reading(intensity, channels)
    scene = file_scene(IMAGE, reading, 3, "a.tif")
    whole = prepare(IMAGE, reading, None, 3, "a.tif")
    assert scene.shape == whole.shape
    assert np.array_equal(scene.window(slice(2, 5), slice(1, 4)), whole[2:5, 1:4])
    assert np.array_equal(scene.window(WHOLE, WHOLE), whole)


def test_unscaled_are_the_values_of_the_file():
    scene = file_scene(IMAGE, Reading(Intensity("percentile"), (2, 0)), 2, "a.tif").unscaled
    assert np.array_equal(scene.window(slice(3, 4), WHOLE), IMAGE[3:4][..., [2, 0]])
    assert scene.shape == (9, 7, 2)


def test_grey_is_repeated():
    scene = file_scene(IMAGE[..., :1], Reading(Intensity("dtype")), 3, "a.tif")
    window = scene.window(WHOLE, WHOLE)
    assert window.shape == (9, 7, 3)
    assert (window == window[..., :1]).all()


@pytest.mark.parametrize(
    ("channels", "n_channels", "words"),
    [(None, 1, "must have 1 channel, "), (None, 4, "4 channels"), ((0, 3), 2, "channel 3 ")],
)
def test_other_channels_are_an_error_that_names_the_image(channels, n_channels, words):
    with pytest.raises(UnreadableImageError, match=f"^a.tif: .*{words}.*Got 3 channels"):
        file_scene(IMAGE, Reading(Intensity("dtype"), channels), n_channels, "a.tif")
