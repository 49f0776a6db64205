"""`bioselect evaluate`: figures that anybody can compute again from the tables it writes."""

import csv
import hashlib
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn import metrics

from bioselect.bundle.writing import write_bundle
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.metrics.base import get_metric
from bioselect.metrics.builtin import ALWAYS_COMPUTED
from bioselect.progress import Reporter
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, small_contents
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.evaluated_figures import Labelled, metric_row
from bioselect.workflows.evaluated_metrics import evaluated_metrics
from bioselect.workflows.labelled_images import TableColumns

NAMES = ("coarse", "fine, thin", "middle")
N_IMAGES = 24


class Warnings(Reporter):
    def __init__(self):
        self.lines = []

    def warn(self, text):
        self.lines.append(text)


def bytes_of(image, path):
    Image.fromarray(image).save(path)
    return path.read_bytes()


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """Return a model that knows the checksums of the images it was trained on."""
    folder = tmp_path_factory.mktemp("model")
    spec = ComponentSpec.of("color_histogram", {"bins": 4})
    contents = small_contents(spec, ComponentSpec("lda"), NAMES)
    digests = [
        hashlib.sha256(bytes_of(image, folder / "one.png")).hexdigest()[:16]
        for image in draw_classes(NAMES)[0]
    ]
    dataset = {**contents.dataset, "sha256": sorted(digests)}
    write_bundle(folder / "model", replace(contents, dataset=dataset))
    return folder / "model"


@pytest.fixture
def labelled(tmp_path):
    """Return a folder with a folder for each class; noise hides much of what tells them apart."""
    random = np.random.default_rng(5)
    images, places = draw_classes(NAMES, seed=1)
    for number, (image, place) in enumerate(zip(images, places, strict=True)):
        noisy = np.clip(image + random.normal(scale=35, size=image.shape), 0, 255).astype(np.uint8)
        folder = tmp_path / "labelled" / NAMES[place]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(noisy).save(folder / f"{number:02d}.png")
    return tmp_path / "labelled"


def write_labels(folder, path, **columns):
    """Write a table of all images with their classes and other columns."""
    images = sorted(folder.rglob("*.png"))
    rows = {"file": [p.relative_to(path.parent).as_posix() for p in images]}
    rows["stain"] = [p.parent.name for p in images]
    pd.DataFrame({**rows, **{name: make(images) for name, make in columns.items()}}).to_csv(
        path, index=False
    )
    return path


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def truth_and_probabilities(output):
    """Read the truth from the folders and the probabilities from the table of predictions."""
    rows = [row for row in read(output / "predictions.csv") if not row["error"]]
    places = [NAMES.index(row["path"].split("/")[-2]) for row in rows]
    table = [[float(row[f"probability_{name}"]) for name in NAMES] for row in rows]
    return np.array(places), np.array(table)


def calibration_error(truth, table):
    sure, right = table.max(axis=1), table.argmax(axis=1) == truth
    number = np.ceil(sure * 15)
    return sum(abs((right - sure)[number == one].sum()) for one in np.unique(number)) / len(truth)


