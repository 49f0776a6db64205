import os
import platform
import subprocess
import sys
import time
import zlib

import pytest

from bioselect.leftovers import is_living, remove_all_leftovers, remove_leftovers, temporary_prefix

MACHINE = f"{zlib.crc32(platform.node().encode()):08x}"
ELSEWHERE = f"{zlib.crc32(platform.node().encode()) ^ 1:08x}"
TWO_DAYS_AGO = time.time() - 48 * 3600


@pytest.fixture(scope="module")
def dead():
    """Return the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="there one cannot ask who lives")
def test_what_a_process_that_ended_was_writing_is_removed(tmp_path, dead):
    for name in (
        f"{dead}@{MACHINE}-a.h5",
        f"{dead}@{ELSEWHERE}-b.h5",
        f"{os.getpid()}@{MACHINE}-c",
    ):
        (tmp_path / f".unfinished-{name}").touch()
    half = tmp_path / f".unfinished-{dead}@{MACHINE}-model"
    half.mkdir()
    (half / "manifest.json").write_text("{")
    remove_leftovers(tmp_path)
    left = [f".unfinished-{dead}@{ELSEWHERE}-b.h5", f".unfinished-{os.getpid()}@{MACHINE}-c"]
    assert names(tmp_path) == sorted(left)
    assert is_living(os.getpid())


def test_names_that_say_nothing_are_removed_by_who_holds_the_folder_or_after_a_day(tmp_path):
    old, new, kept = (
        tmp_path / ".unfinished-a",
        tmp_path / ".unfinished-b",
        tmp_path / "ranking.csv",
    )
    for path in (old, new, kept):
        path.write_text("half")
    for path in (old, kept):
        os.utime(path, (TWO_DAYS_AGO, TWO_DAYS_AGO))
    remove_leftovers(tmp_path)
    assert names(tmp_path) == [new.name, kept.name]
    remove_leftovers(tmp_path, alone=True)
    assert names(tmp_path) == [kept.name]


def test_a_cache_in_the_folder_may_be_in_use(tmp_path):
    for folder in ("report", "features/hog.parts"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / ".unfinished-a").touch()
    remove_all_leftovers(tmp_path, tmp_path / "features")
    assert names(tmp_path / "report") == []
    assert names(tmp_path / "features" / "hog.parts") == [".unfinished-a"]


def test_own_names_are_told_from_others():
    assert temporary_prefix() == f".unfinished-{os.getpid()}@{MACHINE}-"
