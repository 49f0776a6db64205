"""Otsu's threshold: the baseline that knows nothing of shapes.

Each image gets thresholds of its own, from the histogram of one channel. What is learnt from the
training masks is which channel that is, and which class the dark pixels are and which the bright
ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.pairs import WHOLE, Pairs, PairScene, Scene
from bioselect.exceptions import BundleError, ComponentError
from bioselect.metrics.overlap import pixel_counts
from bioselect.networks.history import EpochRecord, TrainingProgress, silent_progress
from bioselect.registry import identity
from bioselect.segmenters.base import MaskTask
from bioselect.storage import write_json

#: Most levels of grey that are told apart: the search for more thresholds takes seconds an image.
MOST_CLASSES = 4
#: Of the histogram, as in scikit-image.
BINS = 256
#: The mean of all channels, as a channel.
MEAN = "mean"
KIND, FILE = "otsu", "otsu.json"
_PIXELS_AT_A_TIME = 1 << 22


@dataclass(frozen=True)
class OtsuSegmenter:
    """Segment by the threshold that divides the grey values of each image best.

    With more than two classes there are as many levels of grey as classes (multi-Otsu). The
    channel, and which level is which class, are those with the highest mean Dice over the classes
    but the background on the pixels of all training images together; every class gets one level.
    An image of fewer grey values than classes is background everywhere (of the darkest level's
    class where no class is the background).

    Parameters
    ----------
    channel : int or str
        A channel, counted from 0; ``mean`` of all channels; ``auto``: the best of these.

    References
    ----------
    Otsu (1979), "A threshold selection method from gray-level histograms", IEEE Transactions on
    Systems, Man, and Cybernetics 9, 62-66. Liao, Chen and Chung (2001), "A fast algorithm for
    multilevel thresholding", Journal of Information Science and Engineering 17, 713-727.

    Examples
    --------
    >>> from bioselect.data.pairs import ArrayPairs
    >>> image = np.array([[0.1, 0.2, 0.8], [0.1, 0.9, 0.2]])[..., None]
    >>> mask = np.array([[1, 1, 0], [1, 0, 1]], np.uint8)
    >>> task = MaskTask(2, 0, np.array([0]), np.array([], int), seed=0)
    >>> trained = OtsuSegmenter().fit(ArrayPairs([image], [mask]), task)
    >>> trained.channel, trained.classes
    (0, (1, 0))
    """

    channel: int | str = "auto"

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return "otsu"

    @property
    def n_epochs(self) -> int | None:
        """None: there are no epochs."""
        return None

    def check_available(self) -> None:
        """Find out whether the channel is one.

        Raises
        ------
        ComponentError
            If it is neither a number nor a known word.
        """
        if self.channel not in ("auto", MEAN) and not (
            isinstance(self.channel, int) and self.channel >= 0
        ):
            raise ComponentError(
                f"otsu: params.channel: must be auto, {MEAN}, or a channel counted from 0. Got "
                f"{self.channel!r}."
            )

    def fit(
        self,
        pairs: Pairs,
        task: MaskTask,
        checkpoint_dir: Path | None = None,
        progress: TrainingProgress = silent_progress,
    ) -> TrainedOtsu:
        """Choose the channel and the class of each level on the training images.

        Raises
        ------
        ComponentError
            If there are more than four classes, or the images do not have the channel.
        """
        self.check_available()
        if task.n_classes > MOST_CLASSES:
            raise ComponentError(
                f"otsu: masks must have 2 to {MOST_CLASSES} classes, one for each level of grey. "
                f"Got {task.n_classes}. Leave otsu out; pixel_forest takes any number."
            )
        channels = self._channels(pairs.n_channels)
        dark_to_bright = tuple(range(task.n_classes))
        counts = {channel: np.zeros((task.n_classes, task.n_classes)) for channel in channels}
        for place in task.train:
            scene = PairScene(pairs, int(place))
            for channel in channels:
                for rows, levels in TrainedOtsu(channel, dark_to_bright, None).levels(scene):
                    mask = pairs.mask(int(place), rows)
                    counts[channel] += pixel_counts(mask, levels, task.n_classes)
        found = {
            channel: _classes_of_levels(table, task.background) for channel, table in counts.items()
        }
        best = max(channels, key=lambda channel: found[channel][0])
        return TrainedOtsu(best, found[best][1], task.background)

    def identity(self) -> dict[str, Any]:
        """Return what its results depend on besides images, masks and seed, in JSON's types."""
        return {**identity("segmenter", self.name), "params": {"channel": self.channel}}

    def operations(self, shape: tuple[int, int, int], n_classes: int) -> float:
        """Return the operations of one prediction: to count each pixel and to compare it."""
        height, width, n_channels = shape
        return float(height * width * (2 + n_classes + n_channels))

    def _channels(self, n_channels: int) -> list[int | str]:
        if self.channel == "auto":
            return [*range(n_channels), *([MEAN] if n_channels > 1 else [])]
        if self.channel != MEAN and int(self.channel) >= n_channels:
            raise ComponentError(
                f"otsu: params.channel: must be 0 to {n_channels - 1}, a channel of the images. "
                f"Got {self.channel}."
            )
        return [self.channel]


