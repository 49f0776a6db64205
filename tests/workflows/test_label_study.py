"""Several labels an image through the whole study: as one class an image goes through it."""

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
from bioselect.exceptions import BioselectError, DataError
from bioselect.progress import Reporter
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.labelled_images import TableColumns
from bioselect.workflows.run import run

N_IMAGES = 60
NAMES = ("nodule", "effusion", "mass")
#: Of 60 images 30, 20 and 12 have each label; 16 have none, those whose number is divisible by
#: neither 2, 3 nor 5 (1, 7, 11, 13, 17, 19, 23, 29, and these plus 30).
HAS = {
    "nodule": lambda i: i % 2 == 0,
    "effusion": lambda i: i % 3 == 0,
    "mass": lambda i: i % 5 == 0,
}
SEPARATED = "{column: findings, separator: ';', none_label: No Finding}"
STUDY = "svm, {name: lda, params: {multilabel: chain}}"
#: Different at each run; dataset.csv has the places of the images.
NEVER_THE_SAME = {
    *("run.log", "timings.csv", "environment.json", ".journal", ".lock", "dataset.csv"),
    *("report.html", "costs.csv"),
}


class Listening(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines += text.splitlines()


def labels_of(number):
    return [name for name in NAMES if HAS[name](number)]


def drawn_image(number, random):
    """Draw 24 x 24 pixels: a nodule is a bright spot, an effusion makes all of it brighter."""
    pixels = random.normal(random.normal(90, 8), 12, (24, 24))
    if HAS["effusion"](number):
        pixels += 18
    if HAS["mass"](number):
        pixels[::2] += 30  # and a mass is striped
    if HAS["nodule"](number):
        pixels[8:12, 8:12] += 90
    return np.clip(pixels, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Return a folder with 60 images, and a table with their labels in both forms."""
    folder = tmp_path_factory.mktemp("chest")
    random = np.random.default_rng(0)
    rows = [["file", "patient", *NAMES, "findings"]]
    for number in range(N_IMAGES):
        Image.fromarray(drawn_image(number, random)).save(folder / f"{number:02d}.png")
        here = labels_of(number)
        numbers = [int(name in here) for name in NAMES]
        cell = "; ".join(here) or "No Finding"
        rows.append([f"{number:02d}.png", f"p{number // 2}", *numbers, cell])
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def written(
    folder,
    target="[nodule, effusion, mass]",
    dataset="",
    classifiers=STUDY,
    validation="",
    more="",
    extractors="[intensity]",
):
    """Write a configuration beside the images and return its path."""
    path = folder / "config.yaml"
    path.write_text(
        f"dataset: {{table: chest/labels.csv, image: file, target: {target} {dataset}}}\n"
        f"extractors: {extractors}\nclassifiers: [{classifiers}]\n"
        f"validation: {{repeats: 2, seed: 4 {validation}}}\noutput: run\n{more}\n"
    )
    return path


@pytest.fixture
def config(images, tmp_path):
    """Return a function that writes a configuration for a copy of the images."""
    shutil.copytree(images, tmp_path / "chest")
    return lambda *args, **kwargs: written(tmp_path, *args, **kwargs)


@pytest.fixture(scope="module")
def study(images, tmp_path_factory):
    """Return the folder of a finished study with labels in one cell, and what it said."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copytree(images, folder / "chest")
    reporter = Listening()
    result = run(written(folder, SEPARATED), jobs=1, reporter=reporter)
    return folder, result, reporter.lines


def read(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def error_of(function, *args, **kwargs):
    with pytest.raises(BioselectError) as caught:
        function(*args, **kwargs)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_check_says_counts_and_plan(config, tmp_path):
    reporter = Listening()
    lines = check(config(dataset=", group: patient"), jobs=1, reporter=reporter).splitlines()
    # 30 + 20 + 12 labels on 60 images: 1.03 an image.
    assert (
        "chest/labels.csv: 60 images (nodule 30, effusion 20, mass 12, none of these 16; 1.03 "
        "labels an image), 30 groups"
    ) in reporter.lines
    assert lines[-1] == CAN_BE_RUN
    assert lines[-2] == (
        "plan: 1 extractor x 3 classifiers (the dummy included) = 3 combinations, 5 folds x 2 "
        "repeats = 30 fits, chosen by f1_macro"
    )
    assert any(line.startswith("metric: f1_macro (several labels an image") for line in lines)
    assert any(line.startswith("calibration: temperature (30 independent") for line in lines)
    assert not (tmp_path / "run").exists()


def test_images_labels_and_folds_are_stored(study):
    folder, _, _ = study
    rows = read(folder / "run" / "dataset.csv")
    assert [row["target"] for row in rows] == [
        "|".join(sorted(labels_of(number))) for number in range(N_IMAGES)
    ]
    for repeat in range(2):
        folds = np.array([int(row[f"fold_of_repeat_{repeat}"]) for row in rows])
        for fold in range(5):
            tested = [labels_of(i) for i in np.flatnonzero(folds == fold)]
            counts = [sum(name in here for here in tested) for name in NAMES]
            # Even shares are 6, 4 and 2.4 of 12.
            assert np.all(np.abs(np.array(counts) - [6, 4, 2.4]) < 2)
    again = load_config(folder / "run" / "config.yaml")
    assert again.validation.metric == "f1_macro"
    assert again.bundle.calibration == "temperature"


def test_scores_are_those_of_the_stored_predictions(study):
    from sklearn.metrics import f1_score, hamming_loss

    folder, result, _ = study
    with h5py.File(folder / "run" / "out_of_fold.h5") as file:
        names = [name.decode() for name in file["class_names"]]
        labels, folds = file["labels"][:], file["fold"][:]
        tables = {one.attrs["estimator"]: one[:] for one in file["candidates"].values()}
    assert names == sorted(NAMES)
    assert labels.tolist() == [[int(HAS[name](i)) for name in names] for i in range(N_IMAGES)]
    assert set(tables) == {"svm", "lda(multilabel=chain)", "dummy"}
    rows = read(folder / "run" / "scores.csv")
    judged = {row["metric"] for row in rows}
    assert {"f1_macro", "hamming_loss", "subset_accuracy", "roc_auc"} <= judged
    assert "accuracy" not in judged
    for row in rows:
        if row["metric"] not in ("f1_macro", "hamming_loss"):
            continue
        repeat, fold = int(row["repeat"]), int(row["fold"])
        tested = folds[repeat] == fold
        said = tables[row["estimator"]][repeat][tested] > 0.5
        expected = (
            hamming_loss(labels[tested], said)
            if row["metric"] == "hamming_loss"
            else f1_score(labels[tested], said, average="macro", zero_division=np.nan)
        )
        assert float(row["score"]) == pytest.approx(expected, abs=1e-12)
    # The dummy gives every label its share: none is said, as none is on more than half.
    assert (tables["dummy"] <= 0.6).all()
    assert result.verdict.honest_score.metric == "f1_macro"


def test_the_verdict_is_in_words_of_labels(study):
    folder, result, _ = study
    words = " ".join(result.summary.split())
    assert "(f1 macro in cross-validation" in words
    assert "At best, giving all images the same labels scores 0." in words
    assert (
        "What went in: 60 images (effusion 20, mass 12, nodule 30; several labels an image)"
    ) in words
    assert "it gave its answers, whether an image has a label or not," in words
    assert "calibration (temperature) was tried" in words or "Calibration changes no" in words
    table = result.summary[result.summary.index("Label by label:") :].splitlines()
    assert table[1].split() == ["label", "images", "recall", "precision", "F1", "ROC", "AUC"]
    assert [line.split()[:2] for line in table[2:5]] == [
        ["effusion", "20"],
        ["mass", "12"],
        ["nodule", "30"],
    ]
    verdict = json.loads((folder / "run" / "study.json").read_text())
    # By hand: F1 of all yes is 2s / (1 + s): 1/2, 1/3 and 2/3 for the shares 1/3, 1/5, 1/2.
    assert verdict["honest_score"]["chance"] == pytest.approx((1 / 2 + 1 / 3 + 2 / 3) / 3)
    assert verdict["honest_score"]["value"] > 0.6  # They are easy to see.
    rows = read(folder / "run" / "per_class.csv")
    assert {row["metric"] for row in rows} == {
        *("precision", "recall", "f1", "roc_auc", "average_precision")
    }
    card = (folder / "run" / "model" / "card.md").read_text()
    assert "## Labels\n\n- effusion: 20 images\n" in card
    assert "| label | images | recall |" in card


def test_the_model_predicts_labels_as_the_table_has_them(study, tmp_path, capsys):
    folder, _, _ = study
    output = tmp_path / "predictions.csv"
    code = main(
        ["predict", str(folder / "run"), str(folder / "chest"), "-o", str(output), "--jobs", "1"]
    )
    assert code == 0
    rows = read(output)
    assert list(rows[0]) == [
        *("path", "prediction", "probability_effusion", "probability_mass", "probability_nodule"),
        *("novelty", "quality", "error"),
    ]
    right = 0
    for number, row in enumerate(rows):
        said = [name for name in sorted(NAMES) if float(row[f"probability_{name}"]) > 0.5]
        assert row["prediction"] == (";".join(said) or "No Finding")
        right += said == sorted(labels_of(number))
    assert right > 40  # It was trained on them.
    none = sum(row["prediction"] == "No Finding" for row in rows)
    masses = sum("mass" in row["prediction"] for row in rows)
    said = capsys.readouterr().out
    assert f"mass {masses}, " in said
    assert f", none of these {none}" in said
    manifest = json.loads((folder / "run" / "model" / "manifest.json").read_text())
    assert manifest["format"] == 3
    assert manifest["labels"] == {"separator": ";", "none_label": "No Finding"}
    table = bioselect.load(folder / "run").predict(folder / "chest" / "00.png")
    assert table["prediction"].tolist() == [rows[0]["prediction"]]


def test_a_file_that_cannot_be_read_has_no_labels_and_says_why(study, tmp_path):
    folder, _, _ = study
    (tmp_path / "bad.png").write_bytes(b"")
    shutil.copy(folder / "chest" / "00.png", tmp_path / "good.png")
    output = tmp_path / "out.csv"
    assert (
        main(["predict", str(folder / "run"), str(tmp_path), "-o", str(output), "--jobs", "1"]) == 0
    )
    bad, good = read(output)
    assert bad["prediction"] == bad["probability_mass"] == ""
    assert "bad.png" in bad["path"]
    assert bad["error"]
    assert good["prediction"]


def test_evaluate_judges_the_labels(study, tmp_path):
    from sklearn.metrics import f1_score

    folder, _, _ = study
    said = evaluate(
        folder / "run",
        folder / "chest" / "labels.csv",
        tmp_path / "out",
        TableColumns("file", "findings", "patient"),
        jobs=1,
    )
    rows = {row["metric"]: row for row in read(tmp_path / "out" / "metrics.csv")}
    predictions = read(tmp_path / "out" / "predictions.csv")
    truth = [[int(HAS[name](i)) for name in sorted(NAMES)] for i in range(N_IMAGES)]
    found = [
        [int(float(row[f"probability_{name}"]) > 0.5) for name in sorted(NAMES)]
        for row in predictions
    ]
    expected = f1_score(truth, found, average="macro")
    assert float(rows["f1_macro"]["value"]) == pytest.approx(expected, abs=1e-12)
    assert "recall(positive=mass)" in rows
    assert predictions[1]["true"] == "No Finding"
    counts = {row["label"]: row for row in read(tmp_path / "out" / "confusion.csv")}
    n_found, n_missed = (int(counts["mass"][name]) for name in ("has_it_found", "has_it_missed"))
    assert n_found + n_missed == 12
    assert "60 of 60 images are the very files that this model was trained on" in said
    # The same from a column for each label.
    evaluate(
        folder / "run",
        folder / "chest" / "labels.csv",
        tmp_path / "two",
        TableColumns("file"),
        jobs=1,
    )
    again = {row["metric"]: row for row in read(tmp_path / "two" / "metrics.csv")}
    assert again["f1_macro"]["value"] == rows["f1_macro"]["value"]
    assert not (tmp_path / "two" / "groups.csv").exists()


def test_evaluate_wants_labels(study, tmp_path, drawn_images):
    folder, _, _ = study
    error = error_of(evaluate, folder / "run", drawn_images, tmp_path / "out")
    assert "must say which labels each image has" in error


def test_it_is_the_same_for_any_number_of_jobs_and_for_a_run_that_was_killed(study, tmp_path):
    folder, _, _ = study
    shutil.copytree(folder / "chest", tmp_path / "chest")
    path = written(tmp_path, SEPARATED)

    class Killed(Reporter):
        def say(self, text):
            if "judged" in text:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(path, jobs=2, reporter=Killed())
    reporter = Listening()
    run(path, jobs=2, reporter=reporter)
    assert any("are kept from before" in line for line in reporter.lines)
    first, second = (
        {
            file.relative_to(root).as_posix(): file.read_bytes()
            for file in root.rglob("*")
            if file.is_file() and file.name not in NEVER_THE_SAME and "features" not in file.parts
        }
        for root in (folder / "run", tmp_path / "run")
    )
    assert "model/estimator.skops" in first
    assert {name for name in first if first[name] != second.get(name)} == set()
    assert set(first) == set(second)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"classifiers": "{name: lda, params: {threshold: {sensitivity: 0.9, positive: mass}}}"},
            "threshold: must be a rule for every label, as an image of chest/labels.csv may have "
            "several. Got",
        ),
        (
            {"validation": ", metric: accuracy"},
            "several labels an image, which is what these have. Got accuracy, which is for one",
        ),
        (
            {"validation": ", metric: {name: recall, params: {positive: masses}}"},
            "Got 'masses'. Did you mean 'mass'?",
        ),
    ],
)
def test_what_does_not_go_with_labels_is_one_line(config, tmp_path, changes, words):
    path = config(**changes)
    text = error_of(check, path, jobs=1)
    assert words in text
    for key in ("networks", "classifiers"):
        if f"{key}: " in text:
            lines = path.read_text().splitlines()
            line = next(n for n, one in enumerate(lines, 1) if one.startswith(f"{key}:"))
            assert text.startswith(f"{path.name}:{line}: {key}: ")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"classifiers": "{name: lda, params: {multilabel: chain}}"},
            "lda(multilabel=chain): multilabel: is for images that may have several labels",
        ),
        (
            {"classifiers": "lda", "validation": ", metric: hamming_loss"},
            "must be one for one class an image, which is what these have. Got hamming_loss",
        ),
    ],
)
def test_what_is_for_labels_only_is_one_line_with_one_class_an_image(config, changes, words):
    assert words in error_of(check, config(target="nodule", **changes), jobs=1)


