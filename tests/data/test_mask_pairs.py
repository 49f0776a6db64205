"""Which mask belongs to which image: by names in two folders, or by the rows of a table."""

import numpy as np
import pytest
from PIL import Image

from bioselect.data.layouts import GroupRule
from bioselect.data.mask_pairs import pairs_of_folders, pairs_of_table
from bioselect.exceptions import DataError


@pytest.fixture
def draw(tmp_path):
    def _draw(*names):
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.zeros((2, 3), np.uint8)).save(path)

    return _draw


def test_pairs_have_one_name_whatever_the_ending(draw, tmp_path) -> None:
    draw("images/b.png", "images/day1/a.tif", "masks/b.tif", "masks/day1/a.png")
    found = pairs_of_folders(tmp_path / "images", tmp_path / "masks")
    assert [one.image_id for one in found.dataset.records] == ["b.png", "day1/a.tif"]
    assert found.masks == (tmp_path / "masks/b.tif", tmp_path / "masks/day1/a.png")
    assert {one.target for one in found.dataset.records} == {None}


def test_missing_partners_are_named_both_ways(draw, tmp_path) -> None:
    draw("images/a.png", "images/b.png", "masks/b.png", "masks/c.png")
    found = pairs_of_folders(tmp_path / "images", tmp_path / "masks")
    assert [one.image_id for one in found.dataset.records] == ["b.png"]
    assert found.without_mask == ("a.png",)
    assert found.without_image == ("c.png",)


def test_a_folder_of_masks_inside_that_of_images_is_no_image(draw, tmp_path) -> None:
    draw("all/a.png", "all/masks/a.png")
    found = pairs_of_folders(tmp_path / "all", tmp_path / "all" / "masks")
    assert [one.image_id for one in found.dataset.records] == ["a.png"]
    assert (found.without_mask, found.without_image) == ((), ())


def test_groups_come_from_the_image(draw, tmp_path) -> None:
    draw("images/p1_a.png", "images/p1_b.png", "masks/p1_a.png", "masks/p1_b.png")
    rule = GroupRule(pattern="^([^_]+)_")
    found = pairs_of_folders(tmp_path / "images", tmp_path / "masks", rule)
    assert [one.group for one in found.dataset.records] == ["p1", "p1"]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["images/a.png", "images/a.tif", "masks/a.png"], "each image must have a name of its own"),
        (["images/a.png", "masks/a.png", "masks/a.tif"], "each mask must have a name of its own"),
        (["images/a.png", "masks/b.png"], "Got none that has: 1 images .such as a.png. and 1 mas"),
        (["images/x/a.png", "masks/y/a.png"], "x/a and y/a have one name in different sub-folders"),
        (["images/a.png", "masks/a.txt/b.txt.png"], "Got none that has"),
    ],
)
def test_what_cannot_be_paired(draw, tmp_path, names, words) -> None:
    draw(*names)
    with pytest.raises(DataError, match=words):
        pairs_of_folders(tmp_path / "images", tmp_path / "masks")


@pytest.mark.parametrize(
    ("names", "masks", "word"),
    [
        (("a", "b"), ("a_mask", "b_mask"), "'_mask'"),
        (("a", "b"), ("mask-a", "mask-b"), "'mask-'"),
        (("a_img", "b_img"), ("a", "b"), "'_img'"),
        (("image_1", "image_2"), ("mask_1", "mask_2"), "'image_' and 'mask_'"),
        (("x/a", "b"), ("x/a_cp_masks", "b_cp_masks"), "'_cp_masks'"),
    ],
)
def test_a_word_that_says_that_it_is_a_mask_does_not_count(
    draw, tmp_path, names, masks, word
) -> None:
    draw(*(f"images/{name}.png" for name in names), *(f"masks/{name}.png" for name in masks))
    found = pairs_of_folders(tmp_path / "images", tmp_path / "masks")
    pairs = [
        (one.image_id, path.relative_to(tmp_path / "masks").as_posix())
        for one, path in zip(found.dataset.records, found.masks, strict=True)
    ]
    assert sorted(pairs) == sorted(
        (f"{name}.png", f"{mask}.png") for name, mask in zip(names, masks, strict=True)
    )
    assert found.notes[-1] == f"masks are paired with images by their names without {word}."


def test_words_count_where_names_are_alike(draw, tmp_path) -> None:
    draw("images/a.png", "images/b_mask.png", "masks/a.png", "masks/b_mask.png")
    found = pairs_of_folders(tmp_path / "images", tmp_path / "masks")
    assert [one.image_id for one in found.dataset.records] == ["a.png", "b_mask.png"]
    assert found.notes == ()


def test_one_folder_by_two_ways_is_refused(draw, tmp_path) -> None:
    draw("images/a.png")
    (tmp_path / "masks").symlink_to(tmp_path / "images")
    with pytest.raises(DataError, match="images and masks must lie in two folders"):
        pairs_of_folders(tmp_path / "images", tmp_path / "masks")


def test_an_empty_folder_of_masks(draw, tmp_path) -> None:
    draw("images/a.png")
    (tmp_path / "masks").mkdir()
    with pytest.raises(DataError, match="must be a folder with a mask for each pair"):
        pairs_of_folders(tmp_path / "images", tmp_path / "masks")


def test_pairs_of_a_table(draw, tmp_path) -> None:
    draw("i/b.png", "i/a.png", "m/1.png", "m/2.png")
    table = tmp_path / "pairs.csv"
    table.write_text("file,drawn,who\ni/b.png,m/1.png,p1\ni/a.png,m\\2.png,p2\n")
    found = pairs_of_table(table, "file", "drawn", GroupRule(column="who"))
    assert [one.image_id for one in found.dataset.records] == ["i/a.png", "i/b.png"]
    assert [one.group for one in found.dataset.records] == ["p2", "p1"]
    assert found.masks == (tmp_path / "m/2.png", tmp_path / "m/1.png")


@pytest.mark.parametrize(
    ("rows", "mask", "words"),
    [
        ("i/a.png,m/1.png", "drwn", "has no column 'drwn'. Did you mean 'drawn'"),
        ("i/a.png,m/1.png", "file", "image and mask must be different columns"),
        ("i/a.png,", "drawn", "must hold the path of a mask in every row. Got 1 empty cells"),
        ("i/a.png,m/9.png", "drawn", "1 of 1 masks are missing: m/9.png"),
        ("i/a.png,m/1.png\ni/b.png,m/1.png", "drawn", "each image must have a mask of its own"),
    ],
)
def test_mistakes_in_a_table(draw, tmp_path, rows, mask, words) -> None:
    draw("i/b.png", "i/a.png", "m/1.png")
    table = tmp_path / "pairs.csv"
    table.write_text(f"file,drawn\n{rows}\n")
    with pytest.raises(DataError, match=words):
        pairs_of_table(table, "file", mask)


def test_a_missing_folder_of_masks_is_said_to_be_one(draw, tmp_path) -> None:
    draw("images/a.png", "masks/a.png")
    with pytest.raises(DataError, match=r"mask: must be a folder with masks\. There is none\."):
        pairs_of_folders(tmp_path / "images", tmp_path / "mask")
    with pytest.raises(DataError, match="must be a folder with images"):
        pairs_of_folders(tmp_path / "image", tmp_path / "masks")
