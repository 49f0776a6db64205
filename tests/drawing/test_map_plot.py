"""A map as SVG: a mark for each image, told apart by shape as well as colour."""

import xml.etree.ElementTree as ET

from bioselect.drawing.colours import GREY
from bioselect.drawing.map_plot import MOST_KINDS, MOST_NAMES, kinds_in_turn, map_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_kinds_differ_in_shape_whatever_colours_are_seen() -> None:
    kinds = kinds_in_turn([f"class {n}" for n in range(12)], "4 others")
    assert len({kind.shape for kind in kinds[:MOST_KINDS]}) == MOST_KINDS
    assert (kinds[-1].name, kinds[-1].colour) == ("4 others", GREY)
    assert len(kinds) == MOST_KINDS + 1
    assert len(kinds_in_turn(["a", "b"], "none")) == 2


def test_images_keep_their_places_and_say_their_names() -> None:
    points = [(0.0, 0.0), (10.0, 0.0), (0.0, 5.0)]
    kinds = kinds_in_turn(["a", "b"], "")
    root = ET.fromstring(map_svg("m", "", points, kinds, [0, 0, 0], ["x.png", "y & z", "w"]))
    named = [one for one in root.iter(f"{SVG}circle") if one.find(f"{SVG}title") is not None]
    assert [one.find(f"{SVG}title").text for one in named] == ["x.png: a", "y & z: a", "w: a"]
    x = [float(one.get("cx")) for one in named]
    y = [float(one.get("cy")) for one in named]
    assert x[0] == x[2] < x[1]
    assert y[2] < y[0] == y[1]  # up is up
    assert abs((x[1] - x[0]) / (y[0] - y[2]) - 2) < 0.05  # one scale for both
    assert "b (" not in "".join(root.itertext())  # nothing is of that kind


def test_many_images_have_no_names() -> None:
    n = MOST_NAMES + 1
    points = [(float(place), 0.0) for place in range(n)]
    drawn = map_svg("m", "", points, kinds_in_turn(["a"], ""), [0] * n, ["x"] * n)
    assert "<title>" not in drawn
