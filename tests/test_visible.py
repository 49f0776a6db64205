"""Names that would move the cursor of a terminal, or turn the line around."""

import unicodedata

import pytest

from bioselect.visible import is_visible_line, visible, visible_line, without_breaks

NAMES = {
    "\x1b[2J\x1b[1;1H": r"\x1b[2J\x1b[1;1H",  # clears the screen
    "\x1b]0;title\x07": r"\x1b]0;title\x07",
    "\x9b31m": r"\x9b31m",  # the same sequence in one character
    "a\rb": r"a\rb",
    "a\x08b": r"a\x08b",
    "photo\u202egnp.exe": r"photo\u202egnp.exe",
    "\u2066a\u2069": r"\u2066a\u2069",
    "a\u2028b": r"a\u2028b",
}


@pytest.mark.parametrize(("name", "shown"), NAMES.items())
def test_what_cannot_be_seen_stands_as_a_code(name, shown):
    assert visible(name) == visible_line(name) == shown
    assert not is_visible_line(name)
    assert is_visible_line(without_breaks(name))


def test_lines_stay_lines_but_not_in_a_name():
    assert visible("a\nb") == "a\nb"
    assert visible_line("a\nb") == r"a\nb"


def test_no_control_character_is_left():
    controls = [chr(n) for n in range(0x3000) if unicodedata.category(chr(n)) == "Cc"]
    assert len(controls) == 65
    assert visible_line("".join(controls)).isprintable()


@pytest.mark.parametrize("name", ["Zähler 1", "細胞", "a\u200db", "[red]x[/red]"])
def test_other_names_stay_as_they_are(name):
    assert visible(name) == visible_line(name) == without_breaks(name) == name
