"""Every image is read once for all extractors, and each extractor's rows are those of it alone."""

import importlib.util
import pickle
import signal
import subprocess
import sys
import threading
import weakref
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import BioselectError, StorageError, UnreadableImageError
from bioselect.features import missing_rows, one_pass, packages
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, extraction_tasks
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.features.packages import Package, compute_package, prepare_for
from bioselect.features.packing import packed
from bioselect.features.transforming import flat_parts
from bioselect.progress import SILENT, Reporter
from bioselect.registry import ComponentSpec
from bioselect.storage import explained_storage_errors

DTYPE = Reading(Intensity("dtype"), None)

#: Extractors as a user writes them. Every process that imports them notes which files it reads.
MODULE = '''
import os
from pathlib import Path
import numpy as np
from bioselect.features import packages
from bioselect.features.deep import NetworkFeatures

FOLDER = Path(__file__).parent
CALLS = []
_read = packages.read_source


def noting(source, stack=None):
    with (FOLDER / "read.txt").open("a") as file:
        file.write(f"{Path(source).name}\\n")
    return _read(source, stack)


packages.read_source = noting


class Dependent:
    """A row tells of the whole batch, and where in it the image was; batches of 4."""

    batch_size = 4

    def __init__(self, size=None):
        self.input_size = size

    def transform(self, images):
        CALLS.append((type(self).__name__, len(images)))
        assert not any(image.flags.writeable for image in images)
        total = np.float32(sum(image.sum(dtype=np.float64) for image in images))
        rows = [[image.mean(), total, place] for place, image in enumerate(images)]
        return np.array(rows, dtype=np.float32)


class InFives(Dependent):
    batch_size = 5


class Here(Dependent):
    """Stays in this process, as a network does."""

    batch_size = 8
    in_processes = False

    def __init__(self, size=(6, 6)):
        self.input_size = size


class Failing(Dependent):
    """Fails on one image, which it knows by its first pixel."""

    def __init__(self, pixel=-1.0, size=None):
        super().__init__(size)
        self.pixel = pixel

    def transform(self, images):
        for image in images:
            if abs(float(image[0, 0, 0]) - self.pixel) < 1e-6:
                raise RuntimeError("not this one")
        return super().transform(images)


class Crashing(Dependent):
    def transform(self, images):
        os._exit(1)


class Wider(Dependent):
    """The second batch has longer rows."""

    def transform(self, images):
        rows = super().transform(images)
        self.n_calls = getattr(self, "n_calls", 0) + 1
        return np.hstack([rows] * self.n_calls)


class Network(NetworkFeatures):
    """Notes how many cores it may use."""

    batch_size, input_size, n_channels = 8, (6, 6), 3

    def identity(self):
        return {}

    def transform(self, images):
        CALLS.append(("Network", self.n_jobs))
        return np.zeros((len(images), 1), dtype=np.float32)


class Locked(Dependent):
    """Cannot leave its process."""

    def __init__(self):
        super().__init__()
        import threading
        self.lock = threading.Lock()
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a configuration's folder with a module of extractors in it."""
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "pass_extractors.py").write_text(MODULE)
    return folder


@pytest.fixture
def own(folder, monkeypatch):
    """Return that module as new; what it put in place of ours is taken back afterwards."""
    monkeypatch.setattr(packages, "read_source", packages.read_source)
    spec = importlib.util.spec_from_file_location("pass_extractors", folder / "pass_extractors.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pass_extractors", module)
    spec.loader.exec_module(module)
    (folder / "read.txt").write_text("")
    return module


def draw(folder, n_images, first=0):
    folder.mkdir(exist_ok=True)
    images = []
    for number in range(first, first + n_images):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        path = folder / f"{number:03d}.png"
        Image.fromarray(pixels).save(path)
        images.append((path, f"{number:064x}"))
    return images


def n_read(folder):
    return Counter((folder / "read.txt").read_text().split())


class Work:
    """Some extractors, their images and a cache."""

    def __init__(self, folder, images, cache, given):
        self.folder, self.images, self.cache = folder, images, FeatureCache(cache)
        module = sys.modules["pass_extractors"]
        self.extractors = [
            (ComponentSpec.of(f"pass_extractors:{name}", params), getattr(module, name)(**params))
            for name, params in given
        ]

    def tasks(self, images=None):
        return [
            task
            for spec, extractor in self.extractors
            for task in extraction_tasks(
                spec, extractor, images or self.images, DTYPE, self.cache, SILENT, self.folder
            )
        ]

    def run(self, n_jobs, reporter=SILENT, images=None):
        compute_in_one_pass(self.tasks(images), reporter, n_jobs)

    def n_kept(self):
        return [
            int(np.sum(~task.cache.lacks(task.name, task.key, [one for one, _ in task.images])))
            for task in self.tasks()
        ]

    def rows(self, place, n_jobs=1, cache=None):
        spec, extractor = self.extractors[place]
        return extract_features(
            spec, extractor, self.images, DTYPE, cache, SILENT, n_jobs, self.folder
        )


#: Two that leave the process, with batches that do not begin together, and two that stay.
FOUR = [
    ("Dependent", {}),
    ("InFives", {"size": (4, 4)}),
    ("Here", {}),
    ("Here", {"size": (5, 7)}),
]
THREE = [FOUR[0], FOUR[2], ("Failing", {})]


@pytest.fixture
def work(folder, own, tmp_path):
    def made(given=FOUR, n_images=26):
        return Work(folder, draw(tmp_path / "images", n_images), tmp_path / "cache", given)

    return made


@pytest.mark.parametrize("n_jobs", [1, 2, 3])
def test_rows_have_the_bits_of_each_extractor_alone(work, n_jobs):
    together = work()
    alone = [together.rows(place) for place in range(4)]
    together.run(n_jobs)
    assert together.n_kept() == [26] * 4
    for place in range(4):
        np.testing.assert_array_equal(together.rows(place, cache=together.cache), alone[place])


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_every_file_is_read_once_for_three_extractors(folder, work, n_jobs):
    together = work(THREE)
    together.run(n_jobs)
    assert n_read(folder) == {f"{number:03d}.png": 1 for number in range(26)}
    assert together.n_kept() == [26] * 3
    together.run(n_jobs)
    assert n_read(folder).total() == 26


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_one_with_large_batches_makes_the_packages_of_the_others_no_larger(
    work, monkeypatch, n_jobs
):
    monkeypatch.setattr(one_pass, "PACKAGE_IMAGES", 4)
    together = work([FOUR[0], ("InFives", {}), FOUR[2]])
    alone = [together.rows(place) for place in range(3)]
    sizes, packages_of = [], one_pass._packages

    def counting(leaving, here, places, size):
        sizes.append((size, [type(share.part.extractor).__name__ for share in (*leaving, *here)]))
        return packages_of(leaving, here, places, size)

    monkeypatch.setattr(one_pass, "_packages", counting)
    together.run(n_jobs)
    apart = [(4, ["Dependent", "Here"]), (5, ["InFives"])]
    assert sizes == (apart if n_jobs > 1 else [])
    for place in range(3):
        np.testing.assert_array_equal(together.rows(place, cache=together.cache), alone[place])


def test_only_what_is_missing_is_computed_in_the_batches_that_it_would_have_alone(
    folder, own, work
):
    together = work(THREE)
    later, sooner = together.images[:3] + together.images[20:], together.images[5:12]
    Work(folder, sooner, together.cache.folder, THREE[:1]).run(1)
    Work(folder, later, together.cache.folder, THREE[1:2]).run(1)
    (folder / "read.txt").write_text("")
    own.CALLS.clear()
    together.run(1)
    calls = {name: [n for one, n in own.CALLS if one == name] for name, _ in own.CALLS}
    assert calls == {"Dependent": [4] * 4 + [3], "Here": [8, 8, 1], "Failing": [4] * 6 + [2]}
    assert set(n_read(folder).values()) == {1}
    kept = together.rows(0, cache=together.cache)
    other = Work(folder, together.images, together.cache.folder.parent / "other", THREE)
    Work(folder, sooner, other.cache.folder, THREE[:1]).run(1)
    other.run(2)
    np.testing.assert_array_equal(other.rows(0, cache=other.cache), kept)


def test_an_image_that_is_there_twice_and_an_extractor_that_is_there_twice_are_done_once(
    folder, own, work
):
    together = work([FOUR[0], FOUR[0]])
    (again, _), *_ = together.images
    together.run(1, images=[*together.images, (again, together.images[0][1])])
    assert n_read(folder).total() == 26
    assert own.CALLS == [("Dependent", 4)] * 6 + [("Dependent", 2)]


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.parametrize("where", ["elsewhere", "here"])
def test_an_extractor_that_fails_stops_none_of_the_others(work, n_jobs, where):
    pixel = float(Image.open(work().images[13][0]).getpixel((0, 0))[0]) / 255
    together = work([*THREE[:2], ("Failing", {"pixel": pixel})])
    together.extractors[2][1].in_processes = where == "elsewhere"
    together.run(n_jobs)
    # Three whole batches come before it; nothing after it is kept.
    assert together.n_kept() == [26, 26, 12]
    with pytest.raises(BioselectError, match=r"RuntimeError: not this one \(.*013\.png"):
        together.rows(2, cache=together.cache)


def test_where_all_have_failed_no_more_images_are_read(folder, work):
    pixel = float(Image.open(work().images[1][0]).getpixel((0, 0))[0]) / 255
    together = work([("Failing", {"pixel": pixel}), ("Failing", {"pixel": pixel, "size": (8, 8)})])
    for _, extractor in together.extractors:
        extractor.in_processes = False
    together.run(1)
    assert together.n_kept() == [0, 0]
    # The first batch of 4, and what was read ahead meanwhile: one, and one for the only thread.
    assert n_read(folder).total() <= 4 + 2 + 1


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_a_bad_image_ends_all_before_it_and_is_named_afterwards(work, n_jobs):
    together = work(THREE)
    path = together.images[13][0]
    path.write_bytes(path.read_bytes()[:40])
    together.run(n_jobs)
    assert together.n_kept() == [12, 8, 12]
    for place in range(3):
        with pytest.raises(UnreadableImageError, match=r"013\.png"):
            together.rows(place, cache=together.cache)


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_rows_of_another_length_end_that_extractor(work, n_jobs):
    together = work([("Wider", {}), FOUR[2]])
    together.extractors[0][1].in_processes = False
    together.run(n_jobs)
    assert together.n_kept() == [4, 26]


def test_what_cannot_leave_its_process_is_left_to_be_told_later(work):
    together = work([("Locked", {}), *THREE[:2]])
    together.run(2)
    assert together.n_kept() == [0, 26, 26]
    with pytest.raises(BioselectError, match="must be picklable"):
        together.rows(0, 2, together.cache)


def test_a_process_that_dies_is_told_and_what_was_kept_stays(work):
    together = work([("Crashing", {}), FOUR[2]])
    with pytest.raises(BioselectError, match="ended unexpectedly"):
        together.run(2)
    work([FOUR[0], FOUR[2]]).run(2)
    assert work([FOUR[0], FOUR[2]]).n_kept() == [26, 26]


def test_a_full_disk_ends_the_pass(work, monkeypatch):
    together = work()

    def full(cache, *arguments):
        with explained_storage_errors(cache.folder):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(FeatureCache, "add_part", full)
    with pytest.raises(StorageError, match="disk is full"):
        together.run(1)


def test_rows_are_kept_every_few_batches_and_at_ctrl_c(work, monkeypatch):
    monkeypatch.setattr(missing_rows, "COMMIT_IMAGES", 8)
    together, kept = work(THREE), []

    class Watching(Reporter):
        def task(self, description, n_steps):
            self.description, self.n_steps = description, n_steps
            return self

        def __enter__(self):
            return self

        def __exit__(self, *raised):
            return None

        def advance(self, n_steps=1):
            kept.append(together.n_kept())
            if len(kept) == 15:
                raise KeyboardInterrupt

    reporter = Watching()
    with pytest.raises(KeyboardInterrupt):
        together.run(1, reporter)
    names = ["Dependent", "Here", "Failing"]
    labels = ", ".join(f"pass_extractors:{name}" for name in names)
    assert (reporter.description, reporter.n_steps) == (f"features: {labels}", 26)
    assert kept[:8] == [[0, 0, 0]] * 7 + [[8, 8, 8]]
    assert kept[14] == [8, 8, 8]
    assert together.n_kept() == [12, 8, 12]  # whole batches only


def test_many_extractors_are_counted():
    class Named:
        def __init__(self, label):
            self.task = self
            self.label = label

    shares = [Named(letter) for letter in "abcdef"]
    assert one_pass._in_words(shares[:4]) == "a, b, c, d"
    assert one_pass._in_words(shares) == "a, b, c, d and 2 more"


# Memory.


class Counted:
    """Counts the prepared images that are alive."""

    def __init__(self):
        self.n_alive = self.most = 0
        self.lock = threading.Lock()

    def born(self, image):
        with self.lock:
            self.n_alive += 1
            self.most = max(self.most, self.n_alive)
        weakref.finalize(image, self.died)
        return image

    def died(self):
        with self.lock:
            self.n_alive -= 1


@pytest.mark.parametrize("n_images", [40, 160])
def test_few_prepared_images_are_alive_at_a_time(work, monkeypatch, n_images):
    together, counted = work([FOUR[2], FOUR[3]], n_images), Counted()
    prepare = packages.prepare
    monkeypatch.setattr(packages, "prepare", lambda *given: counted.born(prepare(*given)))
    together.run(2)
    # Two kinds of a batch of 8 being gathered, as many read ahead, two in the readers' hands and
    # one in ours.
    assert counted.most <= 2 * (8 + 8 + 2 + 2 + 1)
    assert together.n_kept() == [n_images] * 2


@pytest.mark.parametrize("n_images", [40, 160])
def test_few_packages_wait_for_a_slow_network(work, monkeypatch, n_images):
    together = work(THREE[:2], n_images)
    n_made = n_taken = most = 0
    packages_of, take = one_pass._packages, one_pass._Share.take

    def counting(*given):
        nonlocal n_made
        for package in packages_of(*given):
            n_made += len(package.covers)
            yield package

    def slow_take(share, place, prepared):
        nonlocal n_taken, most
        n_taken += 1
        most = max(most, n_made - n_taken)
        take(share, place, prepared)

    monkeypatch.setattr(one_pass, "_packages", counting)
    monkeypatch.setattr(one_pass._Share, "take", slow_take)
    together.run(2)
    assert n_taken == n_made == n_images
    assert most <= 4 * (2 * one_pass.PACKAGES_AHEAD + 1)  # packages of 4 images
    monkeypatch.setattr(one_pass, "WAITING_BYTES", 1)
    n_made = n_taken = most = 0
    together.images = draw(together.images[0][0].parent, 24, first=1000)
    together.run(2)
    assert most <= 4 * 2


def test_a_network_has_the_cores_of_the_processes_that_wait(own, work, monkeypatch):
    def stream(function, packages, n_jobs, n_ahead, tell_busy, files_of):
        assert n_jobs == 4
        for package, n_busy in zip(packages, [3, 1, 0, 4, 4, 0, 3], strict=True):
            result = function(package)
            tell_busy(n_busy)
            yield result

    monkeypatch.setattr(one_pass, "stream_tasks", stream)
    together = work([FOUR[0], ("Network", {})])
    together.run(4)
    # Every second package of 4 images makes a batch of 8 whole; the seventh, of 2, is the last.
    assert [n_cores for name, n_cores in own.CALLS if name == "Network"] == [3, 1, 4, 1]


# Packages.


@pytest.mark.parametrize("smaller", [1e9, 0.0])
def test_a_package_is_read_once_and_images_come_back_as_they_were(
    own, tmp_path, folder, monkeypatch, smaller
):
    monkeypatch.setattr(packages, "SMALLER", smaller)
    images = draw(tmp_path / "images", 3)
    reading = Reading(Intensity("dtype"), (2, 1, 0))
    demands = {(None, 3): frozenset({0, 2}), ((4, 4), 3): frozenset({0})}
    package = Package(
        sources={place: path for place, (path, _) in enumerate(images)},
        reading=reading,
        extractors={7: (packed(flat_parts(own.Dependent())), (0, 1, 2))},
        demands=demands,
        covers=(0, 1, 2),
    )
    done = pickle.loads(pickle.dumps(compute_package(package)))
    assert n_read(folder).total() == 3
    assert done.rows[7].shape == (3, 3)
    assert done.prepared(1, images[1][0], reading) == {}
    assert {sent.native is None for sent in done.images.values()} == {smaller > 0}
    for demand, place in (((None, 3), 0), ((None, 3), 2), (((4, 4), 3), 0)):
        image = done.prepared(place, images[place][0], reading)[demand]
        expected = prepare_for(images[place][0], reading, [demand])[demand]
        np.testing.assert_array_equal(image, expected)
        # Chosen channels lie in another order in memory, on which sums depend.
        assert image.strides == expected.strides
        assert not image.flags.writeable


def test_small_images_travel_as_they_are_and_large_ones_as_networks_take_them(own, tmp_path):
    ((path, _),) = draw(tmp_path / "images", 1)  # 8 x 8 pixels of 3 bytes

    def sent(size):
        demands = {((size, size), 3): frozenset({0})}
        package = Package({0: path}, DTYPE, {}, demands, (0,))
        return compute_package(package).images[0]

    assert sent(7).native is None  # 588 bytes, not four times 192
    assert sent(8).native.dtype == np.uint8  # 768 bytes
    assert not sent(8).laid


def test_what_cannot_be_prepared_is_none(tmp_path):
    ((path, _),) = draw(tmp_path / "images", 1)
    wrong = Reading(Intensity("dtype"), (7,))
    found = prepare_for(path, wrong, [(None, 3), (None, None)])
    assert found[None, 3] is None
    assert found[None, None].shape == (8, 8, 3)
    assert prepare_for(tmp_path / "gone.png", DTYPE, [(None, 3)]) == {(None, 3): None}


# Kills.

RUN = """
import itertools, os, signal, sys
from pathlib import Path
count, place, folder, cache = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
n_jobs = int(sys.argv[5])
sys.path.insert(0, str(folder))
import pass_extractors
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.features import missing_rows
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, extraction_tasks
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec

missing_rows.COMMIT_IMAGES = 8
calls = itertools.count(1)

def killing(owner, name):
    original = getattr(owner, name)
    def wrapped(*arguments):
        if next(calls) == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments)
    setattr(owner, name, wrapped)

if place == "compute":
    killing(pass_extractors.Here, "transform")
elif place == "keep":
    killing(FeatureCache, "add_part")
images = [(path, path.stem.zfill(64)) for path in sorted((folder / "images").glob("*.png"))]
reading = Reading(Intensity("dtype"), None)
given = [("Dependent", {}), ("Here", {}), ("InFives", {"size": (4, 4)})]
made = [
    (ComponentSpec.of(f"pass_extractors:{name}", params), getattr(pass_extractors, name)(**params))
    for name, params in given
]
store = FeatureCache(cache)
tasks = [
    task
    for spec, one in made
    for task in extraction_tasks(spec, one, images, reading, store, SILENT, folder)
]
compute_in_one_pass(tasks, SILENT, n_jobs)
for spec, one in made:
    extract_features(spec, one, images, reading, store, SILENT, 1, folder)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_kills_leave_the_bytes_of_an_undisturbed_run(tmp_path):
    """Whatever the number of jobs was before a kill, and is after it."""
    (tmp_path / "pass_extractors.py").write_text(MODULE)
    draw(tmp_path / "images", 37)

    def run(count, place, cache, n_jobs):
        command = [sys.executable, "-c", RUN, str(count), place, str(tmp_path), str(cache)]
        return subprocess.run([*command, str(n_jobs)], stderr=subprocess.DEVNULL).returncode

    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    assert run(0, "nowhere", undisturbed, 1) == 0
    # Two jobs and then one, one and one, one and two; two and one at last.
    kills = ((2, "keep", 2), (2, "compute", 1), (3, "keep", 1), (2, "compute", 2))
    for count, place, n_jobs in kills:
        assert run(count, place, disturbed, n_jobs) == -signal.SIGKILL, (count, place, n_jobs)
        assert list(Path(disturbed).rglob("*.h5"))
    assert run(0, "nowhere", disturbed, 1) == 0
    files = sorted(path.name for path in undisturbed.glob("*.h5"))
    assert len(files) == 3
    for name in files:
        assert (disturbed / name).read_bytes() == (undisturbed / name).read_bytes(), name
