import csv
import io
from pathlib import Path

import pytest

from bioselect.app.predictions import ModelFacts, PredictJob
from bioselect.app.refusal import RefusedError
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
