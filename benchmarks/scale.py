"""Ten times the images: how much longer extraction takes, and how much more memory.

    python benchmarks/scale.py [--images 200] [--side 256] [--weights FILE]

The features of a network and of two descriptors are computed of files that all differ, and kept in
a cache, as in a run: of so many images, then of ten times as many. Memory is that of the process
and of those below it, looked at while it works. An image more should cost no more than its row in
memory: here 5 kB for the network's 1,280 numbers. Time is that of the processor, as what else runs
may change between the two; by the clock stands beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from drawn_images import draw_different
from figures import print_figure
from memory import memory_of_tree
from processor_time import Spent, timed

from bioselect.data.intensities import Intensity
from bioselect.data.layouts import list_images
from bioselect.data.preparation import Reading
from bioselect.execution import resolve_jobs
from bioselect.features.base import FeatureExtractor
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec, create

TIMES = 10
#: Two batches, so that there is work for two processes.
N_TO_WARM_UP = 64
SECONDS_BETWEEN_SAMPLES = 0.1


def main() -> int:
    """Extract in turns, print the ratio and the memory."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--weights", default="none", help="a Keras weights file, or none")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bioselect-scale-") as name:
        folder = Path(name)
        draw_different(folder / "images", TIMES * options.images, options.side)
        files, _ = list_images(folder / "images")
        extractors = {spec: create("extractor", spec) for spec in specs(options.weights)}
        # Compiles the network and starts the processes.
        extract(extractors, files[:N_TO_WARM_UP], folder / "warm")
        few = extract(extractors, files[: options.images], folder / "few")
        many = extract(extractors, files, folder / "many")
    for n_images, turn in ((options.images, few), (TIMES * options.images, many)):
        print(
            f"{n_images} images: {turn.spent.processor:.1f} s of processor time, "
            f"{turn.spent.passed:.1f} s by the clock, at most {turn.peak_bytes / 1e9:.2f} GB"
        )
    ratio = many.spent.processor / few.spent.processor
    print_figure(f"{TIMES} times the images, times the processor time", ratio)
    by_the_clock = many.spent.passed / few.spent.passed
    print_figure(f"{TIMES} times the images, times as long by the clock", by_the_clock)
    print_figure(f"{TIMES} times the images, MB more", (many.peak_bytes - few.peak_bytes) / 1e6)
    return 0


def specs(weights: str) -> list[ComponentSpec]:
    """Return the extractors: a light network, and descriptors at the image's own size."""
    network = ComponentSpec.of("mobilenet_v2", {"weights": weights})
    return [network, ComponentSpec("haralick"), ComponentSpec("lbp")]


@dataclass(frozen=True)
class Turn:
    """What one extraction took."""

    spent: Spent
    peak_bytes: int


def extract(
    extractors: dict[ComponentSpec, FeatureExtractor], files: list[Path], folder: Path
) -> Turn:
    """Compute and keep the features of files, one extractor after the other."""
    reading, cache = Reading(Intensity("dtype")), FeatureCache(folder)
    images = [(file, file.name) for file in files]
    n_jobs = resolve_jobs(None)

    def extract_all() -> None:
        for spec, extractor in extractors.items():
            extract_features(spec, extractor, images, reading, cache, SILENT, n_jobs)

    with watched_memory() as seen:
        _, spent = timed(extract_all)
    return Turn(spent, max(seen))


@contextmanager
def watched_memory() -> Iterator[list[int]]:
    """Look at the memory of this process and those below it; the block gets the growing list."""
    seen, finished = [memory_of_tree(os.getpid())[0]], threading.Event()

    def look() -> None:
        while not finished.wait(SECONDS_BETWEEN_SAMPLES):
            seen.append(memory_of_tree(os.getpid())[0])

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        finished.set()
        watcher.join()


if __name__ == "__main__":
    sys.exit(main())
