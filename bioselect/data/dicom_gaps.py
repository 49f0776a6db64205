"""Slices that are missing from a DICOM series, as the places of the others tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from bioselect.data.dicom_places import Place, depths

#: One distance is wider than another if it is more than this many times as wide.
_WIDER = 1.5
#: Thickness and spacing are rounded, by this part at most.
_ROUNDING = 0.1


def gap_in_words(places: Sequence[Place]) -> str:
    """Return where slices are missing, or may be; nothing where no sign of it is seen.

    They are missing where slices lie further apart than the header says (SpacingBetweenSlices;
    not SliceThickness, as slices may lie apart on purpose), where they do and numbers
    (InstanceNumber) are left out too, and where the spacing is wider than on both sides.
    A single wide distance at an end may be a missing slice. Two parts of different spacing are
    no sign, as heads are often scanned so; nor are even distances.

    Parameters
    ----------
    places : sequence of Place
        Those of all slices, in any order. Without positions, the numbers alone decide.

    Examples
    --------
    >>> axial = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    >>> gap_in_words([Place((0.0, 0.0, z), axial, None) for z in (0.0, 1.0, 2.0, 7.0, 8.0, 9.0)])
    'slices are missing between 2 and 7 mm'
    """
    found = depths(places)
    if found is None:
        return _gap_in_numbers([place.instance_number for place in places])
    order = sorted(range(len(places)), key=found.__getitem__)
    ends = sorted(set(found))
    steps = [above - below for below, above in pairwise(ends)]
    numbers = [places[place].instance_number for place in order]
    for first, last in (
        *_wider_than_declared(steps, places),
        *_with_numbers_left_out(steps, numbers),
        *_wider_than_both_sides(steps),
    ):
        return f"slices are missing between {ends[first]:g} and {ends[last + 1]:g} mm"
    for place in _single_wide_ends(steps):
        return (
            f"slices may be missing between {ends[place]:g} and {ends[place + 1]:g} mm (the "
            f"others lie {min(steps):g} mm apart)"
        )
    return ""


_Run = tuple[int, int]


def _wider_than_declared(steps: Sequence[float], places: Sequence[Place]) -> Iterator[_Run]:
    spacings = {place.spacing for place in places}
    (spacing,) = spacings if len(spacings) == 1 else (None,)
    if spacing is None:
        return
    # Some scanners write the gap between two slices for the distance of their middles.
    with_gap = spacing + (places[0].thickness or 0.0)
    for place, step in enumerate(steps):
        if step > _WIDER * spacing and abs(step - with_gap) > _ROUNDING * step:
            yield place, place


def _with_numbers_left_out(steps: Sequence[float], numbers: Sequence[int | None]) -> Iterator[_Run]:
    """Yield wide steps at which the numbers, which go along with the places, go on by more."""
    known = [number for number in numbers if number is not None]
    jumps = [above - below for below, above in pairwise(known)]
    if len(jumps) != len(steps) or len({jump > 0 for jump in jumps}) != 1 or 0 in jumps:
        return
    usual = min(map(abs, jumps))
    for place, (step, jump) in enumerate(zip(steps, jumps, strict=True)):
        if abs(jump) > usual and step > _WIDER * min(steps):
            yield place, place


def _wider_than_both_sides(steps: Sequence[float]) -> Iterator[_Run]:
    runs = _runs(steps)
    for before, (first, last), after in zip(runs, runs[1:], runs[2:], strict=False):
        if steps[first] > _WIDER * steps[before[1]] and steps[last] > _WIDER * steps[after[0]]:
            yield first, last


def _single_wide_ends(steps: Sequence[float]) -> Iterator[int]:
    last = len(steps) - 1
    for place, beside in ((0, 1), (last, last - 1)):
        if last > 0 and steps[place] > _WIDER * steps[beside]:
            yield place


def _runs(steps: Sequence[float]) -> list[_Run]:
    """Return the first and last place of each run of distances that are about the same.

    Examples
    --------
    >>> _runs([1.0, 1.1, 4.0, 4.0, 1.0])
    [(0, 1), (2, 3), (4, 4)]
    """
    runs: list[_Run] = []
    for place, step in enumerate(steps):
        before = steps[place - 1]
        if runs and step <= _WIDER * before and before <= _WIDER * step:
            runs[-1] = (runs[-1][0], place)
        else:
            runs.append((place, place))
    return runs


def _gap_in_numbers(numbers: Sequence[int | None]) -> str:
    known = sorted({number for number in numbers if number is not None})
    jumps = [above - below for below, above in pairwise(known)]
    if len(known) < len(numbers):
        return ""
    for place, jump in enumerate(jumps):
        if jump > min(jumps):
            return f"slices are missing between numbers {known[place]} and {known[place + 1]}"
    return ""
