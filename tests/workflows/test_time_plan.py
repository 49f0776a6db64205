"""Which extractors fit, and what is told of the time needed: tables of seconds, no clock."""

import pytest

from bioselect.progress import SILENT
from bioselect.workflows.extractor_times import ExtractorTime
from bioselect.workflows.study_inputs import as_config, read_study_inputs
from bioselect.workflows.time_plan import (
    PROCESSES_START_SECONDS,
    choose_extractors,
    learners,
    processes_start_seconds,
    time_in_words,
)


def times(**seconds):
    return {name: ExtractorTime({name: value}) for name, value in seconds.items()}


@pytest.mark.parametrize(
    ("seconds", "testing", "left", "kept"),
    [
        # Half of the time is theirs when testing would take all of it.
        ({"hog": 10.0, "vgg16": 60.0, "lbp": 20.0}, 1000.0, 100.0, ("hog", "lbp")),
        # Testing takes 5 s only, so that features may have 95.
        ({"hog": 10.0, "vgg16": 60.0, "lbp": 20.0}, 5.0, 100.0, ("hog", "lbp", "vgg16")),
        # What is in the cache stays, however little time there is.
        ({"hog": 10.0, "vgg16": 0.0, "lbp": 0.0}, 5.0, -3.0, ("vgg16", "lbp")),
        # The quickest stays in any case.
        ({"hog": 10.0, "vgg16": 60.0}, 5.0, -3.0, ("hog",)),
        ({"hog": None, "lbp": None}, 5.0, -3.0, ("hog",)),
        # What nobody could time is not tried while there is something else.
        ({"hog": None, "lbp": 2.0}, 5.0, 100.0, ("lbp",)),
    ],
)
def test_the_quickest_that_fit_are_kept(seconds, testing, left, kept):
    decision = choose_extractors(times(**seconds), testing, left)
    assert decision.kept == kept
    assert set(decision.dropped) == set(seconds) - set(kept)
    assert all(decision.dropped.values())


def test_a_part_that_two_share_is_computed_once():
    shared = {
        "hog": ExtractorTime({"hog": 30.0}),
        "both": ExtractorTime({"hog": 30.0, "lbp": 15.0}),
    }
    assert choose_extractors(shared, 1000.0, 100.0).kept == ("hog", "both")  # 45 s of 50
    assert "about 45 s" in time_in_words(shared, testing=0.0)[0]


@pytest.mark.parametrize(("left", "kept"), [(-1.0, ("hog",)), (30.0, ("mobilenet",))])
def test_a_network_that_was_not_timed_is_not_the_least_there_is(left, kept):
    untimed = {
        "hog": ExtractorTime({"hog": None}),
        "mobilenet": ExtractorTime({"mobilenet": 12.0}, is_reckoned=True),
    }
    assert choose_extractors(untimed, 5.0, left).kept == kept


def test_processes_have_to_start(write_config, tmp_path):
    config = as_config(write_config(extractors="[intensity, lbp]"))
    inputs = read_study_inputs(config, tmp_path / "cache", 2, SILENT)
    some = times(intensity=0.0, lbp=1.0)
    assert processes_start_seconds(inputs, some) == PROCESSES_START_SECONDS
    assert processes_start_seconds(inputs, times(intensity=0.0, lbp=0.0)) == 0.0
    alone = read_study_inputs(config, tmp_path / "cache", 1, SILENT)
    assert processes_start_seconds(alone, some) == 0.0


def test_the_reasons_are_in_words():
    dropped = choose_extractors(times(hog=10.0, vgg16=250.0, own=None), 1000.0, 100.0).dropped
    assert dropped == {
        "vgg16": "its features would take about 4 min 10 s; there were 40 s left for them",
        "own": "there was no time left to find out how long its features take",
    }
    late = choose_extractors(times(hog=10.0, vgg16=250.0), 1000.0, -1.0).dropped
    assert late["vgg16"].endswith("there was no time left for them")


def test_what_is_not_known_makes_it_at_least():
    (line,) = time_in_words(times(hog=10.0, own=None), testing=20.0)
    assert line.startswith("time needed: at least 30 s: features 10 s (own not known, hog 10 s)")


def test_what_is_learnt_in_every_fold_is_said_to_come_on_top(write_config, tmp_path):
    config = as_config(write_config(extractors="[intensity, orb_bow]"))
    inputs = read_study_inputs(config, tmp_path / "cache", 1, SILENT)
    assert learners(inputs) == ["orb_bow"]
    (line,) = time_in_words(times(hog=10.0), testing=20.0, learning=["orb_bow"])
    assert line.startswith("time needed: at least 30 s")
    assert line.endswith("testing roughly 20 s, and what orb_bow must learn in every fold")
    assert "learn" not in time_in_words(times(hog=10.0), testing=0.0, learning=["orb_bow"])[0]
