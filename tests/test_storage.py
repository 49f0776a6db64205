import contextlib
import errno
import hashlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bioselect.exceptions import StorageError
from bioselect.storage import (
    atomic_path,
    atomic_write_text,
    digest_of,
    exclusive_lock,
    explained_storage_errors,
    sha256_of_file,
    write_json,
)

ROOT = Path(__file__).parents[1]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_block_that_raises_leaves_the_old_file_and_no_rest(tmp_path) -> None:
    place = tmp_path / "scores.csv"
    place.write_text("old")
    with contextlib.suppress(ValueError), atomic_path(place) as unfinished:
        unfinished.write_text("new, but only hal")
        raise ValueError("half way")
    assert place.read_text() == "old"
    assert names(tmp_path) == ["scores.csv"]


def test_the_old_file_stands_until_the_block_has_ended(tmp_path) -> None:
    place = tmp_path / "deep" / "scores.csv"
    with atomic_path(place) as unfinished:
        assert unfinished.parent == place.parent
        assert unfinished.suffix == ".csv"
        unfinished.write_text("new")
        assert not place.exists()
    assert place.read_text() == "new"
    assert names(place.parent) == ["scores.csv"]


def test_the_new_file_takes_the_place_in_one_step(tmp_path) -> None:
    place = tmp_path / "scores.csv"
    place.write_text("old")
    os.link(place, tmp_path / "link")
    atomic_write_text(place, "new")
    # The old file was never written into: who has it open still reads the whole of it.
    assert (tmp_path / "link").read_text() == "old"
    assert place.read_text() == "new"


def test_a_killed_writer_leaves_the_old_file(tmp_path) -> None:
    place = tmp_path / "scores.csv"
    place.write_text("old")
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from bioselect.storage import atomic_path\n"
        "with atomic_path(Path(sys.argv[1])) as unfinished:\n"
        "    unfinished.write_text('new')\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(place)], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert place.read_text() == "old"
    # What it had begun is recognised by its name.
    assert [name[:12] for name in names(tmp_path)] == [".unfinished-", "scores.csv"]


def test_others_may_read_what_was_written(tmp_path) -> None:
    # `mkstemp` makes files for the owner alone; the finished file obeys the umask.
    before = os.umask(0o022)
    try:
        atomic_write_text(tmp_path / "a.txt", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o644


def test_writing_changes_nothing_that_other_threads_see(tmp_path, monkeypatch) -> None:
    def changed(mask):
        raise AssertionError("the umask is of the whole process")

    monkeypatch.setattr("bioselect.storage.os.umask", changed)
    atomic_write_text(tmp_path / "a.txt", "x")
    with atomic_path(tmp_path / "b.txt") as unfinished:  # as libraries do that write anew
        unfinished.unlink()
        unfinished.touch(0o600)
    rights = [stat.S_IMODE(path.stat().st_mode) for path in sorted(tmp_path.iterdir())]
    assert rights[0] == rights[1]


def test_text_is_utf8_with_unix_line_ends(tmp_path) -> None:
    atomic_write_text(tmp_path / "a.txt", "µm\n")
    assert (tmp_path / "a.txt").read_bytes() == b"\xc2\xb5m\n"


def test_json_keeps_order_and_letters(tmp_path) -> None:
    write_json(tmp_path / "a.json", {"b": "µ", "a": [1]})
    assert (tmp_path / "a.json").read_text("utf-8") == ('{\n  "b": "µ",\n  "a": [\n    1\n  ]\n}\n')


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "a.h5: cannot be written: the disk is full. Free some space"),
        (errno.EDQUOT, "a.h5: cannot be written: the disk is full. Free some space"),
        (errno.EACCES, "a.h5: cannot be written: no permission. Choose another folder"),
        (errno.EPERM, "a.h5: cannot be written: no permission. Choose another folder"),
        (errno.EROFS, "a.h5: cannot be written: no permission. Choose another folder"),
        (errno.EIO, "a.h5: cannot be written: the disk or the network drive does not answer"),
        (errno.ESTALE, "a.h5: cannot be written: the disk or the network drive does not answer"),
        (errno.EMFILE, "a.h5: cannot be written: too many files are open. Raise the limit"),
        (errno.EFBIG, "a.h5: cannot be written: no file may be as large there"),
    ],
)
def test_refusals_of_the_system_are_explained(number, words) -> None:
    with (
        pytest.raises(StorageError, match=words) as caught,
        explained_storage_errors(Path("a.h5")),
    ):
        raise OSError(number, os.strerror(number))
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.parametrize(
    ("name", "words"),
    [("folder", "a folder stands where the file shall lie"), ("x" * 300, "its name is too long")],
)
def test_a_place_that_no_file_can_take(tmp_path, name, words) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StorageError, match=rf"{name}: cannot be written: {words}\. Choose"):
        atomic_write_text(tmp_path / name, "text")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_other_errors_of_the_system_pass() -> None:
    with pytest.raises(InterruptedError), explained_storage_errors(Path("a.h5")):
        raise OSError(errno.EINTR, "interrupted")


