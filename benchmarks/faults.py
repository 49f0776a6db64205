"""Faults at random moments of small real commands: nothing is lost, and what happened is said.

    python benchmarks/faults.py [--kinds WORD ...] [--moments 10] [--results FILE]

Each command runs once undisturbed. Then it meets each kind of fault (rows of `fault_kinds.py`) at
moments drawn by a seed, is started again where it did not end well, and its products are compared
byte by byte. Linux; some kinds mount a small file system, which takes the rights of the superuser.
"""

from __future__ import annotations

import argparse
import atexit
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
from comparing import MAY_DIFFER, compared
from fault_kinds import EQUAL, KILLED, KINDS, MESSAGE, TOLD, Kind, Place
from fault_scenes import OUTPUT, SCENES, Scene

INJECTED = Path(__file__).with_name("injected")
SECONDS_FOR_A_COMMAND = 240.0
SECONDS_FOR_PROCESSES_TO_END = 6.0
WRONG, NOT_MET = "wrong", "not met"


@dataclass(frozen=True)
class Ended:
    """How a command ended; `n_left` of its processes lived on."""

    code: int
    said: str
    n_left: int
    second: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of one moment."""

    kind: str
    scene: str
    seed: int
    became: str
    problem: str
    n_left_over: int


class Stage:
    """A folder in which one command after the other is run, always in the same place.

    Everything heavy is imported here and commands are forks of this process: to import costs more
    than the studies do.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.scene_folder = root / "scene"
        self.undisturbed: dict[str, Path] = {}
        self.counts: dict[str, dict[str, int]] = {}

    def prepare(self, scene: Scene) -> Place:
        """Fill the folder anew."""
        _unmount(self.scene_folder)
        shutil.rmtree(self.scene_folder, ignore_errors=True)
        self.scene_folder.mkdir(parents=True)
        finished = self.undisturbed.get("classification", self.root)
        scene.make(self.scene_folder, finished)
        return Place(self.scene_folder, random.Random(0))

    def know(self, scene: Scene) -> None:
        """Run a command undisturbed, once, and count its moments."""
        if scene.name in self.undisturbed:
            return
        if scene.words[0] != "run":
            self.know(SCENES["classification"])
        self.prepare(scene)
        counts = self.root / "counts.json"
        fault = {"count_to": str(counts), "within": str(self.scene_folder / OUTPUT)}
        ended = self.start(scene, fault, {})
        if ended.code != 0:
            raise SystemExit(f"{scene.name}: the undisturbed command failed:\n{ended.said}")
        self.undisturbed[scene.name] = self.root / "undisturbed" / scene.name
        self.counts[scene.name] = json.loads(counts.read_text(encoding="utf-8"))
        shutil.copytree(self.scene_folder / OUTPUT, self.undisturbed[scene.name])

    def start(
        self,
        scene: Scene,
        fault: Mapping[str, Any],
        environment: Mapping[str, str],
        kind: Kind | None = None,
        place: Place | None = None,
    ) -> Ended:
        """Run a command to its end, do meanwhile what the kind asks for, and end what it left."""
        said = self.root / "said.txt"
        mark = f"{os.getpid()}-{time.monotonic_ns()}"
        variables = {**environment, "FAULT_MARK": mark, "PYTHONPATH": _paths()}
        variables["BIOSELECT_FAULT"] = json.dumps(fault)
        second = ""
        pid = _forked(scene.words, fault, self.scene_folder, said, variables)
        began = time.monotonic()
        asked = Path(fault.get("ask", "/nowhere") + ".asked")
        while (code := _ended(pid)) is None:
            time.sleep(0.01)
            if time.monotonic() - began > SECONDS_FOR_A_COMMAND:
                os.kill(pid, signal.SIGKILL)
            if asked.exists() and kind is not None and place is not None:
                asked.unlink()
                if kind.meanwhile is not None:
                    kind.meanwhile(place)
                if fault.get("second"):
                    second = self.second_run(scene)
                Path(fault["ask"] + ".answered").touch()
            if "STOP" in fault.get("signals", ()):
                _continue_stopped(mark)
        n_left = _end_marked(mark)
        text = said.read_text(encoding="utf-8", errors="replace")
        return Ended(code, text, n_left, second)

    def second_run(self, scene: Scene) -> str:
        """Start the command beside the one that runs, and return what it says."""
        said = self.root / "second.txt"
        variables = {"PYTHONPATH": _paths(), "BIOSELECT_FAULT": "{}"}
        pid = _forked(scene.words, {}, self.scene_folder, said, variables)
        while (code := _ended(pid)) is None:
            time.sleep(0.02)
        return f"exit {code}: {said.read_text(encoding='utf-8')}"

    def try_out(self, kind: Kind, number: int, seed: int) -> Outcome:
        """Let a command meet a fault at one moment; judge what came of it."""
        scene = SCENES[kind.scenes[number % len(kind.scenes)]]
        self.know(scene)
        drawn = random.Random(f"{kind.name} {number} {seed}")
        place = replace(self.prepare(scene), random=drawn)
        kind.before(place)
        fault = self._fault(kind, scene, drawn)
        environment = {
            name: str(self.scene_folder / value) if value == "temp" else value
            for name, value in kind.environment.items()
        }
        ended = self.start(scene, fault, environment, kind, place)
        became, problem = self._judged(kind, scene, ended)
        kind.between(place)
        if (became != EQUAL or kind.again) and not problem:
            again = self.start(scene, {}, {})
            if again.code != 0:
                problem = f"started again: exit {again.code}: {again.said[-600:]}"
            elif different := self._different(scene, kind.ignored):
                problem = f"started again: {', '.join(different)}"
        left_over = [p for p in (self.scene_folder / OUTPUT).rglob("*") if _is_left_over(p)]
        _unmount(self.scene_folder)
        if "claim" in fault and not Path(fault["claim"]).exists():
            became = NOT_MET
        return Outcome(
            kind.name, scene.name, number, WRONG if problem else became, problem,
            len(left_over),
        )  # fmt: skip

    def _fault(self, kind: Kind, scene: Scene, drawn: random.Random) -> dict[str, Any]:
        fault = dict(kind.fault)
        if "limits" in fault:
            fault["limit"] = drawn.randint(*fault.pop("limits"))
        if kind.meanwhile is not None or fault.get("second"):
            fault |= {"do": "ask", "ask": str(self.root / "question")}
            Path(fault["ask"] + ".answered").unlink(missing_ok=True)
        counts = self.counts[scene.name]
        if kind.moment == "event" and fault.get("where") == "worker":
            fault["at"] = drawn.randint(1, 4000)
        elif kind.moment == "event":
            fault["at"] = drawn.randint(1, counts["all"])
        elif kind.moment:
            fault["within"] = str(self.scene_folder / OUTPUT)
            fault["at"] = drawn.randint(
                1, counts["changes" if kind.moment == "change" else "within"]
            )
        if fault.get("where") == "worker":
            fault["claim"] = str(self.root / "claimed")
            Path(fault["claim"]).unlink(missing_ok=True)
        return fault

    def _judged(self, kind: Kind, scene: Scene, ended: Ended) -> tuple[str, str]:
        """Return what the command became, and what is wrong with that."""
        if traceback_of_ours(ended.said):
            where = max(0, ended.said.index("Traceback") - 500)
            return WRONG, f"traceback: {ended.said[where : where + 4000]}"
        if ended.n_left:
            return WRONG, f"{ended.n_left} processes lived on"
        if ended.code == -signal.SIGKILL:
            became = KILLED
        elif ended.code == 0:
            different = self._different(scene, kind.ignored)
            became = TOLD if different else EQUAL
            if different and TOLD not in kind.may_be:
                return WRONG, f"ended well, but {', '.join(different)}: {ended.said[-600:]}"
        elif "error: " in ended.said or "stopped." in ended.said:
            became = MESSAGE
        else:
            return WRONG, f"exit {ended.code}, and says: {ended.said[-600:]}"
        if became not in kind.may_be and became != EQUAL:
            return WRONG, f"{became}: {ended.said[-900:]}"
        if became in (MESSAGE, TOLD) and kind.says not in ended.said:
            return WRONG, f"does not say {kind.says!r}: {ended.said[-900:]}"
        if ended.second and not ("exit 1:" in ended.second and "It is process" in ended.second):
            return WRONG, f"the second run: {ended.second[-600:]}"
        return became, ""

    def _different(self, scene: Scene, ignored: str) -> list[str]:
        one, other = self.undisturbed[scene.name], self.scene_folder / OUTPUT
        _, different = compared(one, other)
        return [name for name in different if not _may_be(name, ignored)]


