"""Runs with a budget. The clock turns with the work that is done, so nothing depends on speed."""

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import h5py
import pytest

from bioselect.exceptions import BioselectError
from bioselect.selection.fold_costs import FoldCosts
from bioselect.selection.journal import Journal
from bioselect.workflows import budgeted_study, candidate_folds, extractor_study
from bioselect.workflows.check import check
from bioselect.workflows.run import run
from tests.workflows.test_run import Told, files_of

#: Two extractors with these and the dummy, 3 folds x 4 repeats.
CLASSIFIERS = "[lda, knn, naive_bayes]"
REPEATS = 4

OWN = '''
import os
import numpy as np
from sklearn.base import BaseEstimator
from sklearn.preprocessing import StandardScaler

class Mean:
    def transform(self, images):
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

class Learns(Mean):
    def learnt_step(self, seed):
        return StandardScaler()

class Raises:
    def transform(self, images):
        raise RuntimeError("the stain was not found")

class Tires(BaseEstimator):
    """Can be trained four times: on toy rows before the study, and on the folds of one repeat."""
    def fit(self, X, y):
        with open(os.path.join(os.path.dirname(__file__), "fits.txt"), "a") as file:
            file.write("x")
            if file.tell() > 4:
                raise RuntimeError("enough")
        self.classes_, self.X_, self.y_ = np.unique(y), X, y
        return self
    def predict(self, X):
        distances = ((X[:, None] - self.X_[None]) ** 2).sum(axis=2)
        return self.y_[distances.argmin(axis=1)]
'''