def test_every_metric_is_the_one_of_scikit_learn(bundle, labelled, tmp_path):
    output = tmp_path / "out"
    summary = evaluate(bundle, labelled, output, jobs=1)
    truth, table = truth_and_probabilities(output)
    guess = table.argmax(axis=1)
    one_hot = np.eye(3)[truth]
    expected = {
        "accuracy": metrics.accuracy_score(truth, guess),
        "balanced_accuracy": metrics.balanced_accuracy_score(truth, guess),
        "f1_macro": metrics.f1_score(truth, guess, average="macro"),
        "f1_weighted": metrics.f1_score(truth, guess, average="weighted"),
        "precision_macro": metrics.precision_score(truth, guess, average="macro", zero_division=0),
        "precision_weighted": metrics.precision_score(
            truth, guess, average="weighted", zero_division=0
        ),
        "recall_macro": metrics.recall_score(truth, guess, average="macro"),
        "recall_weighted": metrics.recall_score(truth, guess, average="weighted"),
        "matthews_corrcoef": metrics.matthews_corrcoef(truth, guess),
        "cohen_kappa": metrics.cohen_kappa_score(truth, guess),
        "roc_auc": metrics.roc_auc_score(truth, table, multi_class="ovr"),
        "average_precision": metrics.average_precision_score(one_hot, table, average="macro"),
        "log_loss": metrics.log_loss(truth, table),
        "brier": float(np.mean(np.sum((table - one_hot) ** 2, axis=1))),
        "expected_calibration_error": calibration_error(truth, table),
    }
    # Noise on purpose: a perfect model would not tell the metrics apart.
    assert 0.3 < expected["accuracy"] < 1.0
    rows = {row["metric"]: row for row in read(output / "metrics.csv")}
    assert set(rows) == set(expected)
    for name, value in expected.items():
        assert float(rows[name]["value"]) == pytest.approx(value, abs=1e-9), name
        assert float(rows[name]["ci_low"]) <= value <= float(rows[name]["ci_high"])
        assert rows[name]["error"] == ""
        assert f"{name}: {value:.3f} (95 % interval" in summary
    confusion = metrics.confusion_matrix(truth, guess, labels=range(3))
    written = read(output / "confusion.csv")
    assert [row["true"] for row in written] == list(NAMES)
    got = [[int(row[f"predicted_{name}"]) for name in NAMES] for row in written]
    assert got == confusion.tolist()
    assert summary.startswith(f"{N_IMAGES} images evaluated")
    assert not (output / "groups.csv").exists()


def test_interval_of_accuracy_is_about_that_of_the_binomial(bundle, labelled, tmp_path):
    evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    row = next(r for r in read(tmp_path / "out" / "metrics.csv") if r["metric"] == "accuracy")
    value, low, high = (float(row[name]) for name in ("value", "ci_low", "ci_high"))
    # The standard error of a share p of 24 images: sqrt(p (1 - p) / 24); 1.96 of it on each side.
    half = 1.96 * np.sqrt(value * (1 - value) / N_IMAGES)
    assert (high - low) / 2 == pytest.approx(half, rel=0.25)


def test_seed_decides_the_intervals(bundle, labelled, tmp_path):
    written = []
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        evaluate(bundle, labelled, tmp_path / name, seed=seed, jobs=1)
        written.append((tmp_path / name / "metrics.csv").read_bytes())
    assert written[0] == written[1] != written[2]
    again = evaluate(bundle, labelled, tmp_path / "c", seed=1, jobs=1)
    assert again.endswith("(earlier ones were written over)")


def test_groups_are_counted_and_widen_nothing_silently(bundle, labelled, tmp_path):
    table = write_labels(
        labelled, tmp_path / "t.csv", slide=lambda p: [f"s{n % 3}" for n in range(len(p))]
    )
    columns = TableColumns("file", "stain", "slide")
    evaluate(bundle, table, tmp_path / "out", columns, jobs=1)
    truth, probabilities = truth_and_probabilities(tmp_path / "out")
    right = probabilities.argmax(axis=1) == truth
    # Images are sorted by name and slides go round: every third image from the first, second...
    expected = [
        [f"s{n}", "8", str(right[n::3].sum()), repr(float(right[n::3].mean()))] for n in range(3)
    ]
    assert [list(row.values()) for row in read(tmp_path / "out" / "groups.csv")] == expected
    rows = read(tmp_path / "out" / "predictions.csv")
    assert [row["group"] for row in rows] == [f"s{n % 3}" for n in range(len(rows))]
    assert {row["true"] for row in rows} == set(NAMES)
    assert np.array_equal([row["true"] == row["prediction"] for row in rows], right)
    # Without groups the table of an earlier evaluation must not stay.
    evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    assert not (tmp_path / "out" / "groups.csv").exists()


def test_one_group_has_figures_but_no_intervals(bundle, labelled, tmp_path):
    table = write_labels(labelled, tmp_path / "t.csv", slide=lambda p: ["s"] * len(p))
    columns = TableColumns("file", "stain", "slide")
    summary = evaluate(bundle, table, tmp_path / "out", columns, jobs=1)
    for row in read(tmp_path / "out" / "metrics.csv"):
        assert row["value"]
        assert (row["ci_low"], row["ci_high"]) == ("", "")
        assert "at least 2 independent images or groups" in row["error"]
    assert "(no interval: " in summary


