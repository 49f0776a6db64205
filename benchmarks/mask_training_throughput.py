"""How many patches a second a U-Net is trained on, beside a plain `model.fit` of the same model.

    python benchmarks/mask_training_throughput.py [--side 256] [--width 16] [--rounds 3]

Trains on drawn images in memory, in turns, each time in a program of its own: bioselect's loop
(order, patches, batches, history, a checkpoint an epoch) and `model.fit` on the arrays, both with
Adam, cross-entropy of the pixels and batches of 8, without augmentation and validation images. The
first epoch of each, in which the graph is made, does not count. Says the peak of memory of both.
Ends with 1 if the same seed gave other masks twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from figures import print_figure
from training_throughput import Watch

from bioselect.component import ComponentSpec
from bioselect.data.pairs import ArrayPairs, ArrayScene
from bioselect.networks.masks.assembling import assemble_masks
from bioselect.segmenters.base import MaskTask, most_probable, whole
from bioselect.segmenters.network_segmenter import NetworkSegmenter

GOAL = 0.95
BATCH_SIZE = 8


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=256)
    parser.add_argument("--width", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3, help="counted ones, in each round")
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--only", choices=("bioselect", "model.fit"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measured(options)))
        return 0
    rounds: dict[str, list[dict[str, object]]] = {"bioselect": [], "model.fit": []}
    for _ in range(options.rounds):
        for what, found in rounds.items():
            found.append(in_own_program(what))
    same = len({one["masks"] for one in rounds["bioselect"]}) == 1
    name = f"U-Net of width {options.width} at {options.side} px"
    print(f"{name}: {options.images} images, {options.rounds} rounds of {options.epochs} epochs")
    seconds = {}
    for what, found in rounds.items():
        for clock in ("passed", "processor"):
            times = [seconds for one in found for seconds in one[clock]]
            seconds[what, clock] = statistics.median(times)
        peak = max(one["peak"] for one in found) / 1024**2
        print(
            f"  {what}: {options.images / seconds[what, 'passed']:.2f} patches a second, "
            f"{seconds[what, 'processor'] / options.images:.3f} s of processor time a patch, "
            f"peak of memory {peak:.2f} GB"
        )
        print_figure(f"training of masks, {what}: peak of memory, GB", peak)
    print(f"  (goal: at least {GOAL} of model.fit; the same seed, the same masks: {same})")
    for clock, words in (("passed", ""), ("processor", ", processor time")):
        share = seconds["model.fit", clock] / seconds["bioselect", clock]
        print_figure(f"training of masks, {name}: share of model.fit{words}", share)
    return int(not same)


def in_own_program(what: str) -> dict[str, object]:
    """Return what one training took, in a program that does nothing else."""
    command = [sys.executable, __file__, *sys.argv[1:], "--only", what]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def measured(options: argparse.Namespace) -> dict[str, object]:
    """Train once; say what each epoch but the first took, the peak of memory, and the masks."""
    pairs = draw(options.images, options.side)
    params = {
        "width": options.width,
        "epochs": options.epochs + 1,
        "batch_size": BATCH_SIZE,
        "patch_size": options.side,
        "loss": "cross_entropy",
    }
    segmenter = NetworkSegmenter(ComponentSpec.of("unet", params))
    watch = Watch()
    masks = ""
    if options.only == "bioselect":
        places = np.arange(len(pairs))
        task = MaskTask(2, 0, places, places[:0], seed=0)
        with tempfile.TemporaryDirectory() as folder:
            trained = segmenter.fit(pairs, task, Path(folder), watch.look)
        mask = most_probable(whole(trained, ArrayScene(pairs.images[0])))
        masks = hashlib.sha256(mask.tobytes()).hexdigest()
    else:
        train_plainly(segmenter, pairs, watch, options)
    spent = watch.epochs_but_the_first()
    return {
        "passed": [one.passed for one in spent],
        "processor": [one.processor for one in spent],
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "masks": masks,
    }


def train_plainly(
    segmenter: NetworkSegmenter, pairs: ArrayPairs, watch: Watch, options: argparse.Namespace
) -> None:
    import keras

    side = options.side
    network = assemble_masks(segmenter.design((side, side, 3), 2, 0))
    image = keras.Input((side, side, 3))
    plain = keras.Model(image, network.top(network.body(network.normalization(image))))
    plain.compile(
        optimizer=keras.optimizers.Adam(segmenter.settings.rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    plain.fit(
        np.stack(pairs.images),
        np.stack(pairs.masks),
        batch_size=BATCH_SIZE,
        epochs=options.epochs + 1,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=watch.look)],
    )


def draw(n_images: int, side: int) -> ArrayPairs:
    """Draw squares, a little brighter than the noise around them."""
    random = np.random.default_rng(0)
    masks = np.zeros((n_images, side, side), dtype=np.uint8)
    for mask in masks:
        for row, column in random.integers(side, size=(10, 2)):
            mask[row : row + side // 10, column : column + side // 10] = 1
    images = random.random((n_images, side, side, 3), dtype=np.float32) * 0.7
    images += 0.3 * masks[..., None].astype(np.float32)
    return ArrayPairs(list(images), list(masks))


if __name__ == "__main__":
    sys.exit(main())
