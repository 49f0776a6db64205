import numpy as np
import pytest
from skimage.draw import ellipse
from skimage.measure import label, regionprops

from bioselect.data.pairs import ArrayScene
from bioselect.metrics.objects import ObjectRule
from bioselect.segmenters import objects
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


def test_bands_give_the_same_as_the_whole(monkeypatch):
    once = object_table(MASK, NAMES, 0, ArrayScene(IMAGE)).columns["mean_c1"]
    monkeypatch.setattr(objects, "_PIXELS_AT_A_TIME", 300)
    parts = object_table(MASK, NAMES, 0, ArrayScene(IMAGE)).columns["mean_c1"]
    assert parts == pytest.approx(once, abs=1e-12)


def test_one_pixel_and_the_rule():
    table = object_table(np.ones((1, 1), np.uint8), NAMES, 0)
    assert table.columns["area_px"].tolist() == [1]
    assert table.columns["perimeter_px"].tolist() == [0.0]
    assert len(object_table(MASK, NAMES, 0, rule=ObjectRule(min_area=21))) == 2
