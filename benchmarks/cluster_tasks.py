"""What a Dask scheduler and its workers take for a task, and for the rows that tasks share.

    python benchmarks/cluster_tasks.py [--tasks 5000] [--megabytes 100 400]

Starts a scheduler and a worker over TCP on this machine. Processor time for each task that does
nothing; for each batch of rows that comes back; and by how much the memory of this process, of the
scheduler, of the worker and of the process of its tasks is larger while tasks share rows. With
these three numbers a study can be reckoned that is larger than any that was run.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from cluster import cluster
from figures import print_figure

from bioselect.cluster.connecting import open_cluster

BATCH = (64, 2048)
ROLES = ("here", "scheduler", "worker", "process of tasks")


def nothing(_: Any) -> None:
    """Do nothing."""


def batch(_: Any) -> np.ndarray:
    """Return as many rows as the batch of a network has."""
    return np.zeros(BATCH, dtype=np.float32)


def sizes_seen(_: Any, rows: np.ndarray) -> int:
    """Return how large the shared rows are."""
    return int(rows.nbytes)


def main() -> int:
    """Print seconds for each task, and bytes for each byte that is shared."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=5000)
    parser.add_argument("--megabytes", type=int, nargs=2, default=[100, 400])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-tasks-") as name:
        folder = Path(name)
        with cluster(folder, 1) as address, _connected(address) as used:
            list(used.run(nothing, range(20), None))
            n_tasks = options.tasks
            spent = _spent(lambda: list(used.run(nothing, range(n_tasks), None)))
            _print_times("for a task", spent, n_tasks)
            n_batches = n_tasks // 10
            spent = _spent(lambda: _passed_through(used, n_batches))
            _print_times(f"for a batch of {BATCH[0]} x {BATCH[1]} rows", spent, n_batches)
        peaks = []
        for megabytes in options.megabytes:
            with cluster(folder, 1) as address, _connected(address) as used:
                peaks.append(_peaks(used, megabytes))
    more = (options.megabytes[1] - options.megabytes[0]) * 1e6
    for role in ROLES:
        growth = (peaks[1][role] - peaks[0][role]) / more
        print_figure(f"cluster, memory for each byte of shared rows: {role}", growth)
    return 0


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    with open_cluster(address, 1, 1, print, print) as used:
        yield used


def _passed_through(used: Any, number: int) -> None:
    for rows in used.stream(batch, range(number), 2):
        assert rows.shape == BATCH


def _print_times(what: str, spent: dict[str, float], number: int) -> None:
    for role, seconds in spent.items():
        print_figure(f"cluster, ms of processor time {what}: {role}", 1000 * seconds / number)


def _spent(work: Callable[[], Any]) -> dict[str, float]:
    before = {role: _seconds(process) for role, process in _processes().items()}
    work()
    return {role: _seconds(one) - before[role] for role, one in _processes().items()}


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peaks(used: Any, megabytes: int) -> dict[str, int]:
    """Return the most memory of each process while eight tasks share rows of that size."""
    rows = np.random.default_rng(0).random(megabytes * 125_000)
    list(used.run(partial(sizes_seen, rows=rows), range(8), None))
    return {role: _peak(process.pid) for role, process in _processes().items()}


def _peak(pid: int) -> int:
    """Return the largest resident memory that a process had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("this system does not tell the largest memory of a process")


def _processes() -> dict[str, psutil.Process]:
    """Return the process of each role."""
    own = psutil.Process()
    found = {"here": own}
    for process in own.children(recursive=True):
        words = " ".join(process.cmdline())
        if "dask_scheduler" in words:
            found["scheduler"] = process
        elif "cluster.child" in words:
            found["process of tasks"] = process
            found["worker"] = process.parent()
    return found


if __name__ == "__main__":
    sys.exit(main())
