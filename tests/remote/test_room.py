"""Copies take no more room than they may; those go first that were used the longest ago."""

import os
import subprocess
import sys

import pytest

from bioselect.addresses import place_of, root_of_copies
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.remote import room
from bioselect.remote.fetching import fetched


def files():
    return sorted(p.name for p in (root_of_copies() / "memory").rglob("*") if p.is_file())


@pytest.fixture
def three(store, monkeypatch):
    """Fetch three files of 1000 bytes, used one after the other, by a command that has ended."""
    for number in range(4):
        store.pipe(f"/lab/{number}", bytes(1000))
    for number in range(3):
        fetched(f"memory://lab/{number}")
        used = 1_000_000_000 + number
        path = place_of(f"memory://lab/{number}")
        os.utime(path, ns=(used * 10**9, path.stat().st_mtime_ns))
    # Used most recently, though it was fetched first.
    path = place_of("memory://lab/0")
    os.utime(path, ns=(2_000_000_000, path.stat().st_mtime_ns))
    os.utime(path, ns=(1_000_000_009 * 10**9, path.stat().st_mtime_ns))


def test_the_longest_unused_goes(three, monkeypatch):
    monkeypatch.setenv("BIOSELECT_REMOTE_GB", "0.0000031")
    fetched("memory://lab/3")
    assert files() == ["0", "2", "3"]


def test_what_another_living_command_uses_stays(three, monkeypatch):
    """It began before these files were used."""
    code = "from bioselect.remote.room import begin_use; begin_use(); print(1, flush=True); input()"
    user = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        user.stdout.readline()
        for name in "012":
            fetched(f"memory://lab/{name}")
        monkeypatch.setenv("BIOSELECT_REMOTE_GB", "0.0000031")
        with pytest.raises(StorageError, match="memory://lab/3: takes 1e-06 GB, and copies"):
            fetched("memory://lab/3")
        assert files() == ["0", "1", "2"]
        assert room.remove_copies() == 0
    finally:
        user.communicate(b"\n")


def test_a_command_that_ends_meanwhile_is_passed_over(three, monkeypatch):
    gone = root_of_copies() / room.USERS / "1-gone"
    found = type(gone).glob
    monkeypatch.setattr(type(gone), "glob", lambda self, sign: [gone, *found(self, sign)])
    monkeypatch.setenv("BIOSELECT_REMOTE_GB", "0.0000031")
    fetched("memory://lab/3")
    assert files() == ["0", "2", "3"]


def test_more_than_there_may_be_is_refused_before_it_is_fetched(store, monkeypatch):
    store.pipe("/lab/large", bytes(3000))
    monkeypatch.setenv("BIOSELECT_REMOTE_GB", "0.000002")
    with pytest.raises(StorageError, match="Set BIOSELECT_REMOTE_GB to more") as caught:
        fetched("memory://lab/large")
    assert "\n" not in str(caught.value)
    assert not place_of("memory://lab/large").exists()


def test_full_disk_is_told_before(store, monkeypatch):
    store.pipe("/lab/large", bytes(3000))
    usage = type("Usage", (), {"free": room.RESERVE_BYTES + 2999})
    monkeypatch.setattr(room.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match="the disk of the cache has 1 GB left"):
        fetched("memory://lab/large")


@pytest.mark.parametrize("written", ["much", "0", "-1", "nan", "inf"])
def test_limit_must_be_a_number(monkeypatch, written):
    monkeypatch.setenv("BIOSELECT_REMOTE_GB", written)
    with pytest.raises(ConfigurationError, match="BIOSELECT_REMOTE_GB: must be a number"):
        room.limit_bytes()


def test_copies_can_be_removed(three):
    assert room.copies_bytes() == 3000
    room._end_use(root_of_copies() / room.USERS, *ended())
    assert room.remove_copies() == 3000
    assert files() == []


def ended():
    """Return the lock of this process, for it to end its use."""
    lock = room._held[root_of_copies() / room.USERS]
    return type(root_of_copies())(lock.lock_file), os.getpid()
