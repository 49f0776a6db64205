import tracemalloc

import numpy as np
import pytest
from skimage.draw import ellipse
from skimage.measure import label, regionprops

from bioselect.data.pairs import ArrayScene
from bioselect.metrics.objects import ObjectRule
from bioselect.segmenters import object_measures
from bioselect.segmenters.objects import object_table

NAMES = ("background", "cell", "debris")
IMAGE = np.random.default_rng(0).random((50, 70, 2)).astype(np.float32)
MASK = np.zeros((50, 70), np.uint8)
MASK[ellipse(15, 20, 8, 14)] = 1
MASK[ellipse(35, 50, 9, 6)] = 1
MASK[40:44, 5:10] = 2


def test_properties_are_those_of_scikit_image():
    table = object_table(MASK, NAMES, 0, ArrayScene(IMAGE))
    expected = [
        *regionprops(label(MASK == 1), intensity_image=IMAGE),
        *regionprops(label(MASK == 2), intensity_image=IMAGE),
    ]
    columns = table.columns
    assert len(table) == len(expected) == 3
    assert columns["class"].tolist() == ["cell", "cell", "debris"]
    assert columns["label"].tolist() == [1, 2, 3]
    for place, one in enumerate(expected):
        assert columns["area_px"][place] == one.area
        assert columns["centroid_y_px"][place] == pytest.approx(one.centroid[0])
        assert columns["centroid_x_px"][place] == pytest.approx(one.centroid[1])
        assert columns["perimeter_px"][place] == pytest.approx(one.perimeter)
        top, left, bottom, right = one.bbox
        assert (columns["top"][place], columns["left"][place]) == (top, left)
        assert (columns["height"][place], columns["width"][place]) == (bottom - top, right - left)
        means = columns["mean_c0"][place], columns["mean_c1"][place]
        assert means == pytest.approx(one.intensity_mean, abs=1e-6)
    assert np.array_equal(table.labels == 3, MASK == 2)


def test_units_and_names_of_channels():
    columns = object_table(
        MASK, NAMES, 0, ArrayScene(IMAGE), pixel_size=0.5, channel_names=("dapi", "gfp")
    ).columns
    assert columns["area_px"][2] == 20  # 4 rows of 5
    assert columns["area_um2"][2] == 5.0
    assert columns["centroid_x_um"][2] == pytest.approx(0.5 * 7)  # columns 5 to 9
    assert columns["centroid_y_um"][2] == pytest.approx(0.5 * 41.5)
    assert columns["perimeter_um"] == pytest.approx(columns["perimeter_px"] / 2)
    assert list(columns)[-2:] == ["mean_dapi", "mean_gfp"]
    without = object_table(MASK, NAMES, 0).columns
    assert not any(name.endswith(("um", "um2")) or name.startswith("mean") for name in without)


def test_a_mask_without_objects_has_the_same_columns():
    empty = object_table(np.zeros_like(MASK), NAMES, 0, ArrayScene(IMAGE), pixel_size=2.0)
    full = object_table(MASK, NAMES, 0, ArrayScene(IMAGE), pixel_size=2.0)
    assert len(empty) == 0
    assert list(empty.columns) == list(full.columns)
    for name, values in empty.columns.items():
        assert values.shape == (0,)
        assert values.dtype == full.columns[name].dtype, name


@pytest.mark.parametrize("n_pixels", [1, 150, 300])  # a row of 70, two, four at a time
def test_bands_give_the_same_as_the_whole(monkeypatch, n_pixels):
    once = object_table(MASK, NAMES, 0, ArrayScene(IMAGE)).columns
    monkeypatch.setattr(object_measures, "_PIXELS_AT_A_TIME", n_pixels)
    parts = object_table(MASK, NAMES, 0, ArrayScene(IMAGE)).columns
    for name, values in once.items():
        if name.startswith("mean"):
            assert parts[name] == pytest.approx(values, abs=1e-12)
        else:
            assert np.array_equal(parts[name], values), name


@pytest.mark.parametrize("n_pixels", [40, 1 << 21])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.8, 1.0])
def test_ragged_objects_that_touch_measure_what_they_do_in_scikit_image(
    monkeypatch, n_pixels, share
):
    # Noise has every step that a contour can take; two classes touch, and all touch the frame.
    random = np.random.default_rng(5)
    mask = (random.random((30, 40)) < share) * random.integers(1, 3, (30, 40))
    monkeypatch.setattr(object_measures, "_PIXELS_AT_A_TIME", n_pixels)
    table = object_table(mask.astype(np.uint8), NAMES, 0)
    columns = table.columns
    expected = regionprops(table.labels)
    assert len(table) == len(expected) > 1
    assert columns["area_px"].tolist() == [one.area for one in expected]
    assert columns["perimeter_px"] == pytest.approx([one.perimeter for one in expected])
    centroids = np.array([one.centroid for one in expected])
    assert columns["centroid_y_px"] == pytest.approx(centroids[:, 0])
    assert columns["centroid_x_px"] == pytest.approx(centroids[:, 1])


def test_an_object_that_fills_the_image_takes_little_memory(monkeypatch):
    side = 600
    mask = np.ones((side, side), np.uint8)
    object_table(mask[:5, :5], NAMES, 0)  # what is imported late
    monkeypatch.setattr(object_measures, "_PIXELS_AT_A_TIME", 10_000)
    tracemalloc.start()
    object_table(mask, NAMES, 0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # Labels twice, of the class and of all (8 bytes), and where there are any (2): a list of
    # coordinates would be 16 more at the least.
    assert peak / side**2 < 16


def test_one_pixel_and_the_rule():
    table = object_table(np.ones((1, 1), np.uint8), NAMES, 0)
    assert table.columns["area_px"].tolist() == [1]
    assert table.columns["perimeter_px"].tolist() == [0.0]
    assert len(object_table(MASK, NAMES, 0, rule=ObjectRule(min_area=21))) == 2
