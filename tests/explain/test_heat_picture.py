"""The picture of heat: orange for, blue against, the image in grey below, numbers at the bar."""

import io

import numpy as np
import pytest
from PIL import Image

from bioselect.explain.heat_picture import (
    BAR,
    GAP,
    LONGEST,
    MARGIN,
    SHORTEST,
    Caption,
    heat_picture,
    over,
)
from bioselect.explain.neighbour_picture import neighbour_picture


def drawn(picture, heat, **more):
    caption = Caption("a" * 400 + ".png", ("predicted: b",), "what it means " * 30, 0.5, **more)
    return np.asarray(Image.open(io.BytesIO(heat_picture(picture, heat, caption)))).astype(int)


def heat_of_quarters(side):
    heat = np.zeros((side, side))
    heat[: side // 2, : side // 2] = 0.5
    heat[side // 2 :, side // 2 :] = -0.5
    return heat


@pytest.mark.parametrize(("side", "shown"), [(32, SHORTEST), (500, 500), (2000, LONGEST)])
def test_what_is_for_is_orange_and_what_is_against_is_blue(side, shown):
    stain = np.full((side, side, 3), (200, 40, 160), dtype=np.uint8)  # no stain is taken for heat
    sheet = drawn(stain, heat_of_quarters(side))
    assert sheet.shape[1] == 2 * MARGIN + 2 * shown + 2 * GAP + BAR + 58
    [tops] = np.nonzero((sheet[:, MARGIN + 2] == (200, 40, 160)).all(axis=1))
    assert len(tops) == shown
    left, top = MARGIN + shown + GAP, tops[0]
    quarter, most = shown // 4, 3 * shown // 4
    red, green, blue = sheet[top + quarter, left + quarter]
    assert red > green > blue
    assert red - blue > 100
    red, green, blue = sheet[top + most, left + most]
    assert blue > green > red
    red, green, blue = sheet[top + quarter, left + most]  # nothing there: grey
    assert red == green == blue


def test_a_long_title_and_text_stay_inside():
    sheet = drawn(np.zeros((40, 40, 3), dtype=np.uint8), heat_of_quarters(40))
    for edge in (sheet[:, : MARGIN - 1], sheet[:, -4:], sheet[-4:], sheet[:4]):
        assert (edge == 255).all()


def test_half_the_heat_is_seen_as_more_than_half():
    black = np.zeros((1, 3, 3), dtype=np.uint8)
    none, half, full = over(black, np.array([[0.0, 0.5, 1.0]]))[0].astype(int)
    assert (half - none)[0] > (full - none)[0] / 2


def test_neighbours_stand_side_by_side():
    def png(colour):
        buffer = io.BytesIO()
        Image.new("RGB", (20, 10), colour).save(buffer, format="PNG")
        return buffer.getvalue()

    near = [(png(colour), ("7: a", "distance 1")) for colour in ((255, 0, 0), (0, 0, 255))]
    image = np.full((30, 30, 3), 90, dtype=np.uint8)
    sheet = np.asarray(Image.open(io.BytesIO(neighbour_picture("of a.png", "note", image, near))))
    for colour in ((90, 90, 90), (255, 0, 0), (0, 0, 255)):
        assert (sheet == colour).all(axis=2).sum() > 9000
    lefts = [
        np.nonzero((sheet == c).all(axis=2).any(axis=0))[0][0]
        for c in ((90,) * 3, (255, 0, 0), (0, 0, 255))
    ]
    assert lefts == sorted(lefts)
