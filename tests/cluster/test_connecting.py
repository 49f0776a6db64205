"""A scheduler and two workers, processes of their own over TCP: the results of one machine."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from functools import partial

import numpy as np
import psutil
import pytest

from bioselect.backend import backend_in_use, cores_of_worker
from bioselect.cluster import connecting, running
from bioselect.config.execution_section import ExecutionSection
from bioselect.exceptions import ClusterError
from bioselect.execution import run_tasks, stream_tasks
from bioselect.progress import Reporter
from bioselect.workflows.execution_place import executed
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

#: Some 20 s of processor time, but processes that start wait for one another on a busy machine.
pytestmark = pytest.mark.timeout(900)
SAME = ("scores.csv", "ranking.csv", "comparisons.csv", "study.json", "out_of_fold.h5")
#: Ends the worker around it, once, in the middle of extraction and in the middle of testing.
MODULE = """
import os
import signal
from pathlib import Path
import numpy as np
from sklearn.naive_bayes import GaussianNB
from bioselect.backend import cores_of_worker

HERE = Path(__file__).parent

def once(name, process):
    if cores_of_worker() is None or not (HERE / "kill").exists():
        return
    try:
        (HERE / name).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(process(), signal.SIGKILL)

class Mean:
    batch_size = 8
    def transform(self, images):
        once("extraction", os.getppid)
        with open(HERE / "calls.txt", "a") as file:
            file.write("x" * len(images))
        return np.array([image.mean(axis=(0, 1)) for image in images], dtype=np.float32)

class Nearest(GaussianNB):
    def fit(self, X, y, sample_weight=None):
        once("testing", os.getppid)
        return super().fit(X, y)

class EndsScheduler(GaussianNB):
    def fit(self, X, y, sample_weight=None):
        once("scheduler", lambda: int((HERE / "scheduler.pid").read_text()))
        return super().fit(X, y)
