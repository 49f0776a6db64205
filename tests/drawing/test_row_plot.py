import xml.etree.ElementTree as ET

from bioselect.drawing.row_plot import COLUMN_WIDTH, ROW_HEIGHT, TOP, Column, Mark, rows_svg


def parsed(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def test_marks_stand_in_their_row_on_their_own_axis():
    # Both axes begin at 0; 4 of 4 is at the right end of the first, 5 of 10 in the middle of the
    # second.
    columns = [
        Column("forest", "cells", [Mark(4.0), Mark(1.0)]),
        Column("line", "cells", [None, Mark(5.0, 5.0)]),
    ]
    svg = rows_svg("t", "", ["a", "b"], columns)
    marks = parsed(svg, "circle")
    bars = [one for one in parsed(svg, "rect") if one.get("fill-opacity")]
    assert [float(one.get("cy")) for one in marks] == [
        TOP + ROW_HEIGHT * place for place in (0.5, 1.5, 1.5)
    ]
    assert [float(one.get("width")) for one in bars] == [
        COLUMN_WIDTH * share for share in (1.0, 0.25, 0.5)
    ]


def test_what_is_below_zero_goes_to_the_left():
    svg = rows_svg("t", "", ["a"], [Column("", "x", [Mark(-1.0)])])
    (bar,) = [one for one in parsed(svg, "rect") if one.get("fill-opacity")]
    (mark,) = parsed(svg, "circle")
    assert float(bar.get("x")) == float(mark.get("cx"))


def test_long_and_odd_names_are_shortened_and_escaped():
    svg = rows_svg("t", "", ["<" * 60], [Column("a & b", "x", [Mark(1.0)])])
    texts = ["".join(one.itertext()) for one in parsed(svg, "text")]
    assert "a & b" in texts
    assert any(one.startswith("<<<") and len(one) == 34 for one in texts)
