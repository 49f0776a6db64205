"""A run folder is read as it is, and what is wrong with it is said in one line."""

import json

import numpy as np
import pytest

from bioselect.exceptions import BioselectError
from bioselect.report.results import RunResults
from bioselect.run_folder import RunFolder
from bioselect.storage import atomic_write_text, write_json


def test_predictions_are_those_of_the_file(results):
    found = results.predictions
    assert found.class_names == ("bars", "dots", "smooth")
    assert len(found.image_ids) == 36
    assert np.bincount(found.truth).tolist() == [12, 12, 12]
    table = found.of_candidates["intensity", "lda"]
    assert table.shape == (2, 36, 3)
    assert np.allclose(table.sum(axis=2), 1)
    assert results.exported in found.of_candidates


def test_a_table_that_a_run_does_not_have_is_empty(results):
    assert results.table(results.folder.chosen) == []
    assert len(results.images) == 36
    assert results.noun == "image"


def test_a_folder_without_a_finished_run_is_refused(tmp_path):
    with pytest.raises(BioselectError, match=r"must be the folder of a finished run.*study\.json"):
        RunResults(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("study.json", b"{", "study"),
        ("study.json", b"[]", "study"),
        ("study.json", b"\xff\xfe", "study"),
        ("environment.json", b'{"versions": {"\\udc80": "1"}}', "environment"),
        ("config.yaml", b"a: [", "config"),
        ("config.yaml", b"only words", "config"),
        ("config.yaml", b"task: classification\ntask: regression\n", "config"),
        ("out_of_fold.h5", b"no HDF5", "predictions"),
    ],
)
def test_a_damaged_file_is_named(results, name, content, part):
    (results.folder.root / name).write_bytes(content)
    with pytest.raises(BioselectError, match=f"{name}: cannot be read.*writes it again"):
        getattr(RunResults(results.folder.root), part)


def test_a_configuration_of_aliases_without_end_is_refused_at_once(results):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    # Nine to the ninth values, in 500 bytes.
    results.folder.config.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(BioselectError, match=r"an alias .* repeats itself without end"):
        results.config  # noqa: B018


def test_the_configuration_means_what_it_meant_to_the_run(results):
    # YAML 1.1, which no run reads, has no and 1e-3 as false and a text.
    with results.folder.config.open("a", encoding="utf-8") as file:
        file.write("words: {column: no, tolerance: 1e-3}\n")
    assert results.config["words"] == {"column": "no", "tolerance": 0.001}


def test_a_run_of_an_older_version_is_told_what_to_do(results):
    from bioselect.report.score_words import judged_by

    study = dict(results.study)
    del study["judged_by"]
    results.folder.study.write_text(json.dumps(study), encoding="utf-8")
    with pytest.raises(BioselectError, match=r"older version\. Run the same configuration again"):
        judged_by(RunResults(results.folder.root))


@pytest.mark.parametrize(
    ("dataset", "word"),
    [
        ("{path: images}", "image"),
        ("{table: t.csv, image: file, target: x}", "image"),
        ("{table: t.csv, masks: mask}", "image"),
        ("{table: t.csv, image: null, target: x}", "row"),
    ],
)
def test_rows_are_those_of_a_table_without_images(tmp_path, dataset, word):
    folder = RunFolder(tmp_path)
    write_json(folder.study, {})
    atomic_write_text(folder.config, f"dataset: {dataset}\n")
    assert RunResults(tmp_path).noun == word


def test_names_may_hold_what_ends_a_line_elsewhere(results, tmp_path):
    path = tmp_path / "names.csv"
    path.write_text('name,next\na\u2028b\x0bc,1\n"d\ne",2\n', encoding="utf-8")
    assert [row["name"] for row in results.table(path)] == ["a\u2028b\x0bc", "d\ne"]
