"""Workers of a Dask scheduler: two against one, and one against this machine with one process.

    python benchmarks/cluster.py [--images 900] [--data DIR] [--weights FILE]

Starts a scheduler and workers over TCP on this machine and runs the same study three times from an
empty cache: here with one process, on one worker, on two. `scores.csv` must have the same bytes.
Times are of the command; workers are started before it, as those of a cluster are. Compiling the
network is no part of them: it is done before. Without `--data` the images are drawn.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drawn_images import draw_folder
from figures import print_figure

CONFIGURATION = """\
dataset: {dataset}
extractors:
  - {{name: mobilenet_v2, params: {{weights: {weights}}}}}
  - haralick
  - gabor
  - lbp
classifiers:
  - logistic_regression
  - lda
  - {{name: svm, search: {{C: [0.1, 1, 10, 100]}}}}
  - {{name: random_forest, params: {{n_estimators: 300}}}}
validation: {{folds: 5, repeats: {repeats}}}
output: {output}
"""


def main() -> int:
    """Run three times, compare the bytes, print seconds and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=900)
    parser.add_argument("--side", type=int, default=360, help="of drawn images")
    parser.add_argument("--repeats", type=int, default=4)
    parser.add_argument("--data", type=Path, help="a folder with labels.csv (file, class)")
    parser.add_argument("--weights", default="none", help="of MobileNetV2")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-cluster-") as name:
        folder = Path(name)
        dataset = _dataset(folder, options)
        # The network is compiled, and files are in the memory of the system.
        seconds_of_run(folder, dataset, options, "before", None, repeats=1)
        here = seconds_of_run(folder, dataset, options, "here", None)
        with cluster(folder, 1) as address:
            one = seconds_of_run(folder, dataset, options, "one", address)
        with cluster(folder, 2) as address:
            two = seconds_of_run(folder, dataset, options, "two", address)
        scores = [(folder / run / "scores.csv").read_bytes() for run in ("here", "one", "two")]
    print(f"{options.images} images: here {here:.0f} s, one worker {one:.0f} s, two {two:.0f} s")
    print_figure("cluster, two workers: times one", one / two)
    print_figure("cluster, one worker: times one process here", one / here)
    if len(set(scores)) > 1:
        print("the scores differ")
        return 1
    return 0


def _dataset(folder: Path, options: argparse.Namespace) -> str:
    if options.data is None:
        draw_folder(folder / "images", options.images, options.side, seed=0)
        return "{path: images}"
    data = options.data.resolve()
    with (data / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    step = max(1, len(rows) // options.images)
    image, target = list(rows[0])[:2]
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "class"])
        writer.writerows([data / row[image], row[target]] for row in rows[::step][: options.images])
    return "{table: labels.csv, image: file, target: class}"


@contextmanager
def cluster(folder: Path, n_workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each; end them behind the block."""
    place = folder / f"scheduler-{n_workers}.json"
    log = (folder / "dask.log").open("w")
    words = [
        ["dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--dashboard-address", ":0"],
        *[["dask_worker", "--nthreads", "1", "--no-dashboard"]] * n_workers,
    ]
    started = []
    for name, *more in words:
        command = [sys.executable, "-m", f"distributed.cli.{name}", "--scheduler-file", str(place)]
        started.append(
            subprocess.Popen(
                [*command, *more], stdout=log, stderr=log, cwd=folder, env=_env(folder)
            )
        )
    try:
        while not place.is_file():
            time.sleep(0.1)
        yield str(json.loads(place.read_text(encoding="utf-8"))["address"])
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            process.wait(30)
        log.close()


def _env(folder: Path) -> dict[str, str]:
    # The workers find the compiled network where this machine has it.
    return {**os.environ, "BIOSELECT_CACHE": str(folder / "cache")}


def seconds_of_run(
    folder: Path,
    dataset: str,
    options: argparse.Namespace,
    name: str,
    address: str | None,
    repeats: int | None = None,
) -> float:
    """Run the study in a process of its own and return how long it took."""
    text = CONFIGURATION.format(
        dataset=dataset,
        weights=options.weights,
        repeats=repeats or options.repeats,
        output=name,
    )
    if address is not None:
        n_workers = {"one": 1, "two": 2}[name]
        text += f"execution: {{backend: dask, scheduler: '{address}', workers: {n_workers}}}\n"
    config = folder / f"{name}.yaml"
    config.write_text(text, encoding="utf-8")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bioselect", "run", str(config), "--jobs", "1"],
        env=_env(folder),
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"the run ended with {done.returncode}:\n{done.stderr}")
    print(f"{name}: {seconds:.1f} s")
    for line in done.stderr.splitlines():
        if "done in" in line:
            print(f"  {line}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
