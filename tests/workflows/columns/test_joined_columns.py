"""Columns joined to images: what images do not show is learnt from the table."""

import csv
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import bioselect
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.workflows.check import check
from bioselect.workflows.evaluate import TableColumns, evaluate
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return a folder with a finished study of noise whose class only the age tells."""
    folder = tmp_path_factory.mktemp("joined")
    random = np.random.default_rng(0)
    lines = ["file,age,sex,kind"]
    for place in range(40):
        pixels = random.integers(0, 255, (24, 24, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{place:02d}.png")
        kind = "old" if place % 2 else "young"
        age = "" if place == 6 else 60 + random.normal() if place % 2 else 30 + random.normal()
        lines.append(f"{place:02d}.png,{age},{'mf'[place % 3 == 0]},{kind}")
    (folder / "cells.csv").write_text("\n".join(lines), encoding="utf-8")
    run(written(folder), jobs=1)
    return folder


def written(folder, columns="columns: [age, sex], ", more=""):
    path = folder / "study.yaml"
    path.write_text(
        f"dataset: {{table: cells.csv, image: file, target: kind, {columns}}}\n"
        "extractors: [intensity, hu_moments]\nclassifiers: [lda]\n"
        f"validation: {{folds: 3, repeats: 2}}\noutput: results\n{more}",
        encoding="utf-8",
    )
    return path


def test_the_columns_decide_where_the_images_are_noise(study):
    ranking = pd.read_csv(study / "results" / "ranking.csv").set_index("estimator")
    assert (ranking.loc[["lda"], "mean"] > 0.9).all()


@pytest.fixture(scope="module")
def without(study, tmp_path_factory):
    """Return the folder of a run without the columns; the configuration has them again."""
    folder = tmp_path_factory.mktemp("without") / "results"
    run(written(study, columns=""), output=folder, jobs=1)
    written(study)
    return folder


def test_without_them_nothing_is_learnt(without):
    ranking = pd.read_csv(without / "ranking.csv").set_index("estimator")
    assert (ranking.loc[["lda"], "mean"] < 0.8).all()


def test_a_run_without_columns_before_is_not_mistaken_for_this_one(study, without, tmp_path):
    shutil.copytree(without, tmp_path / "both")
    run(study / "study.yaml", output=tmp_path / "both", jobs=1)
    expected = (study / "results" / "scores.csv").read_bytes()
    assert (tmp_path / "both" / "scores.csv").read_bytes() == expected


def test_prediction_takes_the_columns_in_any_order(study, tmp_path):
    words = predict(
        study / "results", [study / "cells.csv"], tmp_path / "p.csv", image_column="file"
    )
    assert "40 images predicted" in words
    with (tmp_path / "p.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    table = pd.read_csv(study / "cells.csv").set_index("file")
    assert (
        np.mean([row["prediction"] == table.loc[Path(row["path"]).name, "kind"] for row in rows])
        > 0.9
    )
    turned = table.reset_index().iloc[::-1, ::-1]
    turned.to_csv(study / "turned.csv", index=False)
    predict(study / "results", [study / "turned.csv"], tmp_path / "q.csv", image_column="file")
    assert (tmp_path / "p.csv").read_bytes() == (tmp_path / "q.csv").read_bytes()
    found = bioselect.load(study / "results").predict(study / "cells.csv", image_column="file")
    assert found["prediction"].tolist() == [row["prediction"] for row in rows]


def test_a_bad_cell_costs_its_image(study, tmp_path):
    table = pd.read_csv(study / "cells.csv", dtype=str, keep_default_na=False)
    table.loc[3, "age"] = "old"
    table.to_csv(study / "bad.csv", index=False)
    words = predict(study / "results", [study / "bad.csv"], tmp_path / "p.csv", image_column="file")
    assert "39 images predicted" in words
    errors = pd.read_csv(tmp_path / "p.csv")["error"].dropna()
    assert "column 'age' must hold a number. Got 'old'" in errors.iloc[0]


def test_columns_unlike_the_training_leave_an_image_to_a_person(study, tmp_path):
    table = pd.read_csv(study / "cells.csv", dtype=str, keep_default_na=False)
    table.loc[3, "age"] = "560"
    table.to_csv(study / "far.csv", index=False)
    model = bioselect.load(study / "results")
    with pytest.warns(UserWarning, match="1 row lies far"):
        found = model.predict(study / "far.csv", image_column="file", abstain=True)
    [left] = found[found["abstained_because"].str.contains("age 560")].to_dict("records")
    assert (Path(left["path"]).name, left["prediction"]) == ("03.png", "")


def test_images_alone_are_refused(study, tmp_path):
    with pytest.raises(DataError, match=r"takes columns beside each image \(age, sex\)"):
        predict(study / "results", [study / "00.png"], tmp_path / "p.csv")


def test_evaluated_with_image_and_target(study, tmp_path):
    columns = TableColumns(image="file", target="kind")
    words = evaluate(study / "results", study / "cells.csv", tmp_path / "e", columns)
    assert "40 images evaluated" in words


@pytest.mark.parametrize(
    ("columns", "more", "words"),
    [
        ("columns: [agee], ", "", "has no column 'agee' (dataset.columns). Did you mean 'age'?"),
        ("columns: [kind], ", "", "dataset.columns must not hold the image, the target or"),
        (
            "columns: [age], categorical: [sex], ",
            "",
            "categorical must list some of dataset.columns",
        ),
        ("columns: [age], ", "ensemble: tied\n", "ensemble: does not go with dataset.columns"),
    ],
)
def test_what_does_not_go_together(study, tmp_path, columns, more, words):
    for name in ("cells.csv", *(f"{place:02d}.png" for place in range(40))):
        (tmp_path / name).write_bytes((study / name).read_bytes())
    with pytest.raises((ConfigurationError, DataError)) as caught:
        check(written(tmp_path, columns, more))
    assert words in str(caught.value)


def test_a_number_with_decimal_commas_in_columns_and_target(study, tmp_path):
    table = pd.read_csv(study / "cells.csv")
    radius = 0.1 * table["age"].fillna(45) + 0.01 * np.arange(len(table)) % 0.3
    table = table.assign(radius=radius, site=1).drop(columns="kind")
    table.to_csv(study / "commas.csv", index=False, sep=";", decimal=",")
    path = study / "number.yaml"
    path.write_text(
        "task: regression\ndataset: {table: commas.csv, image: file, target: radius, "
        "columns: [age, sex, site], decimal: ','}\nextractors: [intensity]\n"
        "regressors: [ridge, knn]\nvalidation: {folds: 3, repeats: 1}\noutput: number\n",
        encoding="utf-8",
    )
    result = run(path, jobs=1)
    findings = pd.read_csv(result.folder / "findings.csv")
    text = " ".join([*findings["what"], *findings["remedy"].dropna()])
    assert "the same value in every row: site" in text
    assert "take site out of dataset.columns" in text
    assert not any(f"dataset.{key}" in text for key in ("exclude", "drop", "id", "features"))
    assert "commas.csv" not in result.summary
    assert "TABLE.csv --image-column file" in result.summary
    ranking = pd.read_csv(result.folder / "ranking.csv").set_index("estimator")["mean"]
    assert ranking["ridge"] < 0.5 * ranking["dummy"]
    words = evaluate(
        result.folder, study / "commas.csv", tmp_path / "e", TableColumns("file", "radius")
    )
    assert "40 images evaluated" in words
    predict(result.folder, [study / "commas.csv"], tmp_path / "p.csv", image_column="file")
    predicted = pd.read_csv(tmp_path / "p.csv")["prediction"]
    metrics = pd.read_csv(tmp_path / "e" / "metrics.csv").set_index("metric")["value"]
    # Prediction sorts images by path, as the table does.
    assert metrics["mae"] == pytest.approx(np.abs(predicted - radius).mean(), abs=1e-9)
    pointed = study / "points.csv"
    table.to_csv(pointed, index=False)
    with pytest.raises(DataError, match=r"with a decimal comma, as was declared\. Got"):
        evaluate(result.folder, pointed, tmp_path / "f", TableColumns("file", "radius"))
