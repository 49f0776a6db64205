"""Whether a run keeps to its budget, start-up included.

    python benchmarks/budget.py [--images 300] [--side 256] [--budgets 60 120] [--jobs 2]

A study of a network, three descriptors and eight classifiers on drawn images, each budget from an
empty cache (but for the compiled network), with folds for more time than it gives. Then the same
once more with another number of processes and no features: the decisions are those of the first
run, so all tables must have the same bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from drawn_images import draw_folder
from figures import print_figure

CONFIGURATION = """\
dataset: {path: images}
extractors:
  - {name: mobilenet_v2, params: {weights: none, alpha: 0.35}}
  - haralick
  - hog
  - lbp
classifiers: [logistic_regression, svm, lda, knn, mlp, random_forest, extra_trees,
              gradient_boosting]
validation: {folds: 5, repeats: 20}
output: results
"""
OTHERS = ("- haralick", "- hog", "- lbp")
TABLES = ("ranking.csv", "scores.csv", "comparisons.csv", "out_of_fold.h5", "study.json")


def main() -> int:
    """Run with each budget, twice; print the share that was used; return 1 if bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--budgets", type=int, nargs="+", default=[60, 120], help="in seconds")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    shares, n_wrong = [], 0
    with tempfile.TemporaryDirectory(prefix="bioselect-budget-") as name:
        folder = Path(name)
        draw_folder(folder / "images", options.images, options.side, seed=0)
        (folder / "config.yaml").write_text(CONFIGURATION, encoding="utf-8")
        # Compiles the network, which is the only extractor there.
        only = "".join(one for one in CONFIGURATION.splitlines(True) if one.strip() not in OTHERS)
        (folder / "network.yaml").write_text(only, encoding="utf-8")
        run(folder, 1, options.jobs, "network.yaml")
        for budget in options.budgets:
            shutil.rmtree(folder / "results")
            shares.append(run(folder, budget, options.jobs) / budget)
            first = tables(folder)
            for made in ("features", ".journal"):
                path = folder / "results" / made
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            run(folder, budget, options.jobs + 1)
            n_wrong += tables(folder) != first
            same = "equal" if tables(folder) == first else "differ"
            print(f"budget {budget} s: {shares[-1]:.0%} used; again: bytes {same}", flush=True)
    print_figure("budget: largest share used", max(shares))
    return int(n_wrong > 0)


def run(folder: Path, budget: int, jobs: int, name: str = "config.yaml") -> float:
    """Run the study and return the seconds of the command."""
    config = str(folder / name)
    command = [sys.executable, "-m", "bioselect", "run", config, "--jobs", str(jobs)]
    start = time.perf_counter()
    done = subprocess.run(
        [*command, "--budget", f"{budget}s"],
        env={**os.environ, "BIOSELECT_CACHE": str(folder / "cache")},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(f"the run ended with {done.returncode}:\n{done.stderr}")
    print("  ", [line for line in done.stdout.splitlines() if line.startswith("Budget")][-1])
    return time.perf_counter() - start


def tables(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "results" / name).read_bytes() for name in TABLES}


if __name__ == "__main__":
    sys.exit(main())
