"""Equal content gives equal bytes; archives of others are unpacked safely."""

import io
import time
import zipfile
from typing import NamedTuple

import numpy as np
import pytest
import skops.io
from sklearn.ensemble import RandomForestClassifier

from bioselect.bundle.archives import (
    is_inside,
    read_zip,
    steady_skops,
    steady_zip,
    unpack,
    zip_bytes,
)
from bioselect.exceptions import BundleError


def test_zip_bytes_are_read_by_any_reader_and_hold_no_date():
    data = zip_bytes({"b.txt": b"two", "a/c.txt": b"one"})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["b.txt", "a/c.txt"]
        assert archive.read("a/c.txt") == b"one"
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert read_zip(data) == {"b.txt": b"two", "a/c.txt": b"one"}


def test_steady_zip_forgets_order_and_dates(tmp_path):
    for name, entries in (("one.zip", "ab"), ("two.zip", "ba")):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry in entries:
                date = (2001 + len(name), 1, 1, 0, 0, 0) if entry == "a" else time.localtime()[:6]
                archive.writestr(zipfile.ZipInfo(entry, date), entry * 50)
        steady_zip(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    assert read_zip((tmp_path / "one.zip").read_bytes()) == {"a": b"a" * 50, "b": b"b" * 50}


def test_steady_skops_is_the_same_for_equal_estimators_and_loads_to_them():
    rows = np.random.default_rng(0).normal(size=(30, 4))
    labels = np.arange(30) % 3
    written = []
    for _ in range(2):
        forest = RandomForestClassifier(5, random_state=0).fit(rows, labels)
        written.append((skops.io.dumps(forest), forest.predict_proba(rows)))
    (first, expected), (second, _) = written
    # As skops writes them, objects are numbered by their places in memory.
    assert first != second
    assert steady_skops(first) == steady_skops(second)
    read = skops.io.loads(steady_skops(first), trusted=["sklearn.tree._tree.Tree"])
    np.testing.assert_array_equal(read.predict_proba(rows), expected)


def test_steady_skops_keeps_shared_objects_shared():
    array = np.arange(3.0)
    read = skops.io.loads(steady_skops(skops.io.dumps({"a": [array, array], "b": np.arange(3.0)})))
    assert read["a"][0] is read["a"][1]
    assert read["b"] is not read["a"][0]


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