def traceback_of_ours(said: str) -> bool:
    """Tell whether a traceback is shown that has a line of the package.

    What Python prints of a worker that has no memory to start with has none: nobody can catch it.
    """
    parts = said.split("Traceback (most recent call last)")[1:]
    return any(re.search(r'^  File ".*[/\\]bioselect[/\\]', part, re.M) for part in parts)


def _may_be(name: str, ignored: str) -> bool:
    if (ignored and name.startswith(ignored)) or ".damaged (" in name:
        return True  # What was damaged is set aside, not lost.
    path = Path(name.split(" (")[0])
    return path.name in (*MAY_DIFFER, ".lock.holder") or ".journal" in path.name


def _is_left_over(path: Path) -> bool:
    return path.name.startswith(".unfinished-") or path.name.endswith(".holder")


def _paths() -> str:
    given = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join([str(INJECTED), *([given] if given else [])])


def _forked(
    words: Sequence[str], fault: Mapping[str, Any], folder: Path, said: Path,
    variables: Mapping[str, str],
) -> int:  # fmt: skip
    """Start a command in a fork that has imported everything; return its process id."""
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        os.setsid()
        os.chdir(folder)
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        if fault.get("closed pipe"):
            reader, out = os.pipe()
            os.close(reader)
        for number in (1, 2):
            os.dup2(out, number)
        # Those of this process may be files, and know where in them they are.
        sys.stdout, sys.stderr = (os.fdopen(n, "w", buffering=1, closefd=False) for n in (1, 2))
        os.environ.update(variables)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.argv = ["bioselect", *words]
        import sitecustomize_of_faults as injected

        if fault.get("where") != "worker":
            injected.install(dict(fault))
        code = _command()
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        try:
            threading._shutdown()  # as Python does at its end: processes of joblib are ended here
            atexit._run_exitfuncs()
            sys.stdout.flush()
        finally:
            os._exit(code)


