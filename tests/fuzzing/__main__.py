"""Feed a reader with damaged files: ``python -m tests.fuzzing TARGET --inputs N --seed S``.

The same target, seed and number give the same inputs. Each is fed in a process that may die. An
input may be refused with a `BioselectError`; anything else is a fault, and its bytes are saved.
"""
# ruff: noqa: E402 - libraries read the environment when they are imported.

from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse
import importlib
import pkgutil
import resource
import sys
import time
from collections import Counter
from pathlib import Path

from tests.fuzzing import targets
from tests.fuzzing.children import FINE, REFUSED, Limits, Outcome, Target, outcome_of, outcomes
from tests.fuzzing.covered import Measured

_N_SAVED_OF_A_KIND = 3
_N_SHOWN = 40


def main(arguments: list[str] | None = None) -> int:
    """Run the fuzzer; 1 if an input was neither taken nor refused."""
    names = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
    parser = argparse.ArgumentParser(prog="python -m tests.fuzzing", description=__doc__)
    parser.add_argument("target", choices=names, nargs="+")
    parser.add_argument("--inputs", type=int, default=1000, help="how many (default 1000)")
    parser.add_argument("--seed", type=int, default=0, help="other seeds, other inputs")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--seconds", type=float, default=20.0, help="processor time of an input")
    parser.add_argument("--megabytes", type=int, default=1024, help="memory of an input")
    parser.add_argument("--coverage", action="store_true", help="which lines of readers were run")
    parser.add_argument("--save-crashes", type=Path, metavar="DIR", help="where inputs are kept")
    parser.add_argument("--only", type=int, metavar="INDEX", help="feed this input alone, here")
    parser.add_argument("--file", type=Path, help="feed this file alone, here")
    chosen = parser.parse_args(arguments)
    measured = Measured() if chosen.coverage else None
    if measured:
        measured.start()
    loaded = [load(name) for name in chosen.target]
    if measured:
        measured.stop()
    if chosen.only is not None or chosen.file is not None:
        return _feed_one(loaded[0], chosen)
    limits = Limits(chosen.seconds, megabytes=chosen.megabytes)
    n_faults = 0
    for target in loaded:
        began = time.monotonic()
        found = outcomes(
            target, chosen.seed, chosen.inputs, limits, chosen.jobs, measured and measured.of_child
        )
        n_faults += _report(target, chosen, found, began)
    if measured:
        measured.report(sorted({path for name in chosen.target for path in covered_by(name)}))
    return 1 if n_faults else 0


def covered_by(name: str) -> tuple[str, ...]:
    """Return which files a target is there for, as patterns."""
    module = importlib.import_module(f"tests.fuzzing.targets.{name}")
    return tuple(getattr(module, "COVERED", ()))


def load(name: str) -> Target:
    """Return a target with its valid files."""
    module = importlib.import_module(f"tests.fuzzing.targets.{name}")
    return Target(name, module.seeds(), module.feed, getattr(module, "mutated", None))


def _feed_one(target: Target, chosen: argparse.Namespace) -> int:
    if chosen.file is not None:
        name, data = chosen.file.name.split("@")[0].replace("!", "/"), chosen.file.read_bytes()
    else:
        name, data = target.input(chosen.seed, chosen.only)
    outcome = outcome_of(target, -1, name, data)
    print(f"{name}, {len(data)} bytes: {outcome.kind} {outcome.what}\n{outcome.details}")
    return outcome.kind not in (FINE, REFUSED)


def _report(target: Target, chosen: argparse.Namespace, found: object, began: float) -> int:
    kinds: Counter[str] = Counter()
    refusals: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    used = _processor_seconds()
    for outcome in found:  # type: ignore[attr-defined]
        kinds[outcome.kind] += 1
        if outcome.kind == REFUSED:
            refusals[outcome.what] += 1
        elif outcome.kind != FINE:
            what = f"{outcome.kind}: {outcome.what}"
            faults[what] += 1
            if faults[what] <= _N_SAVED_OF_A_KIND:
                _tell(target, chosen, outcome)
        if kinds.total() % 5000 == 0:
            print(f"{kinds.total()} inputs, {dict(kinds)}", flush=True)
    seconds = time.monotonic() - began
    print(f"\n{target.name}, seed {chosen.seed}: {kinds.total()} inputs in {seconds:.0f} s, "
          f"{_processor_seconds() - used:.0f} s of processor time")  # fmt: skip
    for kind, number in kinds.most_common():
        print(f"{number:8} {kind}")
    print(f"{len(refusals)} kinds of refusal, the most frequent:")
    for what, number in refusals.most_common(_N_SHOWN):
        print(f"{number:8} {what}")
    for what, number in faults.most_common():
        print(f"{number:8} FAULT {what}")
    return faults.total()


def _processor_seconds() -> float:
    """Return what this process and those that have ended took."""
    mine, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return mine.ru_utime + mine.ru_stime + children.ru_utime + children.ru_stime


def _tell(target: Target, chosen: argparse.Namespace, outcome: Outcome) -> None:
    print(f"--- input {outcome.index} ({outcome.seed_name}): {outcome.kind} {outcome.what}\n"
          f"{outcome.details}", flush=True)  # fmt: skip
    if chosen.save_crashes is None:
        return
    chosen.save_crashes.mkdir(parents=True, exist_ok=True)
    name, data = target.input(chosen.seed, outcome.index)
    stem = (
        chosen.save_crashes
        / f"{name.replace('/', '!')}@{target.name}-{chosen.seed}-{outcome.index}"
    )
    stem.write_bytes(data)
    Path(f"{stem}.txt").write_text(f"{outcome.kind} {outcome.what}\n{outcome.details}")


if __name__ == "__main__":
    sys.exit(main())
