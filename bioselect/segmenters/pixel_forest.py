"""A random forest that looks at each pixel's surroundings, as ilastik does: the second baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bioselect.data.pairs import Pairs, PairScene, Scene
from bioselect.exceptions import BundleError, ComponentError
from bioselect.execution import resolve_jobs
from bioselect.networks.history import EpochRecord, TrainingProgress, silent_progress
from bioselect.registry import identity
from bioselect.segmenters.base import MaskTask
from bioselect.segmenters.filter_bank import TRUNCATE, FilterBank
from bioselect.segmenters.filter_scales import scales_problem
from bioselect.segmenters.forest_file import read_forest, write_forest
from bioselect.segmenters.pixel_sample import class_counts, drawn_pixels, quotas

KIND = "pixel_forest"
_PIXELS_AT_A_TIME = 1 << 15
#: What the numbers of all images may take that are looked at by several threads.
_BYTES_AT_A_TIME = 1 << 31

Task = TypeVar("Task")
Result = TypeVar("Result")


#: More channels or classes than this no model has; memory is taken by them.
MOST = 4096


@dataclass(frozen=True)
class PixelForest:
    """Classify each pixel by the responses of filters around it.

    Parameters
    ----------
    trees : int
        Of the forest.
    scales : list of float
        Standard deviations of the filters' Gaussians in pixels: from the finest detail to about
        the radius of an object.
    pixels : int
        How many are learnt from, of all training images together.
    balance : {"square_root", "equal", "as_is"}
        How many of each class are drawn; see :func:`~bioselect.segmenters.pixel_sample.quotas`.
        With `equal` rare classes are found more often, and more often where they are not.

    References
    ----------
    Breiman (2001), "Random forests", Machine Learning 45, 5-32; and those of
    :class:`~bioselect.segmenters.filter_bank.FilterBank`.

    Examples
    --------
    >>> from bioselect.data.pairs import ArrayPairs, ArrayScene
    >>> from bioselect.segmenters.base import most_probable, whole
    >>> mask = np.tile(np.arange(12) // 6, (10, 1)).astype(np.uint8)
    >>> image = mask[..., None] * 0.5
    >>> task = MaskTask(2, 0, np.array([0]), np.array([], int), seed=0)
    >>> trained = PixelForest(trees=5, scales=[1.0]).fit(ArrayPairs([image], [mask]), task)
    >>> bool((most_probable(whole(trained, ArrayScene(image))) == mask).all())
    True
    """

    trees: int = 50
    scales: Sequence[float] = (1.0, 2.0, 4.0, 8.0)
    pixels: int = 20_000
    balance: str = "square_root"

    @property
    def name(self) -> str:
        """What it is called in errors."""
        return KIND

    @property
    def n_epochs(self) -> int | None:
        """None: there are no epochs."""
        return None

    @property
    def bank(self) -> FilterBank:
        """The filters."""
        return FilterBank(tuple(float(scale) for scale in self.scales))

    def check_available(self) -> None:
        """Find out whether the scales are sizes in pixels.

        Raises
        ------
        ComponentError
            If one is not, or they are not in order.
        """
        problem = scales_problem(self.scales)
        if problem:
            raise ComponentError(f"{KIND}: params.scales: {problem}")

    def fit(
        self,
        pairs: Pairs,
        task: MaskTask,
        checkpoint_dir: Path | None = None,
        progress: TrainingProgress = silent_progress,
    ) -> TrainedPixelForest:
        """Draw pixels of the training images and learn their classes.

        Raises
        ------
        ComponentError
            If no pixel of the training masks counts.
        """
        from sklearn.ensemble import RandomForestClassifier

        self.check_available()
        bank, places = self.bank, [int(place) for place in task.train]
        counts = np.stack([class_counts(pairs, place, task.n_classes) for place in places])
        if not counts.any():
            raise ComponentError(
                f"{KIND}: training masks must have a pixel that counts. Got {len(places)} in which "
                "all are ignored. Look at dataset.ignore."
            )
        wanted = quotas(counts, self.pixels, self.balance)

        def sampled(number: int) -> tuple[np.ndarray, np.ndarray]:
            some = {one: int(n) for one, n in enumerate(wanted[number]) if n}
            drawn = drawn_pixels(pairs, places[number], some, counts[number], task.seed)
            return _learnt_from(bank, PairScene(pairs, places[number]), drawn)

        shapes = [PairScene(pairs, place).shape for place in places]
        at_once = _BYTES_AT_A_TIME // max(map(bank.bytes_at_a_time, shapes))
        n_threads = max(1, min(resolve_jobs(None), at_once))
        parts = list(_in_threads(sampled, range(len(places)), n_threads))
        forest = RandomForestClassifier(
            self.trees, random_state=task.seed, n_jobs=resolve_jobs(None)
        )
        forest.fit(np.concatenate([X for X, _ in parts]), np.concatenate([y for _, y in parts]))
        forest.set_params(n_jobs=None)  # which would be kept in the file
        return TrainedPixelForest(forest, bank, pairs.n_channels, task.n_classes)

    def identity(self) -> dict[str, Any]:
        """Return what its results depend on besides images, masks and seed, in JSON's types."""
        packages = ("scikit-learn", "opencv-python", "numpy")
        return {
            **identity("segmenter", KIND),
            "params": asdict(self) | {"scales": list(self.scales)},
            "packages": {name: version(name) for name in packages},
        }

    def operations(self, shape: tuple[int, int, int], n_classes: int) -> float:
        """Return the operations of one prediction: filters, then the way down each tree."""
        height, width, n_channels = shape
        smoothing = sum(2 * 2 * (2 * TRUNCATE * scale + 1) for scale in self.scales)
        filters = n_channels * (4 * smoothing + 50 * len(self.scales))
        down = 2 * np.log2(self.pixels) + n_classes
        return float(height * width * (filters + self.trees * down))


@dataclass(frozen=True, eq=False)
class TrainedPixelForest:
    """A forest and the filters that it looks through.

    Parameters
    ----------
    forest : RandomForestClassifier
        Fitted; its classes are places of classes, of which some may be missing.
    bank : FilterBank
        The filters.
    n_channels : int
        Of the images.
    n_classes : int
        Of the masks.
    """

    forest: Any = field(repr=False)
    bank: FilterBank
    n_channels: int
    n_classes: int

    @property
    def best_epoch(self) -> int:
        """Zero: there are no epochs."""
        return 0

    @property
    def history(self) -> Sequence[EpochRecord]:
        """Nothing: there are no epochs."""
        return ()

    def bands(self, scene: Scene) -> Iterator[tuple[slice, np.ndarray]]:
        """Give probabilities from top to bottom, some rows at a time."""
        width = scene.shape[1]
        for rows in self.bank.bands(scene):
            numbers = self.bank.responses_in(scene, rows)
            flat = numbers.reshape(len(numbers), -1)
            parts = [
                flat[:, start : start + _PIXELS_AT_A_TIME]
                for start in range(0, flat.shape[1], _PIXELS_AT_A_TIME)
            ]
            found = np.concatenate(
                list(_in_threads(self._probabilities, parts, resolve_jobs(None)))
            )
            yield rows, found.reshape(-1, width, self.n_classes)

    def _probabilities(self, numbers: np.ndarray) -> np.ndarray:
        """Return float32 ``(n_pixels, n_classes)`` for ``(n_responses, n_pixels)``.

        The trees are added up in their order: `predict_proba` of several threads does it in the
        order in which they finish, which changes the last bits.
        """
        rows = np.ascontiguousarray(numbers.T)
        sums = np.zeros((len(rows), len(self.forest.classes_)))
        for one in self.forest.estimators_:
            sums += one.tree_.predict(rows)
        found = np.zeros((len(rows), self.n_classes), dtype=np.float32)
        found[:, self.forest.classes_] = sums / len(self.forest.estimators_)
        return found

    def save(self, folder: Path) -> dict[str, Any]:
        """Write the forest into a folder, without pickle; return the rest."""
        write_forest(folder, self.forest)
        return {
            "kind": KIND,
            "scales": list(self.bank.scales),
            "n_channels": self.n_channels,
            "n_classes": self.n_classes,
        }


def load_pixel_forest(folder: Path, facts: Mapping[str, Any]) -> TrainedPixelForest:
    """Open what :meth:`TrainedPixelForest.save` wrote.

    Raises
    ------
    BundleError
        If the file is damaged, holds anything but a forest, or not the one of these facts.
    """
    try:
        scales, n_channels, n_classes = facts["scales"], facts["n_channels"], facts["n_classes"]
        bank = FilterBank(tuple(float(scale) for scale in scales))
        n_channels, n_classes = int(n_channels), int(n_classes)
        fits = 1 <= n_channels <= MOST and 1 <= n_classes <= MOST
        if scales_problem(scales) or not fits:
            raise ValueError(facts)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise BundleError(
            f"{folder}: must say what the forest looks at (scales, ascending, in pixels; "
            f"n_channels; n_classes). Got {dict(facts)!r}. Take another copy of the model."
        ) from error
    forest = read_forest(folder, bank.n_responses(n_channels), n_classes)
    return TrainedPixelForest(forest, bank, n_channels, n_classes)


def _learnt_from(
    bank: FilterBank, scene: Scene, drawn: Mapping[int, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of the pixels drawn, float32 ``(n, n_responses)``, and their classes.

    They are in the order of the pixels, however many rows are computed at a time.
    """
    _, width, n_channels = scene.shape
    places = np.concatenate([*drawn.values(), np.empty(0, dtype=np.int64)])
    classes = np.repeat(list(drawn), [len(some) for some in drawn.values()]).astype(np.int64)
    order = np.argsort(places)
    places, classes = places[order], classes[order]
    numbers_of = np.empty((len(places), bank.n_responses(n_channels)), dtype=np.float32)
    for rows in bank.bands(scene):
        first, end = np.searchsorted(places, (rows.start * width, rows.stop * width))
        if first == end:
            continue
        numbers = bank.responses_in(scene, rows)
        flat = numbers.reshape(len(numbers), -1)
        numbers_of[first:end] = flat[:, places[first:end] - rows.start * width].T
    return numbers_of, classes


def _in_threads(
    function: Callable[[Task], Result], tasks: Iterable[Task], n_threads: int
) -> Iterator[Result]:
    """Do tasks on some cores; results come in their order."""
    with ThreadPoolExecutor(n_threads) as threads:
        yield from threads.map(function, tasks)