def _command() -> int:
    try:
        from bioselect.cli.entry import entry
    except ImportError:
        from bioselect.cli.main import main as entry
    try:
        return entry() or 0
    except SystemExit as ended:
        return int(ended.code or 0)


def _ended(pid: int) -> int | None:
    found, status = os.waitpid(pid, os.WNOHANG)
    return None if found == 0 else os.waitstatus_to_exitcode(status)


def _marked(mark: str) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("FAULT_MARK") == mark:
                found += [process] if process.status() != psutil.STATUS_ZOMBIE else []
        except (psutil.Error, OSError):
            continue
    return found


def _end_marked(mark: str) -> int:
    """Wait a little for the processes of a command; kill those left and return their number."""
    began = time.monotonic()
    while left := _marked(mark):
        if time.monotonic() - began > SECONDS_FOR_PROCESSES_TO_END:
            for process in left:
                process.kill()
            return len(left)
        time.sleep(0.1)
    return 0


def _continue_stopped(mark: str) -> None:
    for process in psutil.process_iter():
        try:
            stopped = process.status() == psutil.STATUS_STOPPED
            if stopped and _is_ours(process):
                time.sleep(1)
                process.send_signal(signal.SIGCONT)
        except (psutil.Error, OSError):
            continue


def _is_ours(process: psutil.Process) -> bool:
    return any(parent.pid == os.getpid() for parent in process.parents())


