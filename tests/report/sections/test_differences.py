import pytest

from bioselect.report.sections.differences import MOST_SHOWN, differences
from tests.report.made_run import ACCURACY, made_run, ranked

ROWS = (
    ("hog", "svm", 0.9, "best"),
    ("lbp", "lda", 0.8, "tied"),
    ("hog", "lda", 0.6, "behind"),
    ("hog", "dummy", 0.5, "baseline"),
)


def compared(first, second, difference, low, high):
    return {
        "first": first,
        "second": second,
        "difference": difference,
        "ci_low": low,
        "ci_high": high,
    }


def test_intervals_stand_where_a_candidate_was_compared_with_the_best(tmp_path):
    pairs = [
        compared("hog + svm", "hog + lda", 0.3, 0.2, 0.4),
        compared("lbp + lda", "hog + lda", 0.2, 0.1, 0.3),
    ]
    _, figure = differences(made_run(tmp_path, ranking=ranked(*ROWS), comparisons=pairs)).blocks
    best, second, third = figure.rows
    assert best[2] == 0.0
    # In points behind the best: 0.9 less 0.8 and 0.6. The second was not compared with it.
    assert second[1:] == ("lbp + lda", pytest.approx(10.0), None, None)
    assert third[1:] == ("hog + lda", *map(pytest.approx, (30.0, 20.0, 40.0)))
    assert figure.svg.count("<circle") == 3
    assert "1 were compared directly, of which 1 lie beyond" in figure.description


def test_lower_errors_are_better_and_ends_are_turned(tmp_path):
    metric = {**ACCURACY, "metric": "mae", "direction": "lower", "bounds": [0.0, None]}
    metric = {**metric, "response": "values", "unit": "um", "rope": 0.5}
    rows = ranked(("hog", "svm", 2.0, "best"), ("hog", "lda", 5.0, "behind"))
    # The best has the lower error: its mean less the other's is below zero.
    pairs = [compared("hog + svm", "hog + lda", -3.0, -4.0, -1.0)]
    run = made_run(tmp_path, ranking=rows, comparisons=pairs, judged_by=metric)
    words, figure = differences(run).blocks
    assert figure.rows[1][2:] == (3.0, 1.0, 4.0)
    assert "0.500 um" in words.written


def test_masks_have_no_extractor_in_comparisons(tmp_path):
    rows = ranked(("pixels", "unet", 0.9, "best"), ("pixels", "otsu", 0.5, "behind"))
    pairs = [compared("unet", "otsu", 0.4, 0.3, 0.5)]
    run = made_run(tmp_path, ranking=rows, comparisons=pairs, config={"task": "segmentation"})
    _, figure = differences(run).blocks
    assert figure.rows[1][3:] == (pytest.approx(30.0), pytest.approx(50.0))


def test_many_candidates_are_all_in_the_file_and_the_first_in_the_drawing(tmp_path):
    rows = [("hog", f"svm(C={i})", 0.9 - 0.01 * i, "behind" if i else "best") for i in range(40)]
    _, figure = differences(made_run(tmp_path, ranking=ranked(*rows))).blocks
    assert len(figure.rows) == 40
    assert figure.svg.count("<circle") == MOST_SHOWN
    assert "The first 25 of 40" in figure.caption


def test_one_candidate_is_compared_with_nobody(tmp_path):
    assert differences(made_run(tmp_path)) is None
