"""What a study without folds says of its design."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.data.splitting import Fold, SplitPlan


def design_facts(
    plan: SplitPlan, holdout: Fold | None, groups: Sequence[str | None]
) -> dict[str, Any]:
    """Return what the context of a study is told of random splits or of one split.

    Parameters
    ----------
    plan : SplitPlan
        The folds that candidates are compared on.
    holdout : Fold or None
        That of the test part, where images were divided once.
    groups : sequence of str or None
        The group of each image.
    """
    folds = plan.folds
    if holdout is not None:
        parts = (folds[0].train, folds[0].test, holdout.test)
        return {"split_counts": tuple(map(len, parts)), "test_to_train": 1.0}
    if plan.n_folds == 1:
        shares = [len(one.test) / len(one.train) for one in folds]
        n_tested = _tested_groups(plan, groups)
        return {"test_to_train": float(np.mean(shares)), "n_tested_groups": n_tested}
    return {}


def _tested_groups(plan: SplitPlan, groups: Sequence[str | None]) -> int | None:
    """Return how many groups some split tests; None where that is all of them."""
    tested = {groups[int(place)] for fold in plan.folds for place in fold.test} - {None}
    return len(tested) if len(tested) < len(set(groups) - {None}) else None
