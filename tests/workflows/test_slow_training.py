import csv

import numpy as np
import pytest

from bioselect.registry import ComponentSpec
from bioselect.workflows import slow_training
from bioselect.workflows.check import check
from bioselect.workflows.slow_training import MANY_IMAGES, slow_training_in_words

SLOW = ComponentSpec("gaussian_process")


@pytest.mark.parametrize(
    ("spec", "n_train", "is_told"),
    [
        (SLOW, [MANY_IMAGES - 1] * 5, False),
        (SLOW, [1000] * 5 + [MANY_IMAGES], True),  # The model is trained on all.
        (ComponentSpec("svr"), [20_000] * 5, False),
    ],
)
def test_it_is_told_from_some_number_of_images_on(spec, n_train, is_told):
    assert bool(slow_training_in_words([spec], n_train, 1)) == is_told


def test_time_is_that_of_all_fits_and_memory_that_of_the_largest():
    # 2,000 cubed times 2.2e-9 is 17.6 s, 2,500 cubed 34.4 s; 5 fits of one and one of the other on
    # three extractors are 367 s. 41 bytes times 2,500 squared are 0.26 GB.
    (line,) = slow_training_in_words([SLOW], [2000] * 5 + [2500], n_extractors=3)
    assert "about 18 s for a fit on 2000, 6 min 7 s for all folds" in line
    assert "0.26 GB of memory in each process" in line


def test_a_search_takes_as_often_longer():
    searched = ComponentSpec.of("gaussian_process", search={"kernel": ["rbf", "matern"]})
    (line,) = slow_training_in_words([searched], [2000], 1)
    assert "about 1 min 28 s for a fit" in line  # Five times 17.6 s.


def test_check_says_it_before_any_work(tmp_path, monkeypatch):
    monkeypatch.setattr(slow_training, "MANY_IMAGES", 40)
    rng = np.random.default_rng(0)
    with (tmp_path / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["age", "width"], *rng.normal(size=(40, 2)).tolist()])
    (tmp_path / "c.yaml").write_text(
        "task: regression\ndataset: {table: t.csv, target: age}\n"
        "regressors: [ridge, gaussian_process]\noutput: run\n"
    )
    said = check(tmp_path / "c.yaml", jobs=1)
    (line,) = [one for one in said.splitlines() if one.startswith("warning: gaussian_process")]
    assert "the cube of the training rows" in line
    assert "Take it out" in line
