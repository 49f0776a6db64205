import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bioselect.data.latest_scan import LatestScan


def test_an_image_is_read_once_until_another_is_asked_for():
    latest, n_read = LatestScan(), []

    def ask(key):
        return latest.image(key, lambda: n_read.append(key) or np.zeros(1))

    for key in "aabba":
        ask(key)
    assert n_read == ["a", "b", "a"]


def test_the_one_before_is_gone_when_the_next_is_read():
    latest = LatestScan()
    before = weakref.ref(latest.image("a", lambda: np.zeros(3)))
    assert before() is not None

    def read():
        assert before() is None
        return np.ones(3)

    latest.image("b", read)
    after = weakref.ref(latest.image("b", read))
    latest.forget()
    assert after() is None


def test_threads_share_one_and_wait_for_it():
    latest, n_read, all_there = LatestScan(), [], threading.Barrier(4)

    def ask(_):
        all_there.wait()
        return latest.image("a", lambda: n_read.append(1) or np.zeros(1))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(ask, range(4)))
    assert len(n_read) == 1
    assert all(one is found[0] for one in found)


def test_what_could_not_be_read_is_asked_for_again():
    latest = LatestScan()

    def fail():
        raise OSError

    with pytest.raises(OSError):
        latest.image("a", fail)
    assert latest.image("a", lambda: np.ones(1)).tolist() == [1]
