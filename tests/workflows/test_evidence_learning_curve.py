"""Scores of trainings on parts put together by size, and which studies get a curve."""

import json
import re

import numpy as np
import pytest

from bioselect.data.splitting import Fold
from bioselect.explain.training_parts import SHARES, Part
from bioselect.workflows.evidence_learning_curve import scores_by_size
from bioselect.workflows.run import run

EVIDENCE = "report: {pictures: false, map: false}"


def parts():
    return [
        Part(share, draw, index, Fold(0, index, np.arange(int(100 * share)), np.arange(5)))
        for draw in range(2)
        for index in range(3)
        for share in SHARES
    ]


def test_a_fold_without_a_score_at_one_size_is_left_out_of_all() -> None:
    scores = np.arange(30.0)
    scores[3] = np.nan  # the first fold of the first draw, at 80 %
    shares, sizes, table = scores_by_size(parts(), scores)
    assert shares == list(SHARES)
    np.testing.assert_array_equal(sizes, [20, 40, 60, 80, 100])
    assert table.shape == (5, 5)
    np.testing.assert_array_equal(table[0], [5, 10, 15, 20, 25])


def test_a_size_that_most_folds_fail_at_is_left_out() -> None:
    scores = np.arange(30.0)
    scores[::5] = np.nan  # everything at 20 %
    shares, _, table = scores_by_size(parts(), scores)
    assert shares == list(SHARES[1:])
    assert table.shape == (4, 6)
    assert scores_by_size(parts(), np.full(30, np.nan))[0] == []


@pytest.mark.parametrize(
    ("validation", "n_columns", "shares"),
    [("{split: [0.6, 0.2, 0.2]}", 3, SHARES[2:]), ("{splits: 6}", 5, SHARES[1:])],
    ids=["one split", "random splits"],
)
def test_studies_without_folds_get_a_curve(
    write_config, tmp_path, validation, n_columns, shares
) -> None:
    run(write_config(extractors="[intensity]", validation=validation, rest=EVIDENCE), jobs=1)
    told = json.loads((tmp_path / "run/evidence/learning_curve.json").read_text())
    assert [one["share"] for one in told["sizes"]] == list(shares)  # of fewer than 8 images: none
    [double] = told["forecasts"]
    assert double["gain"] >= 0
    assert (double["score_low"] is None) == (n_columns == 3)
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")
    assert ("With one split nothing says how sure" in page) == (n_columns == 3)
    rows = (tmp_path / "run/evidence/learning_curve.csv").read_text().splitlines()[1:]
    assert len({tuple(row.split(",")[1:3]) for row in rows}) == n_columns
    # The tested images are never trained on: there are 36, of which these are trained on at most.
    largest = max(float(row.split(",")[3]) for row in rows)
    assert largest <= 36 * 0.8


def test_a_budget_is_not_exceeded_for_it(write_config, tmp_path) -> None:
    run(write_config(extractors="[intensity]", rest=f"budget: 10min\n{EVIDENCE}"), jobs=1)
    told = json.loads((tmp_path / "run/evidence/learning_curve.json").read_text())
    assert re.search("budget", told["why_not"])
    page = (tmp_path / "run/report.html").read_text(encoding="utf-8")
    assert "There is no learning curve: the study had a budget" in page
