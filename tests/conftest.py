"""Small drawn images and configurations that many tests share."""
# ruff: noqa: E402 - libraries read the environment when they are imported.

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
#: Threads of several tests on few cores mostly wait for one another: to learn a vocabulary takes
#: ten times as long. Where the number of threads is tested, `several_threads` asks for two.
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
for _name in THREADS:
    os.environ.setdefault(_name, "1")

import gc
import shutil
import signal
import textwrap
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Started in the background of a shell: commands that the tests start would ignore Ctrl-C, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish():
    """Leave what has been imported and collected out of every later search for unreachable objects.

    It stays until the end: TensorFlow and eleven thousand tests are 740,000 objects, and each
    search (whoever trains networks asks for them) took half a second to look at those.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """Leave files of tests in the system's memory: a small study waits for the disk 60 times.

    What a test sees of a file is the same. A handle that is no open file is an error as before.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: os.fstat(handle) and None)
        yield


@pytest.fixture(scope="session", autouse=True)
def cache_of_compiled_networks(tmp_path_factory):
    """Keep compiled networks in a folder of this run of the tests, and not in the user's own."""
    folder = tmp_path_factory.mktemp("compiled")
    before = os.environ.get("BIOSELECT_CACHE")
    os.environ["BIOSELECT_CACHE"] = str(folder)
    yield folder
    os.environ.pop("BIOSELECT_CACHE")
    if before is not None:
        os.environ["BIOSELECT_CACHE"] = before
    shutil.rmtree(folder)


@pytest.fixture
def several_threads(monkeypatch):
    """Let libraries use two threads, as they would: what takes one only must see to it itself."""
    from threadpoolctl import threadpool_info, threadpool_limits

    from bioselect.execution import one_thread

    with one_thread():
        pass  # loads the libraries that are limited below
    for name in THREADS:
        monkeypatch.setenv(name, "2")
    with threadpool_limits(2):
        assert {pool["num_threads"] for pool in threadpool_info()} == {2}
        yield


N_PER_CLASS = 12
CLASS_NAMES = ("bars", "dots", "smooth")


def draw_image(class_name, random, size=24):
    """Draw uint8 (size, size, 3): bars, dots or nothing, under noise that hides some of it."""
    rows, columns = np.mgrid[:size, :size]
    pattern = {
        "bars": np.sin(columns * 1.3),
        "dots": np.sin(columns * 1.3) * np.sin(rows * 1.3),
        "smooth": np.zeros((size, size)),
    }[class_name]
    grey = 120 + 25 * pattern + random.normal(scale=22, size=(size, size))
    return np.clip(np.stack([grey, grey * 0.9, grey * 0.8], axis=2), 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def drawn_images(tmp_path_factory):
    """Return a folder with one folder per class, 12 PNG files of 24 px each."""
    folder = tmp_path_factory.mktemp("drawn") / "images"
    random = np.random.default_rng(7)
    for class_name in CLASS_NAMES:
        (folder / class_name).mkdir(parents=True)
        for number in range(N_PER_CLASS):
            image = Image.fromarray(draw_image(class_name, random))
            image.save(folder / class_name / f"{number:02d}.png")
    return folder


@pytest.fixture
def write_config(tmp_path, drawn_images):
    """Return a function that writes a configuration for the drawn images and returns its path."""

    def write(
        extractors="[intensity, lbp]",
        classifiers="[lda, knn]",
        dataset="",
        rest="",
        name="config.yaml",
        output="run",
        path=drawn_images,
        validation="{folds: 3, repeats: 2}",
    ):
        text = f"""\
dataset:
  path: {Path(path).as_posix()}
{textwrap.indent(dataset, "  ")}
extractors: {extractors}
classifiers: {classifiers}
validation: {validation}
output: {output}
{rest}
"""
        if "report:" not in text:
            # What a report shows takes half as long again as such a study; few tests look at it.
            kinds = ("pictures", "explanations", "learning_curve", "map")
            text += f"report: {{{', '.join(f'{kind}: false' for kind in kinds)}}}\n"
        config = tmp_path / name
        config.write_text(text, encoding="utf-8")
        return config

    return write


#: Without them Chromium asks the network for things of its own.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    """Return Chromium, for tests that are marked `browser`: one for all, as Playwright wants it."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs bioselect[browser]")
    names = (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    program = next((found for name in names if name and (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("needs Chromium (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        yield opened
        opened.close()
