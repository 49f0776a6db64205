"""From 500 image files to the first report, and again with one classifier more.

    python benchmarks/first_report.py [--images 500] [--side 512] [--jobs 2]

Draws the images, runs a study of 2 networks, 2 descriptors and 6 classifiers from an empty cache,
adds a classifier to its configuration and runs it again: nothing that was computed is computed
again. Both times are of the command, start-up included; compiling the networks is part of the
first.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drawn_images import draw_folder
from figures import print_figure

CLASSIFIERS = ["logistic_regression", "svm", "random_forest", "knn", "lda", "gradient_boosting"]
ONE_MORE = "naive_bayes"
CONFIGURATION = """\
dataset: {{path: images}}
extractors:
  - {{name: resnet50, params: {{weights: none}}}}
  - {{name: mobilenet_v2, params: {{weights: none}}}}
  - haralick
  - lbp
classifiers: [{classifiers}]
output: results
"""


def main() -> int:
    """Draw, run twice, print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-report-") as name:
        folder = Path(name)
        draw_folder(folder / "images", options.images, options.side, seed=0)
        before = os.times()
        first = seconds_of_run(folder, CLASSIFIERS, options.jobs)
        after = os.times()
        second = seconds_of_run(folder, [*CLASSIFIERS, ONE_MORE], options.jobs)
    print(
        f"{options.images} images of {options.side} px, 4 extractors x 6 classifiers: {first:.0f} s"
    )
    print(f"again with {ONE_MORE}: {second:.1f} s, {second / first:.3f} of the first")
    print_figure("first report, seconds", first)
    processor = sum(after[2:4]) - sum(before[2:4])  # of the processes that ended meanwhile
    print_figure("first report, seconds of processor time", processor)
    print_figure("second run, share of the first", second / first)
    return 0


def seconds_of_run(folder: Path, classifiers: list[str], jobs: int) -> float:
    """Run the study in a process of its own and return how long it took."""
    config = folder / "config.yaml"
    config.write_text(CONFIGURATION.format(classifiers=", ".join(classifiers)), encoding="utf-8")
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bioselect", "run", str(config), "--jobs", str(jobs)],
        env={**os.environ, "BIOSELECT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    if done.returncode != 0:
        raise SystemExit(f"the run ended with {done.returncode}:\n{done.stderr}")
    for line in done.stderr.splitlines():
        if "done in" in line:
            print(f"  {line}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
