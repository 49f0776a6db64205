"""The zip of a public set: unpacked whole, inside its folder, or not at all."""

import stat
import zipfile

import pytest

from bioselect.exceptions import DataError, StorageError
from bioselect.progress import SILENT
from bioselect.workflows.public import unpacking
from bioselect.workflows.public.unpacking import unpack


@pytest.fixture
def unpacked(tmp_path):
    """Return a function that makes a zip, unpacks it and says what lies in the folder."""

    def run(members, compression=zipfile.ZIP_DEFLATED, change=lambda data: data):
        path, staging = tmp_path / "set.zip", tmp_path / "staging"
        staging.mkdir(exist_ok=True)
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in members:
                archive.writestr(name, content)
        path.write_bytes(change(path.read_bytes()))
        counted = unpack(path, tmp_path / "set", staging, SILENT)
        assert list(staging.iterdir()) == []
        found = {
            one.relative_to(tmp_path / "set").as_posix(): one.read_bytes()
            for one in (tmp_path / "set").rglob("*")
            if one.is_file()
        }
        assert counted == (len(found), sum(map(len, found.values())))
        return found

    return run


def test_what_lies_in_one_folder_lies_in_that_of_the_set(unpacked):
    members = [("top/", b""), ("top/a/1.png", b"1"), ("top/b/1.png", b"22")]
    assert unpacked(members) == {"a/1.png": b"1", "b/1.png": b"22"}


def test_what_systems_left_is_not_unpacked(unpacked):
    members = [
        ("top/a/1.png", b"1"),
        ("top/a/Thumbs.db", b"x"),
        ("top/b/1.png", b"1"),
        ("top/.DS_Store", b"x"),
        ("__MACOSX/top/a/._1.png", b"x"),
        ("top/a/._1.png", b"x"),
    ]
    assert unpacked(members) == {"a/1.png": b"1", "b/1.png": b"1"}


def link():
    info = zipfile.ZipInfo("a/link")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([("../evil.txt", b"x")], "must lie inside the zip"),
        ([("/etc/evil", b"x")], "must lie inside the zip"),
        ([("C:/evil", b"x")], "must lie inside the zip"),
        ([("..\\evil", b"x")], "must lie inside the zip"),
        ([(link(), b"../../evil")], "Got the link"),
        ([("a.png", b"x"), ("A.png", b"y")], "own on every system. Got 'a.png' and 'A.png'"),
        ([("s/a/b.png", b"x"), ("s/a//b.png", b"y")], "'s/a/b.png' and 's/a//b.png'"),
        ([("s/./a.png", b"x"), ("s/a.png", b"y")], "'s/./a.png' and 's/a.png'"),
        ([("s/a", b"x"), ("s/a/b.png", b"y")], "a file or a folder. Got 's/a' and 's/a/b.png'"),
        ([("s/a/", b""), ("s/A", b"x")], "a file or a folder. Got 's/A' and 's/a/'"),
        ([("empty/", b"")], "must hold files"),
        ([("a/Thumbs.db", b"")], "must hold files"),
    ],
)
def test_what_must_not_be_unpacked(unpacked, members, words, tmp_path):
    with pytest.raises(DataError, match=rf"set\.zip: .*{words}"):
        unpacked(members)
    assert not (tmp_path / "set").exists()
    assert {one.name for one in tmp_path.iterdir()} == {"set.zip", "staging"}


def test_a_zip_that_is_made_to_fill_the_disk_is_refused(unpacked, monkeypatch):
    monkeypatch.setattr(unpacking, "FREE_BYTES", 1000)
    monkeypatch.setattr(unpacking, "MOST_TIMES", 20)
    assert unpacked([("a", bytes(1000))])
    with pytest.raises(DataError, match="at most 20 times its length"):
        unpacked([("a", bytes(100_000))])


def test_more_than_a_disk_should_hold_is_refused(unpacked, monkeypatch):
    monkeypatch.setattr(unpacking, "MAXIMUM_UNPACKED", 99_999)
    with pytest.raises(DataError, match="must unpack to at most"):
        unpacked([("a", bytes(100_000))])


def test_too_many_files_are_refused(unpacked, monkeypatch):
    monkeypatch.setattr(unpacking, "MAXIMUM_PLANES", 2)
    with pytest.raises(DataError, match=r"at most 2 files\. Got 3"):
        unpacked([("a", b""), ("b", b""), ("c", b"")])


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data[: len(data) // 2],
        lambda data: b"<html>not found</html>",
        lambda data: data.replace(b"content", b"contemt", 1),
    ],
    ids=["cut short", "a page", "another content"],
)
def test_a_damaged_zip_leaves_nothing(unpacked, change, tmp_path):
    with pytest.raises(DataError, match="must be a whole zip file") as error:
        unpacked([("a", b"content"), ("b", b"2")], zipfile.ZIP_STORED, change)
    assert "\n" not in str(error.value)
    assert not (tmp_path / "set").exists()
    assert list((tmp_path / "staging").iterdir()) == []


def test_a_locked_zip_is_told(unpacked):
    def locked(data):
        place = data.index(b"PK\x01\x02")
        return data[: place + 8] + b"\x01" + data[place + 9 :]

    with pytest.raises(DataError, match="password"):
        unpacked([("a", b"1")], change=locked)


def test_a_disk_without_room_is_told_before(unpacked, monkeypatch, tmp_path):
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 10})())
    with pytest.raises(StorageError, match="there must be room"):
        unpacked([("a", b"1")])
    assert not (tmp_path / "set").exists()
