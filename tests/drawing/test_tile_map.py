import xml.etree.ElementTree as ET

from bioselect.drawing.tile_map import DARKEST, Tile, tile_map_svg


def parsed(svg, tag):
    return [one for one in ET.fromstring(svg).iter() if one.tag.endswith("}" + tag)]


def test_tiles_stand_in_rows_and_columns_as_dark_as_they_should():
    tiles = [[Tile(0.0, ["a"]), Tile(1.0, ["b"])], [Tile(0.5, ["c"]), Tile(None, ["none"])]]
    svg = tile_map_svg("t", "", ["one", "two"], ["x", "y"], tiles, (50, 30))
    boxes = [one for one in parsed(svg, "rect") if one.get("fill-opacity")]
    # The darkest tile still lets ink be read: 0, all, half and nothing of that.
    shades = [float(one.get("fill-opacity")) for one in boxes]
    assert shades == [0.0, DARKEST, DARKEST / 2, 0.0]
    places = [(float(one.get("x")), float(one.get("y"))) for one in boxes]
    assert places[1][0] - places[0][0] == 50
    assert places[2][1] - places[0][1] == 30
    assert places[3] == (places[1][0], places[2][1])


def test_only_framed_tiles_have_a_frame():
    svg = tile_map_svg("t", "", ["one"], ["x", "y"], [[Tile(1.0, framed=True), Tile(1.0)]])
    assert len([one for one in parsed(svg, "rect") if one.get("fill") == "none"]) == 1


def test_odd_names_are_escaped_and_everything_lies_inside():
    names = ['<b>&"', "n" * 60]
    svg = tile_map_svg("t", "", names, names, [[Tile(0.1)] * 2] * 2, axes=("true", "said"))
    root = ET.fromstring(svg)
    written = ["".join(one.itertext()) for one in parsed(svg, "text")]
    assert written.count('<b>&"') == 2
    assert max(map(len, written)) < 60
    ends = [float(one.get("x")) + float(one.get("width")) for one in parsed(svg, "rect")[1:]]
    assert max(ends) <= float(root.get("width"))
