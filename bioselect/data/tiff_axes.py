"""Which axes of a TIFF are the plane, its channels and the stack, and where each plane lies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.data.unreadable import unreadable

_MEANING = {
    "Z": "slices",
    "T": "points in time",
    "Q": "pages whose meaning the file does not state",
    "I": "pages whose meaning the file does not state",
}
#: Channels in pages of their own, and samples of a pixel.
_CHANNEL_AXES = ("C", "S")


@dataclass(frozen=True)
class TiffAxes:
    """Axes by their letters with their lengths, from the slowest to the quickest.

    `outer` are the axes along which the pages lie, `inner` those of a page. Of both, Y and X are
    the plane, C or S its channels and all others the stack.
    """

    outer: tuple[tuple[str, int], ...]
    inner: tuple[tuple[str, int], ...]

    @property
    def n_pages(self) -> int:
        """How many pages there must be."""
        return math.prod(n for _, n in self.outer)

    @property
    def n_planes(self) -> int:
        """How many planes there are, with all their channels."""
        return math.prod(self._stack_shape)

    @property
    def _stack_shape(self) -> tuple[int, ...]:
        return tuple(n for axis, n in (*self.outer, *self.inner) if _is_stack(axis))

    @property
    def contents(self) -> tuple[str, ...]:
        """What the planes are, in words, axis by axis."""
        return tuple(
            f"{n} {_MEANING.get(axis, f'planes along {axis}')}"
            for axis, n in (*self.outer, *self.inner)
            if _is_stack(axis)
        )

    @property
    def details(self) -> str:
        """The axes as TIFF readers write them."""
        return _found((*self.outer, *self.inner))

    def pages_of_plane(self, place: int) -> list[tuple[int, tuple[int, ...]]]:
        """Return the number of each page that a plane needs, and its place inside the page.

        There are several pages where each holds one channel. The place inside has a number for
        each axis of the stack within a page, which hardly any file has.

        Examples
        --------
        >>> axes = TiffAxes((("C", 2), ("Z", 3)), (("Y", 6), ("X", 8)))
        >>> axes.pages_of_plane(1)
        [(1, ()), (4, ())]
        """
        along = iter(np.unravel_index(place, self._stack_shape))
        where = [int(next(along)) if _is_stack(axis) else 0 for axis, _ in self.outer]
        inside = tuple(int(number) for number in along)
        outer_shape = tuple(n for _, n in self.outer)
        channel_axis = next((i for i, (axis, _) in enumerate(self.outer) if not _is_stack(axis)), 0)
        n_channels = math.prod(n for axis, n in self.outer if not _is_stack(axis))
        pages = []
        for channel in range(n_channels):
            if n_channels > 1:
                where[channel_axis] = channel
            pages.append(int(np.ravel_multi_index(where, outer_shape)) if where else 0)
        return [(page, inside) for page in pages]

    def arranged(self, stored: np.ndarray, inside: tuple[int, ...]) -> np.ndarray:
        """Return the pixels of a page as ``(height, width, n_channels)``."""
        pixels = stored.reshape([n for _, n in self.inner])
        numbers = iter(inside)
        place = [next(numbers) if _is_stack(axis) else slice(None) for axis, _ in self.inner]
        pixels = pixels[tuple(place)]
        kept = [axis for axis, _ in self.inner if not _is_stack(axis)]
        if kept == ["Y", "X"]:
            return pixels[:, :, np.newaxis]
        return pixels if kept[-1] in _CHANNEL_AXES else np.moveaxis(pixels, 0, 2)


def tiff_axes(path: Path, axes: str, shape: tuple[int, ...], n_page_values: int) -> TiffAxes:
    """Tell the axes of a page from those along which the pages lie.

    Parameters
    ----------
    path : Path
        Names the file in errors.
    axes, shape : str, tuple of int
        The letter and the length of each axis of all pages together, the slowest first.
    n_page_values : int
        How many values one page holds.

    Raises
    ------
    UnreadableImageError
        If the axes are none that a plane can have.

    Examples
    --------
    >>> tiff_axes(Path("a.tif"), "ZCYX", (5, 2, 6, 8), 48).n_planes
    5
    """
    # An axis of length 1 has no meaning.
    kept = tuple((a, n) for a, n in zip(axes, shape, strict=True) if a in "YX" or n != 1)
    letters = "".join(axis for axis, _ in kept)
    plane = "".join(axis for axis in letters if not _is_stack(axis))
    if plane not in ("YX", "YXS", "YXC", "SYX", "CYX"):
        raise unreadable(
            path,
            f"its axes must be YX, YXS or CYX. Got {_found(kept)}. Save the channels along one "
            "axis",
        )
    n_inner = next(
        (n for n in range(2, len(kept) + 1) if math.prod(k for _, k in kept[-n:]) == n_page_values),
        None,
    )
    inner = kept[len(kept) - (n_inner or 0) :]
    if n_inner is None or not {"Y", "X"} <= {axis for axis, _ in inner}:
        raise unreadable(
            path,
            f"its pages must be whole planes. Got {_found(kept)} with {n_page_values} values a "
            "page. Save each plane as a page",
        )
    return TiffAxes(kept[: len(kept) - n_inner], inner)


def _is_stack(axis: str) -> bool:
    return axis not in ("Y", "X", *_CHANNEL_AXES)


def _found(axes: tuple[tuple[str, int], ...]) -> str:
    letters = "".join(axis for axis, _ in axes)
    return f"axes {letters}, shape {tuple(n for _, n in axes)}"
