"""What a study of numbers draws and lists, and what its predictions go by: a table through it."""

import csv
import json
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import bioselect
from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.explain.permutation import N_SHUFFLES, shuffled_orders
from bioselect.progress import Reporter
from bioselect.selection.fitting import derived_seed
from bioselect.workflows.run import run

N_ROWS, N_PATIENTS = 96, 16
SEED = 3


class Listening(Reporter):
    def __init__(self):
        self.tasks = []

    def task(self, description, n_steps):
        self.tasks.append(description)
        return super().task(description, n_steps)


def made_table(path, n_rows=N_ROWS, seed=0):
    """Write columns of which two are nearly one, a third matters, and one is a category."""
    rng = np.random.default_rng(seed)
    width = rng.normal(20, 4, n_rows)
    rows = zip(
        (f"r{place:03d}" for place in range(n_rows)),
        (f"p{place % N_PATIENTS:02d}" for place in range(n_rows)),
        width,
        width + rng.normal(0, 0.4, n_rows),
        (third := rng.normal(size=n_rows)),
        rng.choice(["a", "b", "c"], n_rows),
        3 * width + 2 * third + rng.normal(0, 2, n_rows),
        strict=True,
    )
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "patient", "width", "diameter", "third", "kind", "age"])
        writer.writerows(rows)