@dataclass(frozen=True)
class TrainedOtsu:
    """Thresholds of each image, and what the levels between them are.

    Parameters
    ----------
    channel : int or str
        The channel, or ``mean``.
    classes : tuple of int
        The class of each level, from dark to bright.
    background : int or None
        The class of an image that has nothing to divide; that of the darkest level if None.
    """

    channel: int | str
    classes: tuple[int, ...]
    background: int | None

    @property
    def best_epoch(self) -> int:
        """Zero: there are no epochs."""
        return 0

    @property
    def history(self) -> Sequence[EpochRecord]:
        """Nothing: there are no epochs."""
        return ()

    def thresholds(self, scene: Scene) -> np.ndarray | None:
        """Return the thresholds of an image, ascending; None if it has too few grey values.

        Each is the upper edge of a bin of the histogram, so that no bin is divided; scikit-image
        gives the centre of that bin.
        """
        from skimage.filters import threshold_multiotsu

        lowest, highest = np.inf, -np.inf
        for _, grey in self._grey(scene):
            lowest, highest = min(lowest, grey.min()), max(highest, grey.max())
        if not lowest < highest:
            return None
        counts = np.zeros(BINS, dtype=np.int64)
        for _, grey in self._grey(scene):
            some, edges = np.histogram(grey, bins=BINS, range=(lowest, highest))
            counts += some
        if np.count_nonzero(counts) < len(self.classes):
            return None
        found: np.ndarray = threshold_multiotsu(
            classes=len(self.classes), hist=(counts.astype(np.float64), edges[1:])
        )
        return found

    def levels(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the level of every pixel, uint8, some rows at a time; nothing without thresholds."""
        limits = self.thresholds(scene)
        if limits is not None:
            for rows, grey in self._grey(scene):
                yield rows, _levels(grey, limits)

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give probabilities of 0 and 1 from top to bottom, some rows at a time."""
        limits = self.thresholds(scene)
        of_level = np.eye(len(self.classes), dtype=np.float32)[list(self.classes)]
        nothing = of_level[0]
        if self.background is not None:
            nothing = of_level[self.classes.index(self.background)]
        for rows, grey in self._grey(scene):
            if limits is None:
                yield rows, np.broadcast_to(nothing, (*grey.shape, len(nothing))).copy()
            else:
                yield rows, of_level[_levels(grey, limits)]

    def save(self, folder: Path) -> dict[str, Any]:
        """Write it as JSON into a folder."""
        write_json(
            folder / FILE,
            {
                "channel": self.channel,
                "classes": list(self.classes),
                "background": self.background,
            },
        )
        return {"kind": KIND}

    def _grey(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give the channel, float32 ``(n_rows, width)``, some rows at a time."""
        height, width, _ = scene.shape
        n_rows = max(1, _PIXELS_AT_A_TIME // width)
        for top in range(0, height, n_rows):
            rows = slice(top, min(top + n_rows, height))
            window = scene.window(rows, WHOLE)
            if self.channel == MEAN:
                yield rows, window.mean(axis=2, dtype=np.float64).astype(np.float32)
            else:
                yield rows, window[..., int(self.channel)]


def load_otsu(folder: Path, facts: Mapping[str, Any]) -> TrainedOtsu:
    """Open what :meth:`TrainedOtsu.save` wrote.

    Raises
    ------
    BundleError
        If the file is missing or damaged.
    """
    path = folder / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        classes = tuple(int(place) for place in values["classes"])
        channel, background = values["channel"], values["background"]
        whole = channel == MEAN or (isinstance(channel, int) and channel >= 0)
        if not whole or sorted(classes) != list(range(len(classes))) or len(classes) < 2:
            raise ValueError(f"channel {channel!r}, classes {classes}")
        return TrainedOtsu(channel, classes, None if background is None else int(background))
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise BundleError(
            f"{path}: cannot be read ({type(error).__name__}: {reason}). Use another copy of the "
            "model."
        ) from error


def _levels(grey: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Return 0 below the first threshold, 1 from there on, and so on."""
    found: np.ndarray = np.digitize(grey, thresholds).astype(np.uint8)
    return found


def _classes_of_levels(counts: np.ndarray, background: int | None) -> tuple[float, tuple[int, ...]]:
    """Return the mean Dice of the classes that count, and the class of each level.

    `counts` has the pixels of each class (row) and level (column).
    """
    from scipy.optimize import linear_sum_assignment

    sums = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True)
    dice = np.divide(2 * counts, sums, out=np.zeros_like(counts), where=sums > 0)
    counted = np.arange(len(counts)) != (-1 if background is None else background)
    _, classes = linear_sum_assignment((dice * counted[:, None]).T, maximize=True)
    mean = float(dice[classes, np.arange(len(classes))][counted[classes]].mean())
    return mean, tuple(int(place) for place in classes)
