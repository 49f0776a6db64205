"""How the values of pixels become numbers from 0 to 1: a declared step, never a hidden one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.exceptions import ConfigurationError, UnreadableImageError
from bioselect.parameter_values import is_finite_number

MODES = ("dtype", "percentile", "range")
#: Percentiles of an image that become 0 and 1: single hot or dead pixels do not set the scale.
LOWER_PERCENTILE, UPPER_PERCENTILE = 0.1, 99.9
#: Depths of the cameras in use; a 12-bit camera writes 0 to 4095 into a 16-bit file.
CAMERA_BITS = (8, 10, 12, 14, 16)


@dataclass(frozen=True)
class Intensity:
    """How pixel values are scaled to [0, 1].

    `mode` is ``dtype`` (divide by the largest value that the pixel type can hold), ``percentile``
    (of each image by itself) or ``range`` (from `minimum` to `maximum`, the same for all).

    Raises
    ------
    ConfigurationError
        If the mode is unknown, or `minimum` is not a finite number below `maximum`.

    Examples
    --------
    >>> Intensity.from_config({"min": 0, "max": 4095}).as_config()
    {'min': 0, 'max': 4095}
    >>> Intensity("dtype").as_config()
    'dtype'
    """

    mode: str
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ConfigurationError(
                "dataset.intensity: must be dtype, percentile or {min: ..., max: ...}. "
                f"Got {self.mode!r}."
            )
        ends = (self.minimum, self.maximum)
        if self.mode != "range":
            if ends != (None, None):
                raise ConfigurationError(
                    f"dataset.intensity: {self.mode} takes no min and max. Got {ends}. Leave them "
                    "out, or write {min: ..., max: ...} alone."
                )
        elif not _is_range(*ends):
            raise ConfigurationError(
                "dataset.intensity: min and max must be finite numbers, min below max. "
                f"Got min {self.minimum} and max {self.maximum}."
            )

    def as_config(self) -> str | dict[str, float]:
        """Return what stands for this under `dataset.intensity` in a configuration."""
        if self.minimum is None or self.maximum is None:
            return self.mode
        return {"min": _plain_number(self.minimum), "max": _plain_number(self.maximum)}

    @classmethod
    def from_config(cls, value: str | Mapping[str, Any]) -> Intensity:
        """Read ``dtype``, ``percentile`` or ``{"min": ..., "max": ...}``."""
        if isinstance(value, str):
            return cls(value)
        if not isinstance(value, Mapping) or set(value) != {"min", "max"}:
            raise ConfigurationError(
                "dataset.intensity: must be dtype, percentile or {min: ..., max: ...}. "
                f"Got {value!r}."
            )
        return cls("range", value["min"], value["max"])


def _is_range(minimum: float | None, maximum: float | None) -> bool:
    are_numbers = is_finite_number(minimum) and is_finite_number(maximum)
    return are_numbers and minimum < maximum  # type: ignore[operator]


def _plain_number(value: float) -> float:
    return int(value) if float(value).is_integer() else float(value)


def scale(image: np.ndarray, intensity: Intensity, where: str) -> np.ndarray:
    """Return the image with values from 0 to 1.

    Parameters
    ----------
    image : np.ndarray
        ``(height, width, n_channels)`` in the file's own dtype.
    intensity : Intensity
        How to scale. ``percentile`` takes the 0.1th and the 99.9th percentile over all channels
        together (the ends of the image where these two are equal; a constant image becomes
        zeros). Values beyond the ends are clipped.
    where : str
        Names the image in errors.

    Returns
    -------
    np.ndarray
        float32, same shape, in [0, 1].

    Raises
    ------
    UnreadableImageError
        If ``dtype`` is asked for and the type has no such scale: signed integers, or floats
        outside [0, 1].

    Examples
    --------
    >>> image = np.array([[[0], [51], [255]]], dtype=np.uint8)
    >>> scale(image, Intensity("dtype"), "a.png").ravel().tolist()
    [0.0, 0.20000000298023224, 1.0]
    """
    return apply_ends(image, scale_ends(image, intensity, where))


def scale_ends(image: np.ndarray, intensity: Intensity, where: str) -> tuple[float, float]:
    """Return the values that become 0 and 1; equal for a constant image under ``percentile``."""
    if intensity.minimum is not None and intensity.maximum is not None:
        return float(intensity.minimum), float(intensity.maximum)
    if intensity.mode == "percentile":
        return _percentile_ends(image)
    return _dtype_ends(image, where)


def apply_ends(image: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Scale linearly so that the first end becomes 0 and the second 1; clip what is beyond."""
    low, high = ends
    if high <= low:
        return np.zeros(image.shape, dtype=np.float32)
    # 8 and 16-bit integers are exact in float32; wider types would lose small differences.
    working = np.float32 if image.dtype.itemsize <= 2 else np.float64
    scaled = image.astype(working)
    if low != 0:
        scaled -= working(low)
    scaled /= working(high - low)
    return np.clip(scaled, 0.0, 1.0, out=scaled).astype(np.float32, copy=False)


