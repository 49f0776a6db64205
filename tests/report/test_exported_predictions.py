import numpy as np
import pytest

from bioselect.report.exported_predictions import exported_predictions
from tests.report.made_run import made_run, ranked, said

HONEST = {"metric": "accuracy", "value": 0.8, "ci_low": None, "ci_high": None, "naive": 0.9}
PLACES = np.array([0, 1, 1])


@pytest.mark.parametrize(
    ("folds", "method", "words"),
    [
        ([[0, 1, 1]], "bbc", "on images it was not trained on"),
        ([[0, 1, 1]] * 2, "bbc", "on images it was not trained on, mean of 2 repeats"),
        ([[0, -1, 0]] * 2, "bbc", "on images it was not trained on, mean of 2 splits"),
        (
            [[-1, 0, 0]],
            "test part",
            "on the validation part, on which the candidates were compared",
        ),
    ],
)
def test_it_is_said_which_images_these_are(tmp_path, folds, method, words):
    tables = np.repeat(said(PLACES, 2), len(folds), axis=0)
    study = {"honest_score": {**HONEST, "method": method}}
    found = exported_predictions(made_run(tmp_path, ("a", "b"), PLACES, tables, folds, study=study))
    assert found.where == words
    assert found.label == "hog + svm"


def test_images_without_predictions_are_not_counted(tmp_path):
    tables = said(PLACES, 2)
    tables[0, 1] = np.nan
    found = exported_predictions(made_run(tmp_path, ("a", "b"), PLACES, tables, [[0, -1, 0]]))
    assert (found.n_repeats, found.n_tested) == (1, 2)


def test_of_one_split_the_validation_part_counts_alone(tmp_path):
    study = {"honest_score": {**HONEST, "method": "test part"}}
    run = made_run(tmp_path, ("a", "b"), PLACES, said(PLACES, 2), [[-1, 0, 1]], study=study)
    found = exported_predictions(run)
    assert found.n_tested == 1
    assert np.isfinite(found.probabilities[0, :, 0]).tolist() == [False, True, False]


def test_a_candidate_whose_predictions_are_not_kept_has_none(tmp_path):
    run = made_run(tmp_path, ("a", "b"), PLACES, said(PLACES, 2))
    run.study["exported"] = {"extractor": "lbp", "estimator": "svm"}
    assert exported_predictions(run) is None
    ranking = ranked(("pixels", "unet", 0.9, "best"))
    assert exported_predictions(made_run(tmp_path / "masks", ranking=ranking)) is None
