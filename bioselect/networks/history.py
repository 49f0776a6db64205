"""What became of every epoch of a training, and what follows from it.

Which epoch was best and whether to stop are functions of the history alone. So a training that
goes on after a kill decides as an undisturbed one: the history is all that has to be kept.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True)
class EpochRecord:
    """One epoch, counted from 1.

    `learning_rate` is that of its last step. `loss` and `accuracy` are means over the images as
    they were trained on (augmented, and while the network changed); `val_loss` and `val_accuracy`
    over the validation images after the epoch, None where there are none. Of several labels,
    accuracy is the share of right ones; of numbers there is none.
    """

    epoch: int
    learning_rate: float
    loss: float
    accuracy: float | None
    val_loss: float | None = None
    val_accuracy: float | None = None

    @property
    def judged_by(self) -> float | None:
        """What the best epoch is chosen by, lower being better; None without validation images."""
        return self.val_loss


@dataclass(frozen=True)
class MaskEpochRecord(EpochRecord):
    """One epoch of a training on masks, judged by its Dice on the validation images.

    `accuracy` is the share of right pixels. `val_dice` is the mean over the validation images of
    the mean over their classes (the background counts where there is nothing else to count).
    """

    val_dice: float | None = None

    @property
    def judged_by(self) -> float | None:
        """The Dice, so that lower is better."""
        return None if self.val_dice is None else -self.val_dice


@dataclass(frozen=True)
class ValueEpochRecord(EpochRecord):
    """One epoch of a training on numbers.

    `error` and `val_error` are mean absolute errors in the units of the target.
    """

    error: float | None = None
    val_error: float | None = None


def record_from(values: Mapping[str, Any]) -> EpochRecord:
    """Return the record of which `values` are all fields.

    Examples
    --------
    >>> values = {"epoch": 1, "learning_rate": 0.1, "loss": 1.0, "accuracy": 0.5}
    >>> record_from(values).judged_by, record_from(values | {"val_dice": 0.25}).judged_by
    (None, -0.25)
    """
    if "val_error" in values:
        return ValueEpochRecord(**values)
    kind = MaskEpochRecord if "val_dice" in values else EpochRecord
    return kind(**values)


class TrainingProgress(Protocol):
    """Told of every epoch; those of an earlier, interrupted training are told first."""

    def __call__(self, record: EpochRecord, n_epochs: int, seconds: float) -> None:
        """Take what became of an epoch, how many there may be at most, and what it took."""


def silent_progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
    """Tell nobody."""


def best_epoch(history: Sequence[EpochRecord]) -> int:
    """Return the first of the best epochs; without validation the last one.

    The best has the lowest validation loss, or in a training on masks the highest Dice.

    Examples
    --------
    >>> losses = (0.9, 0.5, 0.7, 0.5)
    >>> best_epoch([EpochRecord(n + 1, 0.1, 1.0, 0.5, loss) for n, loss in enumerate(losses)])
    2
    >>> best_epoch([EpochRecord(1, 0.1, 1.0, 0.5), EpochRecord(2, 0.1, 2.0, 0.4)])
    2
    """
    judged = [record for record in history if _is_number(record.judged_by)]
    if not judged:
        return history[-1].epoch
    return min(judged, key=lambda record: (record.judged_by, record.epoch)).epoch


def is_over(history: Sequence[EpochRecord], patience: int | None, since: int = 0) -> bool:
    """Tell whether so many epochs in a row have not been better than the best one.

    Epochs up to `since` do not count: a head that is trained alone settles before the rest begins.

    Examples
    --------
    >>> losses = (0.5, 0.6, 0.7)
    >>> history = [EpochRecord(n + 1, 0.1, 1.0, 0.5, loss) for n, loss in enumerate(losses)]
    >>> is_over(history, 2), is_over(history, 3), is_over(history, 2, since=2)
    (True, False, False)
    """
    if patience is None or not history or history[-1].judged_by is None:
        return False
    return history[-1].epoch - max(best_epoch(history), since) >= patience


def plateaus(history: Sequence[EpochRecord], patience: int, since: int = 0) -> int:
    """Return how often the loss has not fallen for `patience` epochs, each time counted anew.

    The validation loss counts, or where there is none the training loss.

    Examples
    --------
    >>> losses = (0.9, 0.9, 0.9, 0.8, 0.8, 0.8)
    >>> history = [EpochRecord(n + 1, 0.1, 1.0, 0.5, loss) for n, loss in enumerate(losses)]
    >>> plateaus(history, 2)
    2
    """
    n_plateaus = waited = 0
    lowest = math.inf
    for record in history[since:]:
        loss = record.loss if record.val_loss is None else record.val_loss
        if loss < lowest:
            lowest, waited = loss, 0
            continue
        waited += 1
        if waited == patience:
            n_plateaus, waited = n_plateaus + 1, 0
    return n_plateaus


def means_of(outcomes: Sequence[tuple[Any, Any]], n_images: int) -> tuple[float, float]:
    """Return the mean loss and accuracy, exactly summed, out of the sums of each batch."""
    loss, right = (
        math.fsum(float(one) for one in column) for column in zip(*outcomes, strict=True)
    )
    return loss / n_images, right / n_images


def _is_number(loss: float | None) -> bool:
    return loss is not None and math.isfinite(loss)
