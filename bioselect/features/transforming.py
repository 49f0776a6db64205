"""One call of `transform`, with everything that an extractor returns looked at.

Extractors may be anybody's. What they return goes into a store that outlives the program, so it
is either right or an error that names the extractor and the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bioselect.exceptions import BioselectError, ComponentError, UnreadableImageError
from bioselect.execution import one_thread
from bioselect.features.base import FeatureExtractor, Traits, parts_of, traits

CONTRACT = "transform must return a numpy array float32 (n_images, n_features)"


@dataclass(frozen=True)
class Part:
    """An extractor whose rows are computed by itself, with the name for errors."""

    name: str
    extractor: FeatureExtractor
    traits: Traits


def flat_parts(extractor: FeatureExtractor, name: str | None = None) -> tuple[Part, ...]:
    """Return the extractor itself, or all parts of a `concat` (also of one inside another).

    Raises
    ------
    ComponentError
        If what an extractor says of itself (`batch_size`, `input_size`) makes no sense.
    """
    own_name = str(name or getattr(extractor, "name", None) or type(extractor).__name__)
    parts = parts_of(extractor)
    if len(parts) == 1 and parts[0] is extractor:
        return (Part(own_name, extractor, _sound_traits(own_name, extractor)),)
    names = [spec.name for spec in getattr(extractor, "part_specs", ())] or [None] * len(parts)
    return tuple(
        inner
        for part, part_name in zip(parts, names, strict=True)
        for inner in flat_parts(part, part_name)
    )


def _sound_traits(name: str, extractor: FeatureExtractor) -> Traits:
    given = traits(extractor)
    if not isinstance(given.batch_size, int) or given.batch_size < 1:
        raise ComponentError(
            f"extractor {name!r}: batch_size must be a whole number of at least 1. Got "
            f"{given.batch_size!r}."
        )
    if given.input_size is None:
        return given
    size = tuple(given.input_size)
    if len(size) != 2 or not all(isinstance(side, int) and side >= 1 for side in size):
        raise ComponentError(
            f"extractor {name!r}: input_size must be (height, width) in pixels, or None. Got "
            f"{given.input_size!r}."
        )
    return replace(given, input_size=(size[0], size[1]))


def checked_transform(part: Part, images: Sequence[np.ndarray], where: Sequence[str]) -> np.ndarray:
    """Return the rows of some images, float32 ``(n_images, n_features)``, finite.

    Parameters
    ----------
    part : Part
        The extractor.
    images : sequence of np.ndarray
        Prepared, float32 ``(height, width, n_channels)`` in [0, 1], read-only.
    where : sequence of str
        What to call each image in an error.

    Raises
    ------
    ComponentError
        If the extractor fails, or returns something else than it must.
    UnreadableImageError
        If the images give rows of different lengths.
    """
    # Descriptors run with one thread wherever they run: more would change the last bits.
    limits: Any = one_thread() if part.traits.in_processes else nullcontext()
    with limits:
        try:
            returned = part.extractor.transform(list(images))
        except (BioselectError, MemoryError):
            raise
        except Exception as error:
            raise _failure(part, images, where, error) from error
    return checked_rows(part.name, returned, where)


def checked_rows(name: str, returned: Any, where: Sequence[str]) -> np.ndarray:
    """Return what `transform` returned as a float32 array of its own, or say what is wrong.

    float64 and float16 are rounded to float32; anything else is an error.

    Examples
    --------
    >>> checked_rows("mine", np.array([[0.5, 1.0]]), ["a.png"])
    array([[0.5, 1. ]], dtype=float32)
    """
    problem = _shape_problem(returned, len(where))
    if problem:
        raise ComponentError(f"extractor {name!r}: {CONTRACT}. Got {problem} ({where[0]}).")
    with np.errstate(over="ignore"):
        # A copy: an extractor may fill the same array again in its next call.
        rows = np.array(returned, dtype=np.float32, order="C")
    bad = ~np.isfinite(rows)
    if bad.any():
        row, column = np.argwhere(bad)[0]
        raise ComponentError(
            f"extractor {name!r}: features must be finite numbers that float32 can hold. Got "
            f"{returned[row][column]} as feature {column} of {where[row]}. Look at that image, or "
            "let the extractor return a number for it."
        )
    return rows


def different_lengths(
    name: str, first: tuple[str, np.ndarray, int], second: tuple[str, np.ndarray, int]
) -> UnreadableImageError:
    """Return the error that names two images whose rows differ in length.

    Parameters
    ----------
    name : str
        The extractor.
    first, second : tuple
        What to call the image, the prepared image, the length of its row.
    """
    (one, image, length), (other, other_image, other_length) = first, second
    return UnreadableImageError(
        f"extractor {name!r}: all images must give rows of one length. Got {length} features for "
        f"{one} ({_size(image)}) and {other_length} for {other} ({_size(other_image)}). Give all "
        "images the same number of channels and the same size, or leave the odd ones out."
    )


def _shape_problem(returned: Any, n_images: int) -> str:
    if not isinstance(returned, np.ndarray):
        return type(returned).__name__
    if returned.dtype.kind != "f" or returned.dtype.itemsize > 8:
        return f"dtype {returned.dtype}"
    if returned.ndim != 2 or len(returned) != n_images or returned.shape[1] == 0:
        return f"shape {returned.shape} for {n_images} images"
    return ""


def _size(image: np.ndarray) -> str:
    height, width, n_channels = image.shape
    return f"{n_channels} channel{'s' * (n_channels != 1)}, {height} x {width} px"


def _failure(
    part: Part, images: Sequence[np.ndarray], where: Sequence[str], error: Exception
) -> BioselectError:
    """Find out, image by image, why a batch failed; rows that do not fit together are usual."""
    lengths = []
    for image, one in zip(images, where, strict=True):
        try:
            rows = checked_rows(part.name, part.extractor.transform([image]), [one])
        except BioselectError as own:
            return own
        except Exception as own:
            return _raised(part.name, own, one)
        lengths.append(rows.shape[1])
        if lengths[-1] != lengths[0]:
            return different_lengths(
                part.name, (where[0], images[0], lengths[0]), (one, image, lengths[-1])
            )
    return _raised(part.name, error, f"{len(where)} images together, from {where[0]} on")


def _raised(name: str, error: Exception, where: str) -> ComponentError:
    text = " ".join(str(error).split())
    return ComponentError(
        f"extractor {name!r}: transform must work on every image. Got {type(error).__name__}: "
        f"{text} ({where}). Run again with --debug to see where it comes from."
    )
