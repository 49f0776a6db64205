"""Images that show nothing, or next to nothing."""

import numpy as np
import pytest

from bioselect.checks.blank import blank_images
from bioselect.checks.findings import WARNING
from bioselect.data.pixel_statistics import pixel_statistics


def kinds(readable):
    found = blank_images(readable)
    assert all(item.severity == WARNING for item in found)
    return [(item.kind, item.image) for item in found]


@pytest.fixture
def usual(image):
    return [image(f"{number}.png") for number in range(8)]


def test_usual_images_give_no_finding(usual):
    assert blank_images(usual) == []


@pytest.mark.parametrize("value", [0.0, 255.0])
def test_constant_images_are_named_with_their_value(image, usual, value):
    blank = image("b.png", minimum=value, maximum=value, spread=0.0, n_blank_channels=3)
    (finding,) = blank_images([*usual, blank])
    assert (finding.kind, finding.image) == ("constant", "b.png")
    assert finding.what == f"every pixel has the value {value:g}."


@pytest.mark.parametrize(
    ("facts", "is_found"),
    [
        ({"spread": 4.0}, True),  # 2 % of the 200 that are usual
        ({"spread": 4.1}, False),
        ({"spread": 0.0, "maximum": 255.0}, True),  # a hot pixel does not make an image
        ({"minimum": 17.0, "maximum": 19.0, "spread": 2.0}, True),
        ({"spread": 0.0, "is_two_valued": True}, True),  # 1 % white is no mask worth the name
        ({"spread": 255.0, "is_two_valued": True}, False),  # told of as a mask
    ],
)
def test_nearly_constant_is_meant_beside_what_is_usual(image, usual, facts, is_found):
    found = kinds([*usual, image("b.png", **facts)])
    assert (("nearly constant", "b.png") in found) is is_found


def test_sparse_images_among_their_like_are_not_nearly_constant(image):
    # A few bright spots on black: 99 % of the values are 0 in all of them.
    assert kinds([image(f"{n}.png", spread=0.0) for n in range(5)]) == []


def test_noise_of_a_few_steps_is_nearly_constant_also_where_images_are_dim(image):
    # 2 % of the usual 60 is 1.2, less than the noise.
    dim = [image(f"{n}.png", maximum=80.0, spread=60.0) for n in range(8)]
    noise = image("b.png", minimum=17.0, maximum=19.0, spread=2.0)
    assert kinds([*dim, noise]) == [("nearly constant", "b.png")]


def test_images_of_few_steps_among_their_like_are_not_nearly_constant(image):
    # Label images: 0 is the background, 1 and 2 are nuclei and borders.
    assert kinds([image(f"{n}.png", maximum=2.0, spread=2.0) for n in range(5)]) == []


def test_each_type_has_its_own_usual_spread(image, usual):
    deep = [image(f"{n}.tif", dtype="uint16", maximum=4000.0, spread=3000.0) for n in range(20)]
    assert kinds([*usual, *deep]) == []
    assert kinds([*usual, *deep, image("x.tif", dtype="uint16", spread=50.0, maximum=900.0)]) == [
        ("nearly constant", "x.tif")
    ]


def test_a_channel_that_is_missing_in_some_images(image, usual):
    readable = [*usual, image("b.png", n_blank_channels=1)]
    (finding,) = blank_images(readable)
    assert finding.image == "b.png"
    assert "1 of its 3 channels hold one value only (usual here: 0)" in finding.what
    # Green fluorescence saved as RGB: two blank channels are how these images are.
    assert kinds([image(f"{n}.png", n_blank_channels=2) for n in range(5)]) == []


def test_masks_among_images(image, usual):
    masks = [image(f"{n}_mask.png", is_two_valued=True) for n in range(4)]
    assert kinds([*usual, *masks]) == [("mask", f"{n}_mask.png") for n in range(4)]
    assert kinds(masks) == []  # Black and white is how these images are.


def test_with_facts_of_real_pixels(image):
    random = np.random.default_rng(0)
    drawn = {f"{n}.png": random.normal(120, 30, (64, 64, 3)) for n in range(6)}
    dark = np.full((64, 64, 3), 10.0)
    dark[5, 5] = 250
    drawn["hot pixel.png"] = dark
    drawn["noise.png"] = random.integers(10, 12, (64, 64, 3))
    drawn["mask.png"] = np.where(random.random((64, 64, 1)) < 0.3, 255, 0)
    readable = []
    for name, pixels in drawn.items():
        statistics = pixel_statistics(np.clip(pixels, 0, 255).astype(np.uint8))
        readable.append(image(name, **vars(statistics)))
    # All three have two values only, but one white pixel of 4096 makes no mask.
    assert {name: kind for kind, name in kinds(readable)} == {
        "hot pixel.png": "nearly constant",
        "noise.png": "nearly constant",
        "mask.png": "mask",
    }
