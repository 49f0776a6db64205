import xml.etree.ElementTree as ET

import numpy as np
import pytest

from bioselect.drawing.colours import BLUE
from bioselect.drawing.number_plots import (
    LEFT,
    MOST_DOTS,
    SIDE,
    TOP,
    Numbers,
    bland_altman_svg,
    errors_svg,
    predicted_against_true_svg,
)

TWO = Numbers(np.array([0.0, 4.0]), np.array([2.0, 8.0]), ["a.png", "b.png"], "cells")


def elements(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def dots(svg):
    return [(float(one.get("cx")), float(one.get("cy"))) for one in elements(svg, "circle")]


def level_lines(svg):
    """Return the heights of level lines that are no grid."""
    return [
        float(one.get("y1"))
        for one in elements(svg, "line")
        if one.get("y1") == one.get("y2") and one.get("stroke-width") == "1.5"
    ]


def test_predicted_against_true_has_equal_axes_and_the_line_of_equality():
    svg = predicted_against_true_svg("t", TWO)
    # Both axes go from 0 to 8: true 4 is in the middle, predicted 2 a quarter up.
    assert dots(svg) == [(LEFT, TOP + SIDE * 0.75), (LEFT + SIDE / 2, TOP)]
    (identity,) = [one for one in elements(svg, "line") if one.get("stroke-dasharray")]
    ends = [float(identity.get(name)) for name in ("x1", "y1", "x2", "y2")]
    assert ends == [LEFT, TOP + SIDE, LEFT + SIDE, TOP]


def test_errors_stand_above_what_was_predicted():
    svg = errors_svg("t", TWO)
    # Predicted 2 and 8 with errors 2 and 4; the axes go from 2 to 8 and from 0 to 4.
    assert dots(svg) == [(LEFT, TOP + SIDE / 2), (LEFT + SIDE, TOP)]
    assert level_lines(svg) == [TOP + SIDE]


def test_bland_altman_has_bias_and_limits_with_their_numbers():
    # Means 1 and 6 on an axis from 1 to 6; errors 2 and 4 on one from 0 to 6.
    svg = bland_altman_svg("t", TWO, 3.0, (1.0, 6.0))
    found, expected = dots(svg), [(LEFT, TOP + SIDE * 2 / 3), (LEFT + SIDE, TOP + SIDE / 3)]
    assert np.allclose(found, expected, atol=0.1)
    assert level_lines(svg) == pytest.approx([TOP + SIDE / 2, TOP + SIDE * 5 / 6, TOP], abs=0.1)
    texts = ["".join(one.itertext()) for one in elements(svg, "text")]
    assert {"lower limit 1", "bias 3", "upper limit 6"} <= set(texts)


def test_numbers_of_lines_that_lie_close_do_not_overlap():
    svg = bland_altman_svg("t", TWO, 3.0, (2.999, 3.001))
    heights = sorted(
        float(one.get("y"))
        for one in elements(svg, "text")
        if "".join(one.itertext()).startswith(("lower limit", "bias", "upper limit"))
    )
    assert min(np.diff(heights)) >= 14


@pytest.mark.parametrize("draw", [predicted_against_true_svg, errors_svg])
def test_many_images_are_thinned_out_and_that_is_said(draw):
    values = np.arange(3.0 * MOST_DOTS)
    svg = draw("t", Numbers(values, values + 1, [""] * len(values), "cells"))
    assert len(dots(svg)) == MOST_DOTS
    assert f"({3 * MOST_DOTS} images, one in 3 drawn)" in svg


def test_a_dot_tells_its_image():
    assert "<title>b.png</title>" in errors_svg("t", TWO)
    assert BLUE in errors_svg("t", TWO)
