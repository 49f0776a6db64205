"""A run tells when results of another configuration lie in its folder."""

import pytest

from bioselect.run_folder import RunFolder
from bioselect.workflows.replaced_results import write_configuration

TEXT = "classifiers: [lda]\nvalidation: {folds: 5}\nexecution: {backend: local}\n"


@pytest.fixture
def finished(tmp_path):
    folder = RunFolder(tmp_path)
    folder.study.write_text("{}")
    folder.config.write_text(TEXT)
    return folder


def test_sections_that_differ_are_named(finished):
    now = TEXT.replace("lda", "knn").replace("5", "3") + "seed: 1\n"
    told = write_configuration(finished, now)
    assert "another configuration (other: classifiers, seed, validation)" in told
    assert "choose another --output" in told
    assert finished.config.read_text() == now
    assert write_configuration(finished, now) == ""


@pytest.mark.parametrize("now", [TEXT, TEXT.replace("local", "dask"), TEXT + "jobs: 2\n"])
def test_nothing_is_told_where_results_stay_the_same(finished, now):
    assert write_configuration(finished, now) == ""


def test_nothing_is_told_of_a_study_that_was_not_finished(finished):
    finished.study.unlink()
    assert write_configuration(finished, TEXT.replace("lda", "knn")) == ""


@pytest.mark.parametrize("before", ["- a list\n", "{not yaml", "\x00"])
def test_what_somebody_changed_there_is_no_error(finished, before):
    finished.config.write_text(before)
    write_configuration(finished, TEXT)
    assert finished.config.read_text() == TEXT
