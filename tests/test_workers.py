"""Processes end with the one that started them, however that ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from bioselect.exceptions import WorkerDiedError
from bioselect.execution import run_alone
from bioselect.workers import LoneProcess

ROOT = Path(__file__).parents[1]
MODULE = """
import os, pathlib, time
def told(folder):
    pathlib.Path(folder, str(os.getpid())).touch()
    time.sleep(120)
"""


def ends(task):
    os._exit(1)


def refuses(task):
    raise MemoryError("no room for 12 GiB")


@pytest.mark.skipif(os.name == "nt", reason="kills as POSIX systems do")
def test_no_process_outlives_one_that_was_killed(tmp_path):
    (tmp_path / "pids").mkdir()
    (tmp_path / "told.py").write_text(MODULE)
    code = "import told; from bioselect.execution import run_tasks\n"
    code += f"list(run_tasks(told.told, [{str(tmp_path / 'pids')!r}] * 8, 2))"
    paths = os.pathsep.join([str(tmp_path), str(ROOT)])
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": paths},
    )
    deadline = time.monotonic() + 120
    while len(list((tmp_path / "pids").iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = [psutil.Process(int(path.name)) for path in (tmp_path / "pids").iterdir()]
    assert len(workers) == 2
    process.kill()
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=60)
    for worker in alive:
        worker.kill()
    assert alive == []


def test_a_lone_process_that_dies_is_replaced():
    with LoneProcess() as alone:
        with pytest.raises(WorkerDiedError, match="although it worked alone"):
            alone.run(ends, 1)
        assert alone.run(abs, -2) == 2


def test_no_memory_alone_is_told_with_its_reason():
    with pytest.raises(
        WorkerDiedError, match=r"needs more memory than there is.*no room for 12 GiB"
    ):
        run_alone(refuses, 1)
