"""A run tells when results of another configuration lie in its folder."""

import pytest

import bioselect.workflows.run as study_workflow
from bioselect.config.loading import load_config
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.workflows.replaced_results import replaced_in_words
from bioselect.workflows.run import run

TEXT = "classifiers: [lda]\nvalidation: {folds: 5}\nexecution: {backend: local}\nmodules: .\n"


@pytest.fixture
def finished(tmp_path):
    folder = RunFolder(tmp_path)
    folder.study.write_text("{}")
    folder.config.write_text(TEXT)
    return folder


def test_sections_that_differ_are_named(finished):
    told = replaced_in_words(finished, TEXT.replace("lda", "knn").replace("5", "3") + "seed: 1\n")
    assert "another configuration, or of other images (different: classifiers, seed, valid" in told
    assert "choose another --output" in told
    assert finished.config.read_text() == TEXT


@pytest.mark.parametrize(
    "now",
    [TEXT, TEXT.replace("local", "dask"), TEXT + "jobs: 2\n", TEXT.replace("s: .", "s: ../x")],
)
def test_nothing_is_told_where_results_stay_the_same(finished, now):
    assert replaced_in_words(finished, now) == ""


def test_nothing_is_told_of_a_study_that_was_not_finished(finished):
    finished.study.unlink()
    assert replaced_in_words(finished, TEXT.replace("lda", "knn")) == ""


@pytest.mark.parametrize(
    "before", ["{not yaml", "\x00", "a: 2020-13-45", "a: !!int foo", "[" * 2000, b"\xff\xfe\xff"]
)
def test_what_somebody_changed_there_is_no_error(finished, before):
    finished.config.write_bytes(before if isinstance(before, bytes) else before.encode())
    assert replaced_in_words(finished, TEXT) == ""


def test_other_kinds_of_keys_are_no_error(finished):
    finished.config.write_text(f"1: a\n{TEXT}")
    assert replaced_in_words(finished, TEXT) == ""


def test_a_folder_stays_that_of_the_earlier_study_until_the_next_is_judged(
    write_config, monkeypatch
):
    """Ctrl-C in between leaves configuration, folds and results of one study."""
    run(write_config(classifiers="[lda]", name="first.yaml"))
    config = write_config(classifiers="[naive_bayes]", name="second.yaml")
    folder = RunFolder(load_config(config).output)
    before = {path: path.read_bytes() for path in (folder.config, folder.dataset, folder.study)}
    with monkeypatch.context() as patch:
        patch.setattr(study_workflow, "_study_all", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(config)
    assert before == {path: path.read_bytes() for path in before}
    heard = Heard()
    run(config, reporter=heard)
    assert [line for line in heard.lines if "(different: classifiers)" in line]
    assert "naive_bayes" in folder.config.read_text()
    heard.lines.clear()
    run(config, reporter=heard)
    assert not [line for line in heard.lines if "different:" in line]


def interrupted(*_):
    raise KeyboardInterrupt


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    warn = say
