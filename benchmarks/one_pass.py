"""All extractors in one pass over the files, against one after the other.

    python benchmarks/one_pass.py [--images 120] [--side 512] [--turns 3] [--jobs 2]

Two networks and two descriptors on drawn images, half of them PNG and half JPEG: with light
networks (`mobilenet_v2`, wide and narrow) and with a heavy one (`resnet50`). Each turn computes
everything in one pass and then one extractor after the other, each into an empty cache, and
compares the caches byte by byte. Then the memory and the time of one pass over ten times as many
files (names of the same images, with a light network).
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
from drawn_images import draw_folder, multiply_files
from figures import print_figure
from memory import memory_of_tree

from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, extraction_tasks
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec, create

READING = Reading(Intensity("dtype"), None)
WIDE = ComponentSpec.of("mobilenet_v2", {"weights": "none"})
NARROW = ComponentSpec.of("mobilenet_v2", {"weights": "none", "alpha": 0.35})
DESCRIPTORS = (ComponentSpec.of("hog"), ComponentSpec.of("intensity"))
SETS = {
    "light networks": (WIDE, NARROW, *DESCRIPTORS),
    "a heavy network": (WIDE, ComponentSpec.of("resnet50", {"weights": "none"}), *DESCRIPTORS),
}
GROWING = (NARROW, *DESCRIPTORS)
SECONDS_BETWEEN_SAMPLES = 0.1


def in_one_pass(
    specs: Sequence[ComponentSpec],
    images: Sequence[tuple[Path, str]],
    cache: FeatureCache,
    jobs: int,
) -> None:
    """Compute everything, and have the cache as a run leaves it."""
    made = [(spec, create("extractor", spec)) for spec in specs]
    tasks = [
        task
        for spec, extractor in made
        for task in extraction_tasks(spec, extractor, images, READING, cache, SILENT)
    ]
    compute_in_one_pass(tasks, SILENT, jobs)
    for task in tasks:
        cache.consolidate(task.name, task.key)


def one_by_one(
    specs: Sequence[ComponentSpec],
    images: Sequence[tuple[Path, str]],
    cache: FeatureCache,
    jobs: int,
) -> None:
    for spec in specs:
        extractor = create("extractor", spec)
        extract_features(spec, extractor, images, READING, cache, SILENT, jobs)


def listed(folder: Path) -> list[tuple[Path, str]]:
    """Return the files of a folder, each as an image of its own."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [(path, f"{number:064x}") for number, path in enumerate(files)]


def contents(cache: FeatureCache) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(cache.folder.glob("*.h5"))}


def compare(
    what: str, specs: Sequence[ComponentSpec], folder: Path, options: argparse.Namespace
) -> int:
    """Take turns; return how many turns did not end in the same bytes."""
    images = listed(folder / "images")
    ways = {"one pass": in_one_pass, "one by one": one_by_one}
    # Networks are compiled, and processes are started, before anything is measured.
    for name, way in ways.items():
        way(specs, images[:40], FeatureCache(folder / what / f"warm {name}"), options.jobs)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    processor: dict[str, list[float]] = {name: [] for name in ways}
    n_wrong = 0
    for turn in range(options.turns):
        found = []
        for name, way in ways.items():
            cache = FeatureCache(folder / what / f"{name} {turn}")
            started, used = time.monotonic(), processor_seconds()
            way(specs, images, cache, options.jobs)
            seconds[name].append(time.monotonic() - started)
            processor[name].append(processor_seconds() - used)
            found.append(contents(cache))
        n_wrong += found[0] != found[1] or len(found[0]) != len(specs)
        for name in ways:
            print(
                f"{what}, turn {turn + 1}, {name}: {seconds[name][-1]:.1f} s, "
                f"{processor[name][-1]:.1f} s of processor time",
                flush=True,
            )
    print_figure(f"one pass, {what}: times as fast", median_ratio(seconds))
    print_figure(f"one pass, {what}: times as fast, processor time", median_ratio(processor))
    print(
        f"{what}, {len(images)} images of {options.side} px, --jobs {options.jobs}: one by one "
        f"takes {ratio_in_words(seconds)} times as long and {ratio_in_words(processor)} times the "
        f"processor time; bytes {'differ' if n_wrong else 'are equal'}",
        flush=True,
    )
    return n_wrong


def draw(folder: Path, options: argparse.Namespace) -> None:
    """Draw the images, every second one as JPEG."""
    from PIL import Image

    draw_folder(folder / "images", options.images, options.side, seed=0)
    for path in sorted((folder / "images").rglob("*.png"))[::2]:
        Image.open(path).save(path.with_suffix(".jpg"), quality=92)
        path.unlink()


def processor_seconds() -> float:
    """Return what this process and those below it have used so far."""
    here = psutil.Process()
    times = [process.cpu_times() for process in (here, *here.children(recursive=True))]
    return sum(one.user + one.system for one in times)


def ratios_of(measured: dict[str, list[float]]) -> list[float]:
    pairs = zip(measured["one by one"], measured["one pass"], strict=True)
    return sorted(slow / fast for slow, fast in pairs)


def median_ratio(measured: dict[str, list[float]]) -> float:
    return statistics.median(ratios_of(measured))


def ratio_in_words(measured: dict[str, list[float]]) -> str:
    ratios = ratios_of(measured)
    return f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"


def grow(folder: Path, options: argparse.Namespace) -> None:
    """Measure one pass over some and over ten times as many files."""
    some = sorted(path for path in (folder / "images").rglob("*") if path.is_file())
    watch(folder / "images", folder / "compiled", options.jobs)
    found = {}
    for times in (1, 10):
        place = folder / f"times {times}"
        multiply_files(place, some, times * len(some))
        found[times] = watch(place, folder / f"grown {times}", options.jobs)
        n_bytes, seconds = found[times]
        print(f"{times * len(some)} files: {seconds:.1f} s, {n_bytes / 1e9:.2f} GB", flush=True)
    ratio = found[10][1] / found[1][1]
    print_figure("one pass, ten times the images: times the time", ratio)
    print_figure("one pass, ten times the images: times the memory", found[10][0] / found[1][0])


def watch(images: Path, cache: Path, jobs: int) -> tuple[int, float]:
    """Return the most bytes that a pass and its processes take, and the seconds it takes."""
    command = [sys.executable, __file__, "--pass-over", str(images), str(cache), str(jobs)]
    most = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        while process.poll() is None:
            most = max(most, memory_of_tree(process.pid)[0])
            time.sleep(SECONDS_BETWEEN_SAMPLES)
        if process.returncode or process.stdout is None:
            raise SystemExit(f"the pass ended with {process.returncode}")
        return most, float(process.stdout.read().split()[-1])


def main() -> int:
    """Measure, print, and return 1 if bytes differ."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=120)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--pass-over", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.pass_over:
        images, cache, jobs = options.pass_over
        # What is started and compiled once is no part of what grows with the images.
        in_one_pass(
            GROWING, listed(Path(images))[:40], FeatureCache(Path(f"{cache} warm")), int(jobs)
        )
        started = time.monotonic()
        in_one_pass(GROWING, listed(Path(images)), FeatureCache(Path(cache)), int(jobs))
        print(time.monotonic() - started)
        return 0
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with tempfile.TemporaryDirectory(prefix="bioselect-one-pass-") as name:
        folder = Path(name)
        draw(folder, options)
        n_wrong = sum(compare(what, specs, folder, options) for what, specs in SETS.items())
        grow(folder, options)
        return int(n_wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