def _unmount(folder: Path) -> None:
    for place in (folder / OUTPUT, folder / "temp"):
        while os.path.ismount(place):
            subprocess.run(["umount", "--lazy", str(place)], check=False)


def _preload() -> None:
    """Import what commands need; nothing here starts a thread."""
    os.environ.update({"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"})
    os.environ.update({"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"})
    import importlib.util

    place = INJECTED / "sitecustomize.py"
    spec = importlib.util.spec_from_file_location("sitecustomize_of_faults", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["sitecustomize_of_faults"] = module
    spec.loader.exec_module(module)
    import h5py
    import joblib
    import pandas
    import scipy.stats
    import sklearn.discriminant_analysis
    import sklearn.ensemble
    import sklearn.neighbors
    import skops.io

    import bioselect.workflows.run  # noqa: F401

    del h5py, joblib, pandas, scipy, sklearn, skops


def table(outcomes: Sequence[Mapping[str, Any]]) -> str:
    """Return the table of what came of all moments."""
    lines = ["| fault | moments | equal at once | said, then equal | killed, then equal | lost |"]
    lines.append("|---|---|---|---|---|---|")
    for name in dict.fromkeys(one["kind"] for one in outcomes):
        became = [one["became"] for one in outcomes if one["kind"] == name]
        became = [one for one in became if one != NOT_MET]
        n_said = became.count(MESSAGE) + became.count(TOLD)
        counts = (
            len(became),
            became.count(EQUAL),
            n_said,
            became.count(KILLED),
            became.count(WRONG),
        )
        lines.append(f"| {name.replace('|', chr(92) + '|')} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Meet all faults, print the table; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kinds", nargs="+", help="only those whose name has one of these words")
    parser.add_argument("--moments", type=int, default=10, help="of each kind")
    parser.add_argument("--first", type=int, default=0, help="number of the first moment")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--results",
        type=Path,
        nargs="+",
        default=[],
        help="files of lines; what they hold is not repeated, the first gets what is new",
    )
    parser.add_argument("--table", action="store_true", help="only print the table of --results")
    options = parser.parse_args(arguments)
    lines = []
    for path in options.results:
        if path.is_file():
            lines += [json.loads(line) for line in path.read_text().splitlines()]
    done = {(one["kind"], one["seed"]) for one in lines}
    kinds = [k for k in KINDS if not options.kinds or any(w in k.name for w in options.kinds)]
    if not options.table:
        _preload()
        random.Random(options.first).shuffle(kinds)  # several may be run beside one another
        # Not `TemporaryDirectory`: forks would remove it at their end.
        root = Path(tempfile.mkdtemp(prefix="bioselect-faults-"))
        try:
            stage = Stage(root)
            for number in range(options.first, options.first + options.moments):
                for kind in kinds:
                    if (kind.name, number) in done:
                        continue
                    outcome = stage.try_out(kind, number, options.seed)
                    lines.append(vars(outcome))
                    print(f"{kind.name}, {outcome.scene}, {number}: {outcome.became}", flush=True)
                    if outcome.problem:
                        print(f"    {outcome.problem}", flush=True)
                    if options.results:
                        with options.results[0].open("a", encoding="utf-8") as file:
                            file.write(json.dumps(vars(outcome)) + "\n")
        finally:
            _unmount(root / "scene")
            shutil.rmtree(root, ignore_errors=True)
    print(table(lines))
    return int(any(one["became"] == WRONG for one in lines))


if __name__ == "__main__":
    raise SystemExit(main())