def test_some_of_the_classes(bundle, labelled, tmp_path):
    for image in (labelled / "middle").iterdir():
        image.unlink()
    summary = evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    assert "no image here is of class middle" in summary
    truth, table = truth_and_probabilities(tmp_path / "out")
    rows = {row["metric"]: row for row in read(tmp_path / "out" / "metrics.csv")}
    guess = table.argmax(axis=1)
    # The mean of the recalls of the two classes that are there.
    recalls = [np.mean(guess[truth == place] == place) for place in (0, 1)]
    assert float(rows["balanced_accuracy"]["value"]) == pytest.approx(np.mean(recalls))
    assert [row["error"] for row in rows.values()] == [""] * len(rows)


def test_one_class_only(bundle, labelled, tmp_path):
    for name in ("middle", "coarse"):
        for image in (labelled / name).iterdir():
            image.unlink()
    summary = evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    rows = {row["metric"]: row for row in read(tmp_path / "out" / "metrics.csv")}
    truth, table = truth_and_probabilities(tmp_path / "out")
    share = np.mean(table.argmax(axis=1) == truth)
    assert float(rows["accuracy"]["value"]) == pytest.approx(share)
    assert rows["roc_auc"]["value"] == ""
    assert "at least 2 classes" in rows["roc_auc"]["error"]
    assert "roc_auc: cannot be computed" in summary


def test_class_that_the_model_does_not_know(bundle, labelled, tmp_path):
    (labelled / "middle").rename(labelled / "midle")
    with pytest.raises(DataError, match=r"does not know: midle\. It knows coarse, fine, thin"):
        evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    assert not (tmp_path / "out").exists()


def test_images_of_training_are_warned_of(bundle, tmp_path):
    images, places = draw_classes(NAMES)
    others, _ = draw_classes(NAMES, seed=9)
    for number, (image, place) in enumerate(zip(images, places, strict=True)):
        folder = tmp_path / "labelled" / NAMES[place]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(image if number < 5 else others[number]).save(folder / f"{number:02d}.png")
    reporter = Warnings()
    summary = evaluate(bundle, tmp_path / "labelled", tmp_path / "out", jobs=1, reporter=reporter)
    # Once, beside the figures: not on the way as well.
    assert reporter.lines == []
    (line,) = (one for one in summary.splitlines() if one.startswith("warning: "))
    assert line.startswith("warning: 5 of 24 images are the very files that this model was")
    assert "(coarse/00.png, " in line


def test_bad_images_are_left_out_and_counted(bundle, labelled, tmp_path):
    (labelled / "coarse" / "bad.png").write_bytes(b"")
    summary = evaluate(bundle, labelled, tmp_path / "out", jobs=1)
    assert summary.startswith("24 images evaluated, 1 could not be used (see predictions.csv)")
    assert len(read(tmp_path / "out" / "predictions.csv")) == 25


def test_nothing_usable(bundle, tmp_path):
    for name in NAMES[:2]:
        (tmp_path / "labelled" / name).mkdir(parents=True)
        (tmp_path / "labelled" / name / "bad.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the 2 images .*predictions\.csv"):
        evaluate(bundle, tmp_path / "labelled", tmp_path / "out", jobs=1)


@pytest.mark.parametrize(
    ("of_table", "columns", "message"),
    [
        (True, TableColumns(), "Add --image NAME and --target NAME"),
        (True, TableColumns("file", "stian"), "Did you mean 'stain'"),
        # Without an error the groups would silently not count.
        (False, TableColumns(group="slide"), "which only a table has"),
    ],
)
def test_columns_that_do_not_fit(bundle, labelled, tmp_path, of_table, columns, message):
    table = write_labels(labelled, tmp_path / "t.csv")
    with pytest.raises(DataError, match=message):
        evaluate(bundle, table if of_table else labelled, tmp_path / "out", columns, jobs=1)


def test_a_seed_below_zero_is_one_line(bundle, labelled, tmp_path):
    with pytest.raises(ConfigurationError, match=r"seed: must be at least 0\. Got -1"):
        evaluate(bundle, labelled, tmp_path / "out", seed=-1)


