"""The learning curve of a report: its answer in words, its numbers, and why there is none."""

import json

import pytest

from bioselect.report.blocks import Facts, Figure, Text
from bioselect.report.results import RunResults
from bioselect.report.sections.learning_curve import learning_curve
from bioselect.run_folder import CURVE_COLUMNS, RunFolder, write_table
from bioselect.storage import atomic_write_text, write_json

SIZES = [(0.2, 40, 0.70), (0.4, 80, 0.75), (1.0, 200, 0.80)]
FORECAST = {
    "n_more": 200,
    "score": 0.82,
    "score_low": 0.78,
    "score_high": 0.86,
    "gain": 0.02,
    "gain_low": 0.015,
    "gain_high": 0.03,
}


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a run folder with a forecast and returns its results."""

    def write(forecasts=None, direction="higher", why_not="", exported="lda"):
        folder = RunFolder(tmp_path / "run")
        study = {
            "exported": {"extractor": "lbp", "estimator": exported},
            "judged_by": {
                "metric": "balanced_accuracy" if direction == "higher" else "mae",
                "in_words": "balanced accuracy" if direction == "higher" else "mean absolute error",
                "direction": direction,
                "bounds": [0, 1] if direction == "higher" else [0, None],
                "response": "labels" if direction == "higher" else "values",
                "unit": "" if direction == "higher" else "um",
                "rope": 0.01,
                "alpha": 0.05,
            },
        }
        write_json(folder.study, study)
        atomic_write_text(folder.config, "dataset: {path: images}\n")
        if why_not:
            write_json(folder.learning_forecast, {"why_not": why_not})
            return RunResults(folder.root)
        sizes = [{"share": s, "n_training": n, "mean": mean} for s, n, mean in SIZES]
        told = {
            "extractor": "lbp",
            "estimator": "lda",
            "sizes": sizes,
            "power": 0.5,
            "curve": {"level": 0.88, "slope": 1.13},
            "interval": 0.9,
            "forecasts": forecasts or [FORECAST],
            "n_images": 250,
        }
        write_json(folder.learning_forecast, told)
        rows = [(s, 0, fold, n, mean + fold / 100) for s, n, mean in SIZES for fold in range(-2, 3)]
        write_table(folder.learning_curve, CURVE_COLUMNS, rows)
        return RunResults(folder.root)

    return write


def lead(section):
    return next(one.written for one in section.blocks if isinstance(one, Text))


@pytest.mark.parametrize(
    ("low", "gain", "high", "answer"),
    [
        (0.015, 0.02, 0.03, "Yes: 200 more images of the same kind are expected to raise"),
        (0.001, 0.02, 0.03, "Probably: 200 more images"),
        (0.0, 0.004, 0.03, "Perhaps a little: 200 more images"),
        (0.0, 0.004, 0.009, "Hardly: 200 more images"),
        (0.0, 0.0, 0.009, "Hardly: 200 more images of the same kind are not expected to raise"),
    ],
)
def test_the_answer_follows_from_what_counts_as_no_difference(
    written, low, gain, high, answer
) -> None:
    found = learning_curve(
        written([{**FORECAST, "gain": gain, "gain_low": low, "gain_high": high}])
    )
    assert lead(found).startswith(answer)


def test_numbers_are_points_and_the_figure_has_its_data(written) -> None:
    double = {**FORECAST, "n_more": 250, "gain": 0.023, "score": 0.823}
    section = learning_curve(written([FORECAST, double]))
    assert lead(section).endswith("raise balanced accuracy by 2 points.")
    [facts] = [one.items for one in section.blocks if isinstance(one, Facts)]
    assert [(one.label, one.value) for one in facts] == [
        ("200 more images", "+2.0 points"),
        ("twice as many images (250 more)", "+2.3 points"),
    ]
    assert facts[0].about == "+1.5 to +3.0 points; balanced accuracy by the curve 0.80, then 0.82"
    [figure] = [one for one in section.blocks if isinstance(one, Figure)]
    assert [row[:3] for row in figure.rows if row[0] == "measured"][-1] == ("measured", 200, 0.80)
    forecast = next(row for row in figure.rows if row[0] == "forecast")
    assert forecast == ("forecast", 360.0, 0.82, 0.78, 0.86)  # 200 * (1 + 200 / 250)


def test_of_a_model_of_several_combinations_it_is_said_whose_curve_it_is(written) -> None:
    texts = [
        one.written for one in learning_curve(written(exported="mean")).blocks if one.kind == "text"
    ]
    assert any(text.startswith("The exported model joins several") for text in texts)
    texts = [one.written for one in learning_curve(written()).blocks if one.kind == "text"]
    assert not any(text.startswith("The exported model joins several") for text in texts)


def test_an_error_is_lowered(written) -> None:
    less = {**FORECAST, "gain": -0.3, "gain_low": -0.4, "gain_high": -0.2}
    section = learning_curve(written([less], "lower"))
    assert lead(section) == (
        "Yes: 200 more images of the same kind are expected to lower mean absolute error by "
        "0.300 um."
    )


def test_without_a_curve_the_reason_is_given(written) -> None:
    section = learning_curve(written(why_not="the model is a network"))
    assert lead(section) == "There is no learning curve: the model is a network."
    results = written(why_not="x")
    results.folder.learning_forecast.unlink()
    assert learning_curve(results) is None
    assert json.loads(results.folder.study.read_text())  # nothing else is needed
