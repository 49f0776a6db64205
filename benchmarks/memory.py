"""How much memory a study of thousands of images and a long prediction take.

    python benchmarks/memory.py                                  # 5,000 images, 20,000 predictions
    python benchmarks/memory.py --images 500 --predictions 2000  # the same in a few minutes
    python benchmarks/memory.py --weights ../weights/mobilenet_v2_alpha0.35_224_notop.h5

Draws the images, runs the commands `run` and `predict`, and adds up the resident memory of all
their processes five times a second. What a process takes that only loads TensorFlow and the network
is measured by itself and subtracted. Memory that processes share is counted once for each.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
from drawn_images import draw_folder, multiply_files
from figures import print_figure

SECONDS_BETWEEN_SAMPLES = 0.2
SIDE = 112
INPUT_SIZE = 96
#: So many different files stand behind the names that are predicted.
N_DIFFERENT_PREDICTED = 1000

LOAD_ONLY = f"""
import sys
import keras
network = keras.applications.MobileNetV2(
    alpha=0.35, input_shape=({INPUT_SIZE}, {INPUT_SIZE}, 3), include_top=False, weights=None
)
if sys.argv[1] != "none":
    network.load_weights(sys.argv[1])
print("loaded", flush=True)
sys.stdin.read()
"""

CONFIGURATION = """\
dataset: {{path: {images}}}
extractors:
{extractors}
classifiers: [lda, knn]
validation: {{repeats: 1}}
cache: {cache}
output: {output}
"""
NETWORK = """\
  - name: mobilenet_v2
    params: {{alpha: 0.35, input_size: {input_size}, weights: {weights}}}"""


@dataclass(frozen=True)
class Peak:
    """The most that a command and its processes took, and what it said last before that."""

    n_bytes: int
    n_processes: int
    under_way: str
    seconds: float


def main() -> int:
    """Measure and print."""
    options = _parser().parse_args()
    weights = options.weights if options.weights == "none" else str(Path(options.weights).resolve())
    with tempfile.TemporaryDirectory(prefix="bioselect-memory-") as name:
        _measure(Path(name), options, weights)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=5000)
    parser.add_argument("--predictions", type=int, default=20_000)
    parser.add_argument("--weights", default="none", help="a file of Keras weights, or none")
    parser.add_argument("--jobs", type=int, default=2)
    return parser


def _measure(folder: Path, options: argparse.Namespace, weights: str) -> None:
    images, predicted = folder / "images", folder / "predicted"
    draw_folder(images, options.images, SIDE, seed=0)
    n_drawn = min(options.predictions, N_DIFFERENT_PREDICTED)
    draw_folder(folder / "new", n_drawn, SIDE, seed=1)
    multiply_files(predicted, sorted((folder / "new").rglob("*.png")), options.predictions)
    loaded = memory_of_loading(weights)
    network = NETWORK.format(weights=weights, input_size=INPUT_SIZE)
    study = _write_config(folder, "study", images, network + "\n  - intensity\n  - lbp")
    # Of its features, which are in the cache by then, a model is made whatever the study chose.
    network_only = _write_config(folder, "network", images, network)
    jobs = ["--jobs", str(options.jobs)]
    peaks = {}
    for what, config in (("run", study), ("run, network only", network_only)):
        peaks[what] = watch(["run", str(config), *jobs], folder)
    for what, config in (("predict", study), ("predict, network", network_only)):
        model = str(config.with_suffix("") / "model")
        table = folder / "predictions.csv"
        arguments = [model, str(predicted), "-o", str(table)]
        peaks[what] = watch(["predict", *arguments, *jobs], folder)
        n_rows = len(table.read_text(encoding="utf-8").splitlines()) - 1
        if n_rows != options.predictions:
            raise SystemExit(f"{what}: {options.predictions} rows expected. Got {n_rows}.")
    _report(options, loaded, peaks)


def _write_config(folder: Path, name: str, images: Path, extractors: str) -> Path:
    config = folder / f"{name}.yaml"
    text = CONFIGURATION.format(
        images=images, extractors=extractors, cache=folder / "cache", output=folder / name
    )
    config.write_text(text, encoding="utf-8")
    return config


def memory_of_loading(weights: str) -> int:
    """Return the resident bytes of a process that loads TensorFlow and the network, no more."""
    with subprocess.Popen(
        [sys.executable, "-c", LOAD_ONLY, weights],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        text=True,
    ) as process:
        if process.stdout is None or process.stdout.readline().strip() != "loaded":
            raise SystemExit("TensorFlow or the network could not be loaded.")
        n_bytes = psutil.Process(process.pid).memory_info().rss
        process.communicate()
    return int(n_bytes)


def watch(arguments: Sequence[str], folder: Path) -> Peak:
    """Run one command of bioselect to its end and return its peak."""
    log = folder / "log.txt"
    peak = Peak(0, 0, "", 0.0)
    started = time.monotonic()
    with log.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "bioselect", *arguments],
            stdout=stream,
            stderr=subprocess.STDOUT,
            env=_environment(),
        )
        while process.poll() is None:
            n_bytes, n_processes = memory_of_tree(process.pid)
            if n_bytes > peak.n_bytes:
                lines = log.read_text(errors="replace").splitlines()
                peak = Peak(n_bytes, n_processes, lines[-1] if lines else "the start", 0.0)
            time.sleep(SECONDS_BETWEEN_SAMPLES)
    text = log.read_text(errors="replace")
    print(f"--- bioselect {arguments[0]}\n{text}", file=sys.stderr, flush=True)
    if process.returncode != 0:
        raise SystemExit(f"bioselect {arguments[0]} ended with {process.returncode}:\n{text}")
    return Peak(peak.n_bytes, peak.n_processes, peak.under_way, time.monotonic() - started)


def memory_of_tree(pid: int) -> tuple[int, int]:
    """Return the resident bytes of a process and all below it, and how many they are."""
    try:
        root = psutil.Process(pid)
        tree = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0, 0
    n_bytes = 0
    for process in tree:
        try:
            n_bytes += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return n_bytes, len(tree)


def _environment() -> dict[str, str]:
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}


def _report(options: argparse.Namespace, loaded: int, peaks: dict[str, Peak]) -> None:
    names = ("tensorflow", "keras", "scikit-learn")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    print(f"Python {platform.python_version()}, {versions}, {os.cpu_count()} cores")
    print(
        f"{options.images} images of {SIDE} px, {options.predictions} predictions, network at "
        f"{INPUT_SIZE} px, weights {Path(options.weights).name}, --jobs {options.jobs}"
    )
    print(f"TensorFlow and the network only: {loaded / 1e9:.2f} GB")
    for what, peak in peaks.items():
        print(
            f"{what}: {peak.n_bytes / 1e9:.2f} GB in {peak.n_processes} processes, "
            f"{(peak.n_bytes - loaded) / 1e9:.2f} GB above that; {peak.seconds:.0f} s. "
            f"Last words before the peak: {peak.under_way}"
        )
        print_figure(f"memory of {what}, GB", (peak.n_bytes - loaded) / 1e9)


if __name__ == "__main__":
    raise SystemExit(main())
