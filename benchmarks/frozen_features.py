"""Frozen features of image files against Keras and against the processor's limit.

    python benchmarks/frozen_features.py                  # resnet50, vgg16, mobilenet_v2
    python benchmarks/frozen_features.py vgg16 --images FOLDER --weights FILE

Files of the network's own size are decoded and computed, in turns: the limit (a product of large
float32 matrices on each core), a plain script (files decoded by Pillow one after the other, then
`keras.Model.predict` with batches of 32), bioselect. All use all cores. What other work takes from
the machine, it takes from all three; ratios are of the medians. Beside the clock stands processor
time, which does not count a core that waits, and hardly depends on other work.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from drawn_images import draw_folder
from engines import limit, operations_of_limit
from figures import print_figure
from PIL import Image
from processor_time import Spent, timed

from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.inference import Backbone
from bioselect.backbones.preprocessing import preprocess
from bioselect.backbones.table import ROWS
from bioselect.data.intensities import Intensity
from bioselect.data.layouts import list_images
from bioselect.data.preparation import Reading
from bioselect.execution import resolve_jobs
from bioselect.features.deep import DeepFeatures
from bioselect.features.extraction import extract_features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec

#: How many images a turn takes: some seconds of work, whatever the network.
NETWORKS = {"resnet50": 64, "vgg16": 32, "mobilenet_v2": 256}
KERAS_BATCH = 32
LARGEST_DIFFERENCE = 1e-4
PLAIN = "decode loop + keras.Model.predict"
Compute = Callable[[list[Path]], np.ndarray]


def main() -> int:
    """Measure each network; return 1 if its rows are not those of Keras."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="names of the table")
    parser.add_argument("--weights", default="none", help="a Keras weights file, or none")
    parser.add_argument("--images", type=Path, help="a folder of images (default: drawn PNG)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    n_wrong = 0
    for name in options.networks or NETWORKS:
        with tempfile.TemporaryDirectory(prefix="bioselect-frozen-") as folder:
            n_images = NETWORKS.get(name, 64)
            if options.images is None:
                draw_folder(Path(folder) / "images", n_images, ROWS[name].input_size[0], seed=0)
            files = list_images(options.images or Path(folder) / "images")[0][:n_images]
            n_wrong += not compare(name, files, options)
    return int(n_wrong > 0)


def compare(name: str, files: list[Path], options: argparse.Namespace) -> bool:
    """Print the table and the figures of one network; tell whether the rows agree."""
    ways: dict[str, Compute] = {
        PLAIN: plain(name, options.weights),
        "bioselect": ours(name, options.weights),
    }
    rows = {what: compute(files) for what, compute in ways.items()}
    turns: dict[str, list[Spent]] = {what: [] for what in ["limit", *ways]}
    # What each turn computes, as a number of images.
    amounts = {"limit": operations_of_limit() / ROWS[name].operations}
    for _ in range(options.rounds):
        turns["limit"].append(timed(limit)[1])
        for what, compute in ways.items():
            amounts[what] = len(files)
            turns[what].append(timed(partial(compute, files))[1])
    apart = relative_difference(rows["bioselect"], rows[PLAIN])
    print(f"\n{name}, {len(files)} files, {options.rounds} turns; relative L2 {apart:.1e}")
    print(f"{'images a second':34}{'by the clock':>13}   of processor time")
    clock, processor = {}, {}
    for what, spent in turns.items():
        rates = [amounts[what] / one.passed for one in spent]
        clock[what] = statistics.median(rates)
        processor[what] = statistics.median(amounts[what] / one.processor for one in spent)
        print(
            f"{what:34}{clock[what]:13.1f}{processor[what]:20.1f}   "
            f"(by the clock {min(rates):.1f} to {max(rates):.1f})"
        )
    for how, medians in (("", clock), (", processor time", processor)):
        mine, theirs = medians["bioselect"], medians[PLAIN]
        print_figure(f"{name}: share of the FP32 limit{how}", mine / medians["limit"])
        print_figure(f"{name}: times keras.Model.predict{how}", mine / theirs)
    return apart <= LARGEST_DIFFERENCE


def plain(name: str, weights: str) -> Compute:
    """Return what a short script of one's own would do."""
    backbone = Backbone(name, weights, runtime="keras")
    backbone.load()
    model, mode = backbone.network.runner.model, ROWS[name].preprocessing
    height, width = ROWS[name].input_size

    def compute(files: list[Path]) -> np.ndarray:
        images = np.empty((len(files), height, width, 3), dtype=np.float32)
        for place, file in enumerate(files):
            pixels = Image.open(file).convert("RGB")
            if pixels.size != (width, height):
                pixels = pixels.resize((width, height), Image.Resampling.BILINEAR)
            images[place] = np.asarray(pixels)
        scaled = preprocess(images / 255, mode)
        return np.asarray(model.predict(scaled, batch_size=KERAS_BATCH, verbose=0))

    return compute


def ours(name: str, weights: str) -> Compute:
    """Return what a run does for files that are not in its cache, without the cache."""
    extractor = DeepFeatures(name, weights)
    reading, spec = Reading(Intensity("dtype")), ComponentSpec.of(name, {"weights": weights})

    def compute(files: list[Path]) -> np.ndarray:
        images = [(file, str(file)) for file in files]
        n_jobs = resolve_jobs(None)
        return extract_features(spec, extractor, images, reading, None, SILENT, n_jobs)

    return compute


if __name__ == "__main__":
    sys.exit(main())
