"""All benchmarks, one after the other, and the goals beside what was measured.

    python benchmarks/all.py [--only NAME ...] [--quick] [--repetitions 3] [--markdown FILE]
    python benchmarks/all.py --only memory --earlier LOG ...    # with what was printed before

Scripts that measure time run three times, in turns, those that look for wrong results or measure
memory once: more than an hour on two cores. `--quick` runs everything once on small data, to see
that it works; its figures mean nothing. What simulates studies takes hours and is run in full only
where `--only` names it (no_signal, study_simulation, grouped_corrections, interval_coverage,
prediction_sets). A goal that is missed is said to be missed; only wrong results (other predictions,
other bytes, TensorFlow imported) end with 1.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from figures import figures_in, machine_in_words

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Benchmark:
    """A script, its arguments in full and with `--quick`, and whether one run of it is enough.

    What is `slow` takes hours: it is run in full only where `--only` names it.
    """

    script: str
    arguments: str = ""
    quick: str = ""
    once: bool = False
    slow: bool = False


@dataclass(frozen=True)
class Goal:
    """What is wanted of one figure."""

    what: str
    figure: str
    at_least: float | None = None
    at_most: float | None = None

    def in_words(self) -> str:
        """Return the bound."""
        if self.at_least is not None:
            return f"at least {self.at_least:g}"
        return f"at most {self.at_most:g}"

    def is_met(self, value: float) -> bool:
        """Tell whether a figure keeps to the bound."""
        if self.at_least is not None:
            return value >= self.at_least
        return self.at_most is None or value <= self.at_most


QUICKSTART = str(HERE.parent / "configs" / "quickstart.yaml")
#: One network of each kind, for the equality of engines.
SEVEN = "mobilenet_v2 resnet50 vgg16 efficientnet_b0 densenet121 inception_v3 convnext_tiny"
BENCHMARKS: Mapping[str, Benchmark] = {
    "frozen_features": Benchmark("frozen_features.py", quick="mobilenet_v2 --rounds 1"),
    "cold_predict": Benchmark("cold_predict.py", quick="--repeats 1"),
    "cross_validation": Benchmark(
        "cross_validation.py", quick="--images 200 --features 400 --folds 5"
    ),
    "first_report": Benchmark("first_report.py", quick="--images 40 --side 96"),
    "cluster": Benchmark("cluster.py", quick="--images 40 --side 64 --repeats 1", once=True),
    "cluster_tasks": Benchmark("cluster_tasks.py", quick="--tasks 50 --megabytes 10 20", once=True),
    "growth": Benchmark("growth.py", quick="--images 60 120", once=True, slow=True),
    "scale": Benchmark("scale.py", quick="--images 20 --side 64"),
    "checking": Benchmark("checking.py", quick="--images 40"),
    "memory": Benchmark("memory.py", quick="--images 120 --predictions 240", once=True),
    "mask_memory": Benchmark("mask_memory.py", quick="--side 600 --models otsu", once=True),
    "engines": Benchmark(
        "engines.py", f"{SEVEN} --rounds 1 --n-images 8", "mobilenet_v2 --n-images 4", once=True
    ),
    "one_pass": Benchmark("one_pass.py", quick="--images 40 --side 96 --turns 1", once=True),
    "augmentation": Benchmark("augmentation.py", quick="--images 10 --side 64", once=True),
    "budget": Benchmark("budget.py", quick="--images 40 --side 64 --budgets 25", once=True),
    "training_throughput": Benchmark(
        "training_throughput.py",
        "--rounds 1",
        "--sides 28 --rounds 1 --epochs 1 --images 64",
    ),
    "mask_training_throughput": Benchmark(
        "mask_training_throughput.py",
        "--rounds 2",
        "--side 64 --width 4 --rounds 1 --epochs 1 --images 16",
    ),
    "row_networks": Benchmark("row_networks.py", quick="--rows 60 --epochs 3 --rounds 1"),
    "study": Benchmark("study.py", quick="--candidates 6 --images 100 --repeats 2"),
    "calibration_floor": Benchmark("calibration_floor.py", quick="--quick", once=True),
    "explaining": Benchmark(
        "explaining.py", quick="--images 60 --side 48 --only haralick", once=True
    ),
    "interval_coverage": Benchmark(
        "interval_coverage.py", quick="--repetitions 4", once=True, slow=True
    ),
    "prediction_sets": Benchmark("prediction_sets.py", quick="--splits 4", once=True, slow=True),
    "shortcuts": Benchmark("shortcuts.py", quick="--sets 3 --planted 1", once=True, slow=True),
    "no_signal": Benchmark("no_signal.py", quick="--quick --images 60", once=True, slow=True),
    "study_simulation": Benchmark(
        "study_simulation.py", quick="--quick --only equal 100", once=True, slow=True
    ),
    "grouped_corrections": Benchmark(
        "grouped_corrections.py", quick="--quick --classifiers kNN", once=True, slow=True
    ),
    "same_bytes": Benchmark("same_bytes.py", quick="--drawn 60", once=True),
    "interruptions": Benchmark("interruptions.py", once=True),
    "faults": Benchmark("faults.py", once=True),
    "profile_quickstart": Benchmark("profile_run.py", QUICKSTART, QUICKSTART, once=True),
    "profile": Benchmark("profile_run.py", quick="--images 60 --side 64", once=True),
}
#: What takes many minutes and cannot be made small.
LEFT_OUT_OF_QUICK = ("interruptions", "faults")

_LIMIT, _KERAS = "share of the FP32 limit", "times keras.Model.predict"
GOALS = (
    Goal("heat on a planted marker, `haralick`: median share", "haralick: heat on the marker", 0.6),
    Goal("the same, `lbp`", "lbp: heat on the marker", 0.6),
    Goal("the same, `small_cnn`", "small_cnn: heat on the marker", 0.6),
    Goal("ResNet50, files of 224 px: share of the FP32 limit", f"resnet50: {_LIMIT}", 0.85),
    Goal("VGG16, the same", f"vgg16: {_LIMIT}", 0.85),
    Goal("ResNet50, decoding included: times `keras.Model.predict`", f"resnet50: {_KERAS}", 1.4),
    Goal("VGG16, the same", f"vgg16: {_KERAS}", 1.4),
    Goal("MobileNetV2, the same", f"mobilenet_v2: {_KERAS}", 3.0),
    Goal("`predict` of one image, cold, best of 3: seconds", "cold predict, seconds", at_most=2.5),
    Goal(
        "cross-validation, 8 classifiers, 1,000 x 2,048: times plain pipelines",
        "cross-validation, all together: times as fast",
        8.0,
    ),
    Goal(
        "the same without the 3 ensembles of trees",
        "cross-validation, all but the trees: times as fast",
        8.0,
    ),
    Goal("two workers of a cluster: times one", "cluster, two workers: times one", 1.6),
    Goal(
        "one worker: times one process here",
        "cluster, one worker: times one process here",
        at_most=1.1,
    ),
    Goal("500 images, 4 extractors x 6 classifiers: seconds", "first report, seconds", at_most=600),
    Goal(
        "the same with one classifier more: share of the first time",
        "second run, share of the first",
        at_most=0.1,
    ),
    Goal("memory of `run`, 5,000 images: GB above TensorFlow", "memory of run, GB", at_most=2.0),
    Goal("memory of `predict`, 20,000 files: GB", "memory of predict, network, GB", at_most=2.0),
    Goal(
        "10 times the images: times the processor time of extraction",
        "10 times the images, times the processor time",
        at_most=11.0,
    ),
    Goal(
        "one pass over ten times the images: times the time",
        "one pass, ten times the images: times the time",
        at_most=11.0,
    ),
    Goal(
        "a budget of 1 and of 2 minutes: largest share used, start-up included",
        "budget: largest share used",
        at_most=1.1,
    ),
    Goal(
        "f32 engines: relative L2 to Keras",
        "engines: largest relative L2 to Keras, f32",
        at_most=1e-4,
    ),
    Goal(
        "training of ResNet-18 at 28 px: share of `model.fit`",
        "training, resnet18 at 28 px: share of model.fit",
        0.95,
    ),
    Goal("the same at 224 px", "training, resnet18 at 224 px: share of model.fit", 0.95),
    Goal(
        "training of U-Net (width 16) on masks at 256 px: share of `model.fit`",
        "training of masks, U-Net of width 16 at 256 px: share of model.fit",
        0.95,
    ),
    Goal(
        "study of 48 stored candidates, 50 folds, 1,000 images, 1,000 draws, by balanced accuracy: "
        "seconds",
        "study by balanced_accuracy, seconds",
        at_most=20,
    ),
    Goal("the same by macro F1", "study by f1_macro, seconds", at_most=20),
    Goal("the same by Cohen's kappa", "study by cohen_kappa, seconds", at_most=20),
    Goal("the same by ROC AUC", "study by roc_auc, seconds", at_most=120),
    Goal("the same by average precision", "study by average_precision, seconds", at_most=120),
    Goal("mask of 10,000 x 10,000 pixels, by a U-Net: GB", "10000 px, unet, masks: GB", at_most=4),
    Goal(
        "the same with probabilities, overlay and crops: GB",
        "10000 px, unet, everything: GB",
        at_most=4,
    ),
    Goal("the same by Otsu: GB", "10000 px, otsu, everything: GB", at_most=4),
    Goal(
        "calibration by ten of each class, twice as sure: log loss gained",
        "calibration of 10 a class, twice as sure: gain",
        0.0,
    ),
    Goal(
        "90 % intervals of predicted numbers: lowest mean coverage of a kind of study",
        "intervals: lowest coverage",
        0.88,
    ),
    Goal(
        "90 % prediction sets of images of new groups: mean coverage",
        "prediction sets, drawn groups: coverage",
        0.88,
    ),
    Goal(
        "pure noise, 60 drawn images, 60 combinations: what is expected less 0.5",
        "noise, 60 images: honest less 0.5",
        at_most=0.03,
    ),
    Goal("the same, 150 images", "noise, 150 images: honest less 0.5", at_most=0.03),
    Goal(
        "simulated studies of equal pipelines: largest share of tables with a false claim",
        "simulation: false claims, largest share of tables",
        at_most=0.07,
    ),
    Goal(
        "the same: how far what is expected is from the truth, largest mean",
        "simulation: honest less truth, largest mean",
        at_most=0.03,
    ),
    Goal(
        "quickstart: largest part of ours, as share of processor time",
        "quickstart: largest share of ours",
        at_most=0.1,
    ),
    Goal("900 drawn images: the same", "drawn: largest share of ours", at_most=0.1),
)


def main() -> int:
    """Run the scripts, print the table; return 1 if one of them found wrong results."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, metavar="NAME", default=())
    parser.add_argument("--quick", action="store_true", help="once, on small data")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--earlier", nargs="+", type=Path, default=(), metavar="LOG")
    parser.add_argument("--markdown", type=Path, help="a file for the table")
    options = parser.parse_args()
    left_out = LEFT_OUT_OF_QUICK if options.quick else ()
    names = options.only or [
        name
        for name, benchmark in BENCHMARKS.items()
        if name not in left_out and (options.quick or not benchmark.slow)
    ]
    machine = machine_in_words()
    figures: dict[str, list[float]] = defaultdict(list)
    for log in options.earlier:
        for figure, value in figures_in(log.read_text(encoding="utf-8")):
            figures[figure].append(value)
    wrong = set()
    with tempfile.TemporaryDirectory(prefix="bioselect-benchmarks-") as cache:
        for repetition in range(1 if options.quick else options.repetitions):
            for name in names:
                if repetition > 0 and BENCHMARKS[name].once:
                    continue
                text, is_right = run(name, options.quick, cache)
                if not is_right:
                    wrong.add(name)
                for figure, value in figures_in(text):
                    figures[figure].append(value)
    text = table_in_words(machine, figures, names, sorted(wrong))
    if options.quick:
        text = f"Small data, to see that everything works: the figures mean nothing.\n\n{text}"
    print(f"\n{text}")
    if options.markdown is not None:
        options.markdown.write_text(text, encoding="utf-8")
    return int(bool(wrong))


