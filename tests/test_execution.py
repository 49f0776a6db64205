import os
import signal
import subprocess
import sys
import time
import warnings
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import psutil
import pytest
from joblib.externals.loky.process_executor import BrokenProcessPool
from threadpoolctl import threadpool_info, threadpool_limits

from bioselect import workers
from bioselect.exceptions import BioselectError, ConfigurationError
from bioselect.execution import one_thread, resolve_jobs, run_tasks, stream_tasks


class TwoArgumentError(Exception):
    """Cannot be unpickled from its `args`, as is common in libraries."""

    def __init__(self, where, why):
        super().__init__(f"{where}: {why}")


def slow_then_fast(task):
    time.sleep(0.3 if task == 0 else 0.0)
    return task * 10


def fails_at_two(task):
    time.sleep(0.0 if task == 2 else 0.2)
    if task == 2:
        raise KeyError("two")
    return task


def fails_awkwardly(task):
    raise TwoArgumentError("here", "because")


def thread_counts(task):
    # Loads OpenMP of scikit-learn and BLAS of SciPy inside the task.
    from sklearn.cluster import KMeans

    KMeans(2, n_init=1).fit(np.eye(4))
    variables = [os.environ[name] for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")]
    return {pool["num_threads"] for pool in threadpool_info()}, variables


def describe_array(task):
    array = task["array"]
    return os.getpid(), type(array).__name__, bool(array.flags.writeable), float(array.sum())


def ends_its_process(task):
    os._exit(1)


def has_brothers():
    family = psutil.Process(os.getppid()).children()
    workers = [one for one in family if "popen_loky" in " ".join(one.cmdline())]
    return len(workers) > 1


def needs_most_of_the_memory(task):
    """Die as the system ends who takes too much, unless nothing is computed beside it."""
    number, folder, way = task
    (folder / f"{number}-{os.getpid()}").touch()
    if number == 2 and (way == "always" or has_brothers()):
        time.sleep(1.0)  # What was begun before is done, and on its way.
        if way == "error":
            raise MemoryError("no room")
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    return number * 10


class Unpacked:
    """A task that finds no memory when it arrives beside others."""

    def __init__(self, number):
        self.number = number

    def __setstate__(self, state):
        self.__dict__.update(state)
        if self.number == 1 and has_brothers():
            raise MemoryError("no room")


def number_of(task):
    return task.number


class TestResolveJobs:
    def test_counts(self):
        assert resolve_jobs(2) == 2
        assert resolve_jobs(None) == joblib.cpu_count()

    @pytest.mark.parametrize("jobs", [0, -1])
    def test_below_one(self, jobs):
        with pytest.raises(ConfigurationError, match=f"must be at least 1. Got {jobs}"):
            resolve_jobs(jobs)


class TestOneThread:
    def test_limits_and_restores(self, monkeypatch):
        monkeypatch.setenv("OMP_NUM_THREADS", "7")
        monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
        with one_thread():
            pass  # loads the libraries whose limits are compared
        with threadpool_limits(2):
            before = [pool["num_threads"] for pool in threadpool_info()]
            assert max(before) == 2
            with one_thread():
                assert {pool["num_threads"] for pool in threadpool_info()} == {1}
                assert os.environ["OMP_NUM_THREADS"] == "1"
            assert os.environ["OMP_NUM_THREADS"] == "7"
            assert "OPENBLAS_NUM_THREADS" not in os.environ
            assert [pool["num_threads"] for pool in threadpool_info()] == before

    @pytest.mark.skipif(sys.platform != "linux", reason="loads a copy of a Linux library")
    def test_finds_libraries_that_were_loaded_since(self, tmp_path):
        script = (
            "import ctypes, pathlib, shutil, sys\n"
            "from bioselect.execution import one_thread\n"
            "with one_thread(): pass\n"
            "import sklearn\n"
            "from threadpoolctl import threadpool_info\n"
            "folder = pathlib.Path(sklearn.__file__).parents[1] / 'scikit_learn.libs'\n"
            "copy = shutil.copy(next(folder.glob('libgomp*')), 'libgomp-copy.so')\n"
            "ctypes.CDLL(str(pathlib.Path(copy).resolve()))\n"
            "sys.modules['imported_since'] = sys\n"
            "print(sum('libgomp-copy' in pool['filepath'] for pool in threadpool_info()))\n"
            "with one_thread():\n"
            "    print({pool['num_threads'] for pool in threadpool_info()})\n"
        )
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
        environment["OMP_NUM_THREADS"] = "3"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        if "StopIteration" in done.stderr:
            pytest.skip("scikit-learn was built with the system's OpenMP")
        assert done.stdout.split() == ["1", "{1}"]


@pytest.mark.parametrize("n_jobs", [1, 2])
class TestRunTasks:
    def test_results_in_the_order_of_the_tasks(self, n_jobs):
        assert list(run_tasks(slow_then_fast, iter(range(6)), n_jobs)) == [0, 10, 20, 30, 40, 50]

    def test_an_error_comes_in_its_turn(self, n_jobs):
        results = run_tasks(fails_at_two, range(5), n_jobs)
        assert [next(results), next(results)] == [0, 1]
        with pytest.raises(KeyError, match="two") as caught:
            next(results)
        # Its place in another process is shown: that of the caller says nothing.
        assert n_jobs == 1 or "fails_at_two" in str(caught.value.__cause__)

    def test_one_thread_in_every_task(self, n_jobs, several_threads):
        for counts, variables in run_tasks(thread_counts, range(4), n_jobs):
            assert counts == {1}
            assert variables == ["1", "1"]

    def test_no_tasks(self, n_jobs):
        assert list(run_tasks(abs, [], n_jobs)) == []


class TestProcesses:
    def test_large_arrays_are_shared_and_read_only(self):
        array = np.ones((600, 500))  # 2.4 MB
        results = list(run_tasks(describe_array, [{"array": array}] * 6, 2))
        assert {name for _, name, _, _ in results} == {"memmap"}
        assert {writeable for _, _, writeable, _ in results} == {False}
        assert {total for _, _, _, total in results} == {300_000.0}
        assert os.getpid() not in {process for process, _, _, _ in results}

    def test_one_job_stays_in_this_process(self):
        [(process, name, _, _)] = run_tasks(describe_array, [{"array": np.ones(300_000)}], 1)
        assert (process, name) == (os.getpid(), "ndarray")

    def test_an_exception_that_cannot_travel_keeps_its_words(self):
        with pytest.raises(RuntimeError, match="TwoArgumentError: here: because"):
            list(run_tasks(fails_awkwardly, range(3), 2))

    def test_a_process_that_dies_alone_is_one_line(self):
        told = []
        with pytest.raises(BioselectError, match="although it worked alone"):
            list(run_tasks(ends_its_process, range(3), 2, tell=told.append))
        assert [line.count("one process alone") for line in told] == [1]
        assert list(run_tasks(abs, [-1, -2, -3], 2)) == [1, 2, 3]

    @pytest.mark.parametrize("run_them", [run_tasks, partial(stream_tasks, n_ahead=3)])
    def test_a_process_that_dies_while_tasks_are_still_sent(self, monkeypatch, run_them):
        def broken(n_jobs):
            def send(tasks):
                raise BrokenProcessPool("as loky says it")

            return send

        told = []
        monkeypatch.setattr(workers, "_parallel", broken)
        assert list(run_them(abs, [-1, -2, -3], 2, tell=told.append)) == [1, 2, 3]
        assert [line.count("one process alone") for line in told] == [1]

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux has them")
    @pytest.mark.parametrize("way", ["killed", "error"])
    def test_what_needs_much_memory_is_done_alone(self, tmp_path, way):
        told = []
        tasks = [(number, tmp_path, way) for number in range(5)]
        done = list(run_tasks(needs_most_of_the_memory, iter(tasks), 2, tell=told.append))
        assert done == [0, 10, 20, 30, 40]
        assert len(told) == 1
        # What was done before is not done again.
        begun = sorted(path.name.split("-")[0] for path in tmp_path.iterdir())
        assert begun.count("0") == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux has them")
    def test_nothing_is_idle_beside_what_is_done_alone(self, tmp_path):
        tasks = [(number, tmp_path, "error") for number in range(3)]
        results = run_tasks(needs_most_of_the_memory, tasks, 2, tell=lambda line: None)
        done = [next(results)]
        # All have been begun, and are ended, before the one that failed is taken.
        deadline = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        assert [*done, *results] == [0, 10, 20]

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux has them")
    def test_what_never_has_enough_memory_is_lost_and_the_rest_is_done(self, tmp_path):
        tasks = [(number, tmp_path, "always") for number in range(5)]
        done = run_tasks(
            needs_most_of_the_memory, tasks, 2, lambda task, error: str(error), lambda line: None
        )
        results = list(done)
        assert "needs more memory than there is" in results.pop(2)
        assert results == [0, 10, 30, 40]

    def test_no_memory_on_the_way_to_a_process(self):
        told = []
        tasks = [Unpacked(number) for number in range(3)]
        assert list(run_tasks(number_of, tasks, 2, tell=told.append)) == [0, 1, 2]
        assert len(told) == 1

    @pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux has them")
    def test_a_stream_goes_on_with_fewer_processes(self, tmp_path):
        told = []
        tasks = ((number, tmp_path, "killed") for number in range(6))
        done = stream_tasks(needs_most_of_the_memory, tasks, 2, n_ahead=3, tell=told.append)
        assert list(done) == [0, 10, 20, 30, 40, 50]
        assert len(told) == 1

    def test_closing_early_and_starting_again(self):
        results = run_tasks(time.sleep, [0.0] + [0.3] * 50, 2)
        assert next(results) is None
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            results.close()
        assert list(run_tasks(abs, [-1, -2, -3], 2)) == [1, 2, 3]

    @pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
    def test_ctrl_c_ends_the_workers(self, tmp_path):
        (tmp_path / "slow_tasks.py").write_text(
            "import os, pathlib, time\n"
            "def slow(task):\n"
            "    pathlib.Path(f'worker-{os.getpid()}').touch()\n"
            "    time.sleep(60)\n"
        )
        script = (
            "import signal, slow_tasks\n"
            "from bioselect.execution import run_tasks\n"
            # A shell starts what runs in the background with Ctrl-C ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "try:\n"
            "    list(run_tasks(slow_tasks.slow, range(8), 2))\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        paths = os.pathsep.join([str(tmp_path), str(Path(__file__).parents[1])])
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": paths},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline = time.monotonic() + 60
        while len(list(tmp_path.glob("worker-*"))) < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=30)
        assert output.strip() == "interrupted"
        workers = [int(path.name.split("-")[1]) for path in tmp_path.glob("worker-*")]
        assert len(workers) == 2
        deadline = time.monotonic() + 10
        while any(Path(f"/proc/{pid}").exists() for pid in workers) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def test_relative_paths_mean_the_callers_folder_also_in_older_workers(tmp_path, monkeypatch):
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        assert set(run_tasks(os.path.abspath, ["."] * 4, n_jobs=2)) == {str(tmp_path / name)}


def waits_for_a_file(path):
    while path is not None and not path.exists():
        time.sleep(0.01)
    return path


def test_the_caller_is_told_how_many_processes_are_busy(tmp_path):
    go, told = tmp_path / "go", []
    results = stream_tasks(waits_for_a_file, [None, go, go, go, go], 2, 3, told.append)
    assert next(results) is None
    assert told == [2]  # Three are sent and wait, in two processes.
    go.touch()
    assert list(results) == [go] * 4
    assert told[-1] == 0
