"""Rows that are kept come back, whatever happens to the files in between."""

import errno
import io
import os
import subprocess
import sys
import time
import warnings
from pathlib import Path

import h5py
import numpy as np
import pytest

import bioselect.features.cache as cache_module
from bioselect.exceptions import StorageError
from bioselect.features import damage, patient_file, row_files
from bioselect.features.cache import CacheEntry, FeatureCache
from bioselect.progress import Reporter

KEY = "ab" * 32
OTHER_KEY = "cd" * 32


class Listener(Reporter):
    def __init__(self):
        self.warnings = []

    def warn(self, text):
        self.warnings.append(text)


def digests(*numbers):
    return [f"{number:064x}" for number in numbers]


def rows_of(*numbers, n_features=3):
    """Row i is i, i + 1/4, i + 2/4, ...: exact in float32."""
    return np.float32([[number + place / 4 for place in range(n_features)] for number in numbers])


def filled(folder, *parts, reporter=None, n_features=3):
    cache = FeatureCache(folder, reporter)
    for numbers in parts:
        cache.add_part("hog", KEY, digests(*numbers), rows_of(*numbers, n_features=n_features))
    return cache


def only(folder, pattern="*.h5"):
    (path,) = folder.glob(pattern)
    return path


def test_rows_come_back_in_the_order_asked_for(tmp_path):
    cache = filled(tmp_path, [5, 1], [9])
    for _ in ("in parts", "merged"):
        rows, have = cache.load("hog", KEY, digests(9, 2, 1, 5, 1))
        assert have.tolist() == [True, False, True, True, True]
        assert rows.dtype == np.float32
        np.testing.assert_array_equal(rows[have], rows_of(9, 1, 5, 1))
        np.testing.assert_array_equal(rows[1], [0, 0, 0])
        cache.consolidate("hog", KEY)


def test_nothing_is_found_in_an_empty_folder_or_under_another_key(tmp_path):
    cache = FeatureCache(tmp_path / "missing")
    rows, have = cache.load("hog", KEY, digests(1))
    assert rows is None
    assert have.tolist() == [False]
    assert cache.info() == []
    cache.consolidate("hog", KEY)
    cache.clear()
    assert not (tmp_path / "missing").exists()
    assert filled(tmp_path, [1]).load("hog", OTHER_KEY, digests(1))[0] is None
    assert cache.load("hog", KEY, [])[1].tolist() == []


def test_one_file_that_other_programs_can_read(tmp_path):
    filled(tmp_path, [7, 3]).consolidate("hog", KEY)
    assert not list(tmp_path.glob("*.parts"))
    path = only(tmp_path)
    assert path.name.startswith(f"hog-{KEY[:12]}")
    with h5py.File(path) as file:
        assert [text.decode() for text in file["pixels_sha256"]] == digests(3, 7)
        np.testing.assert_array_equal(file["features"][:], rows_of(3, 7))


def test_equal_content_gives_equal_bytes(tmp_path):
    filled(tmp_path / "a", [4, 2, 9], [1, 7]).consolidate("hog", KEY)
    time.sleep(1.1)  # HDF5 counts time in seconds
    again = filled(tmp_path / "b", [7])
    again.consolidate("hog", KEY)
    again = filled(tmp_path / "b", [9, 1], [2, 4, 1])
    again.consolidate("hog", KEY)
    assert only(tmp_path / "a").read_bytes() == only(tmp_path / "b").read_bytes()


def test_many_parts_and_small_blocks_give_the_same_bytes(tmp_path, monkeypatch):
    parts = [[number, 50 - number] for number in range(1, 11)]
    filled(tmp_path / "a", *parts).consolidate("hog", KEY)
    monkeypatch.setattr(cache_module, "PARTS_PER_MERGE", 3)
    monkeypatch.setattr(row_files, "ROWS_BYTES", 2 * 3 * 4)  # two rows of three float32
    cache = filled(tmp_path / "b", *parts)
    cache.consolidate("hog", KEY)
    assert only(tmp_path / "a").read_bytes() == only(tmp_path / "b").read_bytes()
    rows, have = cache.load("hog", KEY, digests(*range(41, 50), *range(1, 10)))
    assert have.all()
    np.testing.assert_array_equal(rows, rows_of(*range(41, 50), *range(1, 10)))


