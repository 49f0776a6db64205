"""How fast each engine computes frozen networks, how near to the processor's limit, how equal.

    python benchmarks/engines.py                # resnet50, vgg16, mobilenet_v2; random weights
    python benchmarks/engines.py mobilenet_v2 --weights FILE --images FOLDER

Images are computed at the network's own size, in turns: first the limit (a large product of
float32 matrices on each core), then each engine, then again. So what other work takes from the
machine, it takes from all of them. The table holds the median, the range and the ratio of the
medians. Ends with 1 if the rows of an engine with f32 are not those of Keras.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from figures import print_figure

from bioselect.backbones.compiling import relative_difference
from bioselect.backbones.engines import processor_has_bf16
from bioselect.backbones.inference import Backbone
from bioselect.backbones.preprocessing import preprocess
from bioselect.backbones.table import ROWS
from bioselect.data.intensities import Intensity
from bioselect.data.layouts import list_images
from bioselect.data.preparation import Reading, prepare
from bioselect.data.reading import read_image
from bioselect.execution import one_thread, resolve_jobs

NETWORKS = ("resnet50", "vgg16", "mobilenet_v2")
#: Rows and columns of the matrices whose product is the limit.
SIDE = 4096
LARGEST_DIFFERENCE = 1e-4
Compute = Callable[[np.ndarray], np.ndarray]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", metavar="NETWORK", help="names of the table")
    parser.add_argument("--weights", default="none", help="a Keras weights file, or none")
    parser.add_argument("--images", type=Path, help="a folder of images (default: noise)")
    parser.add_argument("--n-images", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    apart = {name: compare(name, options) for name in options.networks or NETWORKS}
    print_figure("engines: largest relative L2 to Keras, f32", max(apart.values()))
    return int(max(apart.values()) > LARGEST_DIFFERENCE)


def compare(name: str, options: argparse.Namespace) -> float:
    """Print the table of one network; return how far OpenVINO's f32 rows are from Keras's."""
    images = images_of(name, options)
    engines = engines_of(name, options.weights)
    rows = {engine: compute(images) for engine, compute in engines.items()}
    rates: dict[str, list[float]] = {engine: [] for engine in ["limit", *engines]}
    for _ in range(options.rounds):
        rates["limit"].append(limit() / ROWS[name].operations)
        for engine, compute in engines.items():
            start = time.perf_counter()
            compute(images)
            rates[engine].append(len(images) / (time.perf_counter() - start))
    medians = {engine: statistics.median(values) for engine, values in rates.items()}
    print(f"\n{name}, weights {Path(options.weights).name}, {len(images)} images")
    print(f"{'':26}{'images/s':>9}  {'range':>14}{'of limit':>9}{'x predict':>10}{'rel. L2':>9}")
    for engine, values in rates.items():
        apart = ""
        if engine in rows:
            apart = f"{relative_difference(rows[engine], rows['keras']):.1e}"
        print(
            f"{engine:26}{medians[engine]:9.1f}  {min(values):6.1f}-{max(values):7.1f}"
            f"{medians[engine] / medians['limit']:9.0%}"
            f"{medians[engine] / medians['keras.Model.predict']:10.2f}{apart:>9}"
        )
    return relative_difference(rows["openvino f32"], rows["keras"])


def images_of(name: str, options: argparse.Namespace) -> np.ndarray:
    """Return float32 ``(n_images, height, width, 3)`` in [0, 1]."""
    size = ROWS[name].input_size
    if options.images is None:
        random = np.random.default_rng(0)
        return random.random((options.n_images, *size, 3)).astype(np.float32)
    files, _ = list_images(options.images)
    chosen = files[:: max(1, len(files) // options.n_images)][: options.n_images]
    reading = Reading(Intensity("dtype"))
    return np.stack([prepare(read_image(p), reading, size, 3, str(p)) for p in chosen])


def engines_of(name: str, weights: str) -> dict[str, Compute]:
    """Return what turns images into rows, by the name of the engine."""
    keras = Backbone(name, weights, runtime="keras")
    keras.load()
    model, mode = keras.network.runner.model, ROWS[name].preprocessing

    def predict(images: np.ndarray) -> np.ndarray:
        return model.predict(preprocess(images, mode), batch_size=32, verbose=0)

    engines = {
        "keras.Model.predict": predict,
        "keras": keras.features,
        "openvino f32": Backbone(name, weights, runtime="openvino").features,
    }
    if processor_has_bf16():
        coarse = Backbone(name, weights, runtime="openvino", precision="bf16")
        engines["openvino bf16"] = coarse.features
    return engines


def limit() -> float:
    """Return the float32 operations that this machine does in a second in products of matrices.

    Each core has a product of its own. Sharing one, every core would wait for the one from which
    other work takes most, and the limit would be lower than what a network reaches.
    """
    n_cores = resolve_jobs(None)
    with one_thread(), ThreadPoolExecutor(n_cores) as pool:
        return sum(pool.map(_operations_a_second, range(n_cores)))


def operations_of_limit() -> float:
    """Return how many operations `limit` does."""
    return 2.0 * SIDE**3 * resolve_jobs(None)


def _operations_a_second(_: int) -> float:
    a = np.ones((SIDE, SIDE), dtype=np.float32)
    start = time.perf_counter()
    a @ a
    return 2.0 * SIDE**3 / (time.perf_counter() - start)


if __name__ == "__main__":
    sys.exit(main())