def _percentile_ends(image: np.ndarray) -> tuple[float, float]:
    low, high = np.percentile(image, (LOWER_PERCENTILE, UPPER_PERCENTILE))
    if high <= low:  # A few bright points on a flat ground must not vanish.
        low, high = image.min(), image.max()
    return float(low), float(high)


def _dtype_ends(image: np.ndarray, where: str) -> tuple[float, float]:
    remedy = "Choose `intensity: percentile` or `intensity: {min: ..., max: ...}` under `dataset:`."
    if image.dtype.kind == "u":
        return 0.0, float(np.iinfo(image.dtype).max)
    low, high = float(image.min()), float(image.max())
    if image.dtype.kind != "f":
        raise UnreadableImageError(
            f"{where}: `intensity: dtype` accepts unsigned integers, and floats from 0 to 1. "
            f"Got {image.dtype.name} with values from {low:g} to {high:g}. {remedy}"
        )
    if not (low >= 0.0 and high <= 1.0):
        raise UnreadableImageError(
            f"{where}: `intensity: dtype` accepts float images with values from 0 to 1. "
            f"Got {low:g} to {high:g}. {remedy}"
        )
    return 0.0, 1.0


def resolve_auto(dtypes: set[str], minimum: float, maximum: float) -> tuple[Intensity, str]:
    """Choose the scaling that suits a data set, and say why.

    Parameters
    ----------
    dtypes : set of str
        The pixel types found, such as ``{"uint8"}``.
    minimum, maximum : float
        The smallest and the largest value of all images.

    Returns
    -------
    intensity : Intensity
        The choice. It is the same for all images, except ``percentile``.
    explanation : str
        The reason in words.

    Examples
    --------
    >>> resolve_auto({"uint16"}, 12, 3001)[0].as_config()
    {'min': 0, 'max': 4095}
    >>> resolve_auto({"uint8"}, 0, 255)
    (Intensity(mode='dtype', minimum=None, maximum=None), '8-bit images: 0 to 255 become 0 to 1')
    """
    if dtypes == {"uint8"}:
        return Intensity("dtype"), "8-bit images: 0 to 255 become 0 to 1"
    if dtypes == {"uint16"}:
        bits = next(bits for bits in CAMERA_BITS if maximum < 2**bits)
        largest = 2**bits - 1
        return Intensity("range", 0, largest), (
            f"16-bit images whose largest value is {maximum:g}, which fits {bits} bits: "
            f"0 to {largest} become 0 to 1"
        )
    names = ", ".join(sorted(dtypes))
    if dtypes and all(name.startswith("float") for name in dtypes):
        if minimum >= 0 and maximum <= 1:
            return Intensity("dtype"), "float images with values from 0 to 1 are taken as they are"
        reason = f"float images with values from {minimum:g} to {maximum:g}"
    elif len(dtypes) > 1:
        reason = f"images of different pixel types ({names})"
    else:
        reason = f"images of type {names} with values from {minimum:g} to {maximum:g}"
    return Intensity("percentile"), (
        f"{reason}: {LOWER_PERCENTILE:g} to {UPPER_PERCENTILE:g} % of each image become 0 to 1, so "
        "absolute brightness is not compared between images"
    )
