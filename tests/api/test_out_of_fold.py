"""Out-of-fold predictions as a table: scored by scikit-learn they give the scores of the study."""

import shutil

import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score

import bioselect
from bioselect.exceptions import BioselectError


def test_scored_again_they_give_the_scores(study):
    table = study.out_of_fold
    scores = study.scores
    scores = scores[scores["metric"] == "balanced_accuracy"]
    again = table.groupby(["extractor", "estimator", "repeat", "fold"]).apply(
        lambda rows: balanced_accuracy_score(rows["target"], rows["prediction"])
    )
    wanted = scores.set_index(["extractor", "estimator", "repeat", "fold"])["score"]
    assert len(wanted) == len(again) == 36
    np.testing.assert_allclose(again.sort_index(), wanted.sort_index(), rtol=0, atol=1e-12)


def test_each_image_stands_once_in_each_repeat_with_its_target(study):
    table, images = study.out_of_fold, study.dataset.set_index("image_id")
    one = table[(table["extractor"] == "lbp(radii=1+2)") & (table["estimator"] == "knn")]
    assert len(one) == 2 * len(images)
    assert (images.loc[one["image_id"], "target"].to_numpy() == one["target"]).all()
    of_first = one[one["repeat"] == 0].set_index("image_id")["fold"]
    assert of_first.to_dict() == images["fold_of_repeat_0"].to_dict()
    probabilities = one.filter(like="probability_")
    assert list(probabilities) == [f"probability_{name}" for name in study.model.class_names]
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-6)


def test_where_there_are_none_it_is_told_where_to_look(study, tmp_path):
    for name in ("study.json", "config.yaml"):
        shutil.copy(study.folder / name, tmp_path)
    with pytest.raises(BioselectError, match=r"no such file. `bioselect run`"):
        bioselect.open_study(tmp_path).out_of_fold  # noqa: B018
    (tmp_path / "out_of_fold").mkdir()
    with pytest.raises(BioselectError, match=r"are pictures, in .*; `per_image` has"):
        bioselect.open_study(tmp_path).out_of_fold  # noqa: B018
