"""A learning curve as SVG: dots where they belong, the curve, labels that do not overlap."""

import xml.etree.ElementTree as ET

import pytest

from bioselect.drawing.learning_curve_plot import Ahead, Reached, learning_curve_svg

SVG = "{http://www.w3.org/2000/svg}"
REACHED = [Reached(40, 0.6, 0.5, 0.7), Reached(100, 0.7, 0.65, 0.75)]


def curve(n):
    return 0.87 - 1.7 / n**0.5


def drawn(ahead):
    return ET.fromstring(learning_curve_svg("a + b", "score", REACHED, ahead, curve))


def test_dots_stand_at_their_scores_and_the_curve_goes_through_them() -> None:
    root = drawn([Ahead(200, 0.75, 0.72, 0.78, "+125")])
    left, right = root.findall(f"{SVG}circle")
    assert float(left.get("cx")) < float(right.get("cx"))
    assert float(left.get("cy")) > float(right.get("cy"))
    solid, dashed = root.findall(f"{SVG}polyline")
    assert solid.get("stroke-dasharray") is None
    assert dashed.get("stroke-dasharray")
    x, y = (float(number) for number in solid.get("points").split()[-1].split(","))
    assert x == pytest.approx(float(right.get("cx")), abs=0.2)
    assert y == pytest.approx(float(right.get("cy")), abs=0.5)  # 0.87 - 1.7 / 10 is 0.7


def test_of_two_forecasts_that_lie_close_one_has_a_label() -> None:
    near = [Ahead(200, 0.75, 0.7, 0.8, "+125"), Ahead(205, 0.751, 0.7, 0.8, "+131")]
    texts = [one.text for one in drawn(near).findall(f"{SVG}text")]
    assert ("+131" in texts, "+125" in texts) == (True, False)
    far = [Ahead(200, 0.75, 0.7, 0.8, "+125"), Ahead(900, 0.8, 0.7, 0.85, "+1000")]
    texts = [one.text for one in drawn(far).findall(f"{SVG}text")]
    assert {"+125", "+1000"} <= set(texts)


def test_a_mean_outside_of_the_middle_half_is_drawn_too() -> None:
    reached = [Reached(10, 1.0, 1.0, 1.0), Reached(20, 0.5, 1.0, 1.0)]
    root = ET.fromstring(learning_curve_svg("a", "score", reached, [], lambda n: 1.0))
    frame = next(one for one in root.findall(f"{SVG}rect") if one.get("fill") == "none")
    lowest = float(frame.get("y")) + float(frame.get("height"))
    assert all(float(one.get("cy")) <= lowest for one in root.findall(f"{SVG}circle"))