def test_a_full_disk_while_writing_leaves_the_old_file(tmp_path, monkeypatch) -> None:
    place = tmp_path / "scores.csv"
    place.write_text("old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("bioselect.storage.os.fsync", full)
    with pytest.raises(StorageError, match="the disk is full"):
        atomic_write_text(place, "new")
    assert place.read_text() == "old"
    assert names(tmp_path) == ["scores.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full (Linux)")
def test_a_device_that_is_full() -> None:
    with (
        pytest.raises(StorageError, match="the disk is full"),
        explained_storage_errors(Path("/dev/full")),
        open("/dev/full", "wb", buffering=0) as file,
    ):
        file.write(b"x")


def test_a_file_in_the_place_of_a_folder(tmp_path) -> None:
    (tmp_path / "results").write_text("")
    with pytest.raises(StorageError, match="a file stands where a folder is needed"):
        atomic_write_text(tmp_path / "results" / "scores.csv", "x")


HOLD = (
    "import sys; from pathlib import Path\n"
    "from bioselect.storage import exclusive_lock\n"
    "with exclusive_lock(Path(sys.argv[1]), 'busy'):\n"
    "    print('held', flush=True); sys.stdin.read()\n"
)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock until its input is closed or it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "deep" / ".lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout.readline() == b"held\n"
    yield process
    process.kill()
    process.communicate()


def test_only_one_process_holds_a_lock(tmp_path, holder) -> None:
    lock = tmp_path / "deep" / ".lock"
    said = rf"busy here It is process {holder.pid} of this machine, since 2\d\d\d-"
    with pytest.raises(StorageError, match=said), exclusive_lock(lock, "busy here"):
        pytest.fail("the lock was given twice")
    holder.communicate()
    with exclusive_lock(lock, "busy here"):
        pass


def test_the_lock_of_a_killed_process_is_free(tmp_path, holder) -> None:
    holder.kill()
    holder.wait()
    with exclusive_lock(tmp_path / "deep" / ".lock", "busy"):
        pass


def test_a_lock_is_free_after_a_block_that_raised(tmp_path) -> None:
    lock = tmp_path / ".lock"
    with pytest.raises(ValueError, match="inside"), exclusive_lock(lock, "busy"):
        raise ValueError("inside")
    with exclusive_lock(lock, "busy"):
        pass


def test_an_error_inside_the_lock_is_not_explained_as_one_of_the_lock_file(tmp_path) -> None:
    with (
        pytest.raises(PermissionError),
        exclusive_lock(tmp_path / ".lock", "busy"),
    ):
        raise PermissionError(errno.EACCES, "of something else")


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks(tmp_path, monkeypatch, number) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refused)
    with (
        pytest.raises(StorageError, match=r"no locks between processes\. Choose a folder"),
        exclusive_lock(tmp_path / ".lock", "busy"),
    ):
        pytest.fail("there is no lock")


@pytest.mark.skipif(os.name == "nt", reason="a folder in which a file is open stays there")
def test_nothing_is_written_into_a_held_folder_that_vanished(tmp_path) -> None:
    folder = tmp_path / "run"

    def run():
        with exclusive_lock(folder / ".lock", "busy"):
            folder.rename(tmp_path / "moved")
            atomic_write_text(folder / "tables" / "scores.csv", "x")

    with pytest.raises(StorageError, match=r"run: this folder has vanished.*Bring it back"):
        run()
    assert names(tmp_path) == ["moved"]
    atomic_write_text(folder / "scores.csv", "x")  # nobody holds it any more


@pytest.mark.skipif(os.name == "nt", reason="a folder in which a file is open stays there")
def test_a_held_folder_that_vanished_is_told_at_the_end(tmp_path) -> None:
    folder = tmp_path / "run"

    def run():
        with exclusive_lock(folder / ".lock", "busy"):
            folder.rename(tmp_path / "moved")
            folder.mkdir()  # an empty mount point, say

    with pytest.raises(StorageError, match="has vanished"):
        run()


def test_a_drive_without_a_flush_is_written_to(tmp_path, monkeypatch) -> None:
    def unknown(handle):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    monkeypatch.setattr("bioselect.storage.os.fsync", unknown)
    atomic_write_text(tmp_path / "a.txt", "x")
    assert (tmp_path / "a.txt").read_text() == "x"


def test_checksums(tmp_path) -> None:
    data = bytes(range(256)) * 5000  # more than one block
    (tmp_path / "a").write_bytes(data)
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(data).hexdigest()
    # The test vector of FIPS 180-2 for the empty message.
    (tmp_path / "empty").write_bytes(b"")
    assert sha256_of_file(tmp_path / "empty").startswith("e3b0c44298fc1c14")


def test_digests_tell_values_apart() -> None:
    values = [None, 0, 0.0, False, "0", [], {}, [0], {"a": 0}, "µ", [[1], 2], [1, [2]]]
    assert len({digest_of(value) for value in values}) == len(values)
    assert digest_of([1, 2]) == hashlib.sha256(b"[1,2]").hexdigest()
    # Half of a character, which JSON may hold and UTF-8 may not.
    assert digest_of("\udc80") != digest_of("\udc81")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes")
def test_a_pipe_has_no_checksum_and_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="a pipe or a device, not a file"):
        sha256_of_file(tmp_path / "pipe")
    with pytest.raises(IsADirectoryError):
        sha256_of_file(tmp_path)
