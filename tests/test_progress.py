import io
import os
import re

import pytest

from bioselect import progress
from bioselect.progress import PlainTask, Reporter, TerminalReporter, duration_in_words


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (95, "1 min 35 s"),
        (3599.4, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (7300, "2 h 2 min"),  # 121 min 40 s
        (7180, "2 h 0 min"),  # 119 min 40 s: never "1 h 60 min"
        (100_000, "27 h 47 min"),  # 27 h 46 min 40 s
    ],
)
def test_durations(seconds, words) -> None:
    assert duration_in_words(seconds) == words


def test_short_work_is_one_line(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "features of hog", 3)
    for _ in range(3):
        clock.now += 1
        task.advance()
    assert stream.getvalue() == "features of hog: 3 of 3, done in 3 s\n"


def test_long_work_says_every_ten_seconds_how_long_it_takes(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "features", 100)
    for _ in range(100):
        clock.now += 0.25
        task.advance()
    assert stream.getvalue().splitlines() == [
        # 40 steps took 10 s, so 60 take 15 s.
        "features: 40 of 100, about 15 s left",
        "features: 80 of 100, about 5 s left",
        "features: 100 of 100, done in 25 s",
    ]


def test_what_comes_before_the_first_step_is_not_taken_for_the_pace(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "features", 100)
    clock.now += 30  # Processes start, a network is loaded.
    task.advance()
    for _ in range(99):
        clock.now += 0.5
        task.advance()
    assert stream.getvalue().splitlines() == [
        "features: 1 of 100, time left not known yet",
        # 20 further steps took 10 s, so 79 take 39.5 s.
        "features: 21 of 100, about 40 s left",
        "features: 41 of 100, about 30 s left",
        "features: 61 of 100, about 20 s left",
        "features: 81 of 100, about 10 s left",
        "features: 100 of 100, done in 1 min 20 s",
    ]


def test_steps_found_done_are_not_taken_for_the_pace(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "testing", 100)
    task.advance(0)
    task.advance(80)
    for _ in range(10):
        clock.now += 1
        task.advance()
    # 10 steps took 10 s; the 80 that were there took none.
    assert stream.getvalue() == "testing: 90 of 100, about 10 s left\n"


def test_one_slow_step_does_not_make_a_pace(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "testing", 65)
    task.advance(5)
    clock.now += 25  # Something is learnt first.
    task.advance()
    clock.now += 15
    task.advance(39)
    assert stream.getvalue().splitlines() == [
        "testing: 6 of 65, time left not known yet",
        "testing: 45 of 65, about 20 s left",  # 40 steps took 40 s
    ]


def test_steps_may_come_in_batches_and_end_once(clock) -> None:
    stream = io.StringIO()
    task = PlainTask(stream, "images", 10)
    task.advance(10)
    task.advance(0)
    assert stream.getvalue() == "images: 10 of 10, done in 0 s\n"


@pytest.mark.parametrize("columns", [60, 80, 120, 200])
@pytest.mark.parametrize("description", ["short", "mobilenet_v2(layer=block_1), " * 12])
def test_count_and_time_left_are_seen_however_long_the_name(monkeypatch, columns, description):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()
    with TerminalReporter(stream).task(description, 10_000) as task:
        task.advance(9_999)
    last = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).strip().splitlines()[-1]
    assert len(last) <= columns
    assert re.search(r" +9999/10000 .*left: \S+$", last), last
    assert description[:5] in last
    assert "━" in last


def test_no_steps_say_nothing(clock) -> None:
    stream = io.StringIO()
    with TerminalReporter(stream).task("nothing", 0):
        pass
    assert stream.getvalue() == ""


def test_into_a_file_everything_is_plain() -> None:
    stream = io.StringIO()
    reporter = TerminalReporter(stream)
    reporter.say("begins")
    reporter.warn("odd")
    with reporter.task("work", 2) as task:
        task.advance()
        task.advance()
    assert stream.getvalue() == "begins\nwarning: odd\nwork: 2 of 2, done in 0 s\n"
    assert "\x1b" not in stream.getvalue()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_on_a_terminal_a_bar_is_drawn() -> None:
    stream = Terminal()
    with TerminalReporter(stream).task("work", 2) as task:
        task.advance()
        task.advance()
    assert "work" in stream.getvalue()
    assert "2/2" in stream.getvalue()


def test_a_message_during_a_bar_is_seen_whole() -> None:
    stream = Terminal()
    reporter = TerminalReporter(stream)
    with reporter.task("work", 2) as task:
        task.advance()
        reporter.warn("this must not be overwritten")
        task.advance()
    # On a line of its own: it begins where the bar's line was erased.
    assert re.search(r"\x1b\[2Kwarning: this must not be overwritten\n", stream.getvalue())


def test_after_a_bar_messages_are_plain_again() -> None:
    stream = Terminal()
    reporter = TerminalReporter(stream)
    with pytest.raises(ValueError, match="inside"), reporter.task("work", 2):
        raise ValueError("inside")
    reporter.say("after")
    assert stream.getvalue().endswith("after\n")


def test_a_bar_inside_a_bar() -> None:
    stream = Terminal()
    reporter = TerminalReporter(stream)
    with reporter.task("outer", 1) as outer:
        with reporter.task("inner", 1) as inner:
            inner.advance()
        outer.advance()
    assert "inner: 1 of 1, done in 0 s\n" in stream.getvalue()


def test_brackets_in_descriptions_are_no_markup() -> None:
    stream = Terminal()
    with TerminalReporter(stream).task("lbp(radii=[bold])", 1) as task:
        task.advance()
    assert "lbp(radii=[bold])" in stream.getvalue()


def test_the_silent_reporter_takes_everything() -> None:
    reporter = Reporter()
    reporter.say("a")
    reporter.warn("b")
    with reporter.task("c", 3) as task:
        task.advance()


@pytest.mark.skipif(os.name == "nt", reason="closes a pipe as POSIX systems do")
def test_work_goes_on_when_nobody_reads_any_more():
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        reporter = TerminalReporter(stream)
        reporter.say("into the void")
        with reporter.task("steps", 2) as task:
            task.advance(2)
