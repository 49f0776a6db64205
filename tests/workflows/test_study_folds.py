"""Folds that cannot be drawn as meant, or not be judged, are found before any work."""

import shutil

import pytest
import yaml

from bioselect.exceptions import DataError
from bioselect.workflows.check import check
from bioselect.workflows.run import run


@pytest.fixture
def some_images(tmp_path, drawn_images):
    """Return a function that copies so many images of each class."""

    def copied(**n_images):
        for class_name, n in n_images.items():
            (tmp_path / "some" / class_name).mkdir(parents=True)
            for number in range(n):
                name = f"{number:02d}.png"
                shutil.copy(drawn_images / class_name / name, tmp_path / "some" / class_name / name)
        return tmp_path / "some"

    return copied


def validated(config, validation):
    config.write_text(config.read_text().replace("folds: 3, repeats: 2", validation))
    return config


def test_the_configuration_as_run_holds_the_repeats_that_were_drawn(write_config, some_images):
    # Five patients in five folds: one partition, whatever is asked for.
    config = write_config(
        path=some_images(bars=5, dots=5),
        dataset='group: {pattern: "(\\\\d)\\\\.png"}',
        extractors="[intensity]",
        classifiers="[lda]",
    )
    validated(config, "folds: 5, repeats: 4")
    told = "repeats: 1 (4 were meant, but no further way to divide these images into 5 folds was"
    said = check(config, jobs=1)
    assert told in said
    # 1 extractor x (lda and the dummy) x 5 folds x 1 repeat
    assert "5 folds x 1 repeat = 10 fits" in said
    text = (run(config, jobs=1).folder / "config.yaml").read_text()
    assert told in text
    assert yaml.safe_load(text)["validation"]["repeats"] == 1


def test_folds_that_the_metric_cannot_judge_are_an_error(write_config, some_images):
    # Five images of one class in six folds: one fold of each repeat holds the other class only.
    config = write_config(path=some_images(bars=5, dots=12))
    validated(config, "folds: 6, repeats: 2, metric: roc_auc")
    with pytest.raises(DataError, match=r"none in 2 of 12 test folds\. Choose at most 5 folds"):
        check(config, jobs=1)
    config.write_text(config.read_text().replace("folds: 6", "folds: 5"))
    assert "can be run" in check(config, jobs=1)


def test_balanced_accuracy_leaves_a_missing_class_out_and_is_warned_of(write_config, some_images):
    config = write_config(path=some_images(bars=5, dots=12))
    validated(config, "folds: 6, repeats: 2")
    said = check(config, jobs=1)
    assert "some test folds hold none of it. Choose at most 5 folds" in said
    assert "can be run" in said


def test_a_metric_that_no_number_of_folds_suits_is_named(write_config, some_images, tmp_path):
    (tmp_path / "own_metric_never.py").write_text(
        "from bioselect.metrics.base import Metric\n"
        "def never():\n"
        "    return Metric('never', 'higher', (0.0, 1.0), 'labels', lambda y, p, n: float('nan'))\n"
    )
    config = write_config(path=some_images(bars=5, dots=12))
    validated(config, 'folds: 3, repeats: 2, metric: "own_metric_never:never"')
    with pytest.raises(DataError, match=r"none in 6 of 6 test folds\. Choose another metric"):
        check(config, jobs=1)
