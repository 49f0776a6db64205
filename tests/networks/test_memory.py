import os
import subprocess
import sys

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


LIMITED = """
import resource, sys
sys.path.insert(0, {tests!r})
from conftest import draw_pixels, make_classifier, make_task

pixels, classes = draw_pixels(8)
make_classifier().fit(pixels, make_task(classes, 2))
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (600 << 20),) * 2)
pixels, classes = draw_pixels(64, shape=(192, 192, 3))
make_classifier(filters=32, batch_size=64).fit(pixels, make_task(classes, 2))
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited on Linux")
def test_a_training_that_is_too_large_ends_in_one_line():
    code = LIMITED.format(tests=os.path.dirname(__file__))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("bioselect.exceptions.UnavailableError: small_cnn: memory ran out with")
    assert line.endswith("Try params: {batch_size: 32}.")
