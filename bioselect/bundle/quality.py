"""What is usual of the training images' quality, and what is unusual in that of a new one.

The file holds a few numbers over all training images (quantiles of each measure, and how the light
of the channels varies), no image and no name. A new image gets a flag only where it lies outside
of what the training images span, by a margin; so flags are rare in images like those of the
training, whatever these are like. A model without the file, of an older version, flags nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.strict_json import parse_strict
from bioselect.data.image_quality import DTYPES, N_CHANNELS, Measures
from bioselect.exceptions import BundleError
from bioselect.storage import write_json

QUALITY_FILE = "quality.json"
QUALITY_FORMAT = 1
#: Fewer training images do not say what is usual.
LEAST_IMAGES = 10
#: This share of the training images at either end is left out of what is usual ...
TAIL = 0.005
#: ... and beyond that, this share of the distance to the middle is allowed, and so much besides.
MARGIN = {"focus": 0.05, "clipped": 0.5, "brightness": 0.5, "colour": 0.25}
_ROOM = {"focus": 0.0, "clipped": 0.03, "brightness": 0.03, "colour": 0.005}
#: Of so many images what is usual would end twice as far from the middle.
_N_ENDS = 10.0
#: Sides may be so many times as long or as short as any in the training.
_SIZE = 1.5
#: Below this, an image of several channels is grey.
_GREY = 1e-4
#: Another order of channels must fit so much better than in any training image.
_ORDER_GAIN = 2.0
_MEASURED = ("focus", "clipped", "brightness", "colour")


@dataclass(frozen=True)
class UsualQuality:
    """What is usual.

    `spans` has for each of `_MEASURED` the low quantile, the median and the high one; `sides` the
    shortest and the longest height and width; `n_channels` and `dtypes` all that occur. `light` is
    the mean of each channel by that of all, `precision` the inverse of how these vary together,
    row by row, and `gain` how much better another order of channels fits in the training at most
    (`TAIL` left out); empty where channels cannot be told from one another.
    """

    spans: dict[str, tuple[float, float, float]]
    sides: tuple[float, float, float, float]
    n_channels: tuple[int, ...]
    dtypes: tuple[str, ...]
    light: tuple[float, ...] = ()
    precision: tuple[tuple[float, ...], ...] = ()
    gain: float = 0.0

    def flags(self, found: Measures) -> tuple[str, ...]:
        """Return what is unusual in an image, in words."""
        said = [self._form(found), self._pixel_type(found)]
        below, above = self._beyond(found)
        focused = found.focus != 0.0
        said.append("blurred" if "focus" in below and focused else "")
        said.append("saturated" if "clipped" in above else "")
        said.append("darker than training" if "brightness" in below else "")
        said.append("brighter than training" if "brightness" in above else "")
        said.append(self._channels(found))
        return tuple(filter(None, said))

    def _beyond(self, found: Measures) -> tuple[set[str], set[str]]:
        """Return of which measures an image lies below and above what is usual."""
        below, above = set(), set()
        same_type = _dtype(found) in self.dtypes
        for name, (low, middle, high) in self.spans.items():
            value = getattr(found, name)
            room = _ROOM[name] if all(one in DTYPES[:8] for one in self.dtypes) else 0.0
            if name == "brightness" and not same_type:
                continue
            if value < low - MARGIN[name] * (middle - low) - room:
                below.add(name)
            if value > high + MARGIN[name] * (high - middle) + room:
                above.add(name)
        return below, above

    def _form(self, found: Measures) -> str:
        lowest, highest, narrowest, widest = self.sides
        fits = (
            lowest / _SIZE <= found.height <= highest * _SIZE
            and narrowest / _SIZE <= found.width <= widest * _SIZE
        )
        size = f"{found.height:.0f} x {found.width:.0f} px"
        return "" if fits else f"size unlike training ({size})"

    def _pixel_type(self, found: Measures) -> str:
        dtype = _dtype(found)
        return "" if dtype in self.dtypes else f"pixel type unlike training ({dtype})"

    def _channels(self, found: Measures) -> str:
        n_channels = int(found.n_channels)
        low, middle, _ = self.spans["colour"]
        is_coloured = low > 10 * _GREY
        if n_channels == 1 and max(self.n_channels) > 1 and min(self.n_channels) > 1:
            return "grey instead of colour" if is_coloured else ""
        if n_channels not in self.n_channels:
            return f"channels unlike training ({n_channels})"
        if n_channels == 1:
            return ""
        if is_coloured and found.colour < _GREY:
            return "grey instead of colour"
        if self.spans["colour"][2] < _GREY and found.colour > 10 * _GREY + middle:
            return "colour instead of grey"
        return self._order(found, n_channels)

    def _order(self, found: Measures, n_channels: int) -> str:
        """Tell whether the channels fit better in another order than in their own."""
        if len(self.light) != n_channels:
            return ""
        gain, order = self._gain(found.light[:n_channels])
        if gain <= max(self.gain, 0.0) + _ORDER_GAIN:
            return ""
        return f"channels in another order (fits as {', '.join(map(str, order))})"

    def _gain(self, light: Sequence[float]) -> tuple[float, tuple[int, ...]]:
        """Return how much better another order of channels fits than their own, and which."""
        orders = list(permutations(range(len(light))))
        own, *others = (self._distance([light[place] for place in order]) for order in orders)
        best = int(np.argmin(others))
        return own - others[best], orders[1 + best]

    def _distance(self, light: Sequence[float]) -> float:
        gap = relative_light(np.array([light]))[0] - np.array(self.light)
        return float(gap @ np.array(self.precision) @ gap)


def _dtype(found: Measures) -> str:
    place = int(found.dtype)
    return DTYPES[place] if place >= 0 else "another"


def relative_light(light: np.ndarray) -> np.ndarray:
    """Return the light of channels ``(n_images, n_channels)`` by the mean of all of them.

    Examples
    --------
    >>> relative_light(np.array([[0.2, 0.4]])).round(3).tolist()
    [[0.667, 1.333]]
    """
    mean = light.mean(axis=1, keepdims=True)
    found: np.ndarray = light / np.where(np.abs(mean) > 1e-9, mean, 1.0)
    return found


def usual_quality(found: Sequence[Measures]) -> UsualQuality | None:
    """Return what is usual of training images; None of too few."""
    if len(found) < LEAST_IMAGES:
        return None
    spans = {}
    for name in _MEASURED:
        values = np.array([getattr(one, name) for one in found])
        low, middle, high = np.quantile(values, (TAIL, 0.5, 1.0 - TAIL), method="nearest").tolist()
        # The ends of few images are known less well than those of many.
        wider = _N_ENDS / len(found)
        spans[name] = (low - wider * (middle - low), middle, high + wider * (high - middle))
    heights, widths = ([getattr(one, name) for one in found] for name in ("height", "width"))
    n_channels = tuple(sorted({int(one.n_channels) for one in found}))
    usual = UsualQuality(
        spans,
        (min(heights), max(heights), min(widths), max(widths)),
        n_channels,
        tuple(sorted({_dtype(one) for one in found})),
    )
    if len(n_channels) != 1 or not 1 < n_channels[0] <= N_CHANNELS or spans["colour"][2] < _GREY:
        return usual
    return _with_order(usual, found, n_channels[0])


def _with_order(usual: UsualQuality, found: Sequence[Measures], n_channels: int) -> UsualQuality:
    """Add how the light of the channels varies."""
    light = relative_light(np.array([one.light[:n_channels] for one in found]))
    mean = light.mean(axis=0)
    gaps = light - mean
    spread = gaps.T @ gaps / len(gaps)
    # The parts sum to the number of channels, so one direction has no spread of its own.
    spread += np.eye(n_channels) * max(1e-3 * float(np.trace(spread)), 1e-6)
    usual = replace(
        usual,
        light=tuple(mean.tolist()),
        precision=tuple(tuple(row) for row in np.linalg.inv(spread).tolist()),
    )
    gains = [usual._gain(one.light[:n_channels])[0] for one in found[:: len(found) // 1000 + 1]]
    highest = float(np.quantile(gains, 1.0 - TAIL, method="nearest"))
    return replace(usual, gain=highest + _N_ENDS / len(found) * abs(highest))


def write_quality(path: Path, usual: UsualQuality) -> None:
    """Write what is usual as JSON."""
    values = {name: getattr(usual, name) for name in UsualQuality.__dataclass_fields__}
    write_json(path, {"format": QUALITY_FORMAT, **values})


def parse_quality(data: bytes, where: Path) -> UsualQuality:
    """Return what a file holds that :func:`write_quality` wrote.

    Raises
    ------
    BundleError
        If it is damaged, or of a later version.
    """
    damaged = f"{where}: {QUALITY_FILE} is damaged"
    try:
        values = parse_strict(data)
        number = int(values["format"])
    except (ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{damaged}. Use another copy of the model.") from error
    if number != QUALITY_FORMAT:
        raise BundleError(
            f"{where}: {QUALITY_FILE} is written in format {number}; this version of bioselect "
            f"reads {QUALITY_FORMAT}. Upgrade bioselect."
        )
    try:
        return _parsed(values)
    except (ValueError, KeyError, TypeError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(f"{damaged} ({reason}). Use another copy of the model.") from error


def _parsed(values: dict[str, Any]) -> UsualQuality:
    spans = {name: _numbers(values["spans"][name], 3) for name in _MEASURED}
    light = _numbers(values["light"], len(values["light"]))
    usual = UsualQuality(
        {name: (low, middle, high) for name, (low, middle, high) in spans.items()},
        _numbers(values["sides"], 4),  # type: ignore[arg-type]
        tuple(int(number) for number in values["n_channels"]),
        tuple(str(name) for name in values["dtypes"]),
        light,
        tuple(_numbers(row, len(light)) for row in values["precision"]),
        *_numbers([values["gain"]], 1),
    )
    if len(usual.precision) != len(light) or len(light) > N_CHANNELS or not usual.n_channels:
        raise ValueError("its lists do not fit one another")
    return usual


def _numbers(values: Any, length: int) -> tuple[float, ...]:
    found = tuple(float(value) for value in values)
    if len(found) != length or not all(map(math.isfinite, found)):
        raise ValueError(f"{length} finite numbers are expected")
    return found
