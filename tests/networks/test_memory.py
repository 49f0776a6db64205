import os
import subprocess
import sys

import numpy as np
import pytest

from bioselect.exceptions import UnavailableError
from bioselect.networks.memory import explained_memory_errors
from bioselect.networks.pixels import ArrayPixels


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


def test_a_network_that_cannot_even_be_built_is_told(tiny, monkeypatch):
    def too_large(design):
        np.empty(1 << 58, dtype=np.float64)

    monkeypatch.setattr("bioselect.networks.classifier.assemble", too_large)
    pixels, classes = tiny.pixels()
    with pytest.raises(
        UnavailableError, match=r"^small_cnn: memory .* built.* smaller network, or"
    ):
        tiny.classifier().fit(pixels, tiny.task(classes))


class TooMany(ArrayPixels):
    """Images of which no more than some can be had at once."""

    most = 4

    def batch(self, places):
        if len(places) > self.most:
            raise MemoryError
        return super().batch(places)


def test_validation_and_prediction_keep_to_the_batch_size_and_name_another(tiny, trained):
    pixels, task = TooMany(trained.pixels.images), trained.task
    for batch_size, advice in ((12, "batch_size: 6"), (5, "batch_size: 2")):
        network = tiny.classifier(batch_size=batch_size, epochs=1)
        with pytest.raises(UnavailableError, match=advice):
            network.fit(pixels, task)
        before = network.fit(trained.pixels, task)
        with pytest.raises(UnavailableError, match=f"small_cnn: .* {batch_size} images.*{advice}"):
            before.predict_proba(pixels, np.arange(20))
    small = tiny.classifier(batch_size=4, epochs=1).fit(pixels, task)
    assert small.predict_proba(pixels, np.arange(20)).shape == (20, 2)


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
