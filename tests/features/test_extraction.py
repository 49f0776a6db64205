"""Every image is computed once, in the same batches, and ends in the right row."""

import errno
import hashlib
import importlib.util
import itertools
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import threadpoolctl
from PIL import Image

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import ComponentError, StorageError, UnreadableImageError
from bioselect.features import batches as batches_module
from bioselect.features import cache as cache_module
from bioselect.features import missing_rows
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, iterate_features, transform_prepared
from bioselect.progress import SILENT, Reporter
from bioselect.registry import ComponentSpec
from bioselect.storage import explained_storage_errors

DTYPE = Reading(Intensity("dtype"), None)

#: Extractors as a user writes them, in a module beside the configuration.
MODULE = '''
import os
from pathlib import Path
import numpy as np

CALLS = []


class Means:
    """Mean of each channel, and the number of channels that it was given."""

    batch_size = 4

    def __init__(self, in_processes=True, size=None):
        self.in_processes = in_processes
        self.input_size = size
        self.writeable = []

    def transform(self, images):
        CALLS.append(len(images))
        self.writeable += [image.flags.writeable for image in images]
        rows = [[*image.mean(axis=(0, 1), dtype=np.float64), image.shape[2]] for image in images]
        return np.array(rows, dtype=np.float32)


class BatchDependent:
    """A row tells of the whole batch, and where in it the image was."""

    batch_size = 4
    in_processes = False
    input_size = (8, 8)

    def transform(self, images):
        total = np.float32(sum(image.sum(dtype=np.float64) for image in images))
        rows = [[image.mean(), total, place] for place, image in enumerate(images)]
        return np.array(rows, dtype=np.float32)


class Returning:
    """Returns what a test wants."""

    batch_size = 4

    def __init__(self, returned=None):
        self.returned = returned

    def transform(self, images):
        if self.returned == "list":
            return [[1.0]] * len(images)
        if self.returned == "int":
            return np.ones((len(images), 2), dtype=np.int64)
        if self.returned == "float64":
            return np.full((len(images), 2), 1 / 3)
        if self.returned == "missing row":
            return np.ones((len(images) + 1, 2), dtype=np.float32)
        if self.returned == "flat":
            return np.ones(len(images), dtype=np.float32)
        if self.returned == "no columns":
            return np.ones((len(images), 0), dtype=np.float32)
        if self.returned == "too large":
            return np.full((len(images), 2), 1e300)
        if self.returned == "nan":
            rows = np.ones((len(images), 2), dtype=np.float32)
            rows[-1, 1] = np.nan
            return rows
        if self.returned == "raises":
            raise KeyError("sigma")
        if self.returned == "raises on batches":
            if len(images) > 1:
                raise ValueError("only one")
            return np.ones((1, 2), dtype=np.float32)
        if self.returned == "writes":
            images[0][:] = 0
        if self.returned == "same array":
            if not hasattr(self, "buffer"):
                self.buffer = np.empty((len(images), 1), dtype=np.float32)
            self.buffer[:, 0] = [image.mean() for image in images]
            return self.buffer[: len(images)]
        return np.ones((len(images), 2), dtype=np.float32)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a configuration's folder with a module of extractors in it."""
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "drawn_extractors.py").write_text(MODULE)
    return folder


@pytest.fixture
def own(folder):
    """Return that module, and forget what it was called with."""
    spec = importlib.util.spec_from_file_location(
        "drawn_extractors", folder / "drawn_extractors.py"
    )
    module = sys.modules.get("drawn_extractors")
    if module is None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["drawn_extractors"] = module
        spec.loader.exec_module(module)
    module.CALLS.clear()
    return module


def draw(folder, n_images, n_channels=3, first=0, size=8):
    """Write random images; return pairs of path and digest of the pixels."""
    folder.mkdir(exist_ok=True)
    images = []
    for number in range(first, first + n_images):
        random = np.random.default_rng(number)
        pixels = random.integers(0, 256, (size, size, n_channels), dtype=np.uint8)
        path = folder / f"{number:03d}_{n_channels}.png"
        Image.fromarray(pixels[:, :, 0] if n_channels == 1 else pixels).save(path)
        images.append((path, hashlib.sha256(pixels.tobytes()).hexdigest()))
    return images


def expected_means(images):
    """Compute the means with Pillow and float64."""
    rows = []
    for path, _ in images:
        pixels = np.asarray(Image.open(path), dtype=np.float64)
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        rows.append([*pixels.mean(axis=(0, 1)) / 255, pixels.shape[2]])
    return np.array(rows)


def extract(folder, name, images, cache=None, n_jobs=1, reporter=SILENT, **params):
    extractor = getattr(sys.modules["drawn_extractors"], name)(**params)
    return extract_features(
        ComponentSpec.of(f"drawn_extractors:{name}", params),
        extractor,
        images,
        DTYPE,
        cache,
        reporter,
        n_jobs,
        folder,
    )


class Listener(Reporter):
    def __init__(self):
        self.warnings = []
        self.tasks = []

    def warn(self, text):
        self.warnings.append(text)

    def task(self, description, n_steps):
        self.tasks.append([description, n_steps, 0])
        return self

    def __enter__(self):
        return self

    def __exit__(self, *raised):
        return None

    def advance(self, n_steps=1):
        self.tasks[-1][2] += n_steps


@pytest.mark.parametrize("in_processes", [True, False])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_rows_are_right_in_order_and_for_any_number_of_jobs(
    folder, own, tmp_path, in_processes, n_jobs
):
    images = draw(tmp_path / "images", 11)
    images = [images[place] for place in (5, 0, 10, 5, 1, 2, 3, 4, 6, 7, 8, 9)]  # 5 twice
    rows = extract(folder, "Means", images, n_jobs=n_jobs, in_processes=in_processes)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, expected_means(images), rtol=1e-6)
    if n_jobs == 1 or not in_processes:
        assert own.CALLS == [4, 4, 3]


def test_without_images_or_cache_there_is_still_an_answer(folder, own, tmp_path):
    assert extract(folder, "Means", []).shape == (0, 0)
    assert extract(folder, "Means", [], FeatureCache(tmp_path)).shape == (0, 0)
    assert transform_prepared(own.Means(), [], DTYPE, []).shape == (0, 0)
    assert list(iterate_features(own.Means(), [], DTYPE, 1)) == []


@pytest.mark.parametrize("in_processes", [True, False])
def test_nothing_is_computed_twice(folder, own, tmp_path, in_processes):
    cache, listener = FeatureCache(tmp_path / "cache"), Listener()
    images = draw(tmp_path / "images", 6)

    def again(images, **params):
        own.CALLS.clear()
        return extract(
            folder, "Means", images, cache, 1, listener, in_processes=in_processes, **params
        )

    first = again(images)
    assert own.CALLS == [4, 2]
    np.testing.assert_array_equal(again(images), first)
    np.testing.assert_array_equal(again(images[::-1]), first[::-1])
    assert own.CALLS == []
    more = draw(tmp_path / "images", 3, first=100)
    mixed = again([more[0], *images, *more[1:]])
    assert own.CALLS == [3]
    np.testing.assert_array_equal(mixed[1:7], first)
    np.testing.assert_allclose(mixed[[0, 7, 8]], expected_means(more), rtol=1e-6)
    again(images, size=(4, 4))
    assert own.CALLS == [4, 2]
    label = "features: drawn_extractors:Means"
    steps = [(text.startswith(label), n_steps, done) for text, n_steps, done in listener.tasks]
    assert steps == [(True, 6, 6), (True, 3, 3), (True, 6, 6)]
    assert len(list((tmp_path / "cache").glob("*.h5"))) == 2


def test_images_cannot_be_written_into(folder, own, tmp_path):
    extractor = own.Means()
    native = np.zeros((4, 4, 3), dtype=np.float32)
    transform_prepared(extractor, [native], DTYPE, ["a"])
    assert extractor.writeable == [False]
    assert native.flags.writeable
    with pytest.raises(ComponentError, match=r"read-only .*000_3\.png"):
        extract(folder, "Returning", draw(tmp_path / "images", 1), returned="writes")


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        ("list", r"float32 \(n_images, n_features\)\. Got list \(.*000_3"),
        ("int", "Got dtype int64"),
        ("missing row", r"Got shape \(4, 2\) for 3 images"),
        ("flat", r"Got shape \(3,\) for 3 images"),
        ("no columns", r"Got shape \(3, 0\)"),
        ("too large", r"float32 can hold\. Got 1e\+300 as feature 0 of .*000_3"),
        ("nan", "finite .* Got nan as feature 1 of .*002_3"),
        ("raises", r"Got KeyError: 'sigma' \(.*000_3"),
        ("raises on batches", r"Got ValueError: only one \(3 images together"),
    ],
)
def test_what_does_not_keep_the_contract_is_named(folder, own, tmp_path, returned, words):
    images = draw(tmp_path / "images", 3)
    with pytest.raises(ComponentError, match=words) as raised:
        extract(folder, "Returning", images, returned=returned)
    assert str(raised.value).startswith("extractor 'drawn_extractors:Returning': ")
    assert "\n" not in str(raised.value)


def test_errors_come_back_from_other_processes(folder, own, tmp_path):
    images = draw(tmp_path / "images", 9)
    with pytest.raises(ComponentError, match=r"feature 1 of .*003_3\.png"):
        extract(folder, "Returning", images, n_jobs=2, returned="nan")
    images[8][0].write_bytes(b"no image")
    with pytest.raises(UnreadableImageError, match=r"008_3\.png"):
        extract(folder, "Means", images, n_jobs=2)


def test_classes_outside_modules_run_in_processes_and_what_cannot_travel_is_named(own, tmp_path):
    class Local:
        batch_size = 4
        held = None

        def transform(self, images):
            return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

    paths = [path for path, _ in draw(tmp_path / "images", 5)]
    here, there = (list(iterate_features(Local(), paths, DTYPE, n_jobs)) for n_jobs in (1, 2))
    np.testing.assert_array_equal(here[0][1], there[0][1])
    holder = Local()
    holder.held = threading.Lock()
    with pytest.raises(ComponentError, match="extractor 'Local': must be picklable"):
        list(iterate_features(holder, paths, DTYPE, 2))


def test_float64_is_rounded_and_an_array_that_is_used_again_is_copied(
    folder, own, tmp_path, monkeypatch
):
    images = draw(tmp_path / "images", 8)
    monkeypatch.setattr(batches_module, "IMAGES_BYTES", 2 * 8 * 8 * 3 * 4)  # two calls a batch
    rows = extract(folder, "Returning", images, returned="float64")
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows, np.float32(1 / 3))
    rows = extract(folder, "Returning", images, returned="same array")
    np.testing.assert_allclose(rows[:, 0], expected_means(images)[:, :3].mean(axis=1), rtol=1e-6)


@pytest.mark.parametrize(("batch_size", "input_size"), [(0, None), (4, (8,)), (4, (8.5, 8))])
def test_traits_that_make_no_sense_are_named(own, batch_size, input_size):
    extractor = own.Means(size=input_size)
    extractor.batch_size = batch_size
    with pytest.raises(ComponentError, match=r"extractor 'Means': .* must be"):
        transform_prepared(extractor, [np.zeros((4, 4, 3), np.uint8)], DTYPE, ["a"])


@pytest.mark.parametrize("where", ["in a batch", "in another batch", "in the cache"])
def test_rows_of_different_lengths_name_two_images(folder, own, tmp_path, where):
    colour, grey = draw(tmp_path / "images", 6), draw(tmp_path / "images", 1, 1, size=6)
    cache = FeatureCache(tmp_path / "cache")
    n_before = {"in a batch": 2, "in another batch": 4, "in the cache": 6}[where]
    images = [*colour[:n_before], *grey]
    if where == "in the cache":
        extract(folder, "Means", colour, cache)
    with pytest.raises(UnreadableImageError) as raised:
        extract(folder, "Means", images, cache)
    text = str(raised.value)
    assert "Got 4 features for" in text
    assert "000_3.png (3 channels, 8 x 8 px) and 2 for" in text
    assert "000_1.png (1 channel, 6 x 6 px)" in text
    assert "same number of channels" in text
    np.testing.assert_allclose(
        extract(folder, "Means", grey, cache), expected_means(grey), rtol=1e-6
    )


def test_a_bad_file_is_named_and_what_came_before_is_kept(folder, own, tmp_path):
    images = draw(tmp_path / "images", 10)
    good = images[9][0].read_bytes()
    images[9][0].write_bytes(good[:40])
    cache = FeatureCache(tmp_path / "cache")
    with pytest.raises(UnreadableImageError, match="009_3"):
        extract(folder, "Means", images, cache)
    images[9][0].write_bytes(good)
    own.CALLS.clear()
    rows = extract(folder, "Means", images, cache)
    assert own.CALLS == [2]  # the batches of four before it were kept
    np.testing.assert_allclose(rows, expected_means(images), rtol=1e-6)


def test_a_damaged_cache_is_mended(folder, own, tmp_path):
    images, listener = draw(tmp_path / "images", 5), Listener()
    cache = FeatureCache(tmp_path / "cache")
    first = extract(folder, "Means", images, cache)
    (path,) = cache.folder.glob("*.h5")
    sound = path.read_bytes()
    path.write_bytes(sound[:-1])
    own.CALLS.clear()
    np.testing.assert_array_equal(extract(folder, "Means", images, cache, 1, listener), first)
    assert own.CALLS == [4, 1]
    assert path.read_bytes() == sound
    assert len(listener.warnings) == 1


def test_a_full_disk_ends_the_run_and_the_next_one_goes_on(folder, own, tmp_path, monkeypatch):
    monkeypatch.setattr(missing_rows, "COMMIT_IMAGES", 4)
    images, cache = draw(tmp_path / "images", 10), FeatureCache(tmp_path / "cache")
    write, written = cache_module.write_rows, []

    def full_at_the_second(path, *arguments):
        written.append(path)
        if len(written) > 1:
            with explained_storage_errors(path):
                raise OSError(errno.ENOSPC, "No space left on device")
        write(path, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "write_rows", full_at_the_second)
        with pytest.raises(StorageError, match="disk is full"):
            extract(folder, "Means", images, cache)
    own.CALLS.clear()
    rows = extract(folder, "Means", images, cache)
    assert own.CALLS == [4, 2]
    np.testing.assert_allclose(rows, expected_means(images), rtol=1e-6)


@pytest.mark.parametrize(("in_processes", "n_threads"), [(True, {1}), (False, None)])
def test_descriptors_calculate_with_one_thread_and_networks_as_they_like(
    own, in_processes, n_threads
):
    class Counting(own.Means):
        def transform(self, images):
            self.n_threads = {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
            return super().transform(images)

    extractor = Counting(in_processes=in_processes)
    with threadpoolctl.threadpool_limits(2):
        before = {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
        transform_prepared(extractor, [np.zeros((4, 4, 3), np.uint8)], DTYPE, ["a"])
    assert before != {1}
    assert extractor.n_threads == (n_threads or before)


def test_parts_side_by_side_are_kept_one_by_one(folder, own, tmp_path):
    class Beside:
        part_specs = (
            ComponentSpec.of("drawn_extractors:Means"),
            ComponentSpec.of("drawn_extractors:BatchDependent"),
        )

        def __init__(self):
            self.parts = [own.Means(), own.BatchDependent()]

    images, cache = draw(tmp_path / "images", 6), FeatureCache(tmp_path / "cache")
    alone = extract(folder, "Means", images, cache)
    own.CALLS.clear()
    both = extract_features(
        ComponentSpec.of("concat"), Beside(), images, DTYPE, cache, SILENT, 1, folder
    )
    assert own.CALLS == []
    np.testing.assert_array_equal(both[:, :4], alone)
    np.testing.assert_array_equal(both[:, 4:], extract(folder, "BatchDependent", images))
    assert [entry.n_features for entry in cache.info()] == [3, 4]
    found = list(iterate_features(Beside(), [path for path, _ in images], DTYPE, 1))
    np.testing.assert_array_equal(np.vstack([rows for _, rows, _ in found]), both)
    assert [errors for _, _, errors in found] == [[""] * 4, [""] * 2]


def test_images_that_keep_their_size_are_not_gathered_without_bound(
    folder, own, tmp_path, monkeypatch
):
    images = draw(tmp_path / "images", 8)
    monkeypatch.setattr(batches_module, "IMAGES_BYTES", 2 * 8 * 8 * 3 * 4)  # two of them
    rows = extract(folder, "Means", images)
    assert own.CALLS == [2, 2, 2, 2]
    np.testing.assert_allclose(rows, expected_means(images), rtol=1e-6)
    own.CALLS.clear()
    extract(folder, "Means", images, size=(8, 8))
    assert own.CALLS == [4, 4]


# Prediction.


@pytest.mark.parametrize("name", ["Means", "BatchDependent"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_prediction_gives_the_rows_of_training(folder, own, tmp_path, name, n_jobs):
    images = draw(tmp_path / "images", 10)
    extractor = getattr(own, name)()
    found = list(iterate_features(extractor, (path for path, _ in images), DTYPE, n_jobs))
    assert [path for paths, _, _ in found for path in paths] == [path for path, _ in images]
    assert [error for _, _, errors in found for error in errors] == [""] * 10
    rows = np.vstack([rows for _, rows, _ in found])
    np.testing.assert_array_equal(rows, extract(folder, name, images))
    native = [np.asarray(Image.open(path)) for path, _ in images]
    where = [str(path) for path, _ in images]
    np.testing.assert_array_equal(transform_prepared(extractor, native, DTYPE, where), rows)


@pytest.mark.parametrize("in_processes", [True, False])
def test_a_bad_file_is_a_row_with_its_reason(own, tmp_path, in_processes):
    images = draw(tmp_path / "images", 9)
    paths = [path for path, _ in images]
    for place in (1, 4, 5, 6, 7):
        paths[place].write_bytes(b"no image")
    paths[8] = tmp_path / "gone.png"
    extractor = own.Means(in_processes=in_processes)
    found = list(iterate_features(extractor, paths, DTYPE, 1))
    assert [error != "" for _, _, errors in found for error in errors] == [
        place in (1, 4, 5, 6, 7, 8) for place in range(9)
    ]
    first, second, third = found
    assert "001_3.png" in first[2][1]
    good = [images[place] for place in (0, 2, 3)]
    np.testing.assert_allclose(first[1], expected_means(good), rtol=1e-6)
    assert second[1] is None
    assert third[1] is None
    assert own.CALLS == [3]


@pytest.mark.parametrize("in_processes", [True, False])
@pytest.mark.parametrize("images_per_call", [1, 100])
def test_rows_of_other_lengths_do_not_spoil_their_neighbours(
    own, tmp_path, monkeypatch, in_processes, images_per_call
):
    monkeypatch.setattr(batches_module, "IMAGES_BYTES", images_per_call * 8 * 8 * 4)
    colour, grey = draw(tmp_path / "images", 7), draw(tmp_path / "images", 1, 1)
    paths = [path for path, _ in [*colour[:2], *grey, *colour[2:]]]
    extractor = own.Means(in_processes=in_processes)
    found = list(iterate_features(extractor, paths, DTYPE, 1))
    assert [path for batch, _, _ in found for path in batch] == paths
    assert [(len(batch), rows.shape) for batch, rows, _ in found] == [
        (2, (2, 4)),
        (1, (1, 2)),
        (1, (1, 4)),
        (4, (4, 4)),
    ]
    assert not any(error for _, _, errors in found for error in errors)
    rows = np.vstack([rows for _, rows, _ in found if rows.shape[1] == 4])
    np.testing.assert_allclose(rows, expected_means(colour), rtol=1e-6)


def test_an_image_that_an_extractor_fails_on_is_a_row_with_its_reason(own, tmp_path):
    class Picky(own.Means):
        def transform(self, images):
            if any(image.shape[0] == 5 for image in images):
                raise ValueError("too small")
            return super().transform(images)

    paths = [path for path, _ in draw(tmp_path / "images", 3)]
    paths[1] = draw(tmp_path / "images", 1, first=50, size=5)[0][0]
    ((_, rows, errors),) = iterate_features(Picky(), paths, DTYPE, 1)
    assert rows.shape == (2, 4)
    assert [error != "" for error in errors] == [False, True, False]
    assert "too small" in errors[1]


@pytest.mark.parametrize("in_processes", [True, False])
def test_paths_are_taken_as_they_are_needed(own, tmp_path, in_processes):
    ((path, _),) = draw(tmp_path / "images", 1)
    taken = itertools.count()
    paths = (path for _ in taken)  # has no end
    found = iterate_features(own.Means(in_processes=in_processes), paths, DTYPE, 1)
    for _ in range(3):
        batch, rows, _ = next(found)
        assert (len(batch), rows.shape) == (4, (4, 4))
    found.close()
    assert next(taken) <= 4 * 20


# Kills and other processes.

RUN = """
import itertools, os, signal, sys
from pathlib import Path
import numpy as np
place, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
sys.path.insert(0, str(folder.parent))
import drawn_extractors
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.features import cache, missing_rows, row_files
from bioselect.features.extraction import extract_features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.storage import explained_storage_errors
import h5py

missing_rows.COMMIT_IMAGES = 8
row_files.ROWS_BYTES = 3 * 4 * 5

def killing(owner, name, after=False):
    original, calls = getattr(owner, name), itertools.count(1)
    def wrapped(*arguments, **named):
        last = next(calls) == count
        if last and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = original(*arguments, **named)
        if last:
            for argument in arguments:
                if isinstance(argument, h5py.Dataset):
                    argument.file.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        return result
    setattr(owner, name, wrapped)

if place == "write":
    killing(h5py.Dataset, "__setitem__", after=True)
elif place == "rename":
    killing(os, "replace")
elif place == "renamed":
    killing(os, "replace", after=True)
elif place == "remove":
    killing(Path, "unlink")
elif place == "compute":
    killing(drawn_extractors.BatchDependent, "transform")
images = [tuple(line.split(" ", 1)) for line in (folder / "images.txt").read_text().splitlines()]
images = [(Path(path), digest) for digest, path in images]
spec = ComponentSpec.of("drawn_extractors:BatchDependent")
print("ready", flush=True)
if place == "wait":
    sys.stdin.readline()
rows = extract_features(
    spec, drawn_extractors.BatchDependent(), images, Reading(Intensity("dtype"), None),
    cache.FeatureCache(Path(sys.argv[4])), SILENT, 2, folder.parent,
)
np.save(sys.argv[4] + ".npy", rows)
"""


@pytest.fixture
def listed(folder, tmp_path):
    """Return the folder of 26 images with a list of them; the module lies in its parent."""
    (tmp_path / "drawn_extractors.py").write_text(MODULE)
    images = draw(tmp_path / "images", 26)
    lines = [f"{digest} {path}" for path, digest in images]
    (tmp_path / "images" / "images.txt").write_text("\n".join(lines))
    return tmp_path / "images"


def start(place, count, images, cache):
    command = [sys.executable, "-W", "error::UserWarning", "-c", RUN]
    command += [place, str(count), str(images), str(cache)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(place, count, images, cache):
    process = start(place, count, images, cache)
    process.communicate(timeout=120)
    return process.returncode


def result(cache):
    (path,) = cache.glob("drawn_extractors*.h5")
    assert not list(cache.rglob("*.damaged"))
    assert not [one for one in cache.glob("*.parts/*") if not one.name.startswith(".")]
    return path.name, path.read_bytes(), np.load(f"{cache}.npy")


def assert_same_result(one, other):
    assert one[:2] == other[:2]
    np.testing.assert_array_equal(one[2], other[2])


@pytest.fixture
def undisturbed(listed, tmp_path):
    assert run("nowhere", 0, listed, tmp_path / "undisturbed") == 0
    return result(tmp_path / "undisturbed")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kills_at_every_step_leave_the_bytes_of_an_undisturbed_run(listed, tmp_path, undisturbed):
    cache = tmp_path / "disturbed"
    # 26 images in parts of 8, 8, 8 and 2; blocks of 5 rows when they are merged.
    steps = [
        ("write", 1),  # inside the first part
        ("compute", 4),  # the first part is there, the second half done
        ("rename", 1),  # the second part written but not in its place
        ("renamed", 1),  # the second part in its place, nothing else done
        ("compute", 2),
        ("write", 5),  # parts three and four are there; inside the second block of the merged file
        ("rename", 1),  # the merged file written but not in its place
        ("renamed", 1),  # the merged file in its place, the parts still there
        ("remove", 4),  # some of the parts removed
    ]
    for place, count in steps:
        assert run(place, count, listed, cache) == -signal.SIGKILL, (place, count)
        assert not Path(f"{cache}.npy").exists()
    assert run("nowhere", 0, listed, cache) == 0
    assert_same_result(result(cache), undisturbed)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.slow
def test_kills_at_any_moment_leave_the_bytes_of_an_undisturbed_run(listed, tmp_path, undisturbed):
    random = np.random.default_rng(0)
    for number in range(20):
        cache = tmp_path / f"disturbed-{number}"
        for _ in range(3):
            process = start("nowhere", 0, listed, cache)
            process.stdout.readline()
            try:
                process.communicate(timeout=random.uniform(0, 0.25))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
        assert run("nowhere", 0, listed, cache) == 0
        assert_same_result(result(cache), undisturbed)


def test_two_processes_with_the_same_work_both_end_right(listed, tmp_path, undisturbed):
    cache = tmp_path / "shared"
    processes = [start("wait", 0, listed, cache) for _ in range(2)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    rows = []
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
        rows.append(np.load(f"{cache}.npy"))
    assert_same_result(result(cache), undisturbed)


def test_a_part_is_kept_as_soon_as_it_is_whole(folder, own, tmp_path, monkeypatch):
    monkeypatch.setattr(missing_rows, "COMMIT_IMAGES", 6)  # becomes 8, two batches of 4
    images, cache = draw(tmp_path / "images", 13), FeatureCache(tmp_path / "cache")
    kept = []

    class Watching(Listener):
        def advance(self, n_steps=1):
            kept.append(sum(entry.n_images for entry in cache.info()))

    extract(folder, "Means", images, cache, 1, Watching())
    assert kept == [0, 8, 8, 8]
    assert [entry.n_images for entry in cache.info()] == [13]
