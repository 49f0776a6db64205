"""A model of masks holds the contract for bundles; what is missing or changed is noticed."""

import numpy as np

from bioselect.testing import check_bundle
from tests.predict.mask_models import squares, write_otsu_bundle


def problems(folder):
    return {one.check: one.problem for one in check_bundle(folder) if one.problem}


def test_what_a_study_would_write_down_is_asked_for(tmp_path):
    folder = write_otsu_bundle(tmp_path / "model", [squares()])
    # It opens, moves, is zipped and reproduced; only the facts about its study are not there.
    assert list(problems(folder)) == ["manifest"]
    assert "versions must hold python, numpy, scikit-learn" in problems(folder)["manifest"]


def test_another_check_sample_is_noticed(tmp_path):
    folder = write_otsu_bundle(tmp_path / "model", [squares()])
    sample = dict(np.load(folder / "check_sample.npz"))
    np.savez(folder / "check_sample.npz", **{**sample, "images": sample["images"][:1]})
    assert set(problems(folder)) >= {"opens", "reproduces", "moved", "zipped"}
