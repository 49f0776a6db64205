"""What is told of workers that are not there."""

import asyncio
import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.backend import no_files
from bioselect.cluster import running, there
from bioselect.cluster.facts import facts
from bioselect.cluster.flow import Flow
from bioselect.cluster.parcels import Died, Parcel, as_bytes, from_bytes, packed
from bioselect.cluster.workers_there import Workers
from bioselect.exceptions import StorageError
from bioselect.workers import Raised

ADDRESS = "tcp://node7:8786"
FACTS = facts()


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

        def __init__(self, study, is_busy):
            pass

        def run(self, *given):
            there.end_study("study")

        def end(self):
            pass

    worker = SimpleNamespace(local_directory="", log_event=None, data={})
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=lambda: worker))
    monkeypatch.setattr(there, "_Child", Dying)
    outcome = there.work("study", b"", "", [])
    assert isinstance(from_bytes(outcome), Died)
    assert not there._children


@pytest.fixture
def worker(monkeypatch, tmp_path):
    """A worker of this process, with processes of its own."""
    one = SimpleNamespace(local_directory=str(tmp_path), log_event=None, data={})
    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(get_worker=lambda: one))
    yield one
    for study in ("one", "other"):
        there.end_study(study)
    there._over.clear()


def _process_of(study):
    content, _ = packed(_process_id, None)
    return from_bytes(there.work(study, as_bytes(Parcel(content, "")), "", []))


def _process_id(_):
    return os.getpid()


def test_two_studies_on_one_worker_leave_each_other_their_processes(worker):
    one, other = _process_of("one"), _process_of("other")
    assert one != other
    assert (_process_of("one"), _process_of("other")) == (one, other)
    there.end_study("one")
    assert _process_of("other") == other


def test_a_process_that_ended_by_itself_is_replaced(worker):
    first = _process_of("one")
    os.kill(first, signal.SIGKILL)
    there._children[0]._process.wait(10)
    other = _process_of("one")
    assert isinstance(other, int)  # and not that the process died of the task
    assert other != first


def test_a_process_started_ahead_does_the_first_task(worker):
    slots = {"here": {}}
    dask_worker = SimpleNamespace(
        contact_address="here", state=SimpleNamespace(nthreads=1, total_resources={})
    )
    asyncio.run(there.open_slots(slots, "one", ["json", "there.is.no.such"], dask_worker))
    [child] = there._children
    assert _process_of("one") == child._process.pid


def test_a_process_that_nobody_asks_ends_by_itself():
    """Its standard input stays open, as that of a study that was ended by force does."""
    code = "from bioselect.cluster import child; child.SECONDS_IDLE = 0.1; child.main()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE) as process:
        assert process.wait(60) == 0


def test_a_file_of_rows_is_written_once_and_removed_when_others_come(tmp_path):
    first = there._file_of(str(tmp_path), "one", ["one-hold-1"], [b"ab", b"c"], {"one-hold-1"})
    assert Path(first).read_bytes() == b"abc"
    assert there._file_of(str(tmp_path), "one", ["one-hold-1"], [b"other"], set()) == first
    assert Path(first).read_bytes() == b"abc"
    there._file_of(str(tmp_path), "one", ["one-hold-2"], [b"d"], {"one-hold-1", "one-hold-2"})
    there._file_of(str(tmp_path), "other", ["other-hold-1"], [b"e"], {"other-hold-1"})
    there._file_of(str(tmp_path), "one", ["one-hold-3"], [b"f"], {"one-hold-3"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "one-hold-3.array",
        "other-hold-1.array",
    ]


def test_a_disk_that_is_full_is_told_with_a_remedy(worker, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(there.Path, "open", full)
    outcome = from_bytes(there.work("one", b"", "", [["one-hold-1"]], b"rows"))
    assert isinstance(outcome.error, StorageError)
    assert "No space left on device" in str(outcome.error)
    assert "--local-directory" in str(outcome.error)
    assert there._children == []


def test_a_study_that_has_ended_begins_nothing(worker):
    there.end_study("ended")
    with pytest.raises(RuntimeError, match="has ended"):
        there.work("ended", b"", "", [["ended-hold-1"]], b"rows")
    assert there._children == []


def test_a_file_that_cannot_be_mapped_is_an_error_of_the_task(worker):
    content, _ = packed(_process_id, None)
    outcome = from_bytes(
        there.work("one", as_bytes(Parcel(content, "")), "", [["one-hold-1"]], b"no array")
    )
    assert isinstance(outcome, Raised)
    assert _process_of("one")


def test_a_worker_that_takes_no_work_is_not_used(monkeypatch):
    told = []

    def asked(function, *_, workers, **__):
        if function is there.look_around:
            return {one: {**FACTS, "threads": 1, "unseen": None} for one in workers}
        return {"tcp://a": OSError("no more processes"), "tcp://b": None}

    client = SimpleNamespace(nthreads=lambda: {"tcp://a": 1, "tcp://b": 1}, run=asked)
    workers = Workers(client, ADDRESS, told.append)
    workers.wait_for(1)
    assert list(workers.usable) == ["tcp://b"]
    assert "tcp://a is not used: it takes no work (OSError: no more processes)" in told[0]


def test_arrays_that_went_down_with_their_workers_are_sent_anew():
    kept, lost = np.zeros(1), np.ones(1)
    flow = Flow(abs, no_files, None)
    flow.arrays = {
        1: (kept, [SimpleNamespace(status="finished"), SimpleNamespace(status="pending")]),
        2: (lost, [SimpleNamespace(status="finished"), SimpleNamespace(status="error")]),
    }
    running._forget_lost(flow)
    assert list(flow.arrays) == [1]
