"""A model of columns applied to tables, by the command's function and from Python."""

import csv

import numpy as np
import pandas as pd
import pytest

import bioselect
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.workflows.evaluate import TableColumns, evaluate
from bioselect.workflows.predict import predict


@pytest.fixture
def new(finished, tmp_path):
    """Return the folder of the study and a table of twelve rows."""
    folder, _ = finished
    table = pd.read_csv(folder / "cells.csv", dtype=str, keep_default_na=False)
    path = tmp_path / "new.csv"
    table.iloc[-12:].to_csv(path, index=False)
    return folder / "results", path


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_order_and_further_columns_change_nothing(new, tmp_path):
    model, path = new
    words = predict(model, [path], tmp_path / "one.csv")
    assert "12 rows predicted: benign" in words
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    turned = tmp_path / "turned.csv"
    table[table.columns[::-1]].assign(more="x").to_csv(turned, index=False)
    predict(model, [turned], tmp_path / "two.csv")
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    rows = read(tmp_path / "one.csv")
    assert list(rows[0])[:2] == ["row", "prediction"]
    assert [row["row"] for row in rows] == table["id"].tolist()


def test_a_bad_row_has_its_reason_and_the_others_go_on(new, tmp_path):
    model, path = new
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[0, "worst symmetry"] = "high"
    table.loc[1, "site"] = "elsewhere"
    table.to_csv(path, index=False)
    words = predict(model, [path], tmp_path / "p.csv")
    assert "11 rows predicted" in words
    assert "1 row could not be used" in words
    assert "never met: 'elsewhere' (1)" in words
    rows = read(tmp_path / "p.csv")
    assert "column 'worst symmetry' must hold a number. Got 'high'" in rows[0]["error"]
    assert rows[1]["error"] == ""


def test_a_row_of_which_nothing_is_known_is_not_predicted(new, tmp_path):
    model, path = new
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[2, ["mean texture", "worst symmetry", "mean smoothness"]] = ["", "NA", "-"]
    table.loc[2, "site"] = "elsewhere"  # which the model has never met
    table.to_csv(path, index=False)
    assert "11 rows predicted" in predict(model, [path], tmp_path / "p.csv")
    row = read(tmp_path / "p.csv")[2]
    assert row["prediction"] == row["probability_benign"] == ""
    assert "line 4: in none of the columns that the model takes is anything" in row["error"]


def test_rows_unlike_the_training_are_left_to_a_person_with_the_reason(new, tmp_path):
    model, path = new
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    known = bioselect.load(model).predict(path, abstain=True)
    table.loc[0, "worst symmetry"] = "999"
    table.loc[1, "site"] = "elsewhere"
    table.to_csv(path, index=False)
    words = predict(model, [path], tmp_path / "p.csv", abstain=True)
    rows = read(tmp_path / "p.csv")
    assert "1 row lies far from those of the training" in words
    assert [row["prediction"] for row in rows[:2]] == ["", ""]
    assert rows[0]["probability_benign"] != ""  # What was said stays to be seen.
    far, never_met = (row["abstained_because"] for row in rows[:2])
    assert far.startswith("far from the training: worst symmetry 999; in training mostly 0.")
    assert never_met.startswith("never met in training: site 'elsewhere'")
    because = [row["abstained_because"] for row in rows[2:]]
    assert because == known["abstained_because"].tolist()[2:]
    assert "" in because
    with pytest.warns(UserWarning, match="1 row lies far"):
        found = bioselect.load(model).predict(path, abstain=True)
    assert found["abstained_because"].tolist()[:2] == [far, never_met]


def test_names_that_stand_twice_are_told(new, tmp_path):
    model, path = new
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[1, "id"] = table.loc[0, "id"]
    table.to_csv(path, index=False)
    words = predict(model, [path], tmp_path / "p.csv")
    assert f"several rows have one name: '{table.loc[0, 'id']}' (2 rows)" in words


def test_a_lacking_column_is_not_taken_for_another_of_the_model(new, tmp_path):
    model, path = new
    table = pd.read_csv(path).rename(columns={"mean texture": "mean Texture "})
    table.to_csv(path, index=False)
    with pytest.raises(DataError, match="Did you mean 'mean Texture'"):
        predict(model, [path], tmp_path / "p.csv")
    table.drop(columns="mean Texture ").to_csv(path, index=False)
    with pytest.raises(DataError, match=r"\(which the model takes\)\. Its columns: .* empty cells"):
        predict(model, [path], tmp_path / "p.csv")


def test_what_is_refused(new, tmp_path):
    model, path = new
    image = tmp_path / "a.png"
    image.write_bytes(b"")
    with pytest.raises(DataError, match=r"must be a table .* It looks at no images"):
        predict(model, [image], tmp_path / "p.csv")
    with pytest.raises(ConfigurationError, match="--image-column: must go with a model of images"):
        predict(model, [path], tmp_path / "p.csv", image_column="file")
    table = pd.read_csv(path).drop(columns="site")
    table.to_csv(path, index=False)
    with pytest.raises(DataError, match="has no column 'site'"):
        predict(model, [path], tmp_path / "p.csv")


def test_from_python(new, tmp_path):
    model, path = new
    predict(model, [path], tmp_path / "p.csv")
    found = bioselect.load(model).predict(path)
    expected = pd.read_csv(tmp_path / "p.csv")
    assert found["row"].tolist() == expected["row"].tolist()
    assert np.array_equal(found["probability_benign"], expected["probability_benign"])


def test_evaluated_on_rows_of_the_training(new, tmp_path):
    model, path = new
    words = evaluate(model, path, tmp_path / "e", TableColumns())
    assert "12 rows evaluated" in words
    assert "12 of 12 rows are equal in all columns to some" in words
    table = pd.read_csv(path)
    rows = read(tmp_path / "e" / "predictions.csv")
    assert [row["true"] for row in rows] == table["diagnosis"].tolist()
    accuracy = np.mean([row["true"] == row["prediction"] for row in rows])
    [told] = [row for row in read(tmp_path / "e" / "metrics.csv") if row["metric"] == "accuracy"]
    assert float(told["value"]) == pytest.approx(accuracy)


def test_evaluated_on_other_rows_with_another_target(new, tmp_path):
    model, path = new
    table = pd.read_csv(path).rename(columns={"diagnosis": "truth"})
    table["mean smoothness"] += 0.0001
    table.to_csv(path, index=False)
    with pytest.raises(DataError, match=r"has no column 'diagnosis' \(which holds the target"):
        evaluate(model, path, tmp_path / "e", TableColumns())
    words = evaluate(model, path, tmp_path / "e", TableColumns(target="truth"))
    assert "flattering" not in words
