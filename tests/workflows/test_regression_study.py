"""A number for each image through the whole study: the cells that were drawn are counted."""

import csv
import json
import shutil

import h5py
import numpy as np
import pytest
from PIL import Image

import bioselect
from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.exceptions import BioselectError
from bioselect.progress import Reporter
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.init import init
from bioselect.workflows.labelled_images import TableColumns
from bioselect.workflows.proposal.source import ColumnNames
from bioselect.workflows.run import run

N_IMAGES = 48
SIDE = 40
REGRESSORS = "ridge, linear"
#: Different at each run, or they name the folder of the images.
NEVER_THE_SAME = {
    "run.log",
    "timings.csv",
    "report.html",
    "costs.csv",
    "environment.json",
    ".journal",
    ".lock",
    "dataset.csv",
    "predictions.csv",
}


class Listening(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines += text.splitlines()


def drawn_cells(n_cells, random):
    """Draw 40 x 40 pixels with so many bright discs, which may touch, on a ground that varies."""
    pixels = random.normal(random.normal(70, 10), 10, (SIDE, SIDE))
    rows, columns = np.mgrid[:SIDE, :SIDE]
    for row, column in random.uniform(3, SIDE - 3, (n_cells, 2)):
        pixels[(rows - row) ** 2 + (columns - column) ** 2 < random.uniform(4, 9)] += 80
    return np.clip(pixels, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return a folder with 48 images of 1 to 16 cells, and a table that says how many."""
    folder = tmp_path_factory.mktemp("cells")
    random = np.random.default_rng(0)
    rows = [["file", "well", "cells (number)", "comma", "word"]]
    for number in range(N_IMAGES):
        n_cells = 1 + number // 3
        Image.fromarray(drawn_cells(n_cells, random)).save(folder / f"{number:02d}.png")
        word = "few" if n_cells < 8 else "many"
        rows.append([f"{number:02d}.png", f"w{number % 16}", n_cells, f"{n_cells},5", word])
    with (folder / "counts.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def written(
    folder, target="cells (number)", dataset="", regressors=REGRESSORS, validation="", more="",
    extractors="[intensity, lbp]", task="regression", name="config.yaml",
):  # fmt: skip
    """Write a configuration beside the images and return its path."""
    path = folder / name
    path.write_text(
        f"task: {task}\n"
        f"dataset: {{table: cells/counts.csv, image: file, target: '{target}' {dataset}}}\n"
        f"extractors: {extractors}\nregressors: [{regressors}]\n"
        f"validation: {{repeats: 2, seed: 4 {validation}}}\noutput: run\n{more}\n"
    )
    return path


@pytest.fixture
def config(images, tmp_path):
    """Return a function that writes a configuration for a copy of the images."""
    shutil.copytree(images, tmp_path / "cells")
    return lambda *args, **kwargs: written(tmp_path, *args, **kwargs)


@pytest.fixture(scope="module")
def study(images, tmp_path_factory):
    """Return the folder of a finished study, what came of it, and what it said."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copytree(images, folder / "cells")
    reporter = Listening()
    result = run(written(folder), jobs=1, reporter=reporter)
    return folder, result, reporter.lines


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def error_of(function, *args, **kwargs):
    with pytest.raises(BioselectError) as caught:
        function(*args, **kwargs)
    return str(caught.value)


def test_the_ranking_is_by_the_mean_absolute_error(study):
    folder, _, _ = study
    rows = read(folder / "run" / "ranking.csv")
    ranked = [row for row in rows if row["rank"]]
    assert len(ranked) == 4
    errors = [float(row["mean"]) for row in ranked]
    assert errors == sorted(errors)  # lower is better
    [floor] = {row["mean"] for row in rows if row["role"] == "baseline"}
    # Counts 1 to 16, each thrice: their mean is 8.5, and they are 4 off on average.
    assert float(floor) == pytest.approx(4.0, abs=0.3)
    assert errors[0] < 0.5 * float(floor)


def test_the_words_have_the_unit_and_no_class(study):
    folder, result, _ = study
    words = json.loads((folder / "run" / "study.json").read_text())["in_words"]
    assert "cells (number) from 1 to 16" in words
    assert "number" in result.summary
    for word in ("class", "probabilit", "points", "Always guessing the commonest"):
        assert word not in result.summary.replace("Probability", "")


def test_out_of_fold_predictions_are_numbers(study):
    folder, _, _ = study
    with h5py.File(folder / "run" / "out_of_fold.h5") as file:
        values = file["value"][:]
        said = file["candidates/0000"][:]
        assert "class_names" not in file
        assert file["value"].attrs["unit"] == "number"
        label = file["candidates/0000"].attrs["estimator"]
    assert values.tolist() == [1 + number // 3 for number in range(N_IMAGES)]
    assert said.shape == (2, N_IMAGES)
    # The scores in the table are those of these numbers.
    rows = [
        float(row["score"])
        for row in read(folder / "run" / "scores.csv")
        if (row["extractor"], row["estimator"], row["metric"]) == ("intensity", label, "mae")
    ]
    folds = len(rows) // 2
    sizes = N_IMAGES / folds
    assert sizes == pytest.approx(9.6)
    assert np.mean(rows) == pytest.approx(np.abs(said - values).mean(), rel=0.02)


def test_the_model_predicts_numbers(study, tmp_path):
    folder, _, _ = study
    output = tmp_path / "predictions.csv"
    assert main(["predict", str(folder / "run"), str(folder / "cells"), "-o", str(output)]) == 0
    rows = read(output)
    assert list(rows[0])[:2] == ["path", "prediction"]
    assert len(rows) == N_IMAGES
    said = np.array([float(row["prediction"]) for row in rows])
    truth = np.array([1 + number // 3 for number in range(N_IMAGES)])
    assert np.corrcoef(said, truth)[0, 1] > 0.9
    # The same from Python, to the last digit.
    table = bioselect.load(folder / "run").predict(folder / "cells")
    assert table["prediction"].tolist() == said.tolist()


def test_the_model_is_judged_on_other_numbers(study, config, tmp_path):
    folder, _, _ = study
    config()
    columns = TableColumns("file", "cells (number)", "well")
    table = tmp_path / "cells" / "counts.csv"
    said = evaluate(folder / "run", table, tmp_path / "out", columns, jobs=1)
    predicted = read(tmp_path / "out" / "predictions.csv")
    truth = np.array([float(row["true"]) for row in predicted])
    errors = np.array([float(row["prediction"]) for row in predicted]) - truth
    found = {row["metric"]: row for row in read(tmp_path / "out" / "metrics.csv")}
    by_hand = {
        "mae": np.abs(errors).mean(),
        "rmse": np.sqrt((errors**2).mean()),
        "r2": 1 - (errors**2).sum() / ((truth - truth.mean()) ** 2).sum(),
        "mean_error": errors.mean(),
    }
    for name, value in by_hand.items():
        assert float(found[name]["value"]) == pytest.approx(value, abs=1e-9), name
        assert float(found[name]["ci_low"]) <= value <= float(found[name]["ci_high"]), name
    assert f"mae: {by_hand['mae']:.4g} number (95 % interval" in said
    groups = read(tmp_path / "out" / "groups.csv")
    assert [row["group"] for row in groups] == sorted(f"w{place}" for place in range(16))
    of_first = np.abs(errors[[0, 16, 32]]).mean()  # well w0
    assert float(groups[0]["mae"]) == pytest.approx(of_first)
    assert not (tmp_path / "out" / "confusion.csv").exists()
    # What it was trained on is said.
    assert "warning" in said


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("comma", "with a decimal point. Got '1,5'"),
        (None, "a table must come with the names of its columns"),
    ],
)
def test_evaluation_without_numbers_is_refused(study, config, tmp_path, target, part):
    folder, _, _ = study
    config()
    table = tmp_path / "cells" / "counts.csv"
    columns = TableColumns("file", target)
    assert part in error_of(evaluate, folder / "run", table, tmp_path / "out", columns)


def test_evaluation_wants_a_table(study, config, tmp_path):
    folder, _, _ = study
    config()
    message = error_of(evaluate, folder / "run", tmp_path / "cells", tmp_path / "out")
    assert "must be a table with a number for each image, as the model predicts cells" in message


def test_predictions_beyond_the_training_are_told(study, tmp_path, capsys):
    """An image as bright as all cells together: the model says more than it has seen."""
    folder, _, _ = study
    Image.new("L", (SIDE, SIDE), 255).save(tmp_path / "white.png")
    output = tmp_path / "p.csv"
    assert main(["predict", str(folder / "run"), str(tmp_path), "-o", str(output)]) == 0
    assert "1 prediction lies outside of the numbers of the training images (1 to 16 number)" in (
        capsys.readouterr().out
    )


@pytest.mark.parametrize(
    ("validation", "dataset"),
    [
        (", splits: 4, test_size: 0.25", ""),
        (", split: [0.6, 0.2, 0.2]", ""),
        ("", ", group: well"),
        (", metric: r2", ""),
    ],
)
def test_other_designs_come_to_a_model(config, tmp_path, validation, dataset):
    path = config(extractors="[intensity]", regressors="ridge", dataset=dataset)
    text = path.read_text().replace("{repeats: 2, seed: 4 }", f"{{seed: 4{validation}}}")
    if "splits" not in validation and "split:" not in validation:
        text = text.replace("{seed: 4", "{repeats: 2, seed: 4")
    path.write_text(text)
    result = run(path, jobs=1)
    assert result.verdict.best.estimator == "ridge"
    assert bioselect.load(tmp_path / "run").predict(tmp_path / "cells")["error"].eq("").all()
    assert "class" not in result.summary


def test_nested_folds_tell_what_to_expect(config, tmp_path):
    path = config(extractors="[intensity]", validation=", honest: nested")
    path.write_text(path.read_text().replace("repeats: 2", "folds: 4, repeats: 1"))
    result = run(path, jobs=1)
    honest = json.loads((tmp_path / "run" / "study.json").read_text())["honest_score"]
    assert honest["method"] == "nested"
    folds = {}
    for row in read(tmp_path / "run" / "scores.csv"):
        if row["metric"] == "mae" and row["estimator"] in ("ridge", "linear"):
            folds.setdefault(row["fold"], []).append(float(row["score"]))
    # In each of four equally large folds the one was taken that did better inside the training
    # part: its error there is one of the two.
    lowest, highest = (np.mean([end(some) for some in folds.values()]) for end in (min, max))
    assert lowest - 1e-9 <= honest["value"] <= highest + 1e-9
    assert "nested" in result.summary


def test_a_budget_leaves_a_model_and_says_what_it_dropped(config, tmp_path):
    """Three seconds pass at each look at the clock, so that one regressor is all that fits."""
    seconds = iter(range(0, 10**6, 3))
    path = config(extractors="[intensity]")
    result = run(path, jobs=1, budget="1s", clock=lambda: float(next(seconds)))
    rows = {row["role"]: row for row in read(tmp_path / "run" / "ranking.csv")}
    assert set(rows) == {"best", "dropped (budget)", "baseline"}
    assert float(rows["best"]["mean"]) < 2.0  # Guessing is 4 off.
    assert rows["best"]["n_folds"] == "10"
    assert rows["dropped (budget)"]["reason"]
    assert "EXCEEDED" in result.summary
    assert "classifier" not in result.summary
    table = bioselect.load(tmp_path / "run").predict(tmp_path / "cells")
    assert (table["low"] < table["prediction"]).all()


def test_a_model_that_averages_looks_gives_their_mean(config, tmp_path):
    views = "{name: views, params: {extractor: intensity, views: 2, at_prediction: true}}"
    path = config(
        extractors=f"[{views}]", regressors="ridge", more="augmentation: [horizontal_flip]"
    )
    run(path, jobs=1)
    table = bioselect.load(tmp_path / "run").predict(tmp_path / "cells")
    truth = [1 + number // 3 for number in range(N_IMAGES)]
    assert np.corrcoef(table["prediction"], truth)[0, 1] > 0.9


def test_a_killed_run_goes_on_where_it_was(config, tmp_path, monkeypatch):
    """All folds that were finished before the kill come from the journal."""
    from bioselect.selection import cross_validation

    path = config(extractors="[intensity]", regressors="ridge, linear")
    run(path, jobs=1)
    first = (tmp_path / "run" / "scores.csv").read_bytes()
    shutil.rmtree(tmp_path / "run" / "model")

    def none(*args):
        raise AssertionError("a fold was computed again")

    monkeypatch.setattr(cross_validation, "run_group", none)
    run(path, jobs=1)
    assert (tmp_path / "run" / "scores.csv").read_bytes() == first


def test_a_search_is_chosen_by_the_error(config, tmp_path):
    path = config(
        extractors="[intensity]",
        regressors="{name: ridge, search: {alpha: [0.1, 100000.0]}}",
    )
    run(path, jobs=1)
    chosen = {row["value"] for row in read(tmp_path / "run" / "chosen.csv")}
    assert chosen == {"0.1"}  # The other leaves hardly more than the mean.


def test_same_bytes_for_any_number_of_jobs(study, config, tmp_path):
    folder, _, _ = study
    run(config(), jobs=2)
    before, after = folder / "run", tmp_path / "run"
    files = [path.relative_to(before) for path in sorted(before.rglob("*")) if path.is_file()]
    compared = [
        path for path in files if path.name not in NEVER_THE_SAME and path.parts[0] != "features"
    ]
    assert len(compared) > 12
    for path in compared:
        assert (before / path).read_bytes() == (after / path).read_bytes(), path


def test_the_configuration_as_run_runs_again(study):
    folder, _, _ = study
    again = load_config(folder / "run" / "config.yaml")
    assert again.task == "regression"
    assert again.validation.metric == "mae"
    assert [spec.name for spec in again.regressor_specs] == ["ridge", "linear"]
    assert check(again).endswith(CAN_BE_RUN)


@pytest.mark.parametrize(
    ("target", "part"),
    [
        ("comma", "with a decimal point. Got '1,5'"),
        ("word", "must hold a number in every row. Got 'few'"),
        ("cels (number)", "has no column 'cels (number)'. Did you mean 'cells (number)'?"),
    ],
)
def test_a_column_without_numbers_is_refused_before_work(config, target, part):
    assert part in error_of(check, config(target=target))


def test_init_proposes_it_for_a_column_of_numbers(config, tmp_path):
    """A column `word` with classes is there too, so that the number is named."""
    config()
    table = tmp_path / "cells" / "counts.csv"
    columns = ColumnNames(target="cells (number)", group="well")
    said = init(table, tmp_path / "proposed.yaml", columns=columns, jobs=1)
    assert "48 images, each with a number: cells (number) from 1 to 16" in said
    assert "mae decides (the mean absolute error" in said
    proposed = load_config(tmp_path / "proposed.yaml")
    assert proposed.task == "regression"
    assert [spec.name for spec in proposed.regressor_specs] == ["ridge", "random_forest"]
    assert check(proposed, jobs=1).endswith(CAN_BE_RUN)
