"""Networks that were still getting better when their epochs ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from bioselect.selection.candidates import Candidate
from bioselect.selection.network_folds import BEST_EPOCH
from bioselect.selection.phrases import wrapped

#: In more than this part of the trainings the last epoch was the best one: no accident any more.
MOST = 0.5

#: By one of these an epoch is the best, in what is kept of it.
JUDGED_BY = ("val_loss", "val_dice")


class TrainedFold(Protocol):
    """What became of a fold, of images to classes or to masks."""

    @property
    def candidate(self) -> Candidate:
        """What was trained."""

    @property
    def chosen(self) -> Mapping[str, Any]:
        """With the best epoch."""

    @property
    def history(self) -> Sequence[Mapping[str, Any]]:
        """The epochs; nothing where there are none."""


def last_epochs_in_words(results: Iterable[TrainedFold]) -> list[str]:
    r"""Return a paragraph for each network that should perhaps be trained for longer.

    A training that is stopped early never ends with its best epoch.

    Examples
    --------
    >>> from bioselect.component import ComponentSpec
    >>> from bioselect.selection.cross_validation import FoldResult
    >>> network = Candidate(ComponentSpec("images"), ComponentSpec("small_cnn"))
    >>> history = [{"epoch": epoch, "val_loss": 1 / epoch} for epoch in (1, 2, 3)]
    >>> folds = [
    ...     FoldResult(network, 0, fold, None, {"best_epoch": best}, history=history)
    ...     for fold, best in enumerate((3, 3, 2))
    ... ]
    >>> print("\n".join(last_epochs_in_words(folds)))
    small_cnn: the best epoch of 2 of 3 trainings was the last one (of 3), so it may not have
      learnt all it can. Write more epochs in its params.
    """
    by_network: dict[Candidate, list[TrainedFold]] = {}
    for one in results:
        # Without a validation part the last epoch counts as the best, which tells nothing.
        if one.history and any(one.history[-1].get(key) is not None for key in JUDGED_BY):
            by_network.setdefault(one.candidate, []).append(one)
    paragraphs = []
    for network, folds in by_network.items():
        n_last = sum(one.chosen.get(BEST_EPOCH) == one.history[-1]["epoch"] for one in folds)
        if n_last <= MOST * len(folds):
            continue
        n_epochs = max(one.history[-1]["epoch"] for one in folds)
        trainings = f"{n_last} of {len(folds)} trainings" if len(folds) > 1 else "its training"
        paragraphs.append(
            wrapped(
                f"{network.estimator.label}: the best epoch of {trainings} was the last one (of "
                f"{n_epochs}), so it may not have learnt all it can. Write more epochs in its "
                "params."
            )
        )
    return paragraphs
