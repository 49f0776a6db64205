import csv
import io
from pathlib import Path

import pytest

from bioselect.app.predictions import ModelFacts, PredictJob
from bioselect.app.refusal import RefusedError
from bioselect.app.rendering import render
from bioselect.app.uploads import Item


@pytest.fixture
def job():
    made = PredictJob("1", Path("m"), "t", Path("f"), [], [Item("=1+1.png", None, "-no")], True)
    made.facts = ModelFacts((), False, "area", False, {}, None, "")
    return made


def test_the_table_holds_nothing_that_a_spreadsheet_would_run(job):
    (row,) = csv.DictReader(io.StringIO(job.table()))
    assert row["path"] == "'=1+1.png"
    assert row["error"] == "'-no"
    job.correct(0, "-2.5")
    (row,) = csv.DictReader(io.StringIO(job.table()))
    assert row["correction"] == "-2.5"


@pytest.mark.parametrize("given", ["nan", "inf", "much", "1,000,000"])
def test_a_correction_that_is_no_number_is_told_with_an_example(job, given):
    with pytest.raises(RefusedError, match=r"for example 3\.5"):
        job.correct(0, given)


def test_a_comma_may_stand_before_the_decimals(job):
    job.correct(0, "3,5")
    assert job.rows[0].correction == "3.5"


def test_an_image_unlike_the_training_is_said_to_be_on_its_card_and_in_the_summary(job):
    job.facts = ModelFacts(("a", "b"), False, None, False, {}, None, "")
    event = {
        "event": "prediction",
        "place": 0,
        "path": "f/x.png",
        "names": ["a"],
        "probabilities": [0.9, 0.1],
        "interval": None,
        "error": "",
        "cells": ["a", "0.9", "0.1", "2.345", "blurred", ""],
        "novelty": 2.345,
        "unlike": True,
        "quality": ["blurred", "size unlike training (9 x 9 px)"],
        "has_picture": True,
    }
    job.take(event, Path("pictures"))
    job.take({**event, "novelty": 0.4, "unlike": False, "quality": []}, Path("pictures"))
    assert "2 images predicted: 2 a; 1 unlike the training images" in job.in_words()
    cards = [render("parts/row.html", row=row, job=job) for row in job.rows[1:]]
    assert "(novelty 2.3, the border is 1): the model knows no such image." in cards[0]
    # No reader meets the class before he has read that.
    told = [
        "Unlike the training images</strong>",
        "Quality: blurred",
        '<p class="class little">The model would say: a</p>',
        '<table class="bars little">',
    ]
    places = [cards[0].index(one) for one in told]
    assert places == sorted(places)
    assert 'data-said="Unlike the training images, so this says little: a' in cards[0]
    assert '<p class="class">a</p>' in cards[1]
    assert "Quality: blurred; size unlike training (9 x 9 px)." in cards[0]
    assert "Unlike" not in cards[1]
    assert "Quality" not in cards[1]