"""


class Heard(Reporter):
    def __init__(self):
        self.lines = []

    def say(self, text):
        self.lines.append(text)

    warn = say


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory):
    """Its address, and its process; two workers, which their nannies start again."""
    folder = tmp_path_factory.mktemp("scheduler")
    place = folder / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder}
    words = {
        "dask_scheduler": ["--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"],
        "dask_worker": ["--nworkers", "2", "--nthreads", "1", "--no-dashboard"],
    }
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                f"distributed.cli.{name}",
                "--scheduler-file",
                str(place),
                *more,
            ],
            **quiet,
        )
        for name, more in words.items()
    ]
    while not place.is_file() and started[0].poll() is None:
        time.sleep(0.05)
    yield json.loads(place.read_text())["address"], started[0]
    # Asked to end, they take ten seconds; nothing here is about how they do.
    family = [psutil.Process(one.pid) for one in started if one.poll() is None]
    family += [child for one in family for child in one.children(recursive=True)]
    for one in family:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    for process in started:
        process.wait(20)


@pytest.fixture
def study(tmp_path, write_config, monkeypatch):
    """Write a configuration beside the module, which each test imports from its own folder."""
    monkeypatch.delitem(sys.modules, "ending", raising=False)
    (tmp_path / "ending.py").write_text(MODULE)

    def write(name, classifier, execution="{backend: local}"):
        return write_config(
            extractors='["ending:Mean", intensity]',
            classifiers=f'[logistic_regression, "ending:{classifier}"]',
            validation="{folds: 3, repeats: 1}",
            rest=f"execution: {execution}",
            name=f"{name}.yaml",
            output=name,
        )

    return write


def described(number):
    return number, os.getpid(), cores_of_worker()


def file_of_rows(rows, number):
    """Return the sum of rows, the file that they are mapped from, and this process."""
    array = rows
    while not isinstance(array, np.memmap):
        array = array.base
    return rows.sum(), array.filename, os.getpid()


def ends(number):
    if number == 1:
        os._exit(1)
    return number


def raises(number):
    raise ClusterError(f"task {number}")


def test_tasks_run_in_processes_of_the_workers_in_their_order(scheduler, monkeypatch):
    monkeypatch.setattr(running, "TRIES", 1)  # Each takes the seconds in which a process starts.
    section = ExecutionSection(backend="dask", scheduler=scheduler[0], workers=2)
    heard = Heard()
    with executed(section, None, heard):
        found = list(run_tasks(described, range(20), n_jobs=1))
        assert [number for number, _, _ in found] == list(range(20))
        assert {cores for _, _, cores in found} == {1}
        assert len({process for _, process, _ in found}) == 2
        assert os.getpid() not in {process for _, process, _ in found}
        lost = run_tasks(ends, range(3), n_jobs=1, when_lost=lambda task, error: str(error))
        done = list(lost)
        assert (done[0], done[2]) == (0, 2)
        assert "ended several workers" in done[1]
        with pytest.raises(ClusterError, match="task 0"):
            list(stream_tasks(raises, range(3), n_jobs=1, n_ahead=2))
        with closing(stream_tasks(described, iter(range(10**9)), 1, n_ahead=3)) as endless:
            assert next(endless)[0] == 0
        rows = np.arange(100_000.0)
        shared = list(run_tasks(partial(file_of_rows, rows), range(4), n_jobs=1))
        assert {total for total, _, _ in shared} == {rows.sum()}
        files = {file for _, file, _ in shared}
        assert all(map(os.path.isfile, files))
    until = time.monotonic() + 20
    left = [process for _, _, process in shared]
    while any(map(psutil.pid_exists, left)) or any(map(os.path.exists, files)):
        assert time.monotonic() < until, "processes or files outlive the study"
        time.sleep(0.05)
    [told] = [line for line in heard.lines if line.startswith("cluster: ")]
    assert "2 workers" in told
    assert "dashboard: http" in told


def test_nobody_else_reaches_the_workers_that_are_started_here():
    """Another user of this machine, who knows the port, would run code as its owner."""
    from distributed import Client
    from distributed.security import Security

    heard = Heard()
    with executed(ExecutionSection(backend="dask", workers=1), None, heard):
        assert list(run_tasks(abs, [-1, -2], n_jobs=1)) == [1, 2]
        here = backend_in_use().client
        addresses = [here.scheduler.address, *here.nthreads()]
        assert all(address.startswith("tls://127.0.0.1:") for address in addresses)
        theirs = Security.temporary()  # A key of their own.
        for address, security in (
            (addresses[0].replace("tls:", "tcp:"), None),
            (addresses[0], theirs),
        ):
            with pytest.raises(OSError, match=r"."):
                Client(address, security=security, timeout=1, set_as_default=False)


def test_a_file_that_a_worker_does_not_see_is_named_with_the_worker(scheduler, tmp_path):
    section = ExecutionSection(backend="dask", scheduler=scheduler[0])
    with (
        pytest.raises(ClusterError, match=r"gone: must be seen by every worker.*does not see it"),
        executed(section, None, Heard(), [tmp_path / "gone"]),
    ):
        pass


def test_two_lost_workers_change_nothing(scheduler, study, drawn_images, tmp_path):
    here = run(study("here", "Nearest"), jobs=1)
    (tmp_path / "kill").touch()
    heard = Heard()
    execution = f"{{backend: dask, scheduler: '{scheduler[0]}', workers: 2}}"
    there = run(study("there", "Nearest", execution=execution), reporter=heard)
    assert (tmp_path / "extraction").exists()
    assert (tmp_path / "testing").exists()
    assert sum("is gone. What it was at" in line for line in heard.lines) >= 1
    for name in SAME:
        assert (there.folder / name).read_bytes() == (here.folder / name).read_bytes(), name
    tables = []
    for backend, address in (("local", None), ("dask", scheduler[0])):
        section = ExecutionSection(backend=backend, scheduler=address)
        table = tmp_path / f"{backend}.csv"
        given = {"components_dir": tmp_path, "execution": section, "jobs": 1}
        predict(here.folder, [drawn_images], table, **given)
        tables.append(table.read_bytes())
    assert tables[0] == tables[1]


def test_without_the_scheduler_the_run_says_so_and_goes_on_here(
    scheduler, study, tmp_path, monkeypatch
):
    address, process = scheduler
    (tmp_path / "scheduler.pid").write_text(str(process.pid))
    (tmp_path / "kill").touch()
    (tmp_path / "extraction").touch()
    execution = f"{{backend: dask, scheduler: '{address}', workers: 1}}"
    config = study("gone", "EndsScheduler", execution=execution)
    with pytest.raises(ClusterError, match=r"cannot be reached any more.*--backend local"):
        run(config)
    assert process.wait(10) == -signal.SIGKILL
    computed = (tmp_path / "calls.txt").read_text()
    monkeypatch.setattr(connecting, "SECONDS_TO_CONNECT", 1)
    with pytest.raises(ClusterError, match="no Dask scheduler answers there"):
        run(config)
    finished = run(config, jobs=1, backend="local")
    assert (finished.folder / "study.json").is_file()
    again = (tmp_path / "calls.txt").read_text()
    # All rows are from the cache; a few images are looked at before and after.
    assert len(again) - len(computed) < 20
