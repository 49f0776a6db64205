"""Archives of others are unpacked safely."""

import zipfile

import pytest

from bioselect.bundle.archives import is_inside, unpack
from bioselect.exceptions import BundleError


@pytest.mark.parametrize(
    "name", ["../evil.txt", "a/../../evil.txt", "/etc/evil", "C:\\evil", "..\\evil", "", "C:evil"]
)
def test_names_that_point_outside(name):
    assert not is_inside(name)


@pytest.mark.parametrize("name", ["a", "a/b.npz", "..a/b..", "Größe 1/é.txt"])
def test_names_that_stay_inside(name):
    assert is_inside(name)


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "deep/../../evil.txt"])
def test_zip_that_points_outside_is_not_opened(tmp_path, name):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x", name: "evil"})
    (tmp_path / "inside").mkdir()
    with pytest.raises(BundleError, match=r"model\.zip: every entry must lie inside") as raised:
        unpack(path, tmp_path / "inside")
    assert repr(name) in str(raised.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inside", "model.zip"]


def test_zip_that_is_cut_short(tmp_path):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x" * 1000})
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BundleError, match="cut short"):
        unpack(path, tmp_path / "inside")


def test_zip_with_a_changed_byte(tmp_path):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x" * 1000})
    path.write_bytes(path.read_bytes().replace(b"xxxx", b"xxyx", 1))
    with pytest.raises(BundleError, match=r"cannot be unpacked \(Bad CRC-32") as raised:
        unpack(path, tmp_path / "inside")
    assert "\n" not in str(raised.value)


def test_zip_with_a_password(tmp_path):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x"})
    data = bytearray(path.read_bytes())
    # Bit 0 of the flags says "encrypted": byte 6 of the local header, byte 8 of the central one.
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(BundleError, match="password"):
        unpack(path, tmp_path / "inside")


def _zip(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path
