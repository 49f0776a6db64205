import errno
import io
import threading
import time

import pytest

from bioselect.data import unpacking
from bioselect.data.unpacking import OnceEach, unpacked, version_of
from bioselect.exceptions import StorageError, UnreadableImageError


def test_a_copy_has_the_bytes_and_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking.tempfile, "tempdir", str(tmp_path))
    with unpacked(tmp_path / "a.gz", io.BytesIO(b"x" * 3_000_000)) as copy:
        assert copy.read() == b"x" * 3_000_000
        assert list(tmp_path.iterdir()) == []  # so nothing is left behind, even by a kill


def test_a_copy_ends_where_it_is_told_to(tmp_path, monkeypatch):
    packed = io.BytesIO(bytes(50_000_000))
    with pytest.raises(UnreadableImageError, match="long after the 1500000 bytes"):
        unpacked(tmp_path / "a.gz", packed, 1_500_000)
    assert packed.tell() < 5_000_000
    with unpacked(tmp_path / "a.gz", io.BytesIO(bytes(2_000_000)), 1_500_000) as copy:
        assert len(copy.read()) == 1_500_000
    with unpacked(tmp_path / "a.gz", io.BytesIO(bytes(20)), 1_500_000) as copy:
        assert len(copy.read()) == 20


def test_a_full_disk_is_told_with_the_remedy(tmp_path, monkeypatch):
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(unpacking.tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(StorageError, match=r"a.gz: cannot be unpacked: no space .* TMPDIR"):
        unpacked(tmp_path / "a.gz", io.BytesIO(b"x"))


def test_each_key_is_computed_once_by_any_number_of_threads():
    once, calls = OnceEach(2), []

    def compute():
        calls.append(1)
        time.sleep(0.05)
        return len(calls)

    threads = [threading.Thread(target=lambda: once.get(("a",), compute)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert calls == [1]


def test_keys_do_not_wait_for_each_other():
    once, other_done = OnceEach(2), threading.Event()

    def slow():
        assert other_done.wait(10)
        return "slow"

    thread = threading.Thread(target=lambda: once.get(("slow",), slow))
    thread.start()
    assert once.get(("quick",), lambda: "quick") == "quick"
    other_done.set()
    thread.join()
    assert once.get(("slow",), lambda: "anew") == "slow"


def test_the_longest_unused_is_forgotten():
    once = OnceEach(2)
    for key in ("a", "b", "a", "c"):
        once.get((key,), lambda key=key: key)
    assert once.get(("a",), lambda: "anew") == "a"
    assert once.get(("b",), lambda: "anew") == "anew"


def test_what_is_to_be_forgotten_is_computed_anew():
    once = OnceEach(2)
    once.get(("a",), lambda: "a")
    once.forget(("a",))
    once.forget(("gone",))
    assert once.get(("a",), lambda: "anew") == "anew"


def test_what_failed_is_tried_again():
    once = OnceEach(2)
    with pytest.raises(ZeroDivisionError):
        once.get(("a",), lambda: 1 / 0)
    assert once.get(("a",), lambda: 1) == 1


def test_the_version_changes_with_the_file(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"1")
    before = version_of(path)
    assert version_of(path) == before
    path.write_bytes(b"22")
    assert version_of(path) != before
