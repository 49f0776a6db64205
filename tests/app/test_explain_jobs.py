"""One image is explained at a time, by a process that may die."""

from pathlib import Path

import pytest

from bioselect.app import explain_jobs
from bioselect.app.explain_jobs import ExplainJobs
from bioselect.app.predictions import PredictJob, Row
from tests.app.played_child import PlayedChild


@pytest.fixture
def explaining(tmp_path, monkeypatch):
    monkeypatch.setattr(explain_jobs, "Child", PlayedChild)
    PlayedChild.made.clear()
    return ExplainJobs(tmp_path, lambda job: tmp_path / job.number)


def job_of(number):
    job = PredictJob(number, Path("model"), "title", Path("in"), [Path("in")], [], is_ours=False)
    job.rows = [
        Row(place, f"{place}.png", at=place, source=f"in/{place}.png") for place in range(3)
    ]
    return job


def tell(child, event, **values):
    child.told({"job": child.asked[-1]["job"], "event": event, **values})


def test_one_goes_after_the_other_and_the_latest_click_first(explaining):
    job = job_of("1")
    first, second, third = (explaining.ask(job, place) for place in range(3))
    (child,) = PlayedChild.made
    assert [(one["job"], one["at"]) for one in child.asked] == [("1/0", 0)]
    tell(child, "explanation", maps=[], near=[], note="")
    tell(child, "done")
    assert child.asked[-1]["source"] == "in/2.png"
    states = [one.progress.state for one in (first, second, third)]
    assert states == ["done", "waiting", "working"]
    assert explaining.ask(job, 0) is first
    assert len(child.asked) == 2


def test_a_model_that_cannot_be_explained_says_why(explaining):
    asked = explaining.ask(job_of("1"), 0)
    tell(PlayedChild.made[0], "failed", text="must be a model of images. Got one of a table.")
    assert (asked.progress.state, asked.progress.error) == (
        "failed",
        "must be a model of images. Got one of a table.",
    )


def test_a_process_that_dies_is_told_and_the_next_one_is_made(explaining):
    job = job_of("1")
    first, second = explaining.ask(job, 0), explaining.ask(job, 1)
    PlayedChild.made[0].killed = True
    PlayedChild.made[0].ended("Killed")
    assert "ended unexpectedly" in first.progress.error
    assert PlayedChild.made[1].asked[-1]["job"] == second.key
    again = explaining.ask(job, 0)
    assert (again.progress.state, again.progress.error) == ("waiting", "")


def test_what_is_said_of_a_removed_job_is_forgotten_and_stopped(explaining):
    job, other = job_of("1"), job_of("2")
    explaining.ask(job, 0)
    explaining.ask(job, 1)
    kept = explaining.ask(other, 0)
    explaining.forget(job)
    assert PlayedChild.made[0].killed
    assert [one["job"] for one in PlayedChild.made[1].asked] == [kept.key]
    with pytest.raises(explain_jobs.RefusedError, match="not explained yet"):
        explaining.found(job, 0)
