"""How many images a second a network is trained on, beside a plain `model.fit` of the same model.

    python benchmarks/training_throughput.py [--sides 28 224] [--rounds 3] [--network resnet18]

Trains on drawn images in memory, in turns: bioselect's own loop (order, batches, history, best
weights, one checkpoint an epoch) and `model.fit` on the arrays, both with Adam, cross-entropy and
batches of 32, without augmentation. The first epoch of each, in which the graph is made, does not
count. Ends with 1 if the same seed gave other predictions twice.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from figures import print_figure

from bioselect.component import ComponentSpec
from bioselect.networks.assembling import assemble
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.task import NetworkTask

GOAL = 0.95
N_CLASSES, BATCH_SIZE = 3, 32
#: Images of each size, so that an epoch takes some seconds on two cores.
N_IMAGES = {28: 640, 224: 96}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sides", type=int, nargs="+", default=(28, 224))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=3, help="counted ones, in each round")
    parser.add_argument("--network", default="resnet18")
    parser.add_argument("--images", type=int, help="how many, in place of the usual number")
    options = parser.parse_args()
    all_right = True
    for side in options.sides:
        n_images = options.images or N_IMAGES.get(side, 128)
        images, classes = draw(n_images, side)
        ours: list[float] = []
        plain: list[float] = []
        predictions = []
        for _ in range(options.rounds):
            seconds, predicted = train_ours(options, images, classes)
            ours += seconds
            predictions.append(predicted)
            plain += train_plainly(options, images, classes)
        share = statistics.median(plain) / statistics.median(ours)
        all_right &= all(np.array_equal(one, predictions[0]) for one in predictions)
        name = f"{options.network} at {side} px"
        print(f"{name}: {n_images} images, {options.rounds} rounds of {options.epochs} epochs")
        for what, values in (("bioselect", ours), ("model.fit", plain)):
            rate = n_images / statistics.median(values)
            spread = f"{n_images / max(values):.1f} to {n_images / min(values):.1f}"
            print(f"  {what}: {rate:.1f} images a second ({spread})")
        print(f"  (goal: at least {GOAL} of model.fit; the same seed, the same bits: {all_right})")
        print_figure(f"training, {name}: share of model.fit", share)
    return int(not all_right)


def draw(n_images: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw noise, a little brighter for each class."""
    random = np.random.default_rng(0)
    classes = np.arange(n_images) % N_CLASSES
    images = random.random((n_images, side, side, 3), dtype=np.float32) * 0.8
    return images + (0.1 * classes[:, None, None, None]).astype(np.float32), classes


def train_ours(
    options: argparse.Namespace, images: np.ndarray, classes: np.ndarray
) -> tuple[list[float], np.ndarray]:
    """Return the seconds of each epoch but the first, and what the network predicts then."""
    classifier = classifier_of(options)
    places = np.arange(len(images))
    task = NetworkTask(N_CLASSES, classes, places, places[:0], seed=0)
    pixels = ArrayPixels(images)
    with tempfile.TemporaryDirectory() as folder:
        trained = classifier.fit(pixels, task, Path(folder))
    return list(trained.seconds[1:]), trained.predict_proba(pixels, places[:BATCH_SIZE])


def train_plainly(
    options: argparse.Namespace, images: np.ndarray, classes: np.ndarray
) -> list[float]:
    """Return the same of `model.fit`."""
    import keras

    classifier = classifier_of(options)
    model = assemble(classifier.design(images.shape[1:], N_CLASSES, False, 0))
    plain = keras.Sequential([model.normalization, model.body, model.top])
    plain.compile(
        optimizer=keras.optimizers.Adam(classifier.settings.rate),
        loss=keras.losses.CategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    targets = np.eye(N_CLASSES, dtype=np.float32)[classes]
    ends = [time.perf_counter()]
    plain.fit(
        images,
        targets,
        batch_size=BATCH_SIZE,
        epochs=options.epochs + 1,
        verbose=0,
        callbacks=[
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: ends.append(time.perf_counter())
            )
        ],
    )
    return list(np.diff(ends))[1:]


def classifier_of(options: argparse.Namespace) -> NetworkClassifier:
    params = {"epochs": options.epochs + 1, "batch_size": BATCH_SIZE, "weights": "none"}
    return NetworkClassifier(ComponentSpec.of(options.network, params))


if __name__ == "__main__":
    sys.exit(main())
