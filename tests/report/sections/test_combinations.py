import pytest

from bioselect.report.sections.combinations import combinations
from tests.report.made_run import ACCURACY, made_run, ranked

ROWS = (
    ("hog", "svm", 0.9, "best"),
    ("lbp", "lda", 0.8, "tied"),
    ("hog", "lda", 0.6, "behind"),
    ("images", "resnet18", 0.7, "behind"),
    ("hog", "dummy", 0.5, "baseline"),
    ("lbp", "svm", None, "failed"),
)


@pytest.fixture
def figure(tmp_path):
    section = combinations(made_run(tmp_path, ranking=ranked(*ROWS)))
    return section.blocks[0]


def test_every_combination_has_its_score_and_the_best_a_frame(figure):
    for score in ("0.900", "0.800", "0.600"):
        assert f">{score}</text>" in figure.svg
    assert figure.svg.count('fill="none"') == 1
    # 0.9 is as dark as can be (half), 0.6 nearly white, 0.8 two thirds of the way between.
    shades = [f'fill-opacity="{0.5 * (0.1 + 0.9 * share):.3g}"' for share in (1, 0, 2 / 3)]
    assert all(shade in figure.svg for shade in shades)


def test_what_failed_and_what_was_never_combined_is_said(figure):
    assert ">failed</text>" in figure.svg
    assert "Failed: 1" in figure.caption
    assert "resnet18" not in figure.svg
    assert "only in the ranking: images" in figure.caption
    assert "0.600 (hog + lda) to 0.900 (hog + svm)" in figure.description


def test_lower_errors_are_darker(tmp_path):
    metric = {**ACCURACY, "metric": "mae", "direction": "lower", "bounds": [0.0, None]}
    metric = {**metric, "response": "values", "unit": "um"}
    rows = [("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 3.0), ("b", "y", 4.0)]
    rows = [(*row, "best" if row[2] == 1 else "behind") for row in rows]
    run = made_run(tmp_path, ranking=ranked(*rows), judged_by=metric)
    (figure,) = combinations(run).blocks
    assert figure.svg.index('fill-opacity="0.5"') < figure.svg.index('fill-opacity="0.05"')


def test_one_row_or_column_is_no_heat_map(tmp_path):
    rows = [("hog", "svm", 0.9, "best"), ("lbp", "svm", 0.8, "behind")]
    assert combinations(made_run(tmp_path, ranking=ranked(*rows))) is None
    rows = [("images", "unet", 0.9, "best"), ("images", "fpn", 0.8, "behind")]
    assert combinations(made_run(tmp_path, ranking=ranked(*rows))) is None
