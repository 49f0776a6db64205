import numpy as np

from bioselect.data.pairs import IGNORED
from bioselect.predict.mask_pictures import (
    BLACK,
    DIFFERENCE,
    IGNORED_COLOUR,
    class_colours,
    coloured,
    difference,
    difference_counts,
    difference_legend,
    overlay,
)


def square(side=12, low=4, high=8, place=1):
    places = np.zeros((side, side), dtype=np.uint8)
    places[low:high, low:high] = place
    return places


def test_every_class_has_a_colour_of_its_own():
    colours = class_colours(60, background=5)
    assert colours[5] == BLACK
    assert len(set(colours)) == 60


def test_a_mask_is_drawn_in_the_colours_of_its_classes():
    places = square()
    places[0, 0] = IGNORED
    picture = coloured(places, 2, background=0)
    assert tuple(picture[5, 5]) == class_colours(2, 0)[1]
    assert tuple(picture[0, 0]) == IGNORED_COLOUR
    assert tuple(picture[0, 1]) == BLACK


def test_overlay_outlines_a_class_and_leaves_the_background():
    picture = np.full((12, 12, 3), 100, dtype=np.uint8)
    drawn = overlay(picture, square(), 2, background=0)
    colour = np.array(class_colours(2, 0)[1])
    # Of 4 x 4 pixels 12 are the outline; the 4 inside are tinted by a quarter.
    assert (drawn == colour).all(axis=2).sum() == 12
    assert np.array_equal(drawn[5, 5], np.rint(75 + 0.25 * colour))
    assert (drawn[square() == 0] == 100).all()


def test_overlay_does_not_depend_on_bands(monkeypatch):
    random = np.random.default_rng(0)
    picture = random.integers(0, 255, (40, 30, 3)).astype(np.uint8)
    places = random.integers(0, 3, (40, 30)).astype(np.uint8)
    whole = overlay(picture, places, 3, background=0)
    monkeypatch.setattr("bioselect.predict.mask_pictures._BAND", 7)
    assert np.array_equal(whole, overlay(picture, places, 3, background=0))


def test_touching_classes_are_both_outlined_and_all_count_without_background():
    places = np.zeros((4, 8), dtype=np.uint8)
    places[:, 4:] = 1
    drawn = overlay(np.zeros((4, 8, 3), np.uint8), places, 2, background=None)
    colours = class_colours(2, None)
    assert tuple(drawn[0, 3]) == colours[0]
    assert tuple(drawn[0, 4]) == colours[1]
    assert tuple(drawn[0, 0]) == tuple(np.rint(0.25 * np.array(colours[0])))


def test_difference_has_a_colour_for_every_way_of_being_wrong():
    true = np.array([[1, 1, 0, 0, 1, IGNORED]], dtype=np.uint8)
    predicted = np.array([[1, 0, 1, 0, 2, 1]], dtype=np.uint8)
    wanted = [
        DIFFERENCE.right,
        DIFFERENCE.missed,
        DIFFERENCE.too_much,
        DIFFERENCE.nothing,
        DIFFERENCE.other_class,
        IGNORED_COLOUR,
    ]
    assert [tuple(pixel) for pixel in difference(true, predicted, 0)[0]] == wanted
    assert difference_counts(true, predicted, 0) == {
        "right": 1,
        "missed": 1,
        "too much": 1,
        "another class": 1,
    }


def test_without_background_nothing_is_missed():
    true, predicted = np.array([[0, 1]], np.uint8), np.array([[1, 1]], np.uint8)
    assert difference_counts(true, predicted, None)["another class"] == 1
    assert [words for words, _ in difference_legend(2, None)] == ["right", "another class"]
