"""What came of the test part of one split, for the one candidate that was selected before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bioselect.selection.cross_validation import FoldResult, Problem
from bioselect.selection.outcome import HonestScore, OutOfFold


@dataclass(frozen=True, eq=False)
class OpenedTestPart:
    """The selected candidate, trained on the training and validation part, on the test part.

    `problem` has the one fold that `result` is of; `score` is the honest score.
    """

    problem: Problem
    result: FoldResult
    score: HonestScore

    def tested(self) -> OutOfFold:
        """Return the predictions on the test part, as those of a single candidate."""
        [fold] = self.problem.plan.folds
        found = self.result.probabilities
        return OutOfFold(
            (None if found is None else found[None],),
            self.problem.class_indices[fold.test],
            self.problem.units[fold.test],
            self.problem.n_classes,
        )

    def added_to(self, out_of_fold: OutOfFold, candidate: int) -> OutOfFold:
        """Return all predictions with these among them; `folds` numbers the test part 1."""
        table = out_of_fold.probabilities[candidate]
        if self.result.probabilities is None or table is None or out_of_fold.folds is None:
            return out_of_fold
        [fold] = self.problem.plan.folds
        tables, folds = list(out_of_fold.probabilities), out_of_fold.folds.copy()
        filled = table.copy()
        filled[0, fold.test] = self.result.probabilities
        tables[candidate] = filled
        folds[0, fold.test] = fold.index
        return replace(out_of_fold, probabilities=tuple(tables), folds=folds)
