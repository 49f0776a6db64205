"""The table of predictions: written row by row, so that it never has to fit into memory."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioselect.bundle.familiar import NOVELTY, QUALITY, Familiar
from bioselect.bundle.reading import Model
from bioselect.data.names import as_text
from bioselect.data.plain_cells import PlainWriter
from bioselect.estimators.prediction_set import set_text
from bioselect.predict.files import NOTHING_KNOWN, Prediction
from bioselect.predict.unusual import Unusual
from bioselect.storage import atomic_path

#: Columns between what is said and `error`: the set of classes, and why a person is to look.
PREDICTION_SET = "prediction_set"
ABSTAINED = "abstained_because"


@dataclass
class PredictedNumbers:
    """Between which numbers predictions lie, and their sum; told of one after the other.

    `known` are the lowest and the highest number of the training: `n_outside` predictions lie
    outside.
    """

    known: tuple[float, float]
    lowest: float = math.inf
    highest: float = -math.inf
    total: float = 0.0
    n_outside: int = 0

    def add(self, number: float) -> None:
        """Take one more into account."""
        self.lowest, self.highest = min(self.lowest, number), max(self.highest, number)
        self.total += number
        self.n_outside += not self.known[0] <= number <= self.known[1]


@dataclass(frozen=True)
class PredictionCounts:
    """How many files were predicted, how many could not be used and why the first, each class.

    Of labels, `per_class` says how many images have each, and `n_none` how many have none. Of
    numbers there are no classes, and `numbers` says between which they lie and what their mean is.
    Of `n_several` images more than one class is possible. `n_left` of those predicted are left to a
    person, and are of no class here.
    """

    n_predicted: int
    n_failed: int
    per_class: dict[str, int]
    first_error: str = ""
    n_none: int = 0
    numbers: PredictedNumbers | None = None
    n_several: int = 0
    n_left: int = 0
    unusual: Unusual = field(default_factory=Unusual)


def columns_beside(
    model: Model, abstain: bool = False, familiar: Familiar = NOTHING_KNOWN
) -> tuple[str, ...]:
    """Return the columns before `error` that a model has something to write into."""
    sets = () if model.sets is None else (PREDICTION_SET,)
    return (*sets, *familiar.columns, *((ABSTAINED,) if abstain else ()))


def columns(
    class_names: Iterable[str], first: str = "path", beside: Iterable[str] = ()
) -> list[str]:
    """Return the header: path (or row), prediction, a probability per class, error.

    Without classes, of numbers, low and high stand in place of the probabilities. `beside` are
    further columns before the last, see :func:`columns_beside`.

    Examples
    --------
    >>> columns(["cell", "debris"])
    ['path', 'prediction', 'probability_cell', 'probability_debris', 'error']
    >>> columns([])
    ['path', 'prediction', 'low', 'high', 'error']
    >>> columns([], "row", [PREDICTION_SET])
    ['row', 'prediction', 'low', 'high', 'prediction_set', 'error']
    """
    names = list(class_names)
    said = [f"probability_{name}" for name in names] if names else ["low", "high"]
    return [first, "prediction", *said, *beside, "error"]


def write_predictions(
    path: Path,
    class_names: tuple[str, ...],
    predictions: Iterable[Prediction],
    known: Sequence[tuple[str, str]] | None = None,
    numbers: PredictedNumbers | None = None,
    first: str = "path",
    beside: Sequence[str] = (),
) -> PredictionCounts:
    """Write predictions as CSV, whole or not at all, and count them.

    Parameters
    ----------
    path : Path
        The table to write.
    class_names : tuple of str
        The model's classes.
    predictions : iterable of Prediction
        Consumed row by row.
    known : sequence of (str, str), optional
        The true class and the group of each image, in the order of `predictions`; they become
        the last two columns, `true` and `group`.
    numbers : PredictedNumbers, optional
        Of a model of numbers, to be told of each.
    first : str
        The name of the first column: path, or row where there are no images.
    beside : sequence of str
        Further columns, see :func:`columns_beside`.
    """
    unusual = Unusual()
    per_class = dict.fromkeys(class_names, 0)
    n_predicted, n_failed, n_none, first_error = 0, 0, 0, ""
    n_several, n_left = 0, 0
    with (
        atomic_path(Path(path)) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = PlainWriter(file)
        header = columns(class_names, first, beside)
        writer.writerow([*header, *(("true", "group") if known else ())])
        for place, item in enumerate(predictions):
            own = known[place] if known else ()
            cells = cells_of(item, len(class_names), beside)
            writer.writerow([as_text(str(item.path)), *cells, *own])
            if item.error:
                n_failed += 1
                first_error = first_error or item.error
            else:
                n_predicted += 1
                unusual.add(item)
                if numbers is not None and item.probabilities is not None:
                    numbers.add(float(item.probabilities[0]))
                n_several += len(item.possible) > 1
                n_left += item.is_left
                n_none += not item.names and not item.is_left
                for name in item.names:
                    per_class[name] += 1
    return PredictionCounts(
        n_predicted, n_failed, per_class, first_error, n_none, numbers, n_several, n_left, unusual
    )


def cells_of(item: Prediction, n_classes: int, beside: Sequence[str] = ()) -> list[str]:
    """Return the cells behind the path, in the order of :func:`columns`."""
    return [item.prediction, *_said(item, n_classes), *cells_beside(item, beside), item.error]


def cells_beside(item: Prediction, beside: Iterable[str]) -> list[str]:
    """Return the cells of further columns, see :func:`columns_beside`."""
    told = {
        PREDICTION_SET: set_text(item.possible),
        NOVELTY: "" if item.novelty is None else f"{item.novelty:.4g}",
        QUALITY: "; ".join(item.quality),
        ABSTAINED: "; ".join(item.reasons),
    }
    return [told[name] for name in beside]


def _said(item: Prediction, n_classes: int) -> list[str]:
    """Return the probabilities, or low and high of a number; empty where there are none."""
    if n_classes == 0:
        return ["", ""] if item.interval is None else [repr(end) for end in item.interval]
    if item.probabilities is None:
        return [""] * n_classes
    return [repr(float(value)) for value in item.probabilities]
