"""Equal content gives equal bytes."""

import io
import time
import zipfile

import numpy as np
import skops.io
from sklearn.ensemble import RandomForestClassifier

from bioselect.steady_archives import read_zip, steady_skops, steady_zip, zip_bytes


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
