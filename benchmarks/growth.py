"""How a whole study grows with its images: 1,000, 10,000 and 100,000 of 64 px.

    python benchmarks/growth.py [--images 1000 10000 100000] [--work FOLDER] [--jobs 2]

Draws the images, runs the command `run` with three descriptors and three classifiers (5 folds
once), and states for each count the time of the processor and by the clock, the most memory of all
processes together, and the bytes of the cache and of the run folder. With `--work` what was drawn
is kept and used again.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from drawn_images import draw_folder
from figures import print_figure
from memory import memory_of_tree

COUNTS = (1_000, 10_000, 100_000)
SIDE = 64
SECONDS_BETWEEN_SAMPLES = 0.2
CONFIGURATION = """\
dataset: {path: images}
extractors: [intensity, lbp, color_histogram]
classifiers: [logistic_regression, lda, naive_bayes]
validation: {folds: 5, repeats: 1}
cache: cache
output: results
"""


@dataclass(frozen=True)
class Grown:
    """What a study of so many images took."""

    n_images: int
    processor_seconds: float
    seconds: float
    peak_bytes: int
    cache_bytes: int
    folder_bytes: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw, run, print a row for each count and the growth from one to the next."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, nargs="+", default=list(COUNTS))
    parser.add_argument("--work", type=Path, help="where images are kept; a temporary folder")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    grown: list[Grown] = []
    with tempfile.TemporaryDirectory(prefix="bioselect-growth-") as name:
        for n_images in options.images:
            folder = (options.work or Path(name)) / str(n_images)
            if not (folder / "images").is_dir():
                drawn = folder / "drawing"
                draw_folder(drawn, n_images, SIDE, seed=0)
                drawn.rename(folder / "images")
            grown.append(study(folder, n_images, options.jobs))
            told(grown)
    return 0


def study(folder: Path, n_images: int, jobs: int) -> Grown:
    """Run the study from an empty cache and watch it."""
    config = folder / "config.yaml"
    config.write_text(CONFIGURATION, encoding="utf-8")
    log = folder / "said.txt"
    before, began = os.times(), time.monotonic()
    peak = 0
    command = [sys.executable, "-m", "bioselect", "run", str(config), "--jobs", str(jobs)]
    environment = {**os.environ, "BIOSELECT_CACHE": str(folder / "own_cache")}
    with log.open("w", encoding="utf-8") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env=environment)
        while process.poll() is None:
            peak = max(peak, memory_of_tree(process.pid)[0])
            time.sleep(SECONDS_BETWEEN_SAMPLES)
    seconds, after = time.monotonic() - began, os.times()
    text = log.read_text(encoding="utf-8")
    if process.returncode != 0:
        raise SystemExit(f"the run ended with {process.returncode}:\n{text[-3000:]}")
    for line in re.findall(r".*done in.*", text):
        print(f"  {line.strip()}")
    processor = sum(after[2:4]) - sum(before[2:4])
    sizes = [bytes_below(folder / name) for name in ("cache", "results")]
    return Grown(n_images, processor, seconds, peak, *sizes)


def bytes_below(folder: Path) -> int:
    """Return the bytes of all files of a folder."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def told(grown: Sequence[Grown]) -> None:
    """Print the last row, and how it grew from the one before."""
    last = grown[-1]
    print(
        f"{last.n_images} images: {last.processor_seconds:.0f} s of processor time, "
        f"{last.seconds:.0f} s by the clock, at most {last.peak_bytes / 1e9:.2f} GB, "
        f"cache {last.cache_bytes / 1e6:.0f} MB, run folder {last.folder_bytes / 1e6:.0f} MB"
    )
    if len(grown) > 1:
        first = grown[-2]
        images = last.n_images / first.n_images
        named = f"{first.n_images} to {last.n_images} images"
        time_ratio = last.processor_seconds / first.processor_seconds
        print_figure(f"{named}, times the processor time", time_ratio)
        print_figure(f"{named}, MB more", (last.peak_bytes - first.peak_bytes) / 1e6)
        print_figure(f"{named}, growth per image", time_ratio / images)


if __name__ == "__main__":
    sys.exit(main())