CONFIG = """
task: regression
dataset: {table: t.csv, id: id, target: age, unit: years, group: patient}
regressors: [ridge, {name: random_forest, params: {n_estimators: 8}}]
validation: {folds: 4, repeats: 2, seed: 3}
output: run
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study")
    made_table(folder / "t.csv")
    (folder / "c.yaml").write_text(CONFIG)
    return folder, run(folder / "c.yaml", jobs=1)


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows, name):
    return np.array([float(row[name]) for row in rows])


def test_every_prediction_is_listed_with_its_error_and_interval(study):
    folder, _ = study
    rows = read(folder / "run" / "plots" / "predictions.csv")
    assert len(rows) == 2 * N_ROWS
    known = {row["id"]: float(row["age"]) for row in read(folder / "t.csv")}
    assert all(float(row["true"]) == known[row["image_id"]] for row in rows)
    errors = numbers(rows, "predicted") - numbers(rows, "true")
    assert np.array_equal(errors, numbers(rows, "error"))
    half = (numbers(rows, "high") - numbers(rows, "low")) / 2
    inside = np.abs(errors) <= half
    # Made from these very errors, they hold at least the level of them.
    assert inside.mean() >= 0.9
    # Their mean by folds is the score in the table of scores.
    exported = json.loads((folder / "run" / "study.json").read_text())["exported"]["estimator"]
    scores = [
        row
        for row in read(folder / "run" / "scores.csv")
        if (row["estimator"], row["metric"]) == (exported, "mae")
    ]
    for score in scores:
        own = [
            abs(float(row["error"]))
            for row in rows
            if (row["repeat"], row["fold"]) == (score["repeat"], score["fold"])
        ]
        assert np.mean(own) == pytest.approx(float(score["score"]), abs=1e-12)


def test_agreement_and_groups_follow_from_the_predictions(study):
    folder, _ = study
    rows = read(folder / "run" / "plots" / "predictions.csv")
    first = numbers([row for row in rows if row["repeat"] == "0"], "error")
    found = {row["quantity"]: row for row in read(folder / "run" / "plots" / "agreement.csv")}
    limits = [float(found[f"{end}_limit_of_agreement"]["value"]) for end in ("lower", "upper")]
    expected = first.mean() + np.array([-1.96, 1.96]) * first.std(ddof=1)
    assert limits == pytest.approx(expected, rel=1e-3)
    groups = read(folder / "run" / "plots" / "error_by_group.csv")
    assert len(groups) == N_PATIENTS
    worst = groups[0]
    own = numbers([row for row in rows if row["group"] == worst["group"]], "error")
    assert float(worst["mae"]) == pytest.approx(np.abs(own).mean())
    assert float(worst["mae"]) == max(numbers(groups, "mae"))
    assert worst["n_images"] == str(N_ROWS // N_PATIENTS)


def test_what_intervals_hold_of_a_group_is_told_of_those_of_the_other_groups(study):
    """By hand: 15 other patients, each with a weight of 1/16 shared by its 12 predictions."""
    folder, _ = study
    rows = read(folder / "run" / "plots" / "predictions.csv")
    halves = {float(row["high"]) - float(row["low"]) for row in rows}
    assert max(halves) - min(halves) < 1e-9  # As wide for every row.
    shares = []
    for group in read(folder / "run" / "plots" / "error_by_group.csv"):
        own = [row["group"] == group["group"] for row in rows]
        errors = np.abs(numbers(rows, "error"))
        others, of_group = np.sort(errors[~np.array(own)]), errors[np.array(own)]
        half = others[int(np.ceil(0.9 * 16 * 12 - 1e-9)) - 1]
        assert float(group["within_interval"]) == pytest.approx(np.mean(of_group <= half))
        assert group["interval_level"] == "0.9"
        shares.append(float(group["within_interval"]))
    inside = [float(row["low"]) <= float(row["true"]) <= float(row["high"]) for row in rows]
    assert min(shares) < 1
    assert np.mean(shares) <= np.mean(inside)


def test_drawings_are_whole_and_speak_of_rows_and_years(study):
    folder, _ = study
    names = ["predicted_against_true", "errors", "bland_altman", "error_by_group", "importances"]
    for name in names:
        root = ET.parse(folder / "run" / "plots" / f"{name}.svg").getroot()
        texts = " ".join("".join(one.itertext()) for one in root.iter() if "text" in one.tag)
        assert "image" not in texts
        assert "years" in texts


def importances(folder, kind, estimator="ridge"):
    rows = read(folder / "run" / "plots" / "importances.csv")
    return {
        row["feature"]: float(row["mean"])
        for row in rows
        if (row["importance"], row["estimator"]) == (kind, estimator)
    }


def test_columns_that_are_alike_matter_together(study):
    folder, result = study
    alone = importances(folder, "permutation")
    assert list(alone) == ["width", "diameter", "third", "kind"]
    together = importances(folder, "permutation_together")
    assert list(together) == ["width + diameter"]
    assert together["width + diameter"] > 1.2 * max(alone["width"], alone["diameter"])
    assert abs(alone["kind"]) < 0.2 * alone["third"]
    assert "width + diameter" in result.summary
    forest = importances(folder, "impurity", "random_forest(n_estimators=8)")
    assert sum(forest.values()) == pytest.approx(1.0)
    assert list(importances(folder, "coefficient")) == ["width", "diameter", "third"]
    assert list(importances(folder, "coefficient_spread")) == ["kind"]


def test_importances_are_those_of_scikit_learn_by_hand_on_the_folds(study):
    folder, _ = study
    table = read(folder / "t.csv")
    X = np.stack([numbers(table, name) for name in ("width", "diameter", "third")], axis=1)
    kinds = np.array([[row["kind"] == kind for kind in "abc"] for row in table], dtype=float)
    X, y = np.hstack([X, kinds]), numbers(table, "age")
    tested = read(folder / "run" / "plots" / "predictions.csv")[:N_ROWS]
    assert [row["image_id"] for row in tested] == [row["id"] for row in table]
    fold_of = numbers(tested, "fold")
    losses, coefficients, spreads = [], [], []
    for fold in range(4):
        test = np.flatnonzero(fold_of == fold)
        train = np.flatnonzero(fold_of != fold)
        model = make_pipeline(StandardScaler(), Ridge(1.0)).fit(X[train], y[train])
        coefficients.append(model[-1].coef_[2])
        spreads.append((X[train, 3:] @ (model[-1].coef_[3:] / model[0].scale_[3:])).std())
        before = np.abs(model.predict(X[test]) - y[test]).mean()
        after = []
        for order in shuffled_orders(len(test), N_SHUFFLES, derived_seed(SEED, 3, 0, fold)):
            other = X[test].copy()
            other[:, 2] = other[order, 2]
            after.append(np.abs(model.predict(other) - y[test]).mean())
        losses.append(np.mean(after) - before)
    assert importances(folder, "permutation")["third"] == pytest.approx(np.mean(losses), abs=1e-9)
    own = importances(folder, "coefficient")["third"]
    assert own == pytest.approx(np.mean(coefficients), abs=1e-9)
    of_kind = importances(folder, "coefficient_spread")["kind"]
    assert of_kind == pytest.approx(np.mean(spreads), abs=1e-9)


def test_predictions_of_new_rows_have_the_interval_of_the_manifest(study, tmp_path):
    folder, _ = study
    made_table(tmp_path / "new.csv", seed=1)
    output = tmp_path / "said.csv"
    assert main(["predict", str(folder / "run"), str(tmp_path / "new.csv"), "-o", str(output)]) == 0
    rows = read(output)
    assert list(rows[0]) == ["row", "prediction", "low", "high", "error"]
    interval = load_bundle(folder / "run").interval
    low, high = interval.bounds(numbers(rows, "prediction"))
    assert numbers(rows, "low").tolist() == low.tolist()
    assert numbers(rows, "high").tolist() == high.tolist()
    true = numbers(read(tmp_path / "new.csv"), "age")
    assert np.mean((low <= true) & (true <= high)) > 0.8
    frame = bioselect.load(folder / "run").predict(tmp_path / "new.csv")
    assert frame["low"].tolist() == low.tolist()


@pytest.mark.parametrize(("shift", "part"), [(0.0, "here they hold"), (9.0, "too few. These rows")])
def test_evaluate_counts_what_the_intervals_hold(study, tmp_path, capsys, shift, part):
    folder, _ = study
    made_table(tmp_path / "new.csv", seed=1)
    rows = read(tmp_path / "new.csv")
    with (tmp_path / "new.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows({**row, "age": float(row["age"]) + shift} for row in rows)
    given = [str(folder / "run"), str(tmp_path / "new.csv"), "-o", str(tmp_path / "out")]
    assert main(["evaluate", *given]) == 0
    said = read(tmp_path / "out" / "predictions.csv")
    inside = [float(row["low"]) <= float(row["true"]) <= float(row["high"]) for row in said]
    found = {row["metric"]: row for row in read(tmp_path / "out" / "metrics.csv")}
    assert float(found["interval_coverage"]["value"]) == pytest.approx(np.mean(inside))
    assert float(found["interval_level"]["value"]) == 0.9
    groups = {row["group"]: row for row in read(tmp_path / "out" / "groups.csv")}
    for name, row in groups.items():
        own = [held for held, one in zip(inside, said, strict=True) if one["group"] == name]
        assert float(row["within_interval"]) == pytest.approx(np.mean(own))
        assert (row["n_images"], row["interval_level"]) == (str(len(own)), "0.9")
    assert len(groups) == N_PATIENTS
    assert (np.mean(inside) > 0.8) == (shift == 0)
    printed = capsys.readouterr().out
    assert "low and high were made to hold 90 % of the true numbers" in printed
    assert part in printed


def test_a_second_run_computes_no_importance_again_and_writes_the_same(study):
    folder, _ = study
    plots = folder / "run" / "plots"
    before = {path.name: path.read_bytes() for path in plots.iterdir()}
    listening = Listening()
    (plots / "of_an_earlier_study.svg").write_text("")
    run(folder / "c.yaml", jobs=2, reporter=listening)
    assert not [one for one in listening.tasks if "shuffling" in one]
    assert {path.name: path.read_bytes() for path in plots.iterdir()} == before


def test_without_intervals_low_and_high_are_empty(tmp_path, capsys):
    made_table(tmp_path / "t.csv")
    config = CONFIG.replace("ridge, {name: random_forest, params: {n_estimators: 8}}", "ridge")
    (tmp_path / "c.yaml").write_text(config + "bundle: {interval: null}\n")
    run(tmp_path / "c.yaml", jobs=1)
    assert load_bundle(tmp_path / "run").interval is None
    assert read(tmp_path / "run" / "plots" / "predictions.csv")[0]["low"] == ""
    assert "intervals" not in json.loads((tmp_path / "run" / "study.json").read_text())
    for group in read(tmp_path / "run" / "plots" / "error_by_group.csv"):
        assert group["within_interval"] == group["interval_level"] == ""
    given = [str(tmp_path / "run"), str(tmp_path / "t.csv"), "-o", str(tmp_path / "out")]
    assert main(["evaluate", *given]) == 0
    assert "this model gives no low and high (bundle.interval)" in capsys.readouterr().out
    metrics = {row["metric"] for row in read(tmp_path / "out" / "metrics.csv")}
    assert not metrics & {"interval_coverage", "interval_level"}
    assert read(tmp_path / "out" / "groups.csv")[0]["within_interval"] == ""
