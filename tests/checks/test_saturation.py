"""Over-exposed images, and white backgrounds."""

import pytest

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.saturation import saturated_images


@pytest.fixture
def usual(image):
    return [image(f"{number}.png") for number in range(18)]


def test_usual_images_give_no_finding(usual):
    assert saturated_images(usual) == []


@pytest.mark.parametrize(
    ("facts", "is_found"),
    [
        ({"maximum": 255.0, "share_at_maximum": 0.05}, True),
        ({"maximum": 255.0, "share_at_maximum": 0.049}, False),
        ({"maximum": 250.0, "share_at_maximum": 0.5}, False),  # not the end of the scale
        ({"dtype": "uint16", "maximum": 4095.0, "share_at_maximum": 0.5}, True),  # 12 bits
        ({"dtype": "uint16", "maximum": 4096.0, "share_at_maximum": 0.5}, False),
        ({"dtype": "float32", "maximum": 1.0, "share_at_maximum": 0.5}, True),
        ({"maximum": 255.0, "share_at_maximum": 0.5, "is_two_valued": True}, False),
    ],
)
def test_over_exposed_images(image, usual, facts, is_found):
    found = saturated_images([*usual, image("x.png", **facts)])
    assert [(item.severity, item.image) for item in found] == [(WARNING, "x.png")] * is_found


def test_white_backgrounds_are_told_of_once(image):
    white = [image(f"{n}.png", maximum=255.0, share_at_maximum=0.6) for n in range(20)]
    (finding,) = saturated_images(white)
    assert (finding.severity, "20 of 20 images" in finding.what) == (NOTE, True)
