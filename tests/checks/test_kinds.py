"""Images of different kinds in one data set."""

import pytest

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.kinds import mixed_kinds


@pytest.fixture
def usual(image):
    return [image(f"{number}.png") for number in range(18)]


def test_images_of_one_kind_give_no_finding(usual):
    assert mixed_kinds(usual) == []


def test_other_channels_and_types_are_counted_with_an_example(image, usual):
    channels, types = mixed_kinds([*usual, image("x.tif", n_channels=1, dtype="uint16")])
    assert {channels.severity, types.severity} == {WARNING}
    assert "channels: 3 (18 images, such as 0.png), 1 (x.tif)." in channels.what
    assert "types: uint8 (18 images, such as 0.png), uint16 (x.tif)." in types.what


def test_a_few_images_of_another_size_are_named(image, usual):
    (finding,) = mixed_kinds([*usual, image("thumb.png", height=16, width=20)])
    assert (finding.severity, finding.image) == (NOTE, "thumb.png")
    assert finding.what == "has 20 x 16 pixels; 18 of 19 images have 64 x 64."


def test_many_sizes_are_told_of_once_and_only_if_they_differ_much(image):
    near = [image(f"{n}.png", height=64 + n) for n in range(20)]
    assert mixed_kinds(near) == []
    (finding,) = mixed_kinds([*near, *[image(f"x{n}.png", height=320) for n in range(5)]])
    # 64 x 320 has 5 times the pixels of 64 x 64; its width is 0.2 of its height.
    assert "21 different sizes, from 64 x 64 to 64 x 320 pixels" in finding.what
    assert "0.2 to 1 times" in finding.what
