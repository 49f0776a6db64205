"""A number from columns: folds and scores as scikit-learn has them, by hand, on the same splits."""

import json
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, root_mean_squared_error
from sklearn.tree import DecisionTreeRegressor

from bioselect.selection.fitting import derived_seed
from bioselect.workflows.check import check
from bioselect.workflows.evaluate import TableColumns, evaluate
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

TABLE = Path(__file__).parents[3] / "datasets" / "breast_cancer.csv"
FEATURES = ["mean texture", "mean smoothness", "worst radius", "worst symmetry", "mean area"]
N_SPLITS, N_TREES, SEED = 4, 15, 0


def configuration(folder, features):
    path = folder / "study.yaml"
    path.write_text(
        "task: regression\n"
        f"dataset: {{table: masses.csv, target: mean radius, id: id, features: {features}}}\n"
        "regressors:\n- linear\n- decision_tree\n"
        f"- {{name: random_forest, params: {{n_estimators: {N_TREES}}}}}\n"
        f"validation: {{splits: {N_SPLITS}, test_size: 0.33, seed: {SEED}}}\noutput: results\n",
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Return the folder of a finished study of 150 masses."""
    folder = tmp_path_factory.mktemp("radius")
    pd.read_csv(TABLE).head(150).to_csv(folder / "masses.csv", index=False)
    run(configuration(folder, FEATURES), jobs=1)
    return folder


def models(split):
    seed = derived_seed(SEED, split, 0)
    return {
        "linear": LinearRegression(),
        "decision_tree": DecisionTreeRegressor(random_state=seed),
        f"random_forest(n_estimators={N_TREES})": RandomForestRegressor(N_TREES, random_state=seed),
    }


def test_predictions_and_scores_equal_those_by_hand(study):
    images = pd.read_csv(study / "results" / "dataset.csv").set_index("image_id")
    table = pd.read_csv(study / "masses.csv").set_index("id").loc[images.index]
    scores = pd.read_csv(study / "results" / "scores.csv")
    with h5py.File(study / "results" / "out_of_fold.h5") as file:
        found = {
            item.attrs["estimator"]: item[...].reshape(N_SPLITS, -1)
            for item in file["candidates"].values()
        }
    for split in range(N_SPLITS):
        test = (images[f"split_{split}"] == "test").to_numpy()
        assert test.sum() == pytest.approx(0.33 * 150, abs=1.5)
        truth = table["mean radius"][test]
        for name, model in models(split).items():
            model.fit(table.loc[~test, FEATURES].to_numpy(), table["mean radius"][~test])
            expected = model.predict(table.loc[test, FEATURES].to_numpy())
            assert np.allclose(found[name][split][test], expected, rtol=0, atol=1e-9), name
            own = scores[(scores["estimator"] == name) & (scores["repeat"] == split)]
            by_metric = own.set_index("metric")["score"]
            errors = mean_absolute_error(truth, expected), root_mean_squared_error(truth, expected)
            assert by_metric["mae"] == pytest.approx(errors[0], abs=1e-9)
            assert by_metric["rmse"] == pytest.approx(errors[1], abs=1e-9)


def test_words_are_about_rows_and_in_the_units_of_the_target(study):
    words = json.loads((study / "results" / "study.json").read_text(encoding="utf-8"))["in_words"]
    assert "150 rows (mean radius from" in words
    assert " image" not in words
    assert " image" not in (study / "results" / "model" / "card.md").read_text(encoding="utf-8")


def test_columns_that_leak_are_named_and_kept(tmp_path):
    pd.read_csv(TABLE).head(150).to_csv(tmp_path / "masses.csv", index=False)
    words = check(configuration(tmp_path, "null"))
    # By arithmetic on the file, r of the first 150 rows: perimeter 0.9968, area 0.9906.
    told = next(line for line in words.splitlines() if "correlate with mean radius" in line)
    assert "mean perimeter (r = 0.997), mean area (r = 0.991)" in told
    assert "dataset.exclude: [mean perimeter, mean area" in told


def test_predicted_and_evaluated_on_other_rows(study, tmp_path):
    new = pd.read_csv(TABLE).tail(40)
    new.drop(columns="mean radius").to_csv(tmp_path / "new.csv", index=False)
    words = predict(study / "results", [tmp_path / "new.csv"], tmp_path / "p.csv")
    assert "40 rows predicted: mean radius from" in words
    rows = pd.read_csv(tmp_path / "p.csv")
    assert rows["row"].tolist() == new["id"].tolist()
    new.to_csv(tmp_path / "new.csv", index=False)
    words = evaluate(study / "results", tmp_path / "new.csv", tmp_path / "e", TableColumns())
    assert "40 rows evaluated" in words
    metrics = pd.read_csv(tmp_path / "e" / "metrics.csv").set_index("metric")["value"]
    expected = mean_absolute_error(new["mean radius"], rows["prediction"])
    assert metrics["mae"] == pytest.approx(expected, abs=1e-9)
