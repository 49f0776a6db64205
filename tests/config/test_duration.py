"""Durations as people write them, in the file and on the command line."""

import json
import re

import pytest

from bioselect.cli.main import main
from bioselect.config.duration import BUDGET_SCHEMA, seconds_of
from bioselect.config.loading import load_config


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("90s", 90),
        ("20min", 1200),
        ("1.5h", 5400),
        ("2 h", 7200),
        ("20 Minutes", 1200),
        (".5 h", 1800),
        (" 3m ", 180),
        ("1d", 86400),
        ("1h30min", 5400),
        ("1 h 30 min 5 s", 5405),
        ("1:30", 5400),
        ("0:00:45", 45),
    ],
)
def test_seconds(written, seconds):
    assert seconds_of(written) == seconds
    assert re.search(BUDGET_SCHEMA["anyOf"][1]["pattern"], written)


WRONG = ["20", "min", "1:60", "1h30", "30min1h", "1h1h", "-5min", "1,5h", "1e3s", "5 parsecs"]
WRONG += ["inf s", ""]


@pytest.mark.parametrize("written", WRONG)
def test_what_is_no_duration(written):
    with pytest.raises(ValueError, match=r"^must be a duration such as 90s, 20min or 1.5h. Got"):
        seconds_of(written)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("20", "budget: must be a duration such as 90s, 20min or 1.5h. Got 20. Write a number and"),
        ("soon", "budget: must be a duration such as 90s, 20min or 1.5h. Got 'soon'."),
        ("0 s", "budget: must be more than nothing. Got '0 s'. Leave it out for no limit."),
        ("-5min", "budget: must be a duration such as 90s, 20min or 1.5h. Got '-5min'. Write a"),
        ("[1h]", "budget: must be a duration"),
    ],
)
def test_mistakes_in_the_file_are_told_with_their_line(write_config, capsys, value, problem):
    config = write_config(rest=f"budget: {value}")
    assert main(["check", str(config)]) == 1
    line = config.read_text().splitlines().index(f"budget: {value}") + 1
    assert f"{config}:{line}: {problem}" in capsys.readouterr().err


def test_a_mistake_on_the_command_line_is_told_before_any_work(write_config, tmp_path, capsys):
    assert main(["run", str(write_config()), "--budget", "20"]) == 1
    error = capsys.readouterr().err
    assert error == (
        "error: budget: must be a duration such as 90s, 20min or 1.5h. Got '20'. Write a number "
        "and s, min, h or d.\n"
    )
    assert not (tmp_path / "run").exists()


def test_a_duration_of_more_digits_than_a_number_has_is_one_without_end():
    assert seconds_of("9" * 400 + ":30") == float("inf")


def test_a_minus_is_no_option(write_config, capsys):
    assert main(["run", str(write_config()), "--budget", "-5min"]) == 1
    assert "error: budget: must be a duration such as 90s, 20min or 1.5h. Got '-5min'." in (
        capsys.readouterr().err
    )


def test_the_key_is_read_and_may_be_left_out(write_config):
    assert load_config(write_config(rest="budget: 20min")).budget == "20min"
    assert load_config(write_config(rest="budget: 1:30")).budget == "1:30"
    assert load_config(write_config(rest="budget: null")).budget is None
    assert load_config(write_config()).budget is None


def test_it_is_in_the_schema(capsys):
    main(["schema"])
    described = json.loads(capsys.readouterr().out)["properties"]["budget"]
    assert described["anyOf"] == BUDGET_SCHEMA["anyOf"]
    assert "dropped" in described["description"]
