import xml.etree.ElementTree as ET

from bioselect.drawing.panel import Panel, dot, drawing, shortened, text


def test_places_are_those_of_the_axes():
    # 0 to 10 on 200 pixels from 50 on; 0 to 4 on 100 pixels, upwards from 130.
    panel = Panel(50, 30, 200, 100, [0.0, 5.0, 10.0], [0.0, 2.0, 4.0])
    assert (panel.x_of(0), panel.x_of(2.5), panel.x_of(10)) == (50, 100, 250)
    assert (panel.y_of(0), panel.y_of(1), panel.y_of(4)) == (130, 105, 30)


def test_a_drawing_is_well_formed_whatever_names_hold():
    parts = [text(1, 2, 'a < b & "c"'), dot(3, 4, "#000000", "<img>&.png")]
    root = ET.fromstring(drawing("R&D <1>", (300, 200), parts, "50 < 60"))
    assert root.get("width") == "300"
    texts = ["".join(one.itertext()) for one in root.iter() if one.tag.endswith("}text")]
    assert texts == ["R&D <1>", "50 < 60", 'a < b & "c"']


def test_long_titles_are_smaller_so_that_they_fit():
    root = ET.fromstring(drawing("x" * 100, (300, 200), []))
    (size,) = [float(one.get("font-size")) for one in root.iter() if one.tag.endswith("}text")]
    assert size * 0.56 * 100 <= 300


def test_long_names_keep_their_ends():
    assert shortened("abcdefghij", 5) == "ab…ij"
    assert len(shortened("x" * 99, 34)) == 34
    assert shortened("abcde", 5) == "abcde"


def test_axes_say_what_they_show():
    panel = Panel.around([0, 1], [0, 1], (40, 40, 100, 100))
    joined = "\n".join(panel.frame("true cells", "predicted cells"))
    assert "true cells" in joined
    assert "rotate(-90" in joined