class WorkClock:
    """A second passes for every fold of a candidate that is no baseline."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        self.of = {"dummy": 0.0}  # a fold of any other classifier takes 1 s
        monkeypatch.setattr(FoldCosts, "seconds", lambda costs, one, n: self.seconds(one))
        inner = candidate_folds.cross_validate

        def counted(*args, **kwargs):
            results = inner(*args, **kwargs)
            self.now += sum(self.seconds(one.candidate) for one in results)
            return results

        monkeypatch.setattr(candidate_folds, "cross_validate", counted)

    def __call__(self):
        return self.now

    def seconds(self, candidate):
        return self.of.get(candidate.estimator.name, 1.0)


class Late:
    """A clock that jumps whenever somebody looks; mostly so far that time has run out."""

    def __init__(self, step=1000.0):
        self.now, self.step = 0.0, step

    def __call__(self):
        self.now += self.step
        return self.now


@pytest.fixture
def clock(monkeypatch):
    return WorkClock(monkeypatch)


@pytest.fixture
def config(write_config):
    return written(write_config)


def written(write_config, extractors="[intensity, lbp]", classifiers=CLASSIFIERS, **more):
    path = write_config(extractors=extractors, classifiers=classifiers, **more)
    path.write_text(path.read_text().replace("repeats: 2", f"repeats: {REPEATS}"))
    return path


def read(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def by_role(folder):
    rows = {}
    for row in read(folder / "ranking.csv"):
        rows.setdefault(row["role"] if not row["rank"] else "ranked", []).append(row)
    return rows


@pytest.fixture
def halved(config, tmp_path, clock):
    """Return a folder in which 6 combinations had to share 60 s; all folds take 72."""
    run(config, jobs=1, budget="60s", clock=clock)
    return tmp_path / "run"


def test_survivors_have_all_folds_and_the_others_whole_repeats(halved):
    rows = by_role(halved)
    assert 1 <= len(rows["ranked"]) < 6
    assert len(rows["ranked"]) + len(rows["dropped (budget)"]) == 6
    assert {row["n_folds"] for row in rows["ranked"]} == {"12"}
    for row in rows["dropped (budget)"]:
        assert int(row["n_folds"]) in (0, 3, 6)
        assert row["mean"] == ""
        assert "to finish it would have taken about" in row["reason"]
    assert [row["n_folds"] for row in rows["baseline"]] == ["12", "12"]
    deciding = [r for r in read(halved / "scores.csv") if r["metric"] == "balanced_accuracy"]
    for row in [*rows["ranked"], *rows["dropped (budget)"]]:
        mine = [r for r in deciding if (r["extractor"], r["estimator"]) == tuple(key(row))]
        assert len(mine) == int(row["n_folds"])


def key(row):
    return row["extractor"], row["estimator"]


def test_the_better_go_on(halved):
    study = json.loads((halved / "study.json").read_text())
    rungs = [d for d in study["budget"]["decisions"] if d["stage"].startswith("after")]
    deciding = [r for r in read(halved / "scores.csv") if r["metric"] == "balanced_accuracy"]
    assert rungs[0]["stage"] == "after 1 of 4 repeats"
    means = {}
    for row in deciding:
        if row["repeat"] == "0" and row["estimator"] != "dummy":
            means.setdefault(" + ".join(key(row)), []).append(float(row["score"]))
    kept = [sum(means[label]) for label in rungs[0]["kept"]]
    lost = [sum(means[label]) for label in rungs[0]["dropped"]]
    assert min(kept) >= max(lost) - 1e-9


def test_predictions_of_the_dropped_are_kept_for_the_repeats_they_have(halved):
    n_folds = {key(row): int(row["n_folds"]) for row in read(halved / "ranking.csv")}
    with h5py.File(halved / "out_of_fold.h5") as file:
        for data in file["candidates"].values():
            assert len(data) == n_folds[data.attrs["extractor"], data.attrs["estimator"]] / 3
            assert not (data[:] != data[:]).any()


def test_quick_ones_are_finished_and_slow_ones_take_what_is_left(config, tmp_path, clock):
    # All 12 folds of a quick one take 1.2 s, of a slow one 60 s.
    clock.of |= {"lda": 5.0, "knn": 0.1, "naive_bayes": 0.1}
    told = Told()
    run(config, jobs=1, budget="60s", clock=clock, reporter=told)
    rows = by_role(tmp_path / "run")
    assert {row["estimator"] for row in rows["ranked"]} == {"knn", "naive_bayes"}
    assert len(rows["ranked"]) == 4
    # 54 s less 5.2 s for a fold of each classifier, and what is left of 4.8 s for the quick ones.
    assert [(row["n_folds"], row["reason"]) for row in rows["dropped (budget)"]] == [
        ("0", "all its folds would take about 1 min 0 s, and 44 s were left"),
        ("0", "all its folds would take about 55 s, and 44 s were left"),
    ]
    assert any("4 combinations are quick and get all folds at once" in one for one in told.lines)
    # Of 81 s 10 go so far, 25 for the first repeat of both, less the fold that is there, and 45
    # for the better one of them.
    clock.now = 0.0
    run(config, jobs=1, budget="100s", clock=clock, output=tmp_path / "more")
    rows = by_role(tmp_path / "more")
    assert len(rows["ranked"]) == 5
    (slow,) = rows["dropped (budget)"]
    assert (slow["estimator"], slow["n_folds"]) == ("lda", "3")
    assert "number 2 of 2" in slow["reason"]
    assert slow["reason"].endswith("left for it and the better one that goes on")


def test_time_that_is_left_at_the_end_is_used(config, tmp_path, clock, monkeypatch):
    # Estimates are ten times what the folds take in the end.
    inner = clock.seconds
    monkeypatch.setattr(FoldCosts, "seconds", lambda costs, one, n: 10.0 * inner(one))
    told = Told()
    run(config, jobs=1, budget="200s", clock=clock, reporter=told)
    rows = by_role(tmp_path / "run")
    # Two seem to fit into 180 s, in which their 24 folds take 24. Then there are 153 s for another
    # that seems to need 120, 141 and 129 for two more, and 117 for the last.
    assert (len(rows["ranked"]), len(rows["dropped (budget)"])) == (5, 1)
    assert sum("can be finished after all" in line for line in told.lines) == 3
    decisions = json.loads((tmp_path / "run" / "budget.json").read_text())["decisions"]
    n_kept = [len(one["kept"]) for one in decisions if one["stage"] == "time left at the end"]
    assert n_kept == [1, 1, 1, 0]
    first = files_of(tmp_path / "run")
    run(config, jobs=1, budget="200s", clock=Late())
    assert files_of(tmp_path / "run") == first


def test_where_features_took_all_the_time_a_few_are_tried_all_the_same(
    config, tmp_path, clock, monkeypatch
):
    inner = budgeted_study.compute_all_features

    def late(*given):
        inner(*given)
        clock.now += 95.0

    monkeypatch.setattr(budgeted_study, "compute_all_features", late)
    clock.of |= {"lda": 0.3, "knn": 0.1, "naive_bayes": 0.1}
    run(config, jobs=1, budget="100s", clock=clock)
    # A twentieth of the budget: half of 5 s for the quick ones, 0.42 s for each of the six at
    # first. All folds of the quickest take 1.2 s, so that none is quick; two go through the rungs.
    rows = by_role(tmp_path / "run")
    assert len(rows["ranked"]) + sum(row["n_folds"] != "0" for row in rows["dropped (budget)"]) >= 2


def test_a_second_run_decides_the_same_whatever_the_clock_says(halved, config):
    first = files_of(halved)
    told = Told()
    result = run(config, jobs=2, budget="60s", clock=Late(), reporter=told)
    assert files_of(halved) == first
    assert any("as decided before" in line for line in told.lines)
    assert "this run went by what an earlier one had decided" in result.summary


@pytest.mark.parametrize("n_puts", [1, 12, 25, 40, 50])
def test_after_a_kill_the_end_is_the_same(halved, config, tmp_path, clock, monkeypatch, n_puts):
    undisturbed = files_of(halved)
    shutil.rmtree(halved)
    puts = [0]
    inner = Journal.put

    def killing(*args):
        puts[0] += 1
        if puts[0] == n_puts:
            raise KeyboardInterrupt
        inner(*args)

    clock.now = 0.0
    monkeypatch.setattr(Journal, "put", killing)
    with pytest.raises(KeyboardInterrupt):
        run(config, jobs=1, budget="60s", clock=clock)
    clock.now = 7000.0  # Started again in the afternoon.
    run(config, jobs=1, budget="60s", clock=clock)
    assert files_of(halved) == undisturbed


def test_with_enough_time_all_is_as_without_a_budget(config, tmp_path, clock):
    run(config, jobs=1, output=tmp_path / "free", clock=clock)
    run(config, jobs=1, budget="1h", clock=clock)
    for name in ("scores.csv", "comparisons.csv", "out_of_fold.h5", "dataset.csv"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "free" / name).read_bytes()
    free, limited = (read(tmp_path / folder / "ranking.csv") for folder in ("free", "run"))
    assert [row["role"] for row in limited] == [row["role"] for row in free]
    assert "n_folds" not in free[0]
    free, limited = (
        json.loads((tmp_path / folder / "study.json").read_text()) for folder in ("free", "run")
    )
    assert "budget" not in free
    assert {**limited, "budget": None} == {**free, "budget": None}


def test_without_any_time_one_combination_gets_all_folds(config, tmp_path):
    result = run(config, jobs=1, budget="1s", clock=Late())
    rows = by_role(tmp_path / "run")
    (only,) = rows["ranked"]
    assert (only["role"], only["n_folds"]) == ("best", "12")
    assert len(rows["dropped (budget)"]) == 5 + 1  # and the baseline of the other extractor
    assert {row["n_folds"] for row in rows["dropped (budget)"]} == {"0"}
    assert len(rows["baseline"]) == 1
    assert "EXCEEDED by" in result.summary
    assert "the least that a study needs" in result.summary
    assert (tmp_path / "run" / "model" / "manifest.json").is_file()
    (features,) = (tmp_path / "run" / "features").glob("*.h5")
    assert features.name.startswith(only["extractor"])


def test_what_is_finished_costs_nothing(config, tmp_path, monkeypatch):
    run(config, jobs=1)
    monkeypatch.setattr(Journal, "put", lambda *args: pytest.fail("a fold was done again"))
    run(config, jobs=1, budget="1s", clock=Late())
    assert len(by_role(tmp_path / "run")["ranked"]) == 6


def test_another_budget_begins_anew_with_the_folds_that_are_there(
    halved, config, clock, monkeypatch
):
    n_dropped = len(by_role(halved)["dropped (budget)"])
    computed = []
    inner = Journal.put
    monkeypatch.setattr(Journal, "put", lambda *a: (computed.append(a[1]), inner(*a)))
    clock.now = 0.0
    run(config, jobs=1, budget="2h", clock=clock)
    assert len(by_role(halved)["ranked"]) == 6
    # 72 folds of learners in all, of which those of the halved study were there.
    assert 0 < len(computed) <= 12 * n_dropped
    assert json.loads((halved / "budget.json").read_text())["budget"] == "2h"


def test_a_run_without_a_budget_leaves_no_decisions_behind(halved, config):
    run(config, jobs=1)
    assert not (halved / "budget.json").exists()
    assert len(by_role(halved)["ranked"]) == 6


def test_fresh_decides_anew(halved, config, clock):
    clock.now = 0.0
    told = Told()
    run(config, jobs=1, budget="60s", clock=clock, fresh=True, reporter=told)
    assert not any("as decided before" in line for line in told.lines)


def test_the_budget_of_the_file_counts_and_is_written_out(write_config, tmp_path, clock):
    config = written(write_config, rest="budget: 60s")
    run(config, jobs=1, clock=clock)
    assert "budget: 60s" in (tmp_path / "run" / "config.yaml").read_text()
    assert by_role(tmp_path / "run")["dropped (budget)"]
    clock.now = 0.0
    run(config, jobs=1, budget="1h", clock=clock)
    assert "budget: 1h" in (tmp_path / "run" / "config.yaml").read_text()
    assert "dropped (budget)" not in by_role(tmp_path / "run")


def test_check_says_what_the_budget_means(write_config, config):
    assert "budget" not in check(config, jobs=1)
    text = check(written(write_config, rest="budget: 20min"), jobs=1)
    assert "budget 20min: combinations that do not fit are dropped, with the reason" in text


def test_the_command_counts_its_own_start(config, monkeypatch):
    from bioselect.cli import main as command_line
    from bioselect.cli import run as command

    given = {}
    monkeypatch.setattr(
        "bioselect.workflows.run.run", lambda *_, **more: given.update(more) or Done
    )
    monkeypatch.setattr(command.time, "monotonic", lambda: 41.0)
    assert command_line.main(["run", str(config), "--budget", "1min"]) == 0
    assert given["began"] == 41.0


class Done:
    summary = ""


@pytest.fixture
def lab(tmp_path, request):
    name = "ownlab_" + request.node.name.split("[")[0]
    (tmp_path / f"{name}.py").write_text(OWN)
    return name


def test_where_the_last_one_fails_the_best_of_the_dropped_takes_its_place(
    write_config, tmp_path, lab, clock, monkeypatch
):
    monkeypatch.setattr(
        "bioselect.workflows.budgeted_study.ranked",
        lambda scores, metric: sorted(scores, key=lambda one: ":Tires" not in one.label),
    )
    config = written(write_config, "[intensity]", f'[lda, naive_bayes, "{lab}:Tires"]')
    # Of 21.6 s, 3 go for a fold of each and 9 for the first repeat: 9.6 are left for the other 9
    # folds of one.
    result = run(config, jobs=1, budget="24s", clock=clock)
    rows = by_role(tmp_path / "run")
    assert [row["n_folds"] for row in rows["ranked"]] == ["12"]
    assert [row["estimator"] for row in rows["failed"]] == [f"{lab}:Tires"]
    assert "enough" in rows["failed"][0]["reason"]
    assert rows["failed"][0]["n_folds"] == "12"  # It came through the first rung, of 3 folds.
    assert len(rows["dropped (budget)"]) == 1
    assert "Model:" in result.summary


def test_where_the_cheapest_extractor_fails_another_is_computed(write_config, tmp_path, lab):
    config = written(write_config, f'["{lab}:Raises", intensity]', "[lda]")
    # Neither was timed, so the one that declares its cost came first.
    run(config, jobs=1, budget="1s", clock=Late())
    assert by_role(tmp_path / "run")["ranked"][0]["extractor"] == "intensity"
    config = written(write_config, f'["{lab}:Raises", "{lab}:Mean"]', "[lda]", output="other")
    run(config, jobs=1, budget="1s", clock=Late())
    rows = by_role(tmp_path / "other")
    assert rows["ranked"][0]["extractor"] == f"{lab}:Mean"
    assert {row["extractor"] for row in rows["failed"]} == {f"{lab}:Raises"}


def test_where_everything_fails_the_reasons_are_told(write_config, lab):
    config = written(write_config, f'["{lab}:Raises"]', "[lda]")
    with pytest.raises(BioselectError, match="the stain was not found"):
        run(config, jobs=1, budget="1s", clock=Late())


def test_a_baseline_goes_with_an_extractor_that_has_to_learn(write_config, tmp_path, lab, clock):
    config = written(write_config, f'[intensity, "{lab}:Learns"]', "[lda]")
    run(config, jobs=1, budget="1h", clock=clock)
    assert len(by_role(tmp_path / "run")["baseline"]) == 2
    (tmp_path / "run" / ".journal").unlink()
    run(config, jobs=1, budget="1s", clock=Late())
    rows = by_role(tmp_path / "run")
    assert [row["extractor"] for row in rows["ranked"]] == ["intensity"]
    assert [row["extractor"] for row in rows["baseline"]] == ["intensity"]
    dropped = {row["estimator"]: row["reason"] for row in rows["dropped (budget)"]}
    assert dropped["dummy"] == "no combination of its extractor got all folds"


def test_the_time_needed_is_told_before_the_work_also_without_a_budget(
    write_config, tmp_path, monkeypatch
):
    monkeypatch.setattr("bioselect.workflows.run.MIN_IMAGES_TIMED", 1)
    told = Told()
    run(write_config(), jobs=1, reporter=told, clock=Late(step=2.0))
    (place,) = (n for n, line in enumerate(told.lines) if line.startswith("time needed: about"))
    assert place < next(n for n, line in enumerate(told.lines) if "judged" in line)
    told = Told()
    run(write_config(), jobs=1, reporter=told, clock=Late(step=2.0))
    assert not any(line.startswith("time needed") for line in told.lines)


def test_an_extractor_that_fails_between_two_stages_stops_none_of_the_others(
    config, tmp_path, clock, monkeypatch
):
    n_asked = Counter()
    inner = extractor_study.features_of

    def tiring(usable, *given):
        n_asked[usable.spec.label] += 1
        if usable.spec.label == "lbp" and n_asked["lbp"] > 1:
            raise RuntimeError("its file of features is gone")
        return inner(usable, *given)

    monkeypatch.setattr(extractor_study, "features_of", tiring)
    run(config, jobs=1, budget="1h", clock=clock)
    rows = by_role(tmp_path / "run")
    assert {(row["extractor"], row["n_folds"]) for row in rows["ranked"]} == {("intensity", "12")}
    failed = [row for row in rows["failed"] if row["estimator"] != "dummy"]
    assert {row["extractor"] for row in failed} == {"lbp"}
    assert len(failed) == 3
    assert all("its file of features is gone" in row["reason"] for row in failed)