def run(name: str, quick: bool, cache: str) -> tuple[str, bool]:
    """Run one script, print what it prints; return that, and whether all was right.

    Compiled networks are kept in the folder `cache`, so that each is compiled once.
    """
    benchmark = BENCHMARKS[name]
    arguments = (benchmark.quick if quick else benchmark.arguments).split()
    command = [sys.executable, str(HERE / benchmark.script), *arguments]
    print(f"\n--- {name}: {' '.join([benchmark.script, *arguments])}", flush=True)
    start = time.perf_counter()
    environment = {**os.environ, "BIOSELECT_CACHE": cache}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    print(done.stdout)
    if done.returncode != 0:
        print(done.stderr, file=sys.stderr)
    seconds = time.perf_counter() - start
    print(f"--- {name}: exit code {done.returncode} after {seconds:.0f} s", flush=True)
    return done.stdout, done.returncode == 0


def table_in_words(
    machine: str, figures: Mapping[str, list[float]], names: Sequence[str], wrong: Sequence[str]
) -> str:
    """Return Markdown: the machine, the goals, the other figures, what went wrong."""
    lines = [machine, "", "| what | median | range | goal | |", "|---|---|---|---|---|"]
    for goal in GOALS:
        if goal.figure in figures:
            median, seen = _in_words(figures[goal.figure])
            met = "met" if goal.is_met(statistics.median(figures[goal.figure])) else "**missed**"
            lines.append(f"| {goal.what} | {median} | {seen} | {goal.in_words()} | {met} |")
    others = [name for name in figures if name not in {goal.figure for goal in GOALS}]
    if others:
        lines += ["", "| other figures | median | range |", "|---|---|---|"]
        lines += [f"| {name} | {' | '.join(_in_words(figures[name]))} |" for name in others]
    right = [name for name in names if name not in wrong]
    lines += ["", f"Results right in: {', '.join(right) or 'none'}."]
    if wrong:
        lines.append(f"**Wrong or broken: {', '.join(wrong)}.**")
    return "\n".join(lines) + "\n"


def _in_words(values: Sequence[float]) -> tuple[str, str]:
    """Return the median, and the range with the number of repetitions."""
    seen = f"{_rounded(min(values))} to {_rounded(max(values))} ({len(values)})"
    return _rounded(statistics.median(values)), seen if len(values) > 1 else "once"


def _rounded(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


if __name__ == "__main__":
    sys.exit(main())
