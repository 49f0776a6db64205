"""One image a request, one thread a request: the same bits on any number of cores."""

import threading

import numpy as np
import pytest

from bioselect.backbones import openvino_runner
from bioselect.backbones.compiled_files import GRAPH_FILE, WEIGHTS_FILE
from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.engines import processor_has_bf16
from bioselect.backbones.inference import Backbone
from bioselect.backbones.openvino_runner import OpenVinoRunner

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SHAPE = (96, 96, 3)


def draw(n_images, seed=0):
    return np.random.default_rng(seed).random((n_images, *SHAPE)).astype(np.float32)


@pytest.fixture(scope="module")
def files():
    # Compiled here or by a test before.
    made = Backbone("mobilenet_v2", "none", alpha=0.35, input_size=96)
    made.load()
    return tuple(made.network.files.read(name) for name in (GRAPH_FILE, WEIGHTS_FILE))


@pytest.fixture(scope="module")
def runner(files):
    return OpenVinoRunner(*files, SHAPE, "f32")


@pytest.fixture(scope="module")
def rows(runner):
    return runner.rows(draw(9), "tf")


def test_a_row_does_not_depend_on_what_lies_beside_its_image(runner, rows):
    images = draw(9)
    np.testing.assert_array_equal(runner.rows(images[::-1], "tf")[::-1], rows)
    np.testing.assert_array_equal(runner.rows(images[4:5], "tf")[0], rows[4])
    assert runner.rows(images[:0], "tf").shape == (0, 1280)


@pytest.mark.parametrize("n_jobs", [1, 2, 3, 100])
def test_the_rows_do_not_depend_on_jobs(runner, rows, n_jobs):
    np.testing.assert_array_equal(runner.rows(draw(9), "tf", n_jobs), rows)


@pytest.mark.parametrize("n_cores", [1, 2, 4])
def test_the_rows_do_not_depend_on_the_machine(files, rows, monkeypatch, n_cores):
    monkeypatch.setattr(openvino_runner, "resolve_jobs", lambda jobs: n_cores)
    np.testing.assert_array_equal(OpenVinoRunner(*files, SHAPE, "f32").rows(draw(9), "tf"), rows)


def test_never_two_threads_for_one_image(files, monkeypatch):
    """Were a stream given two threads, the runner would fall back to one stream of one."""
    properties = openvino_runner._properties

    def greedy(precision, n_streams):
        given = {**properties(precision, n_streams)}
        return {**given, "NUM_STREAMS": 1} if n_streams > 1 else given

    monkeypatch.setattr(openvino_runner, "resolve_jobs", lambda jobs: 2)
    monkeypatch.setattr(openvino_runner, "_properties", greedy)
    runner = OpenVinoRunner(*files, SHAPE, "f32")
    assert runner.n_streams == 1
    assert int(runner._compiled.get_property("INFERENCE_NUM_THREADS")) == 1


def test_so_many_requests_as_jobs(runner, monkeypatch):
    under_way, most = [0], [0]
    lock = threading.Lock()

    class Counting:
        def __init__(self, queue):
            self.queue = queue

        def set_callback(self, keep):
            def counted(request, place):
                with lock:
                    under_way[0] -= 1
                keep(request, place)

            self.queue.set_callback(counted)

        def start_async(self, userdata):
            with lock:
                under_way[0] += 1
                most[0] = max(most[0], under_way[0])
            self.queue.start_async(userdata=userdata)

        def __getitem__(self, number):
            return self.queue[number]

        def __getattr__(self, name):
            return getattr(self.queue, name)

    whole = OpenVinoRunner._queue
    monkeypatch.setattr(OpenVinoRunner, "_queue", lambda self, n: Counting(whole(self, n)))
    runner.rows(draw(9), "tf", 1)
    assert most[0] == 1


def test_images_are_left_as_they_are_and_of_the_right_shape(runner):
    images = draw(2)
    images.flags.writeable = False
    before = images.copy()
    runner.rows(images, "tf")
    np.testing.assert_array_equal(images, before)
    with pytest.raises(ValueError, match=r"must have the shape \(96, 96, 3\)\. Got \(96, 96, 1\)"):
        runner.rows(images[..., :1], "tf")


def test_f32_is_said_and_bf16_only_when_asked(files, runner, rows):
    assert runner._compiled.get_property("INFERENCE_PRECISION_HINT").to_string() == "f32"
    if not processor_has_bf16():
        pytest.skip("this processor has no bfloat16")
    coarse = OpenVinoRunner(*files, SHAPE, "bf16").rows(draw(9), "tf")
    # bfloat16 has 8 bits of mantissa: steps of 2**-8 in every product.
    assert 1e-4 < relative_difference(coarse, rows) < 0.5
