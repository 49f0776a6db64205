import numpy as np
import pytest

from bioselect.exceptions import UnavailableError
from bioselect.networks.memory import explained_memory_errors


def raised(batch_size, error):
    with (
        pytest.raises(UnavailableError) as caught,
        explained_memory_errors("resnet18", batch_size, (224, 200, 3)),
    ):
        raise error
    return str(caught.value)


def test_the_batch_size_to_try_is_named():
    import tensorflow

    error = tensorflow.errors.ResourceExhaustedError(None, None, "OOM when allocating\ntensor")
    text = raised(64, error)
    assert "memory ran out with batches of 64 images of 224 x 200 x 3" in text
    assert "Try params: {batch_size: 32}." in text
    assert "\n" not in text


def test_a_single_image_can_only_be_made_smaller():
    assert "input_size: [112, 100]" in raised(1, MemoryError())


def test_memory_that_really_runs_out_is_explained():
    with (
        pytest.raises(UnavailableError, match="batch_size: 8"),
        explained_memory_errors("resnet18", 16, (224, 224, 3)),
    ):
        np.empty(1 << 58, dtype=np.float64)


def test_other_errors_are_left_alone():
    with pytest.raises(ValueError, match="other"), explained_memory_errors("x", 1, (1, 1, 1)):
        raise ValueError("other")
