"""What a package is given stands for what the model is given."""

import numpy as np
import pytest

from bioselect.bundle.export.bioimageio_contents import _test_images
from bioselect.bundle.export.bioimageio_package import _refusals_told
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import BundleError, ComponentError

SHAPE, PERCENTILE = (12, 10, 3), Intensity("percentile")


def test_percentiles_of_a_grey_image_are_those_of_its_copies():
    for native, given in _test_images(Reading(PERCENTILE), SHAPE, (30, 30, 1), "uint16"):
        assert given.shape == (1, *SHAPE)
        assert np.percentile(native, (0.1, 99.9)).tolist() == (
            np.percentile(given, (0.1, 99.9)).tolist()
        )


def test_percentiles_of_channels_that_are_not_given_are_refused():
    reading = Reading(PERCENTILE, (2, 0, 4))
    with pytest.raises(ComponentError, match=r"over all 5 channels .* package takes 2, 0, 4\."):
        _test_images(reading, SHAPE, (30, 30, 5), "uint16")
    _test_images(Reading(PERCENTILE, (2, 0, 1)), SHAPE, (30, 30, 3), "uint16")
    _test_images(Reading(Intensity("dtype"), (2, 0, 4)), SHAPE, (30, 30, 5), "uint16")


def test_what_the_libraries_of_the_zoo_raise_is_one_line():
    told = r"It says: ValueError: 2 wrong things The file is not"
    with pytest.raises(BundleError, match=told), _refusals_told():
        raise ValueError("2 wrong\n things")
