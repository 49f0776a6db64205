"""Columns that name rows or patients are told of; measurements are not."""

import numpy as np
import pytest

from bioselect.checks.table_names import naming_findings, repeating_findings
from bioselect.data.column_cells import Column
from bioselect.data.feature_table import FeatureTable


def table_of(name, values, categories=None):
    rows = np.asarray(values, dtype=float)[:, None]
    return FeatureTable((Column(name, categories),), rows)


@pytest.mark.parametrize(
    "name", ["id", "ID", "patient id", "sampleID", "Sample_Nr", "Unnamed: 0", "case no", "index"]
)
def test_a_number_of_the_row_is_no_measurement(name):
    [found] = naming_findings(table_of(name, [5, 9, 7]))
    assert f"looks like the name of the row, not like a measurement: {name}." in found.what
    assert "dataset.id: " in found.remedy


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("width", [5, 9, 7]),  # "id" within a word
        ("id", [5.5, 9, 7]),
        ("id", np.repeat([1, 2, 3], 10)),
        ("age", np.arange(10)),  # so few are consecutive by chance
    ],
)
def test_measurements_are_none(name, values):
    assert naming_findings(table_of(name, values)) == []


def test_one_copy_does_not_make_a_measurement_of_an_id():
    # 1 to 569 with one id twice.
    values = np.arange(1_000_001, 1_000_570)
    values[100] = 1_000_007
    [found] = naming_findings(table_of("id", values), [f"line {n}" for n in range(2, 571)])
    assert found.severity == "warning"
    assert "column 'id' looks like the name of the row" in found.what
    assert "'1000007' stands in several rows (line 8, line 102)" in found.what
    assert "dataset.id: id" in found.remedy
    assert "group: id" in found.remedy


def test_rows_that_are_counted_need_no_name_that_says_so():
    [found] = naming_findings(table_of("nucleus", np.random.default_rng(0).permutation(30)))
    assert "looks like the name of the row" in found.what


def test_texts_that_are_different_in_every_row():
    names = tuple("abcdef")
    assert len(naming_findings(table_of("what", range(6), names))) == 1
    assert naming_findings(table_of("what", [0, 1, 2, 0, 1, 2], names[:3])) == []


@pytest.mark.parametrize("n_rows_each", [2, 3])
def test_columns_that_seem_to_name_patients(n_rows_each):
    repeated = np.repeat(np.arange(6), n_rows_each)
    [found] = repeating_findings(table_of("patientID", repeated))
    assert f"column 'patientID' repeats its values: 6 in {6 * n_rows_each} rows" in found.what
    assert "group: patientID" in found.remedy
    assert repeating_findings(table_of("patient", np.arange(18))) == []


def test_a_patient_who_comes_again_now_and_then():
    # 15 patients, of whom 5 have two rows: neither one row each, nor all of them several.
    repeated = np.concatenate([np.arange(15), np.arange(5)])
    assert "15 in 20 rows" in repeating_findings(table_of("patient", repeated))[0].what
