import numpy as np
import pytest
from PIL import Image

from bioselect.predict.mask_pictures import DIFFERENCE, class_colours
from bioselect.workflows.segmentation.example_sheet import (
    TILE,
    Example,
    chosen_examples,
    write_examples,
)


def test_best_median_and_worst_are_chosen():
    scores = np.array([0.1, 0.9, 0.5, 0.6, 0.3, 0.7, 0.2, 0.8, 0.4])
    assert chosen_examples(scores, n_each=1) == [("best", 1), ("median", 2), ("worst", 0)]
    assert chosen_examples(scores, higher_is_better=False, n_each=1) == [
        ("best", 0),
        ("median", 2),
        ("worst", 1),
    ]


@pytest.mark.parametrize(
    ("n_images", "n_shown"), [(1, 1), (2, 2), (3, 3), (4, 3), (5, 3), (6, 6), (7, 6)]
)
def test_no_image_is_shown_twice(n_images, n_shown):
    chosen = chosen_examples(np.linspace(0, 1, n_images), n_each=2)
    places = [place for _, place in chosen]
    assert len(set(places)) == len(places) == n_shown
    assert places == sorted(places, reverse=True)
    assert chosen[0] == ("best", n_images - 1)


def test_of_few_images_the_worst_is_still_shown():
    assert chosen_examples(np.array([0.4, 0.9]), n_each=2) == [("best", 1), ("worst", 0)]


def test_sheet_shows_the_four_pictures_in_their_colours(tmp_path):
    true = np.zeros((TILE, TILE), dtype=np.uint8)
    true[:, :100] = 1
    predicted = np.zeros_like(true)
    predicted[:, 50:150] = 1
    image = np.zeros((TILE, TILE, 1), dtype=np.uint16)
    image[:, :100] = 5000
    path = tmp_path / "sheet.png"
    one = Example("worst", "a.png", 0.5, image, true, predicted)
    write_examples(path, "Masks", [one], ("background", "cell"), 0, "Dice")
    pixels = np.asarray(Image.open(path)).reshape(-1, 3)
    found, counts = np.unique(pixels, axis=0, return_counts=True)
    n_pixels = {tuple(map(int, colour)): n for colour, n in zip(found, counts, strict=True)}
    # 100 columns of truth and 100 of prediction, and a key of the legend.
    assert n_pixels[class_colours(2, 0)[1]] >= 200 * TILE
    for colour in (DIFFERENCE.right, DIFFERENCE.missed, DIFFERENCE.too_much):
        assert 50 * TILE < n_pixels[colour] < 51 * TILE