def test_search_chooses_inside_the_folds(config, tmp_path):
    searched = "{name: knn, search: {n_neighbors: [1, 15], multilabel: [binary_relevance, chain]}}"
    result = run(config(classifiers=searched), jobs=1)
    rows = read(tmp_path / "run" / "chosen.csv")
    assert {row["parameter"] for row in rows} == {"n_neighbors", "multilabel"}
    assert len(rows) == 2 * 10
    assert result.verdict.best.estimator == "knn(multilabel searched, n_neighbors searched)"
    assert (tmp_path / "run" / "model" / "manifest.json").exists()


def test_nested_groups_and_another_metric(config, tmp_path):
    path = config(
        dataset=", group: patient",
        classifiers="lda, {name: lda, params: {threshold: f1}}",
        validation=", honest: nested, folds: 3, metric: hamming_loss",
        more="statistics: {select: best}",
    )
    result = run(path, jobs=1)
    borders = [json.loads(row["value"]) for row in read(tmp_path / "run" / "chosen.csv")]
    with h5py.File(tmp_path / "run" / "out_of_fold.h5") as file:
        names = tuple(name.decode() for name in file["class_names"])
    assert {tuple(one) for one in borders} == {names}
    assert set(names) == set(NAMES)
    assert all(0 <= border <= 1 for one in borders for border in one.values())
    score = result.verdict.honest_score
    assert (score.metric, score.method) == ("hamming_loss", "nested")
    assert 0 <= score.ci_low <= score.value <= score.ci_high < score.chance
    # 30 + 20 + 12 of 180 answers are yes: to say no to all is wrong in so many.
    assert score.chance == pytest.approx(62 / 180)
    rows = read(tmp_path / "run" / "dataset.csv")
    folds = np.array([int(row["fold_of_repeat_0"]) for row in rows])
    assert np.array_equal(folds[::2], folds[1::2])  # Images 2i and 2i + 1 are of one patient.


