"""A search from the configuration to the words: ranges, what was chosen, what lies beyond."""

import csv
import json
from collections import Counter

import pytest

from bioselect.config.loading import load_config
from bioselect.exceptions import ConfigurationError
from bioselect.workflows.check import check
from bioselect.workflows.run import run

TOO_LOW = "{C: {min: 1.0e-5, max: 0.001, scale: log, values: 3}}"


def test_what_was_chosen_is_kept_and_told(write_config, tmp_path):
    config = write_config(
        extractors="[intensity]", classifiers=f"[{{name: svm, search: {TOO_LOW}}}]"
    )
    result = run(config, jobs=1)
    with (tmp_path / "run" / "chosen.csv").open(newline="") as file:
        chosen = Counter(row["value"] for row in csv.DictReader(file))
    assert sum(chosen.values()) == 6
    (value, n_folds), *_ = chosen.most_common()
    [told] = json.loads((tmp_path / "run" / "study.json").read_text())["searched"]
    assert (told["parameter"], told["n_folds"], told["n_searched"]) == ("C", n_folds, 6)
    assert told["value"] == float(value)
    words = " ".join(result.summary.split())
    assert (
        f"intensity + svm(C searched) took C = {told['value']:g} in {n_folds} of 6 folds" in words
    )
    # Penalties as small as these give nearly the same machine: the first value is then taken.
    assert told["end"] == "smallest"
    assert "the smallest value of C that was tried, so a smaller one may be better" in words
    assert "Its search, repeated on all images, chose C = " in (
        (tmp_path / "run" / "model" / "card.md").read_text()
    )
    written = load_config(tmp_path / "run" / "config.yaml").classifier_specs[0]
    assert written.search_dict == {"C": [1e-05, 0.0001, 0.001]}


def test_a_large_search_is_announced(write_config):
    search = "{C: {min: 0.01, max: 100, scale: log, values: 8}, gamma: [0.01, 0.1, 1, 10]}"
    text = check(write_config(classifiers=f"[{{name: svm, search: {search}}}]"))
    assert "svm(C searched, gamma searched): 32 combinations of values: all are tried" in text


def test_samples_depend_on_the_seed_only(write_config):
    search = "{C: {min: 0.01, max: 100, scale: log, samples: 4}}"

    def values(seed):
        config = write_config(
            classifiers=f"[{{name: svm, search: {search}}}]",
            validation=f"{{folds: 3, repeats: 2, seed: {seed}}}",
        )
        return load_config(config).classifier_specs[0].search_dict["C"]

    assert values(0) == values(0) != values(1)
    assert len(values(0)) == 4


@pytest.mark.parametrize(
    ("search", "words"),
    [
        ("{C: {min: 0, max: 1}}", r"search.C: min must be at least 1e-12. Got 0"),
        ("{C: {min: 1}}", "search: C: a range must have min and max"),
        ("{kernel: {min: 1, max: 2}}", r"search.kernel: min must be one of rbf, poly"),
        (
            "{C: {min: 1, max: 2, values: 100}, gamma: {min: 1, max: 2, values: 100}, "
            "degree: [2, 3]}",
            "must list at most 10000 combinations of values. Got 20000",
        ),
    ],
)
def test_what_cannot_be_searched(write_config, search, words):
    with pytest.raises(ConfigurationError, match=words):
        load_config(write_config(classifiers=f"[{{name: svm, search: {search}}}]"))
