"""What is known of a mask after it was read once, and that it is known the next time."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.data import mask_facts
from bioselect.data.mask_facts import contents_of, read_mask_facts
from bioselect.progress import SILENT


def test_values_are_counted_the_commonest_first() -> None:
    mask = np.zeros((4, 5), np.uint16)
    mask[0, :3] = 700
    mask[1, 0] = 5
    found = contents_of(mask[..., None])
    assert found.values == ((0, 16), (700, 3), (5, 1))
    assert (found.height, found.width, found.n_values, found.n_pixels) == (4, 5, 3, 20)
    assert not found.is_coloured


def test_colours_are_told_from_grey_that_is_saved_as_colour() -> None:
    grey = np.repeat(np.array([[[0], [255]]], np.uint8), 3, axis=2)
    assert contents_of(grey).values == ((0, 1), (255, 1))
    red = grey.copy()
    red[0, 1] = (255, 0, 0)
    found = contents_of(red)
    assert found.is_coloured
    assert set(found.values) == {((0, 0, 0), 1), ((255, 0, 0), 1)}


def test_pieces_are_counted_by_value() -> None:
    mask = np.zeros((9, 9), np.uint8)
    mask[0, 0] = mask[8, 8] = 1  # two pieces of one value
    mask[4, 4] = 2
    mask[5, 5] = 2  # touches it at a corner: one piece
    found = contents_of(mask[..., None])
    assert (found.n_pieces, found.n_piece_values, found.n_bodies) == (3, 2, 3)
    mask[5, 6] = 3  # which touches the other: a piece more, of the same body
    found = contents_of(mask[..., None])
    assert (found.n_pieces, found.n_piece_values, found.n_bodies) == (4, 3, 3)


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.full((2, 2, 1), 0.5, np.float32), "Got fractions, as probabilities have them"),
        (np.full((2, 2, 1), -1, np.int16), "must hold no negative numbers. Got -1"),
        (np.zeros((2, 2, 4), np.uint8), "Got 4 channels"),
    ],
)
def test_what_is_no_mask(mask, words) -> None:
    assert words in contents_of(mask).error


def test_whole_numbers_may_be_floats() -> None:
    assert contents_of(np.full((2, 2, 1), 3.0)).values == ((3, 4),)


def _masks(tmp_path):
    Image.fromarray(np.eye(4, dtype=np.uint8) * 255).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "b.tif", np.arange(16, dtype=np.uint16).reshape(4, 4))
    rgb = np.zeros((4, 4, 3), np.uint8)
    rgb[0, 0] = (0, 9, 200)
    Image.fromarray(rgb).save(tmp_path / "c.png")
    (tmp_path / "d.png").write_bytes(b"no image")
    return [tmp_path / name for name in ("a.png", "b.tif", "c.png", "d.png")]


def test_what_was_read_once_is_known(tmp_path, monkeypatch) -> None:
    paths, names, known = _masks(tmp_path), list("abcd"), tmp_path / "cache" / "masks.jsonl"
    first = read_mask_facts(names, paths, known, SILENT, 2)
    assert [one.mask_id for one in first] == names
    assert first[2].values[1] == ((0, 9, 200), 1)
    assert "d.png" in first[3].error
    assert str(tmp_path) not in first[3].error
    read = []
    monkeypatch.setattr(mask_facts, "read_image", lambda path: read.append(path) or _gone())
    again = read_mask_facts(names[:3], paths[:3], known, SILENT, 1)
    assert again == first[:3]
    assert read == []


def _gone():
    raise OSError("read again")