def test_rows_of_two_lengths_are_kept_apart(tmp_path):
    cache = filled(tmp_path, [1, 2], n_features=3)
    filled(tmp_path, [3], n_features=5).consolidate("hog", KEY)
    np.testing.assert_array_equal(cache.load("hog", KEY, digests(2))[0], rows_of(2))
    np.testing.assert_array_equal(cache.load("hog", KEY, digests(3))[0], rows_of(3, n_features=5))
    rows, have = cache.load("hog", KEY, digests(1, 2, 3))
    assert rows.shape == (3, 3)
    assert have.tolist() == [True, True, False]


def truncate(path):
    path.write_bytes(path.read_bytes()[:-7])


def empty(path):
    path.write_bytes(b"")


def change_one_number(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def change_the_structure(path):
    content = bytearray(path.read_bytes())
    content[row_files.HEADER_BYTES + 40 : row_files.HEADER_BYTES + 200] = bytes(160)
    path.write_bytes(content)


def foreign_text(path):
    path.write_text("my notes\n")


def foreign_hdf5(path):
    with h5py.File(path, "w") as file:
        file["features"] = np.zeros((2, 3))


def other_extractor(path):
    filled(path.parent / "other", [1]).add_part("hog", OTHER_KEY, digests(1), rows_of(1))
    path.write_bytes(only(path.parent / "other" / f"hog-{OTHER_KEY[:12]}.parts").read_bytes())


def newer_format(path):
    path.write_bytes(path.read_bytes().replace(b'"format_number": 1', b'"format_number": 2'))


def fewer_images(path):
    # The checksum is of what follows the first line: rows must not be taken for zeros.
    path.write_bytes(path.read_bytes().replace(b'"n_images": 2', b'"n_images": 0'))


def other_length(path):
    content = path.read_bytes()
    width = f'"n_features": {rows_of(1).shape[1]}'.encode()
    assert width in content
    path.write_bytes(content.replace(width, width[:-1] + b"1"))


DAMAGES = {
    fewer_images: "does not fit",
    other_length: "does not fit",
    truncate: "cut short",
    empty: "empty",
    change_one_number: "checksum",
    change_the_structure: "checksum",
    foreign_text: "does not begin",
    foreign_hdf5: "does not begin",
    other_extractor: "another extractor",
    newer_format: "format 2",
}


@pytest.mark.parametrize("do_damage", DAMAGES, ids=lambda damage: damage.__name__)
@pytest.mark.parametrize("merged", [False, True])
def test_a_damaged_file_is_set_aside_and_only_its_rows_are_missing(tmp_path, do_damage, merged):
    listener = Listener()
    cache = filled(tmp_path, [1, 2], reporter=listener)
    path = only(tmp_path, "*.parts/*.h5")
    if merged:
        cache.consolidate("hog", KEY)
        path = only(tmp_path)
    filled(tmp_path, [3])
    do_damage(path)
    rows, have = cache.load("hog", KEY, digests(1, 2, 3))
    assert have.tolist() == [False, False, True]
    np.testing.assert_array_equal(rows[2:], rows_of(3))
    (text,) = listener.warnings
    assert path.name in text
    assert DAMAGES[do_damage] in text
    assert "computed again" in text
    assert path.with_name(path.name + ".damaged").exists()
    cache.add_part("hog", KEY, digests(1, 2), rows_of(1, 2))
    cache.consolidate("hog", KEY)
    filled(tmp_path / "sound", [1, 2, 3]).consolidate("hog", KEY)
    merged_file = tmp_path / only(tmp_path / "sound").name
    assert merged_file.read_bytes() == only(tmp_path / "sound").read_bytes()
    assert len(listener.warnings) == 1


def test_damage_found_while_merging_does_not_lose_the_others(tmp_path):
    cache = filled(tmp_path, [1], [2])
    truncate(sorted(tmp_path.glob("*.parts/*.h5"))[0])
    with pytest.warns(UserWarning, match="computed again"):
        cache.consolidate("hog", KEY)
    assert cache.load("hog", KEY, digests(1, 2))[1].sum() == 1
    assert len(list(tmp_path.glob("*.parts/*.damaged"))) == 1


def test_rows_that_another_process_merges_meanwhile_are_found(tmp_path, monkeypatch):
    cache = filled(tmp_path, [1], [2])
    original = cache_module.open_or_set_aside
    calls = []

    def merged_meanwhile(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            monkeypatch.setattr(cache_module, "open_or_set_aside", original)
            FeatureCache(tmp_path).consolidate("hog", KEY)
        return original(*arguments)

    monkeypatch.setattr(cache_module, "open_or_set_aside", merged_meanwhile)
    rows, have = cache.load("hog", KEY, digests(1, 2))
    assert have.all()
    np.testing.assert_array_equal(rows, rows_of(1, 2))


def test_a_whole_file_that_has_taken_the_damaged_ones_place_stays(tmp_path, monkeypatch):
    cache = filled(tmp_path, [1])
    path = only(tmp_path, "*.parts/*.h5")

    def replaced_meanwhile(*arguments):
        filled(tmp_path, [1])
        raise row_files.DamagedRowsError("it was")

    with monkeypatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("error")
        patch.setattr(damage, "opened_rows", replaced_meanwhile)
        assert not cache.load("hog", KEY, digests(1))[1].any()
    assert path.exists()
    assert cache.load("hog", KEY, digests(1))[1].all()


def test_merged_rows_do_not_change(tmp_path):
    cache = filled(tmp_path, [1])
    cache.consolidate("hog", KEY)
    cache.add_part("hog", KEY, digests(1, 2), rows_of(8, 2))
    cache.consolidate("hog", KEY)
    np.testing.assert_array_equal(cache.load("hog", KEY, digests(1, 2))[0], rows_of(1, 2))


def test_a_file_the_system_refuses_is_no_damaged_file(tmp_path, monkeypatch):
    cache = filled(tmp_path, [1])
    for number, words in ((errno.EACCES, "no permission"), (errno.EIO, "Check the disk")):

        def refuse(*arguments, number=number):
            raise OSError(number, "refused")

        monkeypatch.setattr(damage.Path, "open", refuse)
        with pytest.raises(StorageError, match=words):
            cache.load("hog", KEY, digests(1))
        monkeypatch.undo()
    assert cache.load("hog", KEY, digests(1))[1].all()


def full_disk(*arguments, **named):
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("step", ["Dataset.__setitem__", "Group.create_dataset"])
def test_an_error_of_hdf5_itself_loses_nothing(tmp_path, monkeypatch, step):
    cache = filled(tmp_path, [1])
    before = sorted(tmp_path.rglob("*.h5"))
    owner, name = step.split(".")
    with monkeypatch.context() as patch:
        patch.setattr(getattr(h5py, owner), name, full_disk)
        with pytest.raises(StorageError, match="disk is full"):
            cache.add_part("hog", KEY, digests(3), rows_of(3))
    assert sorted(tmp_path.rglob("*.h5")) == before


def small_disk(n_bytes):
    """Return files that take `n_bytes` each, as a disk does that is nearly full."""

    class SmallFile(io.FileIO):
        def write(self, data):
            room = n_bytes - self.tell()
            if room <= 0:
                full_disk()
            return super().write(memoryview(data)[:room])

    return SmallFile


@pytest.mark.parametrize("fraction", [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999])
def test_a_full_disk_loses_nothing(tmp_path, monkeypatch, fraction):
    """HDF5 alone crashes the whole process when it cannot close a file."""
    cache = filled(tmp_path, [1], n_features=200)
    cache.consolidate("hog", KEY)
    filled(tmp_path, [2], n_features=200)
    before = sorted(tmp_path.rglob("*.h5"))
    n_bytes = int(fraction * min(path.stat().st_size for path in before))
    with monkeypatch.context() as patch:
        patch.setattr(patient_file.io, "FileIO", small_disk(n_bytes))
        with pytest.raises(StorageError, match="disk is full"):
            cache.add_part("hog", KEY, digests(3), rows_of(3, n_features=200))
        with pytest.raises(StorageError, match="disk is full"):
            cache.consolidate("hog", KEY)
    assert sorted(tmp_path.rglob("*.h5")) == before
    cache.consolidate("hog", KEY)
    rows, have = cache.load("hog", KEY, digests(1, 2))
    assert have.all()
    np.testing.assert_array_equal(rows, rows_of(1, 2, n_features=200))


def test_unfinished_files_are_never_read_and_removed_when_they_are_old(tmp_path):
    cache = filled(tmp_path, [1])
    part = only(tmp_path, "*.parts/*.h5")
    places = [tmp_path, part.parent]
    for place in places:
        for name in ("old", "fresh"):
            (place / f".unfinished-{name}.h5").write_bytes(b"half")
        a_day_ago = time.time() - 25 * 3600
        os.utime(place / ".unfinished-old.h5", (a_day_ago, a_day_ago))
    foreign = tmp_path / "old.h5"
    foreign.write_bytes(b"mine")
    os.utime(foreign, (0, 0))
    _, have = cache.load("hog", KEY, digests(1, 2))
    assert have.tolist() == [True, False]
    cache.consolidate("hog", KEY)
    for place in places:
        assert [p.name for p in place.glob(".unfinished*")] == [".unfinished-fresh.h5"]
    assert foreign.exists()


def test_info_and_clear_leave_foreign_files_alone(tmp_path):
    cache = filled(tmp_path, [1, 2])
    cache.consolidate("hog", KEY)
    filled(tmp_path, [3])
    cache.add_part("mylab.features:Shape", OTHER_KEY, digests(1), rows_of(1, n_features=7))
    foreign = [tmp_path / "images.jsonl", tmp_path / "results.h5", tmp_path / "hog-x.h5"]
    look_alike = tmp_path / f"notes-{KEY[:12]}-3.h5"
    (tmp_path / "other.parts").mkdir()
    foreign += [look_alike, tmp_path / "other.parts" / f"{'0' * 32}.h5"]
    for path in foreign:
        path.write_bytes(b"mine")
    ours = [path for path in tmp_path.rglob("*.h5") if path not in foreign]
    hog, shape = cache.info()
    n_bytes = sum(path.stat().st_size for path in ours if "hog" in str(path.relative_to(tmp_path)))
    assert hog == CacheEntry("hog", KEY, 3, 3, n_bytes)
    assert (shape.name, shape.n_images, shape.n_features) == ("mylab.features:Shape", 1, 7)
    truncate(only(tmp_path, f"hog-{KEY[:12]}-*.h5"))
    with pytest.warns(UserWarning, match="set aside"):
        cache.load("hog", KEY, digests(1))
    cache.clear()
    assert cache.info() == []
    left = [path for path in tmp_path.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert sorted(left) == sorted(foreign)


TOGETHER = """
import sys
import numpy as np
from pathlib import Path
from bioselect.features.cache import FeatureCache
cache, first = FeatureCache(Path(sys.argv[1])), int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(first, first + 25):
    cache.add_part("hog", "ab" * 32, [f"{number:064x}"], np.float32([[number, number + 0.25]]))
    cache.consolidate("hog", "ab" * 32)
"""


def test_a_folder_that_another_process_removes_meanwhile_holds_nothing(tmp_path, monkeypatch):
    cache = filled(tmp_path, range(3), n_features=2)
    glob = Path.glob

    def too_late(folder, pattern):
        if folder.name.endswith(".parts"):
            raise FileNotFoundError(2, "No such file or directory", str(folder))
        return glob(folder, pattern)

    monkeypatch.setattr(Path, "glob", too_late)
    cache.consolidate("hog", KEY)
    assert not cache.load("hog", KEY, digests(0))[1].any()


def test_two_processes_lose_nothing_of_each_other(tmp_path):
    command = [sys.executable, "-W", "error", "-c", TOGETHER, str(tmp_path)]
    processes = [
        subprocess.Popen(
            [*command, str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for first in (0, 15)  # 15 to 24 are written by both
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    cache = FeatureCache(tmp_path)
    rows, have = cache.load("hog", KEY, digests(*range(40)))
    assert have.all()
    np.testing.assert_array_equal(rows, rows_of(*range(40), n_features=2))
    cache.consolidate("hog", KEY)
    filled(tmp_path / "alone", range(40), n_features=2).consolidate("hog", KEY)
    assert only(tmp_path).read_bytes() == only(tmp_path / "alone").read_bytes()
