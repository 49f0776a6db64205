"""The process beside this one that trains on rows: same bits, errors that travel, a clean end."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from bioselect.exceptions import ComponentError, WorkerDiedError
from bioselect.networks import row_process
from bioselect.networks.row_process import train_apart
from bioselect.networks.row_training import train_here
from bioselect.networks.rows import train_rows
from tests.networks.test_row_training import LINEAR, MLP, lesson_of


def test_it_trains_as_this_process_does():
    lesson = lesson_of(n_kept=3)
    apart, here = train_apart(MLP, lesson), train_here(MLP, lesson)
    assert apart.best_epoch == here.best_epoch
    for one, other in zip(apart.kernels, here.kernels, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_it_has_one_thread_whatever_this_one_has():
    process = row_process._APART._running()
    train_apart(MLP, lesson_of())
    if not os.path.exists(f"/proc/{process.pid}/environ"):
        pytest.skip("only Linux tells of the environment of another process")
    with open(f"/proc/{process.pid}/environ") as file:
        given = dict(line.split("=", 1) for line in file.read().split("\0") if line)
    assert given["TF_NUM_INTRAOP_THREADS"] == given["TF_NUM_INTEROP_THREADS"] == "1"
    assert given["CUDA_VISIBLE_DEVICES"] == "-1"


def test_threads_that_ask_at_once_get_their_own_answers():
    designs = [replace(LINEAR, seed=seed) for seed in range(6)]
    lesson = lesson_of()
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda design: train_apart(design, lesson), designs))
    for design, trained in zip(designs, together, strict=True):
        np.testing.assert_array_equal(trained.kernels[0], train_apart(design, lesson).kernels[0])


def test_an_error_travels_and_the_next_training_goes_on():
    with pytest.raises(ComponentError, match="must stay a finite number"):
        train_apart(replace(LINEAR, learning_rate=100.0, epochs=200), lesson_of())
    with pytest.raises(RuntimeError, match=r"^KeyError: 'none'$"):
        train_apart(replace(LINEAR, loss="none"), lesson_of())
    assert train_apart(LINEAR, lesson_of()).best_epoch == 3


def test_a_process_that_died_is_told_and_started_again(monkeypatch):
    process = row_process._APART._running()
    process.kill()
    process.wait()
    # As if it had died in the middle of the training.
    monkeypatch.setattr(process, "poll", lambda: None)
    with pytest.raises(WorkerDiedError, match="linear_network: the process that trains it ended"):
        train_apart(LINEAR, lesson_of())
    assert train_apart(LINEAR, lesson_of()).best_epoch == 3


def test_it_ends_with_the_one_that_asks():
    code = (
        "from bioselect.networks import row_process;"
        "print(row_process._APART._running().pid, flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)


def test_rows_may_be_any_numbers_and_are_only_read():
    rows = np.arange(12).reshape(6, 2)
    rows.flags.writeable = False
    design = {**vars(LINEAR), "learning_rate": 0.001}
    trained = train_rows(design, rows, rows[:, 0] / 3, rows[:0], rows[:0, 0])
    assert trained.kernels[0].dtype == np.float32
