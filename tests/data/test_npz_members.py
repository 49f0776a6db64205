import zipfile

import numpy as np
import pytest

from bioselect.data import npz_members
from bioselect.data.npz_members import (
    check_members,
    loaded_member,
    mapped_member,
    member_form,
    member_names,
)
from bioselect.exceptions import UnreadableImageError

VALUES = np.arange(3000, dtype=np.uint16).reshape(10, 30, 10)


@pytest.fixture(params=[np.savez, np.savez_compressed], ids=["stored", "compressed"])
def path(tmp_path, request):
    path = tmp_path / "a.npz"
    request.param(path, first=VALUES, second=np.asfortranarray(VALUES + 1), third=np.arange(4))
    return path


def test_members_are_mapped_and_not_loaded(path):
    for name, expected in (("first", VALUES), ("second", VALUES + 1), ("third", np.arange(4))):
        found = mapped_member(path, name)
        assert isinstance(found, np.memmap)
        assert not found.flags.writeable
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(loaded_member(path, name), expected)
    assert member_names(path) == ["first", "second", "third"]
    assert member_form(path, "second") == ((10, 30, 10), np.dtype("uint16"))


def test_a_member_is_mapped_once_and_anew_when_the_file_changes(path, monkeypatch):
    calls = []
    real = npz_members.mapped_array
    monkeypatch.setattr(
        npz_members, "mapped_array", lambda *args: calls.append(args) or real(*args)
    )
    for _ in range(3):
        mapped_member(path, "first")
    assert len(calls) == 1
    np.savez(path, first=VALUES + 5)
    assert mapped_member(path, "first")[0, 0, 0] == 5
    assert len(calls) == 2


def test_a_map_outlives_the_others(path):
    first = mapped_member(path, "first")
    for number in range(20):
        other = path.with_name(f"{number}.npz")
        np.savez_compressed(other, first=VALUES[:1] + number)
        assert mapped_member(other, "first")[0, 0, 0] == number
    np.testing.assert_array_equal(first, VALUES)


def test_a_changed_byte_is_noticed(path):
    check_members(path, ["first", "second"])
    with zipfile.ZipFile(path) as archive:
        start = archive.getinfo("second.npy").header_offset
    data = bytearray(path.read_bytes())
    data[start + 400] ^= 1
    path.write_bytes(data)
    check_members(path, ["first"])
    # zlib may stumble over the byte before the checksum is compared
    with pytest.raises(Exception, match=r"Bad CRC-32|invalid|incorrect"):
        check_members(path, ["second"])


def test_python_objects_and_passwords_are_errors(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, first=np.array([{}], dtype=object))
    with pytest.raises(UnreadableImageError, match=r"holds Python objects, which are not opened"):
        mapped_member(path, "first")
    with pytest.raises(UnreadableImageError, match=r"holds Python objects"):
        loaded_member(path, "first")
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")  # the list of contents; flags are its bytes 8 and 9
    data[place + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(UnreadableImageError, match=r"it is protected by a password"):
        member_names(path)


def test_what_is_no_archive_is_an_error(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, first=VALUES)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(UnreadableImageError, match=r"it is no .npz file, or cut short"):
        member_names(path)


def test_other_files_in_the_archive_and_empty_arrays(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, none=np.zeros((0, 3)))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("README.txt", "hello")
    assert member_names(path) == ["none"]
    assert mapped_member(path, "none").shape == (0, 3)
