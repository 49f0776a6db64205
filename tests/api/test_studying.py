"""Running, checking and proposing from Python: dictionaries, silence, interruption."""

import os
import signal

import pytest
import yaml

import bioselect
from bioselect.exceptions import ConfigurationError
from bioselect.progress import Reporter


def test_a_dictionary_does_what_the_file_does(study, configuration, tmp_path, drawn_images):
    as_written = {
        **configuration,
        "dataset": {"path": str(drawn_images)},
        "extractors": ["intensity", {"name": "lbp", "params": {"radii": [1, 2]}}],
        "output": "run",
        "cache": str(study.folder / "features"),
    }
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(as_written))
    of_file = bioselect.run(path, jobs=1, progress=False)
    for name in ("scores.csv", "ranking.csv", "study.json"):
        assert (of_file.folder / name).read_bytes() == (study.folder / name).read_bytes()


def test_what_is_wrong_is_told_with_its_key(configuration):
    wrong = {**configuration, "validation": {"folds": 1}, "output": "run"}
    with pytest.raises(ConfigurationError) as caught:
        bioselect.run(wrong, progress=False)
    assert str(caught.value) == "validation.folds: must be at least 2. Got 1."


def test_a_run_tells_nobody_or_whom_it_is_told(study, configuration, capsys):
    bioselect.run(configuration, output=study.folder, jobs=1, progress=False)
    assert capsys.readouterr() == ("", "")
    told = []

    class Listening(Reporter):
        def say(self, text):
            told.append(text)

    bioselect.run(configuration, output=study.folder, jobs=1, reporter=Listening())
    assert "finished" in told
    assert capsys.readouterr() == ("", "")


def test_check_has_findings_and_the_plan(configuration):
    found = bioselect.check({**configuration, "output": "nowhere"}, jobs=1, progress=False)
    assert "6 combinations, 3 folds x 2 repeats = 36 fits" in found.plan
    assert repr(found).endswith("The configuration can be run.")
    assert list(found.findings.columns) == ["severity", "image", "what", "remedy"]
    assert "3 folds x 2 repeats" in found._repr_html_()


def test_init_writes_a_configuration_and_says_where(drawn_images, tmp_path, capsys):
    path = bioselect.init(drawn_images, tmp_path / "mine.yaml", jobs=1)
    assert path == tmp_path / "mine.yaml"
    assert "36 images of 3 classes" in capsys.readouterr().err
    assert bioselect.check(path, jobs=1, progress=False).plan


@pytest.mark.skipif(os.name == "nt", reason="SIGINT")
def test_an_interrupted_run_ends_in_words_and_goes_on(study, configuration, tmp_path, monkeypatch):
    given = {**configuration, "output": "run", "cache": str(study.folder / "features")}
    monkeypatch.chdir(tmp_path)

    class Interrupting(Reporter):
        def say(self, text):
            if text.startswith("the features of"):
                signal.raise_signal(signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt) as caught:
            bioselect.run(given, jobs=2, reporter=Interrupting())
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert str(caught.value) == (
        "stopped. What was finished is kept: the same call goes on from here."
    )
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert not (tmp_path / "run" / "study.json").exists()
    assert bioselect.run(given, jobs=2, progress=False).folder == tmp_path / "run"
    for name in ("scores.csv", "ranking.csv", "study.json"):
        assert (tmp_path / "run" / name).read_bytes() == (study.folder / name).read_bytes()
