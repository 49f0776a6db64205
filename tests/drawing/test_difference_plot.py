import xml.etree.ElementTree as ET

import pytest

from bioselect.drawing.difference_plot import Difference, differences_svg


def parsed(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def test_dots_intervals_and_band_share_one_axis():
    rows = [
        Difference("best", 0.0, stressed=True),
        Difference("compared", 6.0, 2.0, 10.0),
        Difference("not compared", 4.0),
    ]
    svg = differences_svg("t", "", "points", rows, 2.0)
    best, compared, other = (float(one.get("cx")) for one in parsed(svg, "circle"))
    unit = (compared - best) / 6
    assert other - best == pytest.approx(4 * unit, abs=0.15)
    (band,) = [one for one in parsed(svg, "rect") if one.get("fill-opacity")]
    assert float(band.get("x")) == pytest.approx(best - 2 * unit, abs=0.15)
    assert float(band.get("width")) == pytest.approx(4 * unit, abs=0.3)
    (interval,) = [one for one in parsed(svg, "line") if one.get("stroke-width") == "2"]
    assert float(interval.get("x1")) == pytest.approx(best + 2 * unit, abs=0.15)
    assert float(interval.get("x2")) == pytest.approx(best + 10 * unit, abs=0.15)


def test_what_was_not_compared_is_a_ring():
    rows = [Difference("compared", 1.0, 0.5, 1.5), Difference("not", 1.0)]
    compared, other = parsed(differences_svg("t", "", "", rows, 0.1), "circle")
    assert compared.get("fill") == compared.get("stroke")
    assert other.get("fill") == "white"
