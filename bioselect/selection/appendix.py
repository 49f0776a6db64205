"""The appendix of a study: descriptions that readers of older papers expect, marked as such.

Nothing in it decides, and it holds no p-value: see :mod:`bioselect.selection.descriptive`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from bioselect.data.targets import is_right, is_values
from bioselect.selection import descriptive
from bioselect.selection.families import Family, ScoreTable
from bioselect.selection.outcome import OutOfFold
from bioselect.selection.result_rows import DescriptiveRow

#: What every row says of itself.
NOTE = "descriptive: folds are not independent"
#: What the rows of critical differences add.
FOR_PICTURES = f"{NOTE}; corrected for that, very conservative, for pictures only"
#: What the rows about single images add.
ONE_REPEAT = f"{NOTE}; images of the first repeat, conditional on its models"


def describe_families(
    table: ScoreTable, families: Sequence[Family], out_of_fold: OutOfFold
) -> tuple[DescriptiveRow, ...]:
    """Describe the families of both stages that have at least two members.

    Parameters
    ----------
    table : ScoreTable
        All scores.
    families : sequence of Family
        Those of stage 1, then the winners.
    out_of_fold : OutOfFold
        Predictions of all entrants.

    Returns
    -------
    tuple of DescriptiveRow
        Family by family: of the whole family, of each member, of each pair. A statistic without a
        value (nothing varies) has None.
    """
    if table.scores.shape[1] < 2:
        return ()
    rows: list[DescriptiveRow] = []
    for place, family in enumerate(families):
        stage = 2 if place == len(families) - 1 else 1
        if len(family.members) > 1:
            name = "winners" if stage == 2 else table.entrants[family.winner].extractor
            rows += _family_rows(table, family, stage, name, out_of_fold)
    return tuple(rows)


def _family_rows(
    table: ScoreTable, family: Family, stage: int, name: str, out_of_fold: OutOfFold
) -> Iterator[DescriptiveRow]:
    members = list(family.members)
    labels = [table.entrants[index].label for index in members]
    scores = table.scores[members].T
    ranks = descriptive.ranks_of(scores, table.lower_is_better)

    def row(quantity: str, value: float | None, *of: str, note: str = NOTE) -> DescriptiveRow:
        first, second = (*of, "", "")[:2]
        return DescriptiveRow(stage, name, first, second, quantity, value, note)

    yield row("friedman_chi_square", descriptive.friedman_chi_square(ranks))
    yield row("kendalls_w", descriptive.kendalls_w(ranks))
    yield row("iman_davenport_f", descriptive.iman_davenport_f(ranks))
    yield row("quade_f", descriptive.quade_f(scores, table.lower_is_better))
    yield row("eta_squared", descriptive.eta_squared(scores))
    yield row("levene_w", descriptive.levene_w(scores))
    if not is_values(out_of_fold.class_indices):  # Values are not right or wrong.
        is_right = _is_right_once(out_of_fold, members)
        yield row("cochrans_q", descriptive.cochrans_q(is_right), note=ONE_REPEAT)
    # Members stand in the order of their means: the winner is the first.
    bias = descriptive.tibshirani_bias(scores, 0, table.lower_is_better)
    yield row("tibshirani_bias", bias, labels[0])
    for quantity, quantile in (
        ("nemenyi_critical_difference", descriptive.nemenyi_quantile),
        ("bonferroni_dunn_critical_difference", descriptive.dunn_quantile),
    ):
        limit = descriptive.critical_difference(
            quantile(len(members), table.context.alpha), len(members), table.n_eff
        )
        yield row(quantity, limit, note=FOR_PICTURES)
    for place, label in enumerate(labels):
        yield row("mean_rank", float(ranks[:, place].mean()), label)
        yield row("shapiro_wilk_w", descriptive.shapiro_wilk_w(scores[:, place]), label)
    sign = -1.0 if table.lower_is_better else 1.0
    for first, second in combinations(range(len(members)), 2):
        lead = sign * (scores[:, first] - scores[:, second])
        yield row("cohens_dz", descriptive.cohens_dz(lead), labels[first], labels[second])
        yield row("wilcoxon_v", descriptive.wilcoxon_v(lead), labels[first], labels[second])


def _is_right_once(out_of_fold: OutOfFold, members: Sequence[int]) -> np.ndarray:
    arrays = out_of_fold.of(list(members)).arrays
    columns = [is_right(array[0], out_of_fold.class_indices) for array in arrays]
    tested = np.all([np.isfinite(array[0]).all(axis=1) for array in arrays], axis=0)
    return np.stack(columns, axis=1)[tested].astype(np.float64)
