import numpy as np
import pytest

from bioselect.report.sections.reliability import reliability
from tests.report.made_run import made_run

WORDS = "Can its percentages be believed (hog + svm)? It gave 95 %."


def measured(said, right):
    bins = [{"low": 0.9, "high": 1.0, "n_images": 20.0, "said": said, "right": right}]
    figures = {"log_loss": 0.5, "expected_calibration_error": 0.1, "brier": 0.2}
    return {"said": said, "right": right, "sure": bins[0], "bins": bins, **figures}


def study(used="temperature", after=True):
    parts = {"before": measured(0.95, 0.8), "after": measured(0.82, 0.8) if after else None}
    return {"calibration": {"tried": "temperature", "used": used, "in_words": WORDS, **parts}}


def test_bins_before_and_after_are_drawn_and_told(tmp_path):
    words, figure, table = reliability(made_run(tmp_path, study=study())).blocks
    assert words.written == "It gave 95 %."
    assert [row[0] for row in figure.rows] == ["before calibration", "after (temperature)"]
    assert [row[4] for row in figure.rows] == [0.95, 0.82]
    assert "Of 20 images given 90 % or more, 80 % were right." in figure.description
    assert [row[1:] for row in table.rows][:2] == [["95 %", "82 %"], ["80 %", "80 %"]]


@pytest.mark.parametrize("facts", [study(used="none"), study(used="none", after=False)])
def test_what_is_not_calibrated_has_one_series(tmp_path, facts):
    _, figure, table = reliability(made_run(tmp_path, study=facts)).blocks
    assert [row[0] for row in figure.rows] == ["not calibrated"]
    assert list(table.columns) == ["figure", "not calibrated"]


def test_of_labels_answers_are_counted(tmp_path):
    run = made_run(tmp_path, ("x",), [[1], [0]], np.full((1, 2, 1), 0.5), study=study())
    _, figure, _ = reliability(run).blocks
    assert "Of 20 answers given" in figure.description


def test_without_probabilities_there_is_nothing(tmp_path):
    assert reliability(made_run(tmp_path)) is None
