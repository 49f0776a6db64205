"""What is told of workers that are not there."""

import sys
from types import SimpleNamespace

import pytest

from bioselect.cluster import there
from bioselect.cluster.parcels import Died, from_bytes
from bioselect.cluster.workers_there import Workers

ADDRESS = "tcp://node7:8786"


def test_check_says_that_a_run_would_wait():
    told = []
    workers = Workers(SimpleNamespace(nthreads=dict), ADDRESS, told.append)
    workers.wait_for(0)
    [line] = told
    assert line == (
        f"{ADDRESS}: no worker is there. A run would wait for one: start it with "
        f"`dask worker {ADDRESS}`."
    )


def test_a_run_says_that_it_waits():
    told = []

    def there_now():
        if told:
            raise ConnectionError
        return {}

    workers = Workers(SimpleNamespace(nthreads=there_now), ADDRESS, told.append)
    with pytest.raises(Exception, match="cannot be reached any more"):
        workers.wait_for(1)
    assert "Waiting for one" in told[0]


def test_a_study_may_end_while_its_task_dies(monkeypatch):
    """Both end the same process: the second finds nothing, and nothing goes wrong."""

    class Dying:
        study = "study"

        def __init__(self, study):
            pass

        def run(self, *given):
            there.end_study("study")

        def end(self):
            pass

    worker = SimpleNamespace(local_directory="", log_event=None)
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=lambda: worker))
    monkeypatch.setattr(there, "_Child", Dying)
    outcome = there.work("study", b"", "", [])
    assert isinstance(from_bytes(outcome), Died)
    assert not there._children
