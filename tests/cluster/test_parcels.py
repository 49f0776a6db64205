"""Tasks travel with their large arrays apart, each once."""

import numpy as np
import pytest

from bioselect.cluster import parcels
from bioselect.cluster.parcels import mapped, opened, packed, pieces


def test_large_arrays_are_apart_and_read_only():
    large = np.arange(1 << 17, dtype=np.float64)
    columns = np.asfortranarray(large[:100_000].reshape(100, 1000).repeat(2, axis=0))
    task = {"rows": large, "again": large, "small": np.arange(3), "columns": columns}
    content, arrays = packed(sorted, task)
    assert len(arrays) == 2
    assert arrays[0] is large
    assert len(content) < 10_000
    function, found = opened(content, arrays)
    assert function is sorted
    assert found["rows"].base is large
    np.testing.assert_array_equal(found["columns"], columns)
    found["small"][0] = 5
    with pytest.raises(ValueError, match="read-only"):
        found["again"][0] = 5


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
        np.arange(24.0).reshape(4, 6)[::2, 1:],
        np.array([(1, 0.5), (2, 0.25)], dtype=[("n", "<i4"), ("x", "<f8")]),
        np.array(["a", "\u00e4"]),
        np.array(3.0),
    ],
)
def test_the_pieces_of_an_array_are_a_file_of_numpy(array, tmp_path, monkeypatch):
    monkeypatch.setattr(parcels, "PIECE_BYTES", 5)
    path = tmp_path / "a.array"
    path.write_bytes(b"".join(pieces(array)))
    with path.open("rb") as file:
        np.testing.assert_array_equal(np.load(file, allow_pickle=False), array)
    found = mapped(str(path))
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)


def test_objects_do_not_travel_apart():
    _, arrays = packed(sorted, np.array([None] * 100_000))
    assert arrays == []


def test_a_type_that_a_file_of_numpy_does_not_keep_does_not_travel_apart():
    ml_dtypes = pytest.importorskip("ml_dtypes")  # comes with TensorFlow
    _, arrays = packed(sorted, np.zeros(100_000, dtype=ml_dtypes.bfloat16))
    assert arrays == []
