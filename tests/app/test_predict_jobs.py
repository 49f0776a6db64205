"""Jobs wait for one another, and neither a cancelled one nor a dead process holds up the next."""

from pathlib import Path

import pytest

from bioselect.app import predict_jobs
from bioselect.app.predict_jobs import PredictJobs
from bioselect.app.refusal import RefusedError
from bioselect.app.uploads import Item
from tests.app.played_child import PlayedChild

MODEL = {"classes": ["a", "b"], "labels": False, "number": None, "masks": False, "scores": {}}


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    monkeypatch.setattr(predict_jobs, "Child", PlayedChild)
    PlayedChild.made.clear()
    made = PredictJobs(tmp_path)
    made.open(Path("model"))
    PlayedChild.made[0].told(
        {"job": "model", "event": "model", "n_images": 9, **MODEL, "made_of": ""}
    )
    PlayedChild.made[0].told({"job": "model", "event": "done"})
    return made


def added(jobs, name, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    return jobs.add_upload([Item(f"{name}.png", folder / "received-0.png")], folder)


def finish(child, job):
    """Tell of one image, and that this was all."""
    told = {"place": 0, "path": str(job.paths[0]), "names": ["a"], "probabilities": [0.9, 0.1]}
    told |= {"interval": None, "error": "", "cells": ["a", "0.9", "0.1", ""], "has_picture": False}
    model = {"event": "model", "n_images": 9, **MODEL, "made_of": ""}
    for event in (model, {"event": "prediction", **told}, {"event": "done"}):
        child.told({"job": job.number, **event})


def test_one_job_goes_after_the_other_through_one_process(jobs, tmp_path):
    first, second = added(jobs, "one", tmp_path), added(jobs, "two", tmp_path)
    (child,) = PlayedChild.made
    assert [one["job"] for one in child.asked] == ["model", first.number]
    assert second.progress.state == "waiting"
    finish(child, first)
    assert child.asked[-1]["job"] == second.number
    finish(child, second)
    assert [(row.name, row.said) for row in second.rows] == [("two.png", "a")]
    assert (first.progress.state, second.progress.state) == ("done", "done")


def test_a_cancelled_job_takes_its_process_with_it_and_the_next_is_made(jobs, tmp_path):
    first, second = added(jobs, "one", tmp_path), added(jobs, "two", tmp_path)
    before = PlayedChild.made[0]
    jobs.cancel(first)
    assert before.killed
    before.ended("")
    before.told({"job": first.number, "event": "done"})
    assert first.progress.state == "stopped"
    finish(PlayedChild.made[1], second)
    assert second.progress.state == "done"


def test_a_job_that_waits_is_cancelled_without_harm_to_the_one_under_way(jobs, tmp_path):
    first, second = added(jobs, "one", tmp_path), added(jobs, "two", tmp_path)
    jobs.cancel(second)
    assert not PlayedChild.made[0].killed
    finish(PlayedChild.made[0], first)
    assert (first.progress.state, second.progress.state) == ("done", "stopped")
    assert len(PlayedChild.made[0].asked) == 2


def test_a_process_that_dies_is_told_and_the_next_job_is_made(jobs, tmp_path):
    first, second = added(jobs, "one", tmp_path), added(jobs, "two", tmp_path)
    PlayedChild.made[0].killed = True
    PlayedChild.made[0].ended("Segmentation fault")
    assert first.progress.state == "failed"
    assert "ended unexpectedly" in first.progress.error
    finish(PlayedChild.made[1], second)
    assert second.progress.state == "done"


def test_an_upload_without_images_is_done_at_once(jobs, tmp_path):
    job = jobs.add_upload([Item("notes.txt", None, "notes.txt: it is text.")], tmp_path)
    assert job.progress.state == "done"
    assert job.in_words() == "0 images predicted; 1 could not be used"
    assert "notes.txt: it is text." in job.table()


def test_a_number_is_told_with_the_interval_that_the_model_knows(jobs, tmp_path):
    job = added(jobs, "one", tmp_path)
    model = {
        "event": "model",
        "n_images": 9,
        **MODEL,
        "made_of": "",
        "number": "cells",
        "level": 0.9,
    }
    told = {"place": 0, "path": str(job.paths[0]), "names": [], "probabilities": None}
    told |= {"interval": [0.0597, 25.81], "error": "", "has_picture": False}
    child = PlayedChild.made[0]
    for event in (
        model,
        {"event": "prediction", **told, "cells": ["12.9412", "0.0597", "25.81", ""]},
    ):
        child.told({"job": job.number, **event})
    (row,) = job.rows
    assert (row.said, row.note) == ("12.94", "")
    assert row.detail == "The truth lies between 0.0597 and 25.8 in 90 % of images."
    with pytest.raises(RefusedError, match="must be a number"):
        job.correct(0, "many")
    job.correct(0, "13")
    assert job.rows[0].correction == "13"


def test_several_classes_are_told_in_place_of_doubts_in_the_probabilities(jobs, tmp_path):
    job = added(jobs, "one", tmp_path)
    model = {"event": "model", "n_images": 9, **MODEL, "made_of": "", "level": 0.9}
    PlayedChild.made[0].told({"job": job.number, **model})
    classes = MODEL["classes"]
    sure, close = [0.9, *[0.1] * (len(classes) > 1)], [0.52, 0.48]
    for place, (probabilities, possible) in enumerate(
        [(sure, classes[:1]), (close, classes[:2]), (close, classes[:1])]
    ):
        told = {"place": place, "path": "a", "names": classes[:1], "interval": None, "error": ""}
        told |= {"probabilities": probabilities, "possible": possible, "has_picture": False}
        event = {"event": "prediction", **told, "cells": ["", ""]}
        PlayedChild.made[0].told({"job": job.number, **event})
    first, second = classes[:2]
    assert [row.note for row in job.rows] == [
        "",
        f"May be {first} or {second}: such a set holds the true class of 90 % of images.",
        f"Close: {first} or {second}.",
    ]


def test_a_model_that_was_being_opened_when_a_job_is_cancelled_is_opened_again(jobs, tmp_path):
    job = added(jobs, "one", tmp_path)
    jobs.open(Path("other"))
    jobs.cancel(job)
    assert PlayedChild.made[-1].asked == [{"do": "describe", "job": "model", "model": "other"}]
