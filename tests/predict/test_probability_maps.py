from pathlib import Path

import numpy as np
import tifffile

from bioselect.data.reading import read_image
from bioselect.predict.probability_maps import probability_maps


def test_bands_become_a_map_for_each_class_with_its_name(tmp_path):
    path = tmp_path / "maps.tif"
    shares = np.random.default_rng(0).dirichlet((1, 1, 1), size=(9, 5)).astype(np.float32)
    with probability_maps(path, (9, 5), ("ground", "cell", "nucleus")) as take:
        take(slice(0, 4), shares[:4])
        # Pages of a mapped file count as memory: of a large image gigabytes.
        mapped = Path("/proc/self/maps")  # of Linux
        assert not mapped.exists() or str(tmp_path) not in mapped.read_text(encoding="utf-8")
        take(slice(4, 9), shares[4:])
    found = read_image(path)
    assert found.dtype == np.uint16
    assert np.abs(found / 65535 - shares).max() <= 0.5 / 65535 + 1e-7
    with tifffile.TiffFile(path) as tiff:
        assert tiff.imagej_metadata["Labels"] == ["ground", "cell", "nucleus"]


def test_large_maps_have_the_larger_form(tmp_path, monkeypatch):
    monkeypatch.setattr("bioselect.predict.probability_maps._LARGE", 10)
    with probability_maps(tmp_path / "maps.tif", (9, 5), ("a", "b")) as take:
        take(slice(0, 9), np.full((9, 5, 2), 0.5, np.float32))
    found = read_image(tmp_path / "maps.tif")
    assert found.shape == (9, 5, 2)
    assert (found == 32768).all()
    with tifffile.TiffFile(tmp_path / "maps.tif") as tiff:
        assert tiff.is_bigtiff


def test_nothing_is_left_of_maps_that_were_not_finished(tmp_path):
    try:
        with probability_maps(tmp_path / "maps.tif", (9, 5), ("a", "b")):
            raise RuntimeError
    except RuntimeError:
        pass
    assert list(tmp_path.iterdir()) == []
