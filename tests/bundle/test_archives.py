"""Archives of others are unpacked safely."""

import stat
import zipfile
from typing import NamedTuple

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


class Usage(NamedTuple):
    free: int


def _zip(path, entries):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize("name", ["../evil.txt", "/evil.txt", "deep/../../evil.txt"])
def test_zip_that_points_outside_is_not_opened(tmp_path, name):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x", name: "evil"})
    (tmp_path / "inside").mkdir()
    with pytest.raises(BundleError, match=r"model\.zip: every entry must lie inside") as raised:
        unpack(path, tmp_path / "inside")
    assert repr(name) in str(raised.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["inside", "model.zip"]


def link(name):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["a/b", "A/b"], "every file must have a name of its own on every system. Got 'a/b' and "),
        (["a/b", "a/./b"], "every file must have a name of its own .* Got 'a/b' and 'a/./b'"),
        (["a/b", "a//b"], "every file must have a name of its own .* Got 'a/b' and 'a//b'"),
        (["a/b", "./a/b"], "every file must have a name of its own .* Got 'a/b' and './a/b'"),
        (["a/b", "a\\B"], "every file must have a name of its own .* Got 'a/b' and "),
        (["a", "a/b"], "a name must be a file or a folder. Got 'a' and 'a/b'"),
        (["a/b/", "A/B"], "a name must be a file or a folder. Got 'A/B' and 'a/b/'"),
        (["a", link("b")], "every entry must be a file or a folder. Got the link 'b'"),
    ],
)
def test_names_of_which_one_hides_another_are_refused(tmp_path, names, words):
    path = _zip(tmp_path / "model.zip", dict.fromkeys(names, "x"))
    with pytest.raises(BundleError, match=rf"model\.zip: {words}"):
        unpack(path, tmp_path / "inside")
    assert not (tmp_path / "inside").exists()


def test_folders_may_be_named_and_implied(tmp_path):
    path = _zip(tmp_path / "model.zip", {"a/": "", "a/b/": "", "a/b/c": "x", "a/d": "y"})
    unpack(path, tmp_path / "inside")
    assert (tmp_path / "inside/a/b/c").read_text() == "x"


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_is_refused(tmp_path):
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", "x")
        archive.writestr("a", "y")
    with pytest.raises(BundleError, match="Got 'a' twice"):
        unpack(path, tmp_path / "inside")


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


def test_zip_that_would_fill_the_disk(tmp_path, monkeypatch):
    # Two entries of 60 MB of zeros: each alone would pass.
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("manifest.json", "network.keras"):
            archive.writestr(name, bytes(60 * 10**6))
    (tmp_path / "inside").mkdir()
    with pytest.raises(
        BundleError, match=r"model\.zip: .* Got 0\.12 GB out of 0\.00012 GB\. It"
    ) as e:
        unpack(path, tmp_path / "inside")
    assert "\n" not in str(e.value)
    assert list((tmp_path / "inside").iterdir()) == []


def test_zip_that_a_disk_has_no_room_for(tmp_path, monkeypatch):
    path = _zip(tmp_path / "model.zip", {"good.txt": "x" * 1000})
    (tmp_path / "inside").mkdir()
    unpack(path, tmp_path / "inside")
    monkeypatch.setattr("bioselect.storage.shutil.disk_usage", lambda folder: Usage(999))
    with pytest.raises(BundleError, match=r"there must be room for 1e-06 GB"):
        unpack(path, tmp_path / "inside")


def test_an_entry_that_declares_less_than_it_holds_is_cut_there(tmp_path):
    # `unpacking_problem` believes the declared sizes, because nothing is read beyond them.
    path = tmp_path / "model.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.bin", bytes(10**6))
    declared = (10**6).to_bytes(4, "little")
    data = path.read_bytes()
    assert data.count(declared) == 2
    path.write_bytes(data.replace(declared, (1000).to_bytes(4, "little")))
    (tmp_path / "inside").mkdir()
    with pytest.raises(BundleError, match="cannot be unpacked"):
        unpack(path, tmp_path / "inside")
    assert sum(one.stat().st_size for one in (tmp_path / "inside").iterdir()) <= 1000
