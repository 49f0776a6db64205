import xml.etree.ElementTree as ET

import pytest

from bioselect.drawing.reliability_plot import LARGEST, LEFT, SIDE, TOP, Said, reliability_svg


def parsed(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def test_marks_lie_at_what_was_said_and_so_and_their_area_is_the_number_of_images():
    series = [("before", [Said(0.5, 0.25, 25), Said(1.0, 0.5, 100)])]
    first, second, _ = parsed(reliability_svg("t", "", series, ("x", "y")), "circle")
    assert float(first.get("cx")) == LEFT + SIDE / 2
    assert float(first.get("cy")) == TOP + SIDE * 0.75
    # A quarter of the images is a quarter of the area: half the radius.
    assert float(second.get("r")) == LARGEST
    assert float(first.get("r")) == pytest.approx(LARGEST / 2)


def test_before_and_after_differ_in_more_than_colour():
    series = [(name, [Said(0.5, 0.5, 1)]) for name in ("before", "after")]
    before, after = parsed(reliability_svg("t", "", series, ("x", "y")), "polyline")
    assert before.get("stroke-dasharray")
    assert not after.get("stroke-dasharray")
