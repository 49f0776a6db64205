"""The columns of `dataset.csv` that say where each image was trained on and tested."""

from __future__ import annotations

from bioselect.data.splitting import Fold, SplitPlan

TRAIN, VALIDATION, TEST = "train", "validation", "test"


def division_columns(
    plan: SplitPlan, holdout: Fold | None, n_images: int
) -> tuple[list[str], list[list[int | str]]]:
    """Return the names of the columns, and a row of cells for each image.

    The fold that tests an image in each repeat; or its part in each random split; or its part in
    the only split.

    Examples
    --------
    >>> import numpy as np
    >>> split = Fold(0, 0, np.array([0, 2]), np.array([1]))
    >>> division_columns(SplitPlan((split,), 1, 1, 0, ""), None, 3)
    (['split_0'], [['train'], ['test'], ['train']])
    """
    if holdout is not None:
        cells: list[list[int | str]] = [[TRAIN] for _ in range(n_images)]
        for fold, name in ((plan.folds[0], VALIDATION), (holdout, TEST)):
            for place in fold.test:
                cells[int(place)] = [name]
        return ["part"], cells
    is_split = plan.n_folds == 1
    cells = [[TRAIN if is_split else 0] * plan.n_repeats for _ in range(n_images)]
    for fold in plan.folds:
        for place in fold.test:
            cells[int(place)][fold.repeat] = TEST if is_split else fold.index
    prefix = "split" if is_split else "fold_of_repeat"
    return [f"{prefix}_{repeat}" for repeat in range(plan.n_repeats)], cells
