import warnings

import pytest

from bioselect.estimators import shared_parts
from bioselect.estimators.shared_parts import SharedParts


class Clock:
    """A clock on which only `slow` takes time, so that a busy machine changes nothing."""

    seconds = 0.0

    def perf_counter(self):
        return self.seconds


CLOCK = Clock()


@pytest.fixture(autouse=True)
def _only_slow_takes_time(monkeypatch):
    monkeypatch.setattr(shared_parts, "time", CLOCK)


def slow(value, seconds=0.02):
    def make():
        CLOCK.seconds += seconds
        return value

    return make


def test_each_part_is_made_once():
    parts, made = SharedParts(), []
    for _ in range(3):
        assert parts.get("a", lambda: made.append(1) or 7) == 7
    assert made == [1]


def test_who_gets_a_ready_part_is_told_what_it_saved():
    parts = SharedParts()
    with parts.billed(set()) as first:
        parts.get("a", slow(1))
    with parts.billed(set()) as second:
        parts.get("a", slow(1))
    with parts.billed(set()) as third:
        pass
    assert first.saved_seconds == 0
    assert second.saved_seconds == pytest.approx(0.02)
    assert third.saved_seconds == 0


def test_what_a_part_needs_is_counted_once_and_in_full():
    parts = SharedParts()
    parts.get("base", slow(1, 0.05))
    with parts.billed(set()) as first:
        parts.get("a", lambda: parts.get("base", slow(1)) + slow(1, 0.01)())
    assert first.saved_seconds == pytest.approx(0.05)  # the base alone: `a` was made here
    with parts.billed(set()) as second:
        parts.get("a", slow(2))
        parts.get("base", slow(2))
    # 0.05 + 0.01, and not 0.05 twice.
    assert second.saved_seconds == pytest.approx(0.06)


def test_a_part_made_inside_another_is_not_timed_twice():
    parts = SharedParts()
    parts.get("a", lambda: parts.get("base", slow(1, 0.05)))
    with parts.billed(set()) as bill:
        parts.get("a", slow(1))
    assert bill.saved_seconds == pytest.approx(0.05)


def test_everybody_gets_the_same_warnings():
    parts = SharedParts()

    def base():
        warnings.warn("odd rows", RuntimeWarning, stacklevel=1)
        return 1

    texts = []
    for _ in range(2):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            parts.get("a", lambda: parts.get("base", base))
        texts.append([str(warning.message) for warning in caught])
    assert texts == [["odd rows"], ["odd rows"]]


def test_everybody_gets_the_same_exception():
    parts = SharedParts()

    def fail():
        raise ValueError("no rows")

    for _ in range(2):
        with pytest.raises(ValueError, match="no rows"), parts.billed(set()):
            parts.get("a", lambda: parts.get("base", fail))
    assert parts.get("a", lambda: 3) == 3


def test_what_was_forgotten_is_made_again():
    parts = SharedParts()
    parts.get("a", lambda: 1)
    parts.get("b", lambda: 2)
    parts.forget(lambda name: name == "a")
    assert (parts.get("a", lambda: 3), parts.get("b", lambda: 4)) == (3, 2)


def test_what_was_paid_is_not_charged_again():
    parts, paid = SharedParts(), set()
    parts.get("base", slow(1))
    with parts.billed(paid) as training:
        parts.get("a", lambda: parts.get("base", slow(1)))
    with parts.billed(paid) as testing:
        parts.get("b", lambda: parts.get("base", slow(1)))
    assert training.saved_seconds == pytest.approx(0.02)
    assert testing.saved_seconds == 0
    assert paid == {"base", "a", "b"}
