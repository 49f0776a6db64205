"""Slices that are missing are told by the places of the others."""

import numpy as np
import pytest

from bioselect.data.dicom_gaps import gap_in_words
from bioselect.data.dicom_places import Place

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


def slices(depths, numbers=None, spacing=None, thickness=None):
    """Return axial places at these depths; None for slices without positions."""
    numbers = [None] * len(depths) if numbers is None else numbers
    return [
        Place(
            None if z is None else (0.0, 0.0, float(z)),
            AXIAL,
            number,
            spacing,
            thickness,
        )
        for z, number in zip(depths, numbers, strict=True)
    ]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([0, 1, 2, 7, 8, 9], "slices are missing between 2 and 7 mm"),
        ([9, 8, 7, 2, 1, 0], "slices are missing between 2 and 7 mm"),
        ([0, 0, 2.5, 2.5, 7.5, 7.5, 10, 10], "slices are missing between 2.5 and 7.5 mm"),
        # Two gaps beside each other, around a slice that is left over
        ([0, 1, 5, 9, 10, 11], "slices are missing between 1 and 9 mm"),
        # A wide distance at an end
        ([0, 6, 7, 8, 9], "slices may be missing between 0 and 6 mm (the others lie 1 mm apart)"),
        ([0, 1, 2, 3, 9], "slices may be missing between 3 and 9 mm (the others lie 1 mm apart)"),
        ([0, 1, 9], "slices may be missing between 1 and 9 mm (the others lie 1 mm apart)"),
        ([0, 1, 5], "slices may be missing between 1 and 5 mm (the others lie 1 mm apart)"),
        ([0, 1, 2, 3], ""),
        ([0, 2.5, 5, 7.5, 12.5, 17.5, 22.5], ""),  # heads are often scanned in two spacings
        ([0, 5, 10, 12.5, 15, 17.5, 22.5, 27.5], ""),  # and chests with a finer part
        ([0, 1, 2.1, 2.9, 4], ""),
        ([0, 5], ""),
        ([0], ""),
        ([], ""),
    ],
)
def test_distances_tell_of_gaps(found, words):
    assert gap_in_words(slices(found)) == words


@pytest.mark.parametrize(
    ("found", "spacing", "thickness", "words"),
    [
        ([0, 5], 1, None, "slices are missing between 0 and 5 mm"),
        ([0, 4, 8, 12], 1, 1, "slices are missing between 0 and 4 mm"),
        ([0, 1, 2, 3, 9, 15], 1, None, "slices are missing between 3 and 9 mm"),
        # Further apart than thick, on purpose
        ([0, 10, 20, 30], 10, 1, ""),
        # 1 mm is the gap between slices of 5 mm: their middles lie 6 mm apart.
        ([0, 6, 12, 18], 1, 5, ""),
        ([0, 1, 2, 3], 1, None, ""),
    ],
)
def test_the_spacing_in_the_header_tells_of_gaps(found, spacing, thickness, words):
    assert gap_in_words(slices(found, spacing=spacing, thickness=thickness)) == words


def test_spacings_that_differ_say_nothing():
    places = [*slices([0, 1, 2], spacing=1.0), *slices([4, 6], spacing=2.0)]
    assert gap_in_words(places) == ""


@pytest.mark.parametrize(
    ("found", "numbers", "words"),
    [
        # Two parts of different spacing, but numbers 4 and 6 are left out.
        ([0, 1, 2, 4, 6], [1, 2, 3, 5, 7], "slices are missing between 2 and 4 mm"),
        ([0, 1, 2, 4, 6], [7, 6, 5, 3, 1], "slices are missing between 2 and 4 mm"),
        ([0, 1, 2, 4, 6], [1, 2, 3, 4, 5], ""),
        # Even distances are whole, whatever the numbers are.
        ([0, 1, 2, 3, 4], [1, 2, 3, 9, 10], ""),
        ([0, 1, 2, 4, 6], [3, 1, 2, 9, 10], ""),
        # Without positions
        ([None] * 4, [1, 2, 4, 5], "slices are missing between numbers 2 and 4"),
        ([None] * 4, [4, 5, 2, 1], "slices are missing between numbers 2 and 4"),
        ([None] * 3, [1, 4, 7], ""),
        ([None] * 3, [1, None, 7], ""),
        ([None] * 2, [1, 9], ""),
    ],
)
def test_numbers_tell_of_gaps(found, numbers, words):
    assert gap_in_words(slices(found, numbers)) == words


def test_spacing_and_thickness_are_read_from_files(write_dicom):
    pytest.importorskip("pydicom")
    from bioselect.data.dicom import open_series
    from bioselect.data.dicom_header import read_header

    def write(name, z, **others):
        return write_dicom(
            np.zeros((4, 4), dtype=np.uint16),
            name,
            ImagePositionPatient=[0, 0, z],
            ImageOrientationPatient=list(AXIAL),
            **others,
        )

    paths = [write(f"{z}.dcm", z, SpacingBetweenSlices=-1, SliceThickness=2) for z in (0, 5)]
    place = read_header(paths[0]).place
    assert (place.spacing, place.thickness) == (1.0, 2.0)
    assert open_series(paths).gap == "slices are missing between 0 and 5 mm"
    # Without a distance there is nothing to compare with.
    paths = [write(f"n{z}.dcm", z, SpacingBetweenSlices=0) for z in (0, 5)]
    assert open_series(paths).gap == ""
