"""Rows of a grid of tiles are no patients; what stands before them may be."""

import pytest

from bioselect.checks.patients import group_proposal
from bioselect.checks.tile_grids import are_rows_of_grid


@pytest.mark.parametrize(
    "form", ["tile_{r}_{c}", "x{r}_y{c}", "img_x{r}_y{c}", "r{r:02d}_c{c:02d}", "row{r}-col{c}"]
)
def test_tiles_of_one_image_a_class_are_no_groups(dataset, form):
    names = [("ab"[k], f"{'ab'[k]}/{form}.png") for k in range(2)]
    rows = [(c, name.format(r=r, c=n)) for c, name in names for r in range(8) for n in range(6)]
    assert group_proposal(dataset(*rows)) is None


@pytest.mark.parametrize("form", ["slide-{s}_x{r}_y{c}", "S{s:02d}_tile_{r}_{c}"])
def test_the_slide_before_the_place_is_the_group(dataset, form):
    rows = [
        ("ab"[s % 2], f"{'ab'[s % 2]}/{form.format(s=s, r=r, c=c)}.tif")
        for s in range(10)
        for r in range(3)
        for c in range(3)
    ]
    assert group_proposal(dataset(*rows)).n_groups == 10


def test_a_patient_whose_name_looks_like_a_row_is_no_grid():
    assert not are_rows_of_grid(["r1", "r1"], ["r1_a.png", "r1_b.png"])
