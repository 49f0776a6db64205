"""A run that is killed again and again ends in the same bytes as one that is left alone.

    python benchmarks/interruptions.py

Runs a small study once undisturbed. Then starts it in another folder and kills it (SIGKILL) in the
middle of HDF5 writes, inside cross-validation, while the results and the model are written, and at
random moments, starting it again each time; at the end all products are compared byte by byte.
Last, Ctrl-C during extraction and cross-validation: the message, the exit code, what is left over.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from comparing import print_comparison
from drawn_images import draw_folder

#: More than two parts of the cache (256 images each) for every extractor.
N_IMAGES = 600
SIDE = 48
SECONDS_FOR_WORKERS_TO_END = 4.0

CONFIGURATION = """\
dataset: {{path: {images}}}
extractors:
  - name: mobilenet_v2
    params: {{alpha: 0.35, input_size: 96, weights: none}}
  - intensity
  - lbp
  - color_histogram
  - hu_moments
classifiers: [lda, knn, random_forest]
validation: {{folds: 3, repeats: 2}}
output: {output}
"""

RANDOM = "a random moment"
#: Where the run is killed, and the how-manieth time that place is passed; for a random moment, the
#: most seconds after the plan is made. Each start goes on from the one before it, so the numbers
#: count from there.
KILLS = (
    # All features are written before the first is merged for its study.
    ("an HDF5 write", 2),
    (RANDOM, 2),
    ("an HDF5 write", 3),
    ("an HDF5 write", 1),
    ("an HDF5 merge", 1),
    ("a journal record", 3),
    ("between folds", 4),
    (RANDOM, 2),
    ("a journal record", 5),
    ("an HDF5 merge", 1),
    ("between folds", 3),
    (RANDOM, 1),
    ("out-of-fold predictions", 4),
    ("the model", 1),
)
CTRL_C = ("an HDF5 write", "between folds")


# In the process that is to be killed.


def drive(place: str, count: int, config: str, output: str) -> int:
    """Run the study as the command line does, and end where asked."""
    from bioselect.cli.main import main as bioselect

    # A script started in the background ignores Ctrl-C, and so would all that it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    _PREPARE.get(place, _nothing)(count)
    return bioselect(["run", config, "--output", output, "--jobs", "2"])


def _nothing(_: int) -> None:
    return


def _die(where: str) -> None:
    os.write(1, where.encode() + b"\n")
    if os.environ.get("CTRL_C"):
        # As a terminal does: every process of the group gets the signal.
        os.killpg(os.getpgrp(), signal.SIGINT)
        time.sleep(1)
    else:
        os.kill(os.getpid(), signal.SIGKILL)


def _replaced(owner: Any, name: str, count: int, halfway: Callable[..., None]) -> None:
    """Let the `count`-th call of a function go half of its way."""
    original = getattr(owner, name)
    n_calls = 0

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal n_calls
        n_calls += 1
        if n_calls == count:
            halfway(original, *arguments, **named)
        return original(*arguments, **named)

    setattr(owner, name, counted)


def _prepare_hdf5(count: int, merging: bool) -> None:
    """Half of the rows are written and flushed, then the end."""
    import h5py

    from bioselect.features import cache

    def halfway(original: Callable[..., Any], path: Path, *arguments: Any) -> None:
        def half(_: Any, rows: Any, selection: slice, block: Any) -> None:
            middle = selection.start + len(block) // 2
            write(rows, slice(selection.start, middle), block[: len(block) // 2])
            rows.file.flush()
            name = "/".join(path.parts[path.parts.index("features") + 1 :])
            _die(f"row {middle} of {len(rows)} of features/{name}")

        write = h5py.Dataset.__setitem__
        _replaced(h5py.Dataset, "__setitem__", 1, half)

    original = cache.write_rows
    n_calls = 0

    def write_rows(path: Path, *arguments: Any) -> None:
        nonlocal n_calls
        n_calls += (path.parent.suffix != ".parts") == merging
        if n_calls == count:
            n_calls += 1
            halfway(original, path, *arguments)
        original(path, *arguments)

    cache.write_rows = write_rows


def _prepare_journal(count: int) -> None:
    """Half of a record is written, then the end."""
    from bioselect.selection import journal

    def halfway(original: Callable[..., bytes], key: str, entry: Any) -> None:
        record = original(key, entry)
        for held in _open_journals():
            os.lseek(held, 0, os.SEEK_END)
            os.write(held, record[: len(record) // 2])
        _die(f"byte {len(record) // 2} of {len(record)} of record {count} of this start")

    _replaced(journal, "_encoded", count, halfway)


def _open_journals() -> list[int]:
    return [file.fd for file in psutil.Process().open_files() if file.path.endswith("/.journal")]


def _prepare_folds(count: int) -> None:
    """While the workers train: a result has come and is not yet kept."""
    from bioselect.selection import journal

    def halfway(*_: Any) -> None:
        n_workers = len(psutil.Process().children(recursive=True))
        _die(f"before record {count} of this start, with {n_workers} processes below")

    _replaced(journal.Journal, "put", count, halfway)


def _prepare_out_of_fold(count: int) -> None:
    import h5py

    def halfway(original: Callable[..., Any], group: Any, name: str, *_: Any, **named: Any) -> None:
        original(group, name, **named)
        group.file.flush()
        _die(f"out_of_fold.h5, {name} just written")

    original = h5py.Group.create_dataset
    n_calls = 0

    def create_dataset(group: Any, name: str, *arguments: Any, **named: Any) -> Any:
        nonlocal n_calls
        n_calls += name.startswith("candidates/")
        if n_calls == count:
            halfway(original, group, name, *arguments, **named)
        return original(group, name, *arguments, **named)

    h5py.Group.create_dataset = create_dataset


def _prepare_model(count: int) -> None:
    from bioselect.bundle import writing

    def halfway(*_: Any) -> None:
        _die("model/, written and not yet in its place")

    _replaced(writing, "_put_in_place", count, halfway)


_PREPARE = {
    "an HDF5 write": lambda count: _prepare_hdf5(count, merging=False),
    "an HDF5 merge": lambda count: _prepare_hdf5(count, merging=True),
    "a journal record": _prepare_journal,
    "between folds": _prepare_folds,
    "out-of-fold predictions": _prepare_out_of_fold,
    "the model": _prepare_model,
}


# In the process that kills and compares.


@dataclass(frozen=True)
class Ended:
    """How a start ended: exit code, what it printed, and how many of its processes lived on."""

    code: int
    said: str
    complained: str
    seconds: float
    n_left: int


def start(place: str, count: int, config: Path, output: Path, ctrl_c: bool = False) -> Ended:
    """Start the run in a session of its own, wait for its end, and end what it left running."""
    started = time.monotonic()
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    log = output / "run.log"
    n_plans = _n_plans(log)
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(
            [sys.executable, __file__, "--drive", place, str(count), str(config), str(output)],
            stdout=stdout,
            stderr=stderr,
            env={**environment, "CTRL_C": "1"} if ctrl_c else environment,
            start_new_session=True,
        )
        if place == RANDOM:
            while process.poll() is None and _n_plans(log) == n_plans:
                time.sleep(0.01)
            time.sleep(random.uniform(0, count))
            process.kill()
        process.wait()
        seconds = time.monotonic() - started
        n_left = _end_session(process.pid)
        stdout.seek(0)
        stderr.seek(0)
        return Ended(process.returncode, stdout.read(), stderr.read(), seconds, n_left)


def _n_plans(log: Path) -> int:
    return log.read_text(encoding="utf-8").count("plan: ") if log.is_file() else 0


def _end_session(session: int) -> int:
    """Wait a little for the processes of a session; kill those left and return their number."""
    ended = time.monotonic()
    while left := _session(session):
        if time.monotonic() - ended > SECONDS_FOR_WORKERS_TO_END:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            return len(left)
        time.sleep(0.1)
    return 0


def _session(session: int) -> list[int]:
    found = []
    for process in psutil.process_iter():
        try:
            if os.getsid(process.pid) == session and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
        except (ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            continue
    return found


def interrupt(folder: Path, config: Path) -> int:
    """Kill and compare; return how many products differ."""
    undisturbed, disturbed = folder / "undisturbed", folder / "disturbed"
    whole = start("nowhere", 1, config, undisturbed)
    if whole.code != 0:
        raise SystemExit(f"the undisturbed run failed:\n{whole.complained}")
    print(f"undisturbed: {whole.seconds:.1f} s", flush=True)
    for number, (place, count) in enumerate(KILLS, start=1):
        ended = start(place, count, config, disturbed)
        said = ended.said.splitlines()
        where = _under_way(disturbed) if place == RANDOM else said[0] if said else "not reached"
        print(f"kill {number}: {place}: {where}", end="")
        print(
            f"; exit code {ended.code} after {ended.seconds:.1f} s; {_workers(ended)}", flush=True
        )
        if ended.code != -signal.SIGKILL:
            # What comes after would not be reached either.
            raise SystemExit(f"exit code {-signal.SIGKILL} expected:\n{ended.complained}")
    last = start("nowhere", 1, config, disturbed)
    print(f"last start: exit code {last.code} after {last.seconds:.1f} s")
    again = start("nowhere", 1, config, disturbed)
    print(f"one more start, nothing to do: exit code {again.code} after {again.seconds:.1f} s")
    if last.code or again.code:
        raise SystemExit(f"exit code 0 expected:\n{last.complained}\n{again.complained}")
    return print_comparison(undisturbed, disturbed)


def _workers(ended: Ended) -> str:
    return f"{ended.n_left} processes lived on for more than {SECONDS_FOR_WORKERS_TO_END:.0f} s"


def _under_way(output: Path) -> str:
    log = output / "run.log"
    lines = log.read_text(encoding="utf-8").splitlines() if log.is_file() else []
    return f"after the log's line {lines[-1].split(' ', 1)[1]!r}" if lines else "before the log"


def press_ctrl_c(folder: Path, config: Path) -> int:
    """Interrupt as a person does, go on, compare; return how many things went wrong."""
    n_wrong = 0
    output = folder / "ctrl_c"
    for place in CTRL_C:
        ended = start(place, 2, config, output, ctrl_c=True)
        where = ended.said.splitlines()[:1] or ["not reached"]
        print(f"Ctrl-C in {place}: {where[0]}: exit code {ended.code}; {_workers(ended)}")
        print("    it said: " + " | ".join(ended.complained.strip().splitlines()[-3:]), flush=True)
        clean = ended.complained.count("Traceback") == 0 and "stopped." in ended.complained
        if ended.code != 130 or ended.n_left or not clean:
            n_wrong += 1
            print(f"    WRONG\n{ended.complained}")
    last = start("nowhere", 1, config, output)
    print(f"last start: exit code {last.code} after {last.seconds:.1f} s")
    return n_wrong + abs(last.code) + print_comparison(folder / "undisturbed", output)


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, compare, print; return 1 if anything went wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=0, help="of the random moments")
    parser.add_argument("--images", type=int, default=N_IMAGES)
    parser.add_argument("--keep", type=Path, help="a new folder for everything; not removed")
    parser.add_argument("--drive", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.drive:
        place, count, config, output = options.drive
        return drive(place, int(count), config, output)
    random.seed(options.seed)
    with tempfile.TemporaryDirectory(prefix="bioselect-interruptions-") as name:
        folder = Path(name) if options.keep is None else options.keep.resolve()
        draw_folder(folder / "images", options.images, SIDE, seed=0)
        config = folder / "config.yaml"
        text = CONFIGURATION.format(images=folder / "images", output=folder / "unused")
        config.write_text(text, encoding="utf-8")
        n_wrong = interrupt(folder, config) + press_ctrl_c(folder, config)
    print("all as it should be" if n_wrong == 0 else f"{n_wrong} things went wrong")
    return int(n_wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
