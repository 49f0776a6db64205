"""The step of columns against scikit-learn's imputer and encoder."""

import numpy as np
from sklearn.impute import SimpleImputer
from sklearn.preprocessing import OneHotEncoder

from bioselect.bundle.estimator_file import MadeOf, dump_estimator, load_estimator
from bioselect.data.column_cells import Column
from bioselect.features.column_step import ColumnStep
from bioselect.features.columns import column_learning, column_step, output_names


def rows_with_gaps(n_rows, seed):
    random = np.random.default_rng(seed)
    rows = np.column_stack([random.normal(size=(n_rows, 2)), random.integers(0, 3, n_rows)])
    rows[random.random(rows.shape) < 0.2] = np.nan
    return rows


def test_equals_the_steps_of_scikit_learn():
    train, test = rows_with_gaps(40, 0), rows_with_gaps(25, 1)
    step = ColumnStep([0, 0, 3]).fit(train)
    imputer = SimpleImputer(strategy="median").fit(train[:, :2])
    encoder = OneHotEncoder(
        categories=[np.arange(3.0)], handle_unknown="ignore", sparse_output=False
    ).fit(train[:, 2:])
    expected = np.hstack([imputer.transform(test[:, :2]), encoder.transform(test[:, 2:])])
    assert np.array_equal(step.transform(test), expected)


def test_only_training_rows_are_learnt_from():
    train, test = np.array([[1.0], [3.0]]), np.array([[np.nan], [1000.0]])
    assert ColumnStep([0]).fit(train).transform(test).ravel().tolist() == [2.0, 1000.0]


def test_a_column_that_the_fold_does_not_know_keeps_its_place():
    step = ColumnStep([0, 0]).fit(np.array([[np.nan, 1.0], [np.nan, 3.0]]))
    assert step.transform(np.array([[5.0, np.nan], [np.nan, 2.0]])).tolist() == [[5, 2], [0, 2]]


def test_names_are_as_many_as_numbers():
    columns = [Column("age"), Column("sex", ("f", "m")), Column("size")]
    rows = np.array([[1.0, 0.0, 2.0]])
    assert output_names(columns) == ["age", "sex=f", "sex=m", "size"]
    assert column_step(columns).fit_transform(rows).tolist() == [[1, 1, 0, 2]]


def test_it_can_be_kept_without_pickle(tmp_path):
    rows = rows_with_gaps(30, 2)
    columns = [Column("a"), Column("b"), Column("c", ("x", "y", "z"))]
    step = column_learning(columns).step(0).fit(rows)
    path = tmp_path / "step.skops"
    path.write_bytes(dump_estimator(step, MadeOf("lda"), None))
    loaded = load_estimator(path, MadeOf("lda"), None, path)
    assert np.array_equal(loaded.transform(rows), step.transform(rows))


def test_behind_the_row_of_an_image_that_stays_as_it_is():
    rows = np.array([[7.0, 8.0, np.nan], [9.0, 1.0, 4.0], [0.0, 0.0, 6.0]])
    learning = column_learning([Column("age")], n_before=2)
    assert learning.step(0).fit_transform(rows).tolist() == [[7, 8, 5], [9, 1, 4], [0, 0, 6]]


def test_the_key_knows_columns_and_place():
    keys = {
        column_learning([Column("a")]).key,
        column_learning([Column("b")]).key,
        column_learning([Column("a", ("x", "y"))]).key,
        column_learning([Column("a")], n_before=3).key,
    }
    assert len(keys) == 4
