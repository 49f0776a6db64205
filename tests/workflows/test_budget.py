"""The record of decisions: read instead of the clock, and only for the same study."""

import json

import pytest

from bioselect.workflows.budget import RESERVED, Budget, Decision
from bioselect.workflows.budget_words import budget_in_words


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def begun(path, clock, duration="100s", key="a study"):
    budget = Budget(duration, path, clock)
    budget.begin(key)
    return budget


def keep(*kept, stage="extractors"):
    return lambda: Decision(stage, kept, {"other": "no time"})


def never():
    raise AssertionError("this was decided before")


def test_time_runs_from_the_beginning_and_something_is_kept_for_the_end(tmp_path, clock):
    clock.now = 1000.0
    budget = begun(tmp_path / "budget.json", clock)
    clock.now = 1030.0
    assert budget.used_seconds() == 30.0
    assert budget.seconds_left() == pytest.approx(100 * (1 - RESERVED) - 30)


def test_what_was_decided_is_not_decided_again(tmp_path, clock):
    path = tmp_path / "budget.json"
    first = begun(path, clock).decided("extractors", keep("hog"))
    clock.now = 5000.0
    again = begun(path, clock)
    assert again.decided("extractors", never) == first
    assert again.decided("combinations", keep("svm", stage="combinations")).kept == ("svm",)
    third = begun(path, clock)
    assert third.n_recorded == 2
    assert [third.decided(stage, never).kept for stage in ("extractors", "combinations")] == [
        ("hog",),
        ("svm",),
    ]


def test_a_decision_is_written_before_it_is_followed(tmp_path, clock):
    budget = begun(tmp_path / "budget.json", clock)
    clock.now = 12.0
    budget.decided("extractors", keep("hog"))
    written = json.loads((tmp_path / "budget.json").read_text())
    assert written["decisions"] == [
        {"stage": "extractors", "kept": ["hog"], "dropped": {"other": "no time"}, "too_slow": []}
    ]
    assert written["used_seconds"] == 12.0


def test_after_a_restart_the_clock_goes_on_from_the_last_decision(tmp_path, clock):
    path = tmp_path / "budget.json"
    budget = begun(path, clock)
    clock.now = 20.0
    budget.decided("extractors", keep("hog"))
    clock.now = 1000.0  # Killed, and started again; reading the images takes 15 s.
    again = begun(path, clock)
    clock.now = 1015.0
    again.decided("extractors", never)
    clock.now = 1020.0
    assert again.used_seconds() == 25.0


@pytest.mark.parametrize("changed", [{"key": "other"}, {"duration": "99s", "key": "a study, 99s"}])
def test_another_study_decides_anew(tmp_path, clock, changed):
    path = tmp_path / "budget.json"
    begun(path, clock).decided("extractors", keep("hog"))
    budget = begun(path, clock, **changed)
    assert budget.n_recorded == 0
    assert budget.decided("extractors", keep("lbp")).kept == ("lbp",)


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": 1, "study": "a study"}'])
def test_a_record_that_was_changed_by_hand_is_none(tmp_path, clock, text):
    path = tmp_path / "budget.json"
    path.write_text(text)
    assert begun(path, clock).decided("extractors", keep("lbp")).kept == ("lbp",)


def test_what_comes_after_another_decision_is_forgotten(tmp_path, clock):
    path = tmp_path / "budget.json"
    budget = begun(path, clock)
    budget.decided("a", keep("x", stage="a"))
    budget.decided("b", keep("y", stage="b"))
    again = begun(path, clock)
    again.decided("a", never)
    again.decided("c", keep("z", stage="c"))
    assert [one["stage"] for one in json.loads(path.read_text())["decisions"]] == ["a", "c"]


def test_the_end_says_how_the_budget_was_kept(tmp_path, clock):
    path = tmp_path / "budget.json"
    budget = begun(path, clock, duration="1s")
    budget.decided("extractors", keep("hog"))
    budget.decided("combinations", lambda: Decision("combinations", ("hog + lda",)))
    clock.now = 14.0
    assert budget_in_words(budget) == (
        "Budget 1s: EXCEEDED by 13 s (14 s were used); one combination on all folds is the least "
        "that a study needs."
    )
    again = begun(path, clock, duration="1s")
    again.decided("extractors", never)
    again.decided("combinations", never)
    assert budget_in_words(again) == (
        "Budget 1s: this run went by what an earlier one had decided (budget.json). `--fresh` "
        "decides anew, and repeats all folds."
    )
    assert budget_in_words(Budget(None, path, clock)) == ""


@pytest.mark.parametrize(
    ("extractors", "quick", "tried", "later"),
    [
        (["hog", "lbp", "haralick"], [], ["hog + lda"], []),
        (["hog"], ["hog + lda"], ["hog + mlp"], []),
        (["hog"], [], ["hog + lda"], ["hog + mlp"]),
    ],
)
def test_the_least_is_only_spoken_of_where_it_is_what_was_done(
    tmp_path, clock, extractors, quick, tried, later
):
    budget = begun(tmp_path / "budget.json", clock, duration="40s")
    stages = {
        "extractors": extractors,
        "quick combinations": quick,
        "combinations": tried,
        "time left at the end": later,
    }
    clock.now = 28.0
    for stage, kept in stages.items():
        budget.decided(stage, keep(*kept, stage=stage))
    clock.now = 45.0
    assert budget_in_words(budget) == (
        "Budget 40s: EXCEEDED by 5 s (45 s were used); times are estimated before the work: 12 s "
        "were left after the last decision, and what remained took 17 s."
    )
    late = begun(tmp_path / "late.json", clock, duration="40s")
    clock.now += 41.0
    late.decided("extractors", keep("hog", "lbp"))
    assert budget_in_words(late).endswith("it had run out before the last decision.")


def test_what_came_before_the_budget_was_looked_at_counts(tmp_path, clock):
    clock.now = 107.0  # The command began at 100; importing took 7 s.
    budget = Budget("60s", tmp_path / "budget.json", clock, began=100.0)
    clock.now = 110.0
    assert budget.used_seconds() == 10.0
    budget.begin("a study")
    budget.decided("extractors", keep("hog"))
    clock.now = 530.0
    again = Budget("60s", tmp_path / "budget.json", clock, began=500.0)
    again.begin("a study")
    again.decided("extractors", never)
    assert again.used_seconds() == 10.0  # To come there again is not charged twice.
