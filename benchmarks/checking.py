"""How long `bioselect check` takes on images that it has never seen, and on those it knows.

    python benchmarks/checking.py [--images 1000] [--side 512] [--jobs 2]

Draws PNG files of 8-bit colour, and TIFF files of 16-bit grey, that all differ, and checks them
twice with one cache: the first time each is decoded, the second time only hashed. Beside it stands
what decoding alone costs, with OpenCV on one core.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
from drawn_images import draw_different
from figures import print_figure


def main() -> int:
    """Draw, check twice, print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    for suffix in (".png", ".tif"):
        with tempfile.TemporaryDirectory(prefix="bioselect-checking-") as name:
            _check_twice(Path(name), suffix, options)
    return 0


def _check_twice(folder: Path, suffix: str, options: argparse.Namespace) -> None:
    draw_different(folder / "images", options.images, options.side, suffix)
    config = folder / "config.yaml"
    config.write_text(
        "dataset: {path: images}\nextractors: [intensity]\nclassifiers: [lda]\n"
        "output: results\ncache: cache\n"
    )
    (folder / "cache").mkdir()
    decoding = seconds_of_decoding(folder / "images")
    for what in ("never seen", "known"):
        seconds = seconds_of_check(config, options.jobs)
        print(
            f"{options.images} {suffix} of {options.side} px, {what}: {seconds:.1f} s "
            f"({options.images / seconds:.0f} images/s), {seconds / decoding:.2f} times decoding "
            f"alone on one core ({decoding:.1f} s)"
        )
        print_figure(f"check, {suffix} images a second, {what}", options.images / seconds)


def seconds_of_decoding(folder: Path) -> float:
    """Return how long OpenCV takes to decode every file, one after the other."""
    start = time.perf_counter()
    for path in sorted(folder.rglob("*.*")):
        if cv2.imread(str(path), cv2.IMREAD_UNCHANGED) is None:
            raise ValueError(f"{path}: OpenCV cannot read it.")
    return time.perf_counter() - start


def seconds_of_check(config: Path, jobs: int) -> float:
    """Return how long the command takes in a process of its own, its start included."""
    arguments = ["-m", "bioselect", "check", str(config), "--jobs", str(jobs)]
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
