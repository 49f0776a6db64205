"""Tasks travel with their large arrays apart, each once."""

import numpy as np
import pytest

from bioselect.cluster.parcels import opened, packed


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
