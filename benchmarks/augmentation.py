"""How long each augmentation step takes for one image, and a usual choice of steps together.

    python benchmarks/augmentation.py [--side 224] [--channels 3] [--images 200]

The median of the images in processor time, on one core; a step is always applied, whatever its
probability.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import replace

import numpy as np
from figures import print_figure

from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.pipeline import Augmenter, create_augmenter, stream_of
from bioselect.augmentation.table import STEPS
from bioselect.component import ComponentSpec

#: What is often written for cells: flips, any turn, a little of size and light.
USUAL = ("horizontal_flip", "rotation", "scale", "shift", "brightness", "contrast")


def milliseconds(augmenter: Augmenter, images: np.ndarray) -> list[float]:
    """Return how long each image took; batches are divided by their number of images."""
    taken = []
    targets = np.eye(len(images), dtype=np.float32)
    if augmenter.mixes_batches:
        started = time.process_time()
        augmenter.mixed(images, targets, stream_of(0, 0, 0))
        return [1000 * (time.process_time() - started) / len(images)]
    for place, image in enumerate(images):
        stream = stream_of(0, 0, place)
        started = time.process_time()
        augmenter.one(image, stream)
        taken.append(1000 * (time.process_time() - started))
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=224)
    parser.add_argument("--channels", type=int, default=3)
    parser.add_argument("--images", type=int, default=200)
    options = parser.parse_args()
    shape = (options.images, options.side, options.side, options.channels)
    images = np.random.default_rng(0).random(shape, dtype=np.float32)
    takes_any = {name: create_augmenter(Augmentation((ComponentSpec(name),))) for name in STEPS}
    rows = {
        name: Augmenter(tuple(replace(named, always=True) for named in one.steps))
        for name, one in takes_any.items()
        if getattr(one.steps[0].step, "n_channels", None) in (None, options.channels)
    }
    rows["usual steps"] = create_augmenter(Augmentation(tuple(map(ComponentSpec, USUAL))))
    for name, augmenter in rows.items():
        milliseconds(augmenter, images[:10])
        taken = milliseconds(augmenter, images)
        slowest = sorted(taken)[int(0.95 * len(taken))] if len(taken) > 1 else taken[0]
        print(f"{name:22} {statistics.median(taken):7.3f} ms, 95 % below {slowest:7.3f} ms")
        if name == "usual steps":
            print_figure(f"augmentation ms an image at {options.side} px", statistics.median(taken))


if __name__ == "__main__":
    main()
