"""The main job on small drawn images: products, repetition, number of jobs, failures."""

import csv
import json
import re
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import bioselect
from bioselect.exceptions import BioselectError, DataError, StorageError, UnavailableError
from bioselect.progress import Reporter
from bioselect.run_folder import (
    DESCRIPTIVE_COLUMNS,
    PER_CLASS_COLUMNS,
    RANKING_COLUMNS,
    SCORE_COLUMNS,
)
from bioselect.workflows.check import check
from bioselect.workflows.run import run

IDENTICAL = (
    "config.yaml",
    "dataset.csv",
    "findings.csv",
    "scores.csv",
    "ranking.csv",
    "comparisons.csv",
    "per_class.csv",
    "descriptive.csv",
    "study.json",
    "out_of_fold.h5",
)

OWN_MODULE = '''
import os
import warnings
from pathlib import Path
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neighbors import KNeighborsClassifier

class Mean:
    """The mean of each channel."""
    def transform(self, images):
        with open(Path(__file__).parent / "calls.txt", "a") as file:
            file.write("x" * len(images))
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

class Raises:
    def transform(self, images):
        raise RuntimeError("the stain was not found")

class Constant(BaseEstimator):
    """Says the same of every image, and keeps a mark."""
    mark = 1.0
    def fit(self, X, y):
        self.classes_, self.mark_ = np.unique(y), self.mark
        warnings.warn("nothing is learnt here")
        return self
    def predict(self, X):
        return np.zeros(len(X), dtype=int)

class Unwritable(Constant):
    def fit(self, X, y):
        self.kept_ = Path("a")
        return super().fit(X, y)

class UnwritableInTheEnd(Constant):
    def fit(self, X, y):
        if X.shape[1] > 4:
            self.kept_ = Path("a")
        return super().fit(X, y)

class Neighbours(KNeighborsClassifier):
    pass

class NeedsManyRows(Constant):
    def fit(self, X, y):
        if len(y) < 20:
            raise ValueError("too few\\nrows")
        return super().fit(X, y)

class BreaksOnClassOne(Constant):
    def predict_proba(self, X):
        raise RuntimeError("no neighbours today")
'''


class Told(Reporter):
    """Keeps what it is told."""

    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)