def test_an_interval_beside_the_value_is_none():
    # Five levels of certainty, each right exactly as often as it says: no error of calibration. But
    # images that a draw holds twice make some: all draws lie above the value.
    sure = np.repeat([0.6, 0.7, 0.8, 0.9, 1.0], 10)
    truth = np.concatenate([[0] * n + [1] * (10 - n) for n in (6, 7, 8, 9, 10)])
    labelled = Labelled(truth, np.column_stack([sure, 1 - sure]), [None] * 50)
    metric = get_metric("expected_calibration_error")
    row = metric_row(metric, labelled, np.arange(50), seed=0)
    assert row[1] == pytest.approx(0)
    assert row[2:4] == (None, None)
    assert "lie beside the value of the images themselves" in row[4]


def decided_by(folder, written):
    """Write a model whose study was decided by this metric."""
    spec = ComponentSpec.of("color_histogram", {"bins": 4})
    contents = small_contents(spec, ComponentSpec("lda"), NAMES)
    scores = {**contents.scores, "decided_by": written}
    write_bundle(folder / "model", replace(contents, scores=scores))
    return folder / "model"


def metric_rows(output):
    return {row["metric"]: row for row in read(output / "metrics.csv")}


def test_the_metric_that_chose_the_model_is_computed_with_its_parameters(labelled, tmp_path):
    params = {"positive": "coarse", "specificity": 0.8}
    model = decided_by(tmp_path, {"name": "sensitivity_at_specificity", "params": params})
    summary = evaluate(model, labelled, tmp_path / "out", jobs=1)
    truth, table = truth_and_probabilities(tmp_path / "out")
    false, found, _ = metrics.roc_curve(truth == 0, table[:, 0], drop_intermediate=False)
    expected = found[1 - false >= 0.8 - 1e-9].max()
    name = "sensitivity_at_specificity(positive=coarse, specificity=0.8)"
    row = metric_rows(tmp_path / "out")[name]
    assert float(row["value"]) == pytest.approx(expected)
    assert float(row["ci_low"]) <= expected <= float(row["ci_high"])
    assert f"  {name}: {expected:.3f} (95 % interval" in summary


@pytest.mark.parametrize("written", [{"name": "roc_auc", "params": {}}, {"name": 3}, "accuracy"])
def test_what_is_computed_anyway_or_is_no_metric_adds_nothing(labelled, tmp_path, written):
    evaluate(decided_by(tmp_path, written), labelled, tmp_path / "out", jobs=1)
    assert list(metric_rows(tmp_path / "out")) == list(ALWAYS_COMPUTED)


OWN_METRIC = """
from bioselect.metrics.base import Metric

def share_right():
    right = lambda y, r, n: float((y == r).mean())
    return Metric("share_right", "higher", (0.0, 1.0), "labels", right)

def loud():
    return Metric("loud", "higher", (0.0, 1.0), "labels", lambda y, r, n: 1 / 0)
"""


def test_somebodys_own_metric_is_computed_where_its_code_is_named(labelled, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "metric_of_mine.py").write_text(OWN_METRIC)
    model = decided_by(tmp_path, {"name": "metric_of_mine:share_right", "params": {}})
    summary = evaluate(model, labelled, tmp_path / "without", jobs=1)
    assert "Name the folder that holds metric_of_mine.py with --components" in summary
    evaluate(model, labelled, tmp_path / "with", components_dir=tmp_path / "own", jobs=1)
    rows = metric_rows(tmp_path / "with")
    for column in ("value", "ci_low", "ci_high"):
        assert rows["share_right"][column] == rows["accuracy"][column]
    loud = decided_by(tmp_path, {"name": "metric_of_mine:loud", "params": {}})
    evaluate(loud, labelled, tmp_path / "loud", components_dir=tmp_path / "own", jobs=1)
    assert "ZeroDivisionError" in metric_rows(tmp_path / "loud")["loud"]["error"]


def test_a_manifest_cannot_have_other_code_run(tmp_path):
    # Whatever a manifest names is run only if it lies in the folder that the user has named.
    for folder in (None, tmp_path):
        scores = {"decided_by": {"name": "os:getcwd", "params": {}}}
        found, missing = evaluated_metrics(scores, NAMES, folder)
        assert len(found) == len(ALWAYS_COMPUTED)
        assert re.search(r"Name the folder that holds (os\.py|it)", missing["os:getcwd"])
