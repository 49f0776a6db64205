"""A study goes from phase to phase; its process is played by a list of what it is asked."""

import pytest

from bioselect.app import study_jobs
from bioselect.app.refusal import RefusedError
from bioselect.app.study_jobs import Phase, StudyJobs, free_file
from tests.app.played_child import PlayedChild


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    monkeypatch.setattr(study_jobs, "Child", PlayedChild)
    PlayedChild.made = []
    (tmp_path / "root").mkdir()
    return StudyJobs(tmp_path, tmp_path / "root")


@pytest.fixture
def study(jobs, drawn_images):
    """Return a study that was looked at and checked."""
    text = (
        f"dataset: {{path: {drawn_images}}}\nextractors: [hog]\nclassifiers: [lda]\noutput: run\n"
    )
    made = jobs.look(drawn_images, jobs._root, {"image": None, "target": None, "group": None})
    looking = PlayedChild.made[-1]
    assert looking.asked[0]["do"] == "propose"
    proposal = {"text": text, "in_words": "", "kind": "classes", "classes": ["bars"]}
    looking.told({"event": "proposal", **proposal})
    looking.told({"event": "done"})
    assert made.phase == Phase.CHECKING
    looking.told({"event": "stopped"})  # A process that has ended says nothing of the next one.
    assert made.is_busy
    checking = PlayedChild.made[-1]
    checking.told({"event": "checked", "text": "warning: a\nThe configuration can be run."})
    checking.told({"event": "done"})
    assert (made.phase, made.is_busy, made.check_error) == (Phase.DRAFT, False, "")
    return made


def test_nothing_is_written_before_the_study_starts(jobs, study):
    assert list(jobs._root.iterdir()) == []
    jobs.start(study, study.text)
    assert study.file.read_text() == study.text
    assert PlayedChild.made[-1].asked[0] == {"job": "1", "do": "run", "config": str(study.file)}


def test_a_study_is_stopped_like_ctrl_c_and_goes_on(jobs, study):
    jobs.start(study, study.text)
    child = PlayedChild.made[-1]
    jobs.stop(study)
    assert child.interrupted
    child.told({"event": "stopped"})
    assert (study.phase, study.progress.state) == (Phase.RUNNING, "stopped")
    jobs.go_on(study)
    assert PlayedChild.made[-1].asked == child.asked
    PlayedChild.made[-1].told({"event": "result", "folder": "run", "summary": ""})
    PlayedChild.made[-1].told({"event": "done"})
    assert study.phase == Phase.FINISHED


def test_what_is_at_work_is_not_started_twice(jobs, study):
    jobs.start(study, study.text)
    for again in (jobs.go_on, jobs.edit, lambda one: jobs.start(one, one.text)):
        with pytest.raises(RefusedError, match="at work"):
            again(study)


@pytest.mark.parametrize("line", ["output: ../elsewhere", "output: run\ncache: /elsewhere"])
def test_results_outside_of_the_root_are_refused_and_nothing_is_written(jobs, study, line):
    with pytest.raises(RefusedError, match="must lie inside the folder"):
        jobs.start(study, study.text.replace("output: run", line))
    with pytest.raises(RefusedError, match="code of your own"):
        jobs.start(study, study.text + "modules: .\n")
    assert list(jobs._root.iterdir()) == []
    assert not study.is_busy


def test_a_process_that_dies_is_told(jobs, study):
    jobs.start(study, study.text)
    PlayedChild.made[-1].ended("Segmentation fault")
    assert study.progress.state == "failed"
    assert "ended unexpectedly" in study.progress.error
    jobs.go_on(study)
    assert study.is_busy


@pytest.mark.parametrize("code", [-9, -2])
def test_a_check_whose_process_dies_gives_the_configuration_back(jobs, study, code):
    jobs.check(study, study.text)
    PlayedChild.made[-1].process.returncode = code
    PlayedChild.made[-1].ended("")
    assert (study.phase, study.is_busy) == (Phase.DRAFT, False)
    assert ("try again" in study.check_error) == (code == -9)


def test_no_more_studies_are_at_work_than_a_machine_bears(jobs, study, drawn_images):
    columns = {"image": None, "target": None, "group": None}
    for _ in range(4):
        jobs.look(drawn_images, jobs._root, columns)
    with pytest.raises(RefusedError, match=r"4 studies are at work\. Wait"):
        jobs.look(drawn_images, jobs._root, columns)
    with pytest.raises(RefusedError, match="at work"):
        jobs.start(study, study.text)
    assert list(jobs._root.iterdir()) == []
    assert len(jobs.studies) == 5


def test_places_are_told_from_the_root_on(jobs, study):
    jobs.start(study, study.text)
    place = jobs._root / "cells" / "a.png"
    PlayedChild.made[-1].told({"event": "say", "text": f"{place}: it is damaged."})
    PlayedChild.made[-1].told({"event": "failed", "text": f"{place}: it is damaged."})
    assert study.progress.lines == [("say", "cells/a.png: it is damaged.")]
    assert study.progress.error == "cells/a.png: it is damaged."


def test_a_file_of_somebody_is_never_written_over(tmp_path):
    (tmp_path / "cells.yaml").write_text("mine")
    assert free_file(tmp_path, "cells").name == "cells_2.yaml"
