"""Folds, random splits and one split exclude each other, in words."""

import pytest

from bioselect.config.validation_design import check_split, design_problems


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        ({"splits": 20, "folds": 5}, "splits and folds exclude each other"),
        ({"splits": 20, "repeats": 5}, "splits and repeats exclude each other"),
        ({"split": [0.6, 0.2, 0.2], "folds": 5}, "split and folds exclude each other"),
        ({"split": [0.6, 0.2, 0.2], "splits": 5}, "split and splits exclude each other"),
        ({"split": [0.6, 0.2, 0.2], "test_size": 0.2}, "split and test_size exclude"),
        ({"test_size": 0.2}, "test_size goes with splits only"),
        ({"splits": 20, "honest": "nested"}, "honest: nested repeats the choice inside folds"),
        ({"split": {"column": "part"}}, "needs a table, which has columns"),
        ({"split": "official"}, "official needs an .npz file"),
    ],
)
def test_what_does_not_go_together(validation, words):
    [problem] = design_problems(validation, {"path": "images"})
    assert words in problem


@pytest.mark.parametrize(
    ("validation", "dataset"),
    [
        ({"folds": 5, "repeats": 10, "splits": None, "honest": "nested"}, {"path": "a"}),
        ({"folds": "auto", "repeats": "auto", "splits": 9, "test_size": 0.3}, {"path": "a"}),
        ({"split": [0.6, 0.2, 0.2], "honest": "bbc"}, {"path": "a"}),
        ({"split": {"column": "part"}}, {"table": "a.csv"}),
        ({"split": "official"}, {"path": "breastmnist.NPZ"}),
    ],
)
def test_what_goes_together(validation, dataset):
    assert design_problems(validation, dataset) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0.6, 0.2], "must be the shares of training, validation and test"),
        ([0.6, 0.2, 0], "must be the shares"),
        ([0.6, 0.3, 0.2], "must add up to 1. Got [0.6, 0.3, 0.2], which is 1.1"),
        ("mine", "must be the shares"),
        ({"column": ""}, "must be the shares"),
        ({"column": "a", "more": "b"}, "must be the shares"),
    ],
)
def test_what_is_no_split(value, words):
    with pytest.raises(Exception, match="must") as raised:
        check_split(value)
    assert words in str(raised.value)


def test_a_share_in_percent_is_answered_with_the_share(tmp_path):
    from bioselect.config.loading import load_config
    from bioselect.exceptions import ConfigurationError

    path = tmp_path / "c.yaml"
    path.write_text(
        "dataset: {path: .}\nextractors: [hog]\nclassifiers: [lda]\noutput: out\n"
        "validation: {splits: 9, test_size: 20}\n"
    )
    with pytest.raises(ConfigurationError, match=r"Got 20\. If .* percent, write 0\.2\.$"):
        load_config(path)


def test_problems_come_with_their_line(tmp_path):
    from bioselect.config.loading import load_config
    from bioselect.exceptions import ConfigurationError

    path = tmp_path / "c.yaml"
    path.write_text(
        "dataset: {path: .}\nextractors: [hog]\nclassifiers: [lda]\noutput: out\n"
        "validation: {splits: 9, folds: 5}\n"
    )
    with pytest.raises(ConfigurationError, match=r"c.yaml:5: validation: splits and folds exclude"):
        load_config(path)
