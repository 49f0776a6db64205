"""The plan: what it chooses follows from images and memory alone."""

import numpy as np
import pytest

from bioselect.data.pairs import ArrayPairs
from bioselect.networks.masks.fingerprint import MaskFingerprint, run_lengths, take_fingerprint
from bioselect.networks.masks.planning import chosen_plan, training_bytes

GIGABYTE = 1024**3


def plan(written=None, memory=3 * GIGABYTE, **facts):
    usual = {
        "n_images": 90,
        "n_channels": 3,
        "n_classes": 2,
        "middle_size": (520, 696),
        "largest_size": (1024, 1024),
        "object_extent": 20.0,
    }
    steps = chosen_plan(MaskFingerprint(**{**usual, **facts}), written or {}, memory_bytes=memory)
    return {step.parameter: step.value for step in steps}


def test_the_patch_is_as_large_as_things_need_and_the_image_allows():
    assert plan()["patch_size"] == [160, 160]
    assert plan(object_extent=5.0)["patch_size"] == [128, 128]
    assert plan(object_extent=300.0)["patch_size"] == [512, 512]
    assert plan(object_extent=300.0, middle_size=(250, 300))["patch_size"] == [256, 320]
    assert plan(middle_size=(20, 40))["patch_size"] == [32, 64]
    assert plan({"depth": 3}, middle_size=(20, 40))["patch_size"] == [24, 40]


def test_the_network_is_as_deep_as_the_patch_can_be_halved():
    # 160 = 2 ** 5 * 5, and 160 / 2 ** 4 is 10; one more halving would leave 5.
    assert plan()["depth"] == 4
    assert plan(object_extent=300.0)["depth"] == 5
    assert plan({"patch_size": 24})["depth"] == 2
    assert plan({"patch_size": [72, 64]})["depth"] == 3


def test_more_images_make_it_wider_and_less_memory_narrower():
    assert [plan(n_images=n)["width"] for n in (10, 90, 1000)] == [16, 32, 48]
    small = plan(object_extent=300.0, memory=GIGABYTE // 4)
    assert small["width"] < 32
    patch = tuple(small["patch_size"])
    assert training_bytes(patch, small["width"], small["batch_size"]) <= GIGABYTE // 4


def test_a_small_batch_is_normalised_in_groups():
    large = plan(object_extent=300.0)
    assert (large["batch_size"], large["norm"]) == (2, "group")
    assert (plan()["batch_size"], plan()["norm"]) == (8, "batch")


def test_what_is_written_stays_and_is_reckoned_with():
    chosen = plan({"width": 64, "patch_size": 512, "norm": "none", "batch_size": "auto"})
    assert set(chosen) == {"depth", "batch_size"}
    assert training_bytes((512, 512), 64, chosen["batch_size"]) <= 3 * GIGABYTE


def test_reasons_name_what_they_go_by():
    fingerprint = MaskFingerprint(90, 3, 2, (256, 300), (360, 360), 20.0)
    reasons = {step.parameter: step.reason for step in chosen_plan(fingerprint, {})}
    assert "20 px" in reasons["patch_size"]
    assert "256 x 300" in reasons["patch_size"]
    assert "90 images" in reasons["width"]
    assert "GB" in reasons["batch_size"]


def test_the_fingerprint_is_that_of_the_images():
    mask = np.zeros((40, 60), dtype=np.uint8)
    mask[10:20, 5:25] = 1
    mask[30:, :] = 255
    pairs = ArrayPairs([np.zeros((40, 60, 2))] * 3, [mask] * 3)
    found = take_fingerprint(pairs, 2, 0)
    assert (found.n_images, found.n_channels, found.middle_size) == (3, 2, (40, 60))
    # Ten rows with a run of 20, twenty columns with a run of 10.
    assert found.object_extent == pytest.approx(10.0)
    assert (
        take_fingerprint(ArrayPairs(pairs.images, [np.zeros_like(mask)] * 3), 2, 0).object_extent
        == 0.0
    )
    assert run_lengths([1, 1, 255, 0], None) == [2, 1]
