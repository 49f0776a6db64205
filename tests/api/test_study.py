"""A finished study: what it says is what its files say."""

import csv
import json
import re
import shutil
from html.parser import HTMLParser

import fsspec
import numpy as np
import pandas as pd
import pytest

import bioselect
from bioselect.exceptions import BioselectError


def cells(study, name):
    with (study.folder / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_tables_are_those_of_the_folder(study):
    names = ("ranking", "scores", "comparisons", "findings", "dataset", "per_class")
    for name in names:
        table, rows = getattr(study, name), cells(study, f"{name}.csv")
        assert len(table) == len(rows) > 0
        assert list(table.columns) == list(rows[0])
    scores = study.scores
    assert scores["score"].tolist() == [float(row["score"]) for row in cells(study, "scores.csv")]
    assert scores.dtypes["score"] == np.float64
    assert scores.dtypes["fold"] == scores.dtypes["repeat"] == np.int64
    assert study.dataset.dtypes["fold_of_repeat_1"] == np.int64
    # The dummy has no rank.
    ranked = [row["rank"] for row in cells(study, "ranking.csv")]
    assert ranked == ["1", "2", "3", "4", "", ""]
    assert study.ranking["rank"].dropna().tolist() == [1, 2, 3, 4]
    assert isinstance(study.ranking.dtypes["rank"], pd.Int64Dtype)


def test_a_changed_table_changes_no_other(study):
    table = study.ranking
    table["mean"] = 0.0
    assert study.ranking["mean"].max() > 0.5


def test_what_was_decided_is_that_of_study_json(study):
    told = json.loads((study.folder / "study.json").read_text())
    assert study.verdict == str(study) == told["in_words"]
    assert study.best._asdict() == told["best"]
    assert study.recommended._asdict() == told["recommended"]
    assert [one._asdict() for one in study.tied_with_best] == told["tied_with_best"]
    assert str(study.best) == f"{told['best']['extractor']} + {told['best']['estimator']}"
    assert study.honest_score.value == told["honest_score"]["value"]
    assert study.honest_score.naive == study.ranking["mean"].max()
    assert study.report.is_file()
    assert study.config["validation"]["folds"] == 3
    assert study.task == "classification"


def test_the_summary_of_a_run_ends_with_where_things_lie(study):
    assert study.verdict.strip() in study.summary
    assert f"Report: {study.report}" in study.summary


def test_the_model_predicts_and_is_opened_once(study, drawn_images):
    table = study.predict(drawn_images / "dots")
    assert (table["prediction"] == "dots").mean() > 0.8
    assert study.model is study.model


def test_a_finished_study_is_opened_again(study):
    again = bioselect.open_study(str(study.folder))
    pd.testing.assert_frame_equal(again.ranking, study.ranking)
    assert again.summary == again.verdict == study.verdict
    assert repr(again) == repr(study)


def test_a_study_at_an_address_is_opened_from_a_copy(study, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    store = fsspec.filesystem("memory")
    store.store.clear()
    for name in ("study.json", "config.yaml", "ranking.csv"):
        store.pipe(f"/lab/run/{name}", (study.folder / name).read_bytes())
    there = bioselect.open_study("memory://lab/run")
    pd.testing.assert_frame_equal(there.ranking, study.ranking)
    assert there.folder.is_dir()
    with pytest.raises(BioselectError, match="memory://lab/nothing"):
        bioselect.open_study("memory://lab/nothing")


def test_repr_is_one_line(study):
    value = study.honest_score.value
    expected = f"{study.recommended}, expected balanced accuracy {value:.3f}>"
    assert repr(study) == f"<Study {study.folder}: {expected}"


def test_a_folder_without_a_study_is_an_error(tmp_path):
    with pytest.raises(BioselectError, match="must be the folder of a finished run"):
        bioselect.open_study(tmp_path)


class Texts(HTMLParser):
    """Collects the tags and the texts of HTML."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.texts = [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_html_has_the_verdict_and_the_ranking(study):
    shown = study._repr_html_()
    found = Texts(shown)
    assert found.texts[0].startswith("Use ")
    assert f"{study.ranking['mean'].max():.3f}" in found.texts
    assert found.tags.count("tr") == 1 + len(study.ranking)
    # No colour of its own: dark and light come from the notebook.
    assert not re.search(r"#[0-9a-f]{3}|rgb\(|black|white\b|background", shown)


def test_names_are_escaped(study, tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    for name in ("study.json", "ranking.csv", "config.yaml"):
        shutil.copy(study.folder / name, folder)
    evil = "<script>alert</script>"
    for name in ("study.json", "ranking.csv"):
        path = folder / name
        path.write_text(path.read_text().replace("knn", evil))
    shown = bioselect.open_study(folder)._repr_html_()
    assert "<script" not in shown
    assert "&lt;script&gt;alert&lt;/script&gt;" in shown


def test_many_combinations_are_cut_in_a_notebook(study, monkeypatch):
    monkeypatch.setattr("bioselect.api.study.MOST_SHOWN", 2)
    shown = study._repr_html_()
    assert shown.count("<tr>") == 3
    assert "and 4 more; all are in .ranking" in shown


def test_the_class_can_be_named_for_annotations(study):
    assert isinstance(study, bioselect.Study)
    assert isinstance(study.model, bioselect.Predictor)
    assert not isinstance(study.model, bioselect.MaskPredictor)
    with pytest.raises(AttributeError, match="no attribute 'Studies'"):
        bioselect.Studies  # noqa: B018
