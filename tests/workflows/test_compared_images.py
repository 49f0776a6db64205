"""What differs between the images of a run and those of today."""

import pytest

from bioselect.workflows.compared_images import compared_images

ROW = {
    "image_id": "a.png",
    "path": "/then/a.png",
    "target": "x",
    "group": "p1",
    "sha256": "1",
    "split_0": "train",
}


@pytest.mark.parametrize(
    ("today", "words"),
    [
        ([ROW], []),
        ([{**ROW, "path": "/now/a.png"}], []),
        ([], ["1 missing (a.png)"]),
        ([ROW, {**ROW, "image_id": "b.png"}], ["1 new (b.png)"]),
        ([{**ROW, "sha256": "2"}], ["1 with other content (a.png)"]),
        ([{**ROW, "mask_sha256": "2"}], ["1 with a mask of other content (a.png)"]),
        ([{**ROW, "target": "y"}], ["1 with another target (a.png)"]),
        ([{**ROW, "group": "p2"}], ["1 with another group (a.png)"]),
        ([{**ROW, "split_0": "test"}], ["1 in another fold (a.png)"]),
    ],
)
def test_each_change_is_named(today, words):
    assert [change.in_words for change in compared_images([ROW], today)] == words


def test_of_many_the_first_are_named():
    then = [{**ROW, "image_id": f"{number}.png"} for number in range(7)]
    (change,) = compared_images(then, [])
    assert change.in_words == "7 missing (0.png, 1.png, 2.png, 3.png, 4.png, ...)"
