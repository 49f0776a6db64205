"""Images unlike those of training are told of before anybody believes their predictions."""

import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.predict.familiarity import N_LOOKED_AT, doubts, spread


def scaled(model, intensity, dtype="uint16"):
    manifest = model.manifest.model_copy(update={"image_dtype": dtype})
    return replace(model, manifest=manifest, reading=Reading(intensity))


@pytest.fixture
def deep(tmp_path, save_image):
    """Return three 16-bit images with the largest values 4095, 4096 and 60000."""
    paths = []
    for largest in (4095, 4096, 60000):
        pixels = np.zeros((8, 8), dtype=np.uint16)
        pixels[3, 3] = largest
        paths.append(save_image(tmp_path / f"{largest}.png", pixels))
    return paths


def test_values_beyond_the_range_are_counted(model, deep):
    (line,) = doubts(scaled(model, Intensity("range", 0, 4095)), deep)
    # 4095 itself is not clipped.
    assert "between 0 and 4095" in line
    assert "Got 0 to 60000 in 2 of 3 images" in line
    assert "\n" not in line


def test_values_below_the_range(model, deep):
    (line,) = doubts(scaled(model, Intensity("range", 1, 65535)), deep[:1])
    assert "Got 0 to 4095 in 1 of 1 images" in line


def test_values_within_the_range_are_fine(model, deep):
    assert doubts(scaled(model, Intensity("range", 0, 65535)), deep) == []


def test_other_pixel_type_is_named(model, deep, tmp_path, save_image):
    small = save_image(tmp_path / "small.png", np.zeros((8, 8), dtype=np.uint8))
    (line,) = doubts(scaled(model, Intensity("dtype"), "uint8"), [*deep, small])
    assert "must be uint8" in line
    assert "Got 3 uint16 among 4 images" in line


def test_scaling_by_percentiles_suits_any_image(model, deep):
    assert doubts(scaled(model, Intensity("percentile"), "uint8"), deep) == []


def test_unreadable_images_are_passed_over(model, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"")
    assert doubts(scaled(model, Intensity("range", 0, 1)), [bad, tmp_path / "gone.png"]) == []


def test_first_and_last_are_looked_at():
    paths = [Path(str(number)) for number in range(1001)]
    chosen = [int(path.name) for path in spread(paths, N_LOOKED_AT)]
    assert len(chosen) == 20
    assert (chosen[0], chosen[-1]) == (0, 1000)
    # 19 steps over 1000: 52 or 53 each.
    assert set(np.diff(chosen)) == {52, 53}
    assert spread(paths[:20], N_LOOKED_AT) == paths[:20]


def test_one_image_at_a_time_is_in_memory(model, monkeypatch):
    held = []

    def read(source, stack):
        assert all(image() is None for image in held)
        image = np.zeros((8, 8, 3), dtype=np.uint16)
        held.append(weakref.ref(image))
        return image

    monkeypatch.setattr("bioselect.predict.familiarity.read_source", read)
    paths = [Path(str(number)) for number in range(30)]
    (line,) = doubts(scaled(model, Intensity("dtype"), "uint8"), paths)
    assert "Got 20 uint16 among 20 images" in line
