import xml.etree.ElementTree as ET

import pytest

from bioselect.drawing.curve_plot import (
    BESIDE,
    LEFT,
    MOST_CURVES,
    SIDE,
    TOP,
    Curve,
    curves_svg,
)


def parsed(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def test_points_lie_where_their_numbers_say():
    svg = curves_svg("t", "", ("x", "y"), [Curve("a", [0.0, 0.5, 1.0], [0.0, 0.75, 1.0])])
    (drawn,) = parsed(svg, "polyline")
    points = [tuple(map(float, point.split(","))) for point in drawn.get("points").split()]
    assert points == [
        (LEFT, TOP + SIDE),
        (LEFT + SIDE / 2, TOP + SIDE / 4),
        (LEFT + SIDE, TOP),
    ]


def test_every_curve_has_its_own_colour_and_dashes_and_its_name_beside_it():
    curves = [Curve(f"class {i}", [0.0, 1.0], [0.0, 1.0]) for i in range(MOST_CURVES)]
    svg = curves_svg("t", "", ("x", "y"), curves)
    looks = {(one.get("stroke"), one.get("stroke-dasharray")) for one in parsed(svg, "polyline")}
    assert len({colour for colour, _ in looks}) == len({d for _, d in looks}) == MOST_CURVES
    named = [one for one in parsed(svg, "text") if one.text.startswith("class ")]
    assert len(named) == MOST_CURVES
    assert all(LEFT + SIDE < float(one.get("x")) < LEFT + SIDE + BESIDE for one in named)


def test_more_curves_than_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="at most"):
        curves_svg("t", "", ("x", "y"), [Curve("a", [0.0], [0.0])] * (MOST_CURVES + 1))