def test_random_splits(config, tmp_path):
    path = config(validation=", splits: 4, test_size: 0.25, metric: roc_auc")
    path.write_text(path.read_text().replace("repeats: 2, ", ""))
    result = run(path, jobs=1)
    rows = read(tmp_path / "run" / "dataset.csv")
    splits = [name for name in rows[0] if name.startswith("split")]
    assert len(splits) == 4
    with h5py.File(tmp_path / "run" / "out_of_fold.h5") as file:
        folds, labels = file["fold"][:], file["labels"][:]
    for fold in folds:
        # A quarter of 60 images, of which 30, 20 and 12 have a label.
        assert abs((fold >= 0).sum() - 15) <= 1
        assert np.all(np.abs(labels[fold >= 0].sum(axis=0) - [7.5, 5, 3]) < 1)
    score = result.verdict.honest_score
    assert 0.5 == score.chance < score.ci_low <= score.value
    counts = {row["class"]: int(row["n_images"]) for row in read(tmp_path / "run/per_class.csv")}
    assert counts["mass"] == labels[(folds >= 0).any(axis=0)][:, 2].sum()
    assert "over 4 random splits" in " ".join(result.summary.split())


@pytest.mark.parametrize("split", ["[0.5, 0.25, 0.25]", "{column: part}"])
def test_one_split(config, tmp_path, split):
    table = tmp_path / "chest" / "labels.csv"
    path = config(validation=f", split: {split}")
    path.write_text(path.read_text().replace("repeats: 2, ", ""))
    rows = read(table)
    for number, row in enumerate(rows):
        # So that the parts hold the labels evenly: these repeat every 30 images.
        row["part"] = "train" if number < 30 else ("validation", "test")[number % 4 // 2]
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    result = run(path, jobs=1)
    score = result.verdict.honest_score
    assert score.method == "test part"
    assert score.ci_low <= score.value <= score.ci_high
    assert "on the test part" in result.summary
    assert (tmp_path / "run" / "model" / "manifest.json").exists()


def test_a_label_that_the_training_part_lacks_is_an_error(config, tmp_path):
    table = tmp_path / "chest" / "labels.csv"
    path = config(validation=", split: {column: part}")
    path.write_text(path.read_text().replace("repeats: 2, ", ""))
    rows = read(table)
    for number, row in enumerate(rows):
        row["part"] = ("test", "validation")[number % 2] if number % 5 == 0 else "train"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    error = error_of(check, path, jobs=1)
    assert "images with each label, and some without it, must be in the training part" in error
    assert "'mass' has no such two" in error


def test_an_ensemble_of_the_tied(config, tmp_path):
    path = config(
        classifiers="svm, knn, naive_bayes",
        more="ensemble: tied\nstatistics: {select: best}",
    )
    # With these folds the ensemble is the best, so that it is what is exported.
    path.write_text(path.read_text().replace("seed: 4", "seed: 5"))
    run(path, jobs=1)
    study = json.loads((tmp_path / "run" / "study.json").read_text())
    members = {member["estimator"] for member in study["ensemble"]["members"]}
    assert len(members) > 1
    with h5py.File(tmp_path / "run" / "out_of_fold.h5") as file:
        tables = {one.attrs["estimator"]: one[:] for one in file["candidates"].values()}
    mean = np.mean([tables[name] for name in sorted(members)], axis=0)
    np.testing.assert_allclose(tables["mean probability"], mean, atol=1e-12)
    assert study["exported"]["estimator"] == "mean probability"
    words = ["predict", tmp_path / "run", tmp_path / "chest", "-o", tmp_path / "p.csv"]
    assert main([*map(str, words), "--jobs", "1"]) == 0
    said = {row["prediction"] for row in read(tmp_path / "p.csv")}
    assert "nodule|mass" in said or "nodule|effusion" in said


def test_a_budget_ends_with_a_model(config, tmp_path):
    ticks = iter(np.arange(0.0, 1e6, 0.01))
    run(config(), jobs=1, budget="1s", clock=lambda: float(next(ticks)))
    assert (tmp_path / "run" / "model" / "manifest.json").exists()
    assert (tmp_path / "run" / "budget.json").exists()


def test_constant_labels_are_findings():
    from bioselect.data.records import ImageDataset, ImageRecord
    from bioselect.data.splitting import Fold, SplitPlan
    from bioselect.workflows.target_conflicts import constant_labels

    has = [("a", "b"), ("a",), ("a", "b"), ()]
    records = tuple(ImageRecord(f"{n}.png", None, labels) for n, labels in enumerate(has))
    dataset = ImageDataset("demo", None, records, ("a", "b"))
    folds = (
        Fold(0, 0, np.array([0, 1, 2]), np.array([3])),
        Fold(0, 1, np.array([1, 2, 3]), np.array([0])),
        Fold(0, 2, np.array([0, 2]), np.array([1, 3])),
    )
    (finding,) = constant_labels(dataset, SplitPlan(folds, 3, 1, 0, ""))
    # Of the first fold all training images have a; of the third all have both.
    assert "a (2 of 3), b (1 of 3). It cannot be learnt there" in finding.what


def test_copies_stay_together_and_contradictions_are_found(config, tmp_path):
    path = config(classifiers="lda")
    shutil.copy(tmp_path / "chest" / "01.png", tmp_path / "chest" / "30.png")
    run(path, jobs=1)
    found = read(tmp_path / "run" / "findings.csv")
    (finding,) = [row for row in found if row["image"] == "30.png"]
    assert finding["severity"] == "warning"
    assert "labels effusion|mass|nodule instead of none" in finding["what"]
    rows = {row["image_id"]: row for row in read(tmp_path / "run" / "dataset.csv")}
    for repeat in range(2):
        column = f"fold_of_repeat_{repeat}"
        assert rows["01.png"][column] == rows["30.png"][column]


def test_odd_labels_are_findings(config):
    lines = check(config("{column: findings, separator: ';'}"), jobs=1)
    assert "the label 'No Finding' looks as if" in lines


def test_rare_labels_stop_before_anything_is_written(config, tmp_path):
    table = tmp_path / "chest" / "labels.csv"
    path = config()
    rows = read(table)
    for number, row in enumerate(rows):
        row["mass"] = int(number in (3, 30, 40))
        row["nodule"] = 1
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    for function in (check, run):
        error = error_of(function, path, jobs=1)
        assert "all have label 'nodule', label 'mass' is present in 3." in error
    assert not (tmp_path / "run" / "dataset.csv").exists()


def test_a_label_that_only_left_out_images_have_is_still_a_label(config, tmp_path):
    path = config(dataset=", on_bad_image: exclude")
    for number in range(0, N_IMAGES, 5):
        (tmp_path / "chest" / f"{number:02d}.png").write_bytes(b"")
    with pytest.raises(DataError, match="label 'mass' is present in no image"):
        check(path, jobs=1)


def test_a_table_mistake_is_one_line_with_its_place(config, tmp_path, capsys):
    table = tmp_path / "chest" / "labels.csv"
    path = config()
    table.write_text(table.read_text().replace("02.png,p1,1,", "02.png,p1,yes,"))
    assert main(["check", str(path)]) == 1
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "labels.csv:4: column 'nodule' must hold 1" in line
    assert "Got 'yes'." in line


def test_views_of_images_with_several_labels(config, tmp_path, capsys):
    views = "[{name: views, params: {extractor: intensity, views: 2, at_prediction: true}}]"
    steps = "augmentation: [horizontal_flip, gaussian_noise]"
    result = run(config(classifiers="lda", extractors=views, more=steps), jobs=1)
    assert result.verdict.honest_score.value > 0.5
    table = tmp_path / "predictions.csv"
    model, images = str(result.folder / "model"), str(tmp_path / "chest")
    assert main(["predict", model, images, "-o", str(table)]) == 0
    rows = [row for row in read(table) if not row["error"]]
    for row in rows:
        # More probable than not, label by label: the sum over labels is nothing special.
        said = [
            name
            for name in ("nodule", "effusion", "mass")
            if float(row[f"probability_{name}"]) > 0.5
        ]
        assert row["prediction"] == "|".join(said)
    assert len({row["prediction"] for row in rows}) > 3
