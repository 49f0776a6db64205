"""Where the slices of a DICOM series, or the frames of one file, lie in the patient."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Directions of slices of one volume differ by rounding only.
_DIRECTION_TOLERANCE = 1e-3


@dataclass(frozen=True)
class Place:
    """Where in the patient the slice lies, in the words of the standard; None where not said.

    `spacing` is SpacingBetweenSlices and `thickness` SliceThickness, in mm.
    """

    position: tuple[float, ...] | None
    orientation: tuple[float, ...] | None
    instance_number: int | None
    spacing: float | None = None
    thickness: float | None = None


def place_of(dataset: Any) -> Place:
    """Return the place of the image that a dataset describes."""
    number = dataset.get("InstanceNumber")
    return Place(
        _numbers(dataset.get("ImagePositionPatient"), 3),
        _numbers(dataset.get("ImageOrientationPatient"), 6),
        None if number is None else int(number),
        _length(dataset, "SpacingBetweenSlices"),
        _length(dataset, "SliceThickness"),
    )


def places_of_frames(dataset: Any, n_frames: int) -> tuple[Place, ...]:
    """Return the place of each frame of an enhanced file; nothing if it does not say all."""
    shared = dataset.get("SharedFunctionalGroupsSequence") or []
    frames = dataset.get("PerFrameFunctionalGroupsSequence") or []
    if n_frames < 2 or len(frames) != n_frames:
        return ()
    common = _orientation(shared[0]) if shared else None
    lengths = _lengths(shared[0]) if shared else ()
    places = tuple(
        Place(_position(frame), _orientation(frame) or common, number, *lengths)
        for number, frame in enumerate(frames)
    )
    return places if all(place.position and place.orientation for place in places) else ()


def have_one_direction(places: Sequence[Place]) -> bool:
    """Tell whether all slices whose direction is known have the same."""
    axes = np.array([place.orientation for place in places if place.orientation is not None])
    return len(axes) < 2 or bool(np.abs(axes - axes[0]).max() <= _DIRECTION_TOLERANCE)


def depths(places: Sequence[Place]) -> list[float] | None:
    """Return how far along their normal the slices lie, in mm; None if that is not said.

    Examples
    --------
    >>> axial = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    >>> depths([Place((0.0, 0.0, z), axial, None) for z in (5.0, 2.5)])
    [5.0, 2.5]
    """
    positions = [place.position for place in places]
    directions = [place.orientation for place in places]
    if not places or None in positions or None in directions or not have_one_direction(places):
        return None
    axes = np.array(directions)
    normal = np.cross(axes[0, :3], axes[0, 3:])
    # Rounded, so that equal places written with other last digits are equal.
    return [float(depth) for depth in np.round(np.array(positions) @ normal, 3)]


def contents_in_words(found: Sequence[float] | None, n_planes: int, what: str) -> tuple[str, ...]:
    """Return what the planes are: slices, and times or echoes where several lie at one place.

    Examples
    --------
    >>> contents_in_words([0.0, 0.0, 1.0, 1.0], 4, "slices")
    ('2 slices', '2 times or echoes')
    >>> contents_in_words(None, 4, "frames")
    ('4 frames',)
    """
    per_place = sorted(Counter(found).values()) if found is not None else [1]
    fewest, most = per_place[0], per_place[-1]
    if most == 1:
        return (f"{n_planes} {what}",)
    together = (f"{most if fewest == most else f'{fewest} to {most}'} times or echoes",)
    return together if len(per_place) == 1 else (f"{len(per_place)} {what}", *together)


def _position(frame: Any) -> tuple[float, ...] | None:
    inside = frame.get("PlanePositionSequence")
    return _numbers(inside[0].get("ImagePositionPatient"), 3) if inside else None


def _orientation(group: Any) -> tuple[float, ...] | None:
    inside = group.get("PlaneOrientationSequence")
    return _numbers(inside[0].get("ImageOrientationPatient"), 6) if inside else None


def _lengths(group: Any) -> tuple[float | None, ...]:
    """Return spacing and thickness."""
    inside = group.get("PixelMeasuresSequence")
    names = ("SpacingBetweenSlices", "SliceThickness")
    return tuple(_length(inside[0], name) for name in names) if inside else ()


def _length(dataset: Any, name: str) -> float | None:
    """Return a length in mm; None where it is missing, 0 or no number. Its sign says no more."""
    try:
        length = abs(float(dataset.get(name)))
    except (TypeError, ValueError):
        return None
    return length if 0 < length < math.inf else None


def _numbers(value: Any, n: int) -> tuple[float, ...] | None:
    if value is None or isinstance(value, str) or len(value) != n:
        return None
    return tuple(float(number) for number in value)