def read(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def files_of(folder):
    """Return the bytes of every product that must be the same, features and model included."""
    names = [folder / name for name in IDENTICAL]
    names += sorted(p for p in (folder / "model").rglob("*") if p.is_file())
    names += sorted((folder / "features").glob("*.h5"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in names}


@pytest.fixture
def lab(tmp_path, request):
    """Write somebody's own module beside the configuration; return its name."""
    name = f"lab_{request.node.name}"
    (tmp_path / f"{name}.py").write_text(OWN_MODULE)
    return name


@pytest.fixture(scope="module")
def finished(tmp_path_factory, drawn_images):
    """Return the folder of one finished run with two extractors and two classifiers."""
    folder = tmp_path_factory.mktemp("finished")
    config = folder / "config.yaml"
    config.write_text(
        f"dataset: {{path: {drawn_images.as_posix()}}}\n"
        "extractors: [intensity, lbp]\nclassifiers: [lda, knn]\n"
        "validation: {folds: 3, repeats: 2}\noutput: run\n"
    )
    run(config, jobs=1)
    return folder / "run"


def test_scores_hold_every_combination_fold_and_metric(finished):
    rows = read(finished / "scores.csv")
    assert tuple(rows[0]) == SCORE_COLUMNS
    metrics = {row["metric"] for row in rows}
    # 2 extractors x (2 classifiers + the dummy) x 3 folds x 2 repeats = 36 for each metric
    assert len(rows) == 36 * len(metrics)
    assert {"balanced_accuracy", "roc_auc", "log_loss"} <= metrics
    assert {row["estimator"] for row in rows} == {"lda", "knn", "dummy"}


def test_scores_are_those_of_the_out_of_fold_predictions(finished):
    import h5py
    from sklearn.metrics import balanced_accuracy_score

    rows = [r for r in read(finished / "scores.csv") if r["metric"] == "balanced_accuracy"]
    with h5py.File(finished / "out_of_fold.h5") as file:
        truth, folds = file["class_index"][:], file["fold"][:]
        for item in file["candidates"].values():
            for repeat in range(2):
                for fold in range(3):
                    test = folds[repeat] == fold
                    predicted = item[repeat][test].argmax(axis=1)
                    expected = balanced_accuracy_score(truth[test], predicted)
                    (row,) = (
                        r
                        for r in rows
                        if (r["extractor"], r["estimator"], r["repeat"], r["fold"])
                        == (
                            item.attrs["extractor"],
                            item.attrs["estimator"],
                            str(repeat),
                            str(fold),
                        )
                    )
                    assert float(row["score"]) == pytest.approx(expected, abs=1e-12)


def test_ranking_has_the_columns_of_the_design_and_one_recommended(finished):
    rows = read(finished / "ranking.csv")
    assert tuple(rows[0]) == RANKING_COLUMNS
    assert len(rows) == 6
    means = [float(row["mean"]) for row in rows if row["role"] not in ("baseline", "failed")]
    assert means == sorted(means, reverse=True)
    assert sum(row["role"] == "baseline" for row in rows) == 2
    study = json.loads((finished / "study.json").read_text())
    assert study["best"]["estimator"] in {"lda", "knn"}
    assert study["honest_score"]["metric"] == "balanced_accuracy"


def test_scores_of_each_class_are_those_of_the_out_of_fold_predictions(finished):
    import h5py
    from sklearn.metrics import precision_recall_fscore_support

    rows = read(finished / "per_class.csv")
    assert tuple(rows[0]) == PER_CLASS_COLUMNS
    # 2 extractors x 3 estimators x 3 classes x 3 metrics
    assert len(rows) == 54
    assert {row["n_images"] for row in rows} == {"12"}
    got = {
        (row["extractor"], row["estimator"], row["metric"], row["class"]): float(row["mean"])
        for row in rows
    }
    with h5py.File(finished / "out_of_fold.h5") as file:
        truth, names = file["class_index"][:], file["class_names"].asstr()[:]
        for item in file["candidates"].values():
            of_repeats = [
                precision_recall_fscore_support(truth, table.argmax(axis=1), zero_division=0)[:3]
                for table in item
            ]
            for metric, values in zip(
                ("precision", "recall", "f1"), np.mean(of_repeats, axis=0), strict=True
            ):
                for name, value in zip(names, values, strict=True):
                    key = (item.attrs["extractor"], item.attrs["estimator"], metric, name)
                    assert got[key] == pytest.approx(value)


def test_the_appendix_says_what_it_is(finished):
    rows = read(finished / "descriptive.csv")
    assert tuple(rows[0]) == DESCRIPTIVE_COLUMNS
    assert {row["family"] for row in rows} == {"intensity", "lbp", "winners"}
    assert all(row["note"].startswith("descriptive: folds are not") for row in rows)


def test_card_has_a_table_of_classes(finished):
    card = (finished / "model" / "card.md").read_text()
    assert "| class | images | recall | precision | F1 | most often taken for |" in card
    assert re.search(r"^[|] bars [|] 12 [|] \d\.\d\d [|]", card, re.MULTILINE)


def test_dataset_table_says_where_each_image_was_tested(finished):
    rows = read(finished / "dataset.csv")
    assert len(rows) == 36
    for repeat in range(2):
        per_fold = pd.Series([row[f"fold_of_repeat_{repeat}"] for row in rows]).value_counts()
        assert sorted(per_fold) == [12, 12, 12]


def test_model_predicts_the_images_it_was_trained_on(finished, drawn_images):
    table = bioselect.load(finished / "model").predict([drawn_images])
    assert len(table) == 36
    truth = [Path(path).parent.name for path in table["path"]]
    # Chance is 1/3; the patterns are drawn to be told apart well.
    assert np.mean(table["prediction"] == truth) > 0.8
    assert table.filter(like="probability_").sum(axis=1).to_numpy() == pytest.approx(1.0)


def test_second_run_computes_nothing_again(write_config, tmp_path, lab):
    config = write_config(extractors=f'["{lab}:Mean", intensity]')
    first = run(config, jobs=1)
    calls = (tmp_path / "calls.txt").read_text()
    before = files_of(first.folder) | {"timings": (first.folder / "timings.csv").read_bytes()}
    run(config, jobs=1)
    assert (tmp_path / "calls.txt").read_text() == calls
    # The timings are those of the first run to the last digit: no fold was fitted again.
    after = files_of(first.folder) | {"timings": (first.folder / "timings.csv").read_bytes()}
    assert after == before


def test_changed_parameter_recomputes_only_its_extractor(write_config, tmp_path, lab):
    run(write_config(extractors=f'["{lab}:Mean", {{name: lbp, params: {{radii: [1]}}}}]'), jobs=1)
    calls = (tmp_path / "calls.txt").read_text()
    timings = read(tmp_path / "run" / "timings.csv")
    run(write_config(extractors=f'["{lab}:Mean", {{name: lbp, params: {{radii: [2]}}}}]'), jobs=1)
    assert (tmp_path / "calls.txt").read_text() == calls
    again = read(tmp_path / "run" / "timings.csv")
    own = [row for row in timings if row["extractor"] == f"{lab}:Mean"]
    assert own == [row for row in again if row["extractor"] == f"{lab}:Mean"]
    others = [row for row in timings if row["extractor"] != f"{lab}:Mean"]
    assert others != [row for row in again if row["extractor"] != f"{lab}:Mean"]


def test_one_and_two_jobs_give_the_same_bytes(write_config, tmp_path, several_threads):
    forest = "{name: random_forest, params: {n_estimators: 20}}"
    config = write_config(classifiers=f"[logistic_regression, svm, {forest}, mlp]")
    one = run(config, output=tmp_path / "one", jobs=1).folder
    two = run(config, output=tmp_path / "two", jobs=2).folder
    assert files_of(one).keys() == files_of(two).keys()
    different = [n for n, data in files_of(one).items() if files_of(two)[n] != data]
    # The written configuration names its own output folder.
    assert set(different) <= {"config.yaml"}


SEARCHING = "[{name: knn, search: {n_neighbors: [1, 3], weights: [uniform, distance]}}, lda]"


def test_what_a_search_chose_in_each_fold_is_a_table(write_config, tmp_path):
    config = write_config(extractors="[intensity]", classifiers=SEARCHING)
    folder = run(config, output=tmp_path / "one", jobs=1).folder
    rows = read(folder / "chosen.csv")
    assert tuple(rows[0]) == ("extractor", "estimator", "repeat", "fold", "parameter", "value")
    label = "knn(n_neighbors searched, weights searched)"
    assert {(row["extractor"], row["estimator"]) for row in rows} == {("intensity", label)}
    # 2 repeats x 3 folds, the parameters in the order of their names; lda searches nothing.
    assert [(row["repeat"], row["fold"], row["parameter"]) for row in rows] == [
        (repeat, fold, parameter)
        for repeat in "01"
        for fold in "012"
        for parameter in ("n_neighbors", "weights")
    ]
    assert {row["value"] for row in rows if row["parameter"] == "n_neighbors"} <= {"1", "3"}
    assert {row["value"] for row in rows[1::2]} <= {"uniform", "distance"}
    again = run(config, output=tmp_path / "two", jobs=2).folder
    assert (again / "chosen.csv").read_bytes() == (folder / "chosen.csv").read_bytes()


def test_no_table_of_chosen_values_stays_where_nothing_is_searched(write_config, tmp_path):
    run(write_config(extractors="[intensity]", classifiers=SEARCHING), jobs=1)
    assert (tmp_path / "run" / "chosen.csv").exists()
    run(write_config(extractors="[intensity]", classifiers="[knn, lda]"), jobs=1)
    assert not (tmp_path / "run" / "chosen.csv").exists()


def test_failing_classifier_is_a_row_with_its_reason(write_config, tmp_path, lab):
    run(write_config(classifiers=f'[lda, "{lab}:BreaksOnClassOne"]'), jobs=1)
    rows = read(tmp_path / "run" / "scores.csv")
    failed = [row for row in rows if row["estimator"] == f"{lab}:BreaksOnClassOne"]
    assert failed
    assert all("no neighbours today" in row["error"] for row in failed)
    ranking = read(tmp_path / "run" / "ranking.csv")
    assert sum(row["role"] == "failed" for row in ranking) == 2


def test_failing_extractor_leaves_the_others(write_config, tmp_path, lab):
    result = run(write_config(extractors=f'["{lab}:Raises", intensity]'), jobs=1)
    ranking = read(tmp_path / "run" / "ranking.csv")
    assert {row["extractor"] for row in ranking if row["role"] == "failed"} == {f"{lab}:Raises"}
    assert "the stain was not found" in " ".join(result.summary.split())


def test_unreadable_image_stops_before_any_work(write_config, tmp_path, drawn_images):
    images = tmp_path / "images"
    shutil.copytree(drawn_images, images)
    (images / "dots" / "zz.png").write_bytes(b"")
    with pytest.raises(DataError, match=r"zz\.png"):
        run(write_config(path=images), jobs=1)
    assert not (tmp_path / "run" / "scores.csv").exists()


def test_unreadable_image_can_be_excluded_and_is_recorded(write_config, tmp_path, drawn_images):
    images = tmp_path / "images"
    shutil.copytree(drawn_images, images)
    (images / "dots" / "zz.png").write_bytes(b"")
    result = run(write_config(path=images, dataset="on_bad_image: exclude"), jobs=1)
    assert "Left out: 1 image that cannot be used (" in result.summary
    findings = read(tmp_path / "run" / "findings.csv")
    (bad,) = (row for row in findings if row["image"] == "dots/zz.png")
    # The same bytes wherever the images lie: the file is named as in the data set.
    assert bad["what"].startswith("dots/zz.png: ")
    assert len(read(tmp_path / "run" / "dataset.csv")) == 36


def test_missing_weights_stop_or_are_skipped_in_words(write_config, tmp_path):
    extractors = "[intensity, {name: vgg16, params: {weights: nowhere.h5}}]"
    with pytest.raises(UnavailableError, match=r"nowhere\.h5"):
        run(write_config(extractors=extractors), jobs=1)
    result = run(write_config(extractors=extractors, rest="on_unavailable: skip"), jobs=1)
    assert "Left out: vgg16(weights=nowhere.h5), which needs" in result.summary


def test_two_runs_cannot_write_into_one_folder(write_config, tmp_path):
    from bioselect.storage import exclusive_lock

    config = write_config()
    with (
        exclusive_lock(tmp_path / "run" / ".lock", "busy"),
        pytest.raises(StorageError, match="another run writes here"),
    ):
        run(config, jobs=1)


def test_run_folder_configuration_runs_again(finished, tmp_path):
    again = run(finished / "config.yaml", output=tmp_path / "again", jobs=1).folder
    assert (again / "ranking.csv").read_bytes() == (finished / "ranking.csv").read_bytes()


def test_groups_are_never_on_both_sides(write_config, tmp_path, drawn_images):
    result = run(write_config(dataset='group: {pattern: "(\\\\d)\\\\.png"}'), jobs=1)
    rows = read(tmp_path / "run" / "dataset.csv")
    assert {row["group"] for row in rows} == set("0123456789")
    for repeat in range(2):
        folds = {}
        for row in rows:
            folds.setdefault(row["group"], set()).add(row[f"fold_of_repeat_{repeat}"])
        assert all(len(values) == 1 for values in folds.values())
    compared = read(tmp_path / "run" / "comparisons.csv")
    assert all("approximate; tested over 10 groups" in row["words"] for row in compared)
    assert all(row["p_adjusted"] for row in compared if row["stage"] in "12")
    assert "differences were tested over 10 groups" in " ".join(result.summary.split())


def test_donors_in_the_file_names_that_nobody_declared_are_warned_of(
    write_config, tmp_path, drawn_images
):
    folder = tmp_path / "donors"
    for place, source in enumerate(sorted(drawn_images.glob("*/*.png"))):
        target = folder / source.parent.name / f"donor{place // 2:02d}_{place % 2}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    told = Told()
    config = write_config(path=folder, extractors="[intensity]", classifiers="[lda]")
    run(config, jobs=1, reporter=told)
    n_donors = len(list(drawn_images.glob("*/*.png"))) // 2
    warning = f"no group is declared, but the images look as if they were of {n_donors} patients"
    assert any(warning in line for line in told.lines)
    assert any(warning in row["what"] for row in read(tmp_path / "run" / "findings.csv"))


def test_an_edited_classifier_is_trained_again_even_if_it_scores_alike(write_config, tmp_path, lab):
    config = write_config(extractors="[intensity]", classifiers=f'["{lab}:Constant"]')
    run(config, jobs=1)
    before = (tmp_path / "run" / "model" / "manifest.json").read_bytes()
    module = tmp_path / f"{lab}.py"
    module.write_text(module.read_text().replace("mark = 1.0", "mark = 2.0"))
    sys.modules.pop(lab)
    run(config, jobs=1)
    assert (tmp_path / "run" / "model" / "manifest.json").read_bytes() != before


def test_a_model_of_an_earlier_study_does_not_stay_beside_new_tables(write_config, tmp_path, lab):
    run(write_config(extractors="[intensity]", classifiers="[lda]"), jobs=1)
    assert (tmp_path / "run" / "model").is_dir()
    told = Told()
    with pytest.raises(BioselectError, match="without pickle"):
        run(
            write_config(extractors="[intensity]", classifiers=f'["{lab}:UnwritableInTheEnd"]'),
            jobs=1,
            reporter=told,
        )
    assert not (tmp_path / "run" / "model").exists()
    assert "Unwritable" in (tmp_path / "run" / "ranking.csv").read_text()
    # What was found is told all the same, without a model that is not there.
    last = told.lines[-1]
    assert "Best combination: intensity" in last
    assert f"Tables and verdict: {tmp_path / 'run'}" in last
    assert "Model:" not in last
    assert last.splitlines()[0] in (tmp_path / "run" / "run.log").read_text()


@pytest.mark.parametrize("name", ["Unwritable", "Neighbours"])
def test_a_classifier_that_cannot_be_kept_stops_before_any_work(write_config, tmp_path, lab, name):
    config = write_config(extractors="[intensity]", classifiers=f'[lda, "{lab}:{name}"]')
    for job in (check, run):
        with pytest.raises(BioselectError, match=f":{name}.* without pickle") as raised:
            job(config, jobs=1)
        assert "\n" not in str(raised.value)
    assert not (tmp_path / "run" / "scores.csv").exists()


def test_a_classifier_that_needs_more_than_toy_rows_is_warned_of(write_config, lab):
    config = write_config(extractors="[intensity]", classifiers=f'["{lab}:NeedsManyRows"]')
    said = check(config, jobs=1)
    assert "cannot be trained on 18 toy rows of 4 features (ValueError: too few rows)" in said
    assert "Model:" in run(config, jobs=1).summary


def test_what_libraries_warn_of_and_the_summary_are_in_the_log(write_config, tmp_path, lab):
    result = run(write_config(extractors="[intensity]", classifiers=f'["{lab}:Constant"]'), jobs=1)
    log = (tmp_path / "run" / "run.log").read_text()
    assert f"intensity + {lab}:Constant: in 6 of 6 test rounds: UserWarning: nothing is" in log
    assert all(line in log for line in result.summary.splitlines())
