"""A step with its name, and what is looked at where somebody else wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.augmentation.affine import AffineStep
from bioselect.exceptions import BioselectError, ComponentError

#: What interpolation and rounding may add to a value from 0 to 1.
ROUNDING = 1e-5


@dataclass(frozen=True)
class NamedStep:
    """A step and what it is called.

    `is_own` says that somebody else wrote it, so that what it returns is looked at; `always` that
    every image gets it, whatever its probability.
    """

    label: str
    step: Any
    is_own: bool = False
    always: bool = False

    @property
    def is_batch_step(self) -> bool:
        """Whether the step mixes images of a batch."""
        return hasattr(self.step, "batch")

    @property
    def is_affine(self) -> bool:
        """Whether what the step draws is a matrix, which can be joined with others."""
        # A class of somebody's own may move images in another way.
        return isinstance(self.step, AffineStep) and type(self.step).image is AffineStep.image

    @property
    def probability(self) -> float:
        """How often an image gets the step."""
        return 1.0 if self.always else float(getattr(self.step, "probability", 1.0))


@contextmanager
def told_of_own(named: NamedStep) -> Iterator[None]:
    """Say which step it was, if somebody's own raises anything."""
    try:
        yield
    except Exception as error:
        if not named.is_own or isinstance(error, BioselectError):
            raise
        raise ComponentError(
            f"augmentation {named.label}: raised {type(error).__name__}: "
            f"{' '.join(str(error).split())}. Correct it; `bioselect components --check` tries it."
        ) from error


def own_result(named: NamedStep, image: np.ndarray, drawn: Any) -> np.ndarray:
    """Return what a step of somebody's own makes of an image, or say what is wrong with it."""
    with told_of_own(named):
        result = named.step.image(read_only(image), drawn)
    problem = result_problem(image, result)
    if problem:
        raise ComponentError(f"augmentation {named.label}: {problem}")
    return np.asarray(np.clip(result, 0.0, 1.0))


def channels_problem(step: Any, n_channels: int) -> str:
    """Say that a step does not take images with so many channels, or nothing.

    Examples
    --------
    >>> from bioselect.augmentation.colours import Hue
    >>> channels_problem(Hue(), 5)
    'accepts images with 3 channels. Got 5. Remove the step.'
    """
    wanted = getattr(step, "n_channels", None)
    if wanted is None or wanted == n_channels:
        return ""
    return f"accepts images with {wanted} channels. Got {n_channels}. Remove the step."


def result_problem(image: np.ndarray, result: Any) -> str:
    """Say what is wrong with what a step made of an image, or nothing.

    Examples
    --------
    >>> image = np.zeros((2, 2, 3), dtype=np.float32)
    >>> result_problem(image, image + 2)
    'image must return values from 0 to 1. Got 2 to 2.'
    """
    if not isinstance(result, np.ndarray):
        return f"image must return an array. Got {type(result).__name__}."
    if result.shape != image.shape or result.dtype != np.float32:
        return (
            f"image must return float32 {image.shape}, as it was given. Got {result.dtype} "
            f"{result.shape}."
        )
    low, high = float(result.min()), float(result.max())
    if not (low >= -ROUNDING and high <= 1.0 + ROUNDING):  # NaN is neither.
        return f"image must return values from 0 to 1. Got {low:g} to {high:g}."
    return ""


def read_only(array: np.ndarray) -> np.ndarray:
    """Return a view that cannot be written into; the caller's own stays as it is."""
    view: np.ndarray = array.view()
    view.flags.writeable = False
    return view
