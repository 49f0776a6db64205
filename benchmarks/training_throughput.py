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
from itertools import pairwise
from pathlib import Path

import numpy as np
from figures import print_figure
from processor_time import Spent

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
        ours: list[Spent] = []
        plain: list[Spent] = []
        predictions = []
        for _ in range(options.rounds):
            spent, predicted = train_ours(options, images, classes)
            ours += spent
            predictions.append(predicted)
            plain += train_plainly(options, images, classes)
        all_right &= all(np.array_equal(one, predictions[0]) for one in predictions)
        name = f"{options.network} at {side} px"
        print(f"{name}: {n_images} images, {options.rounds} rounds of {options.epochs} epochs")
        for what, values in (("bioselect", ours), ("model.fit", plain)):
            passed = [spent.passed for spent in values]
            spread = f"{n_images / max(passed):.1f} to {n_images / min(passed):.1f}"
            print(
                f"  {what}: {n_images / statistics.median(passed):.1f} images a second ({spread}), "
                f"{1000 * middle(values, 'processor') / n_images:.1f} ms of processor time an image"
            )
        print(f"  (goal: at least {GOAL} of model.fit; the same seed, the same bits: {all_right})")
        for clock, words in (("passed", ""), ("processor", ", processor time")):
            share = middle(plain, clock) / middle(ours, clock)
            print_figure(f"training, {name}: share of model.fit{words}", share)
    return int(not all_right)


def draw(n_images: int, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw noise, a little brighter for each class."""
    random = np.random.default_rng(0)
    classes = np.arange(n_images) % N_CLASSES
    images = random.random((n_images, side, side, 3), dtype=np.float32) * 0.8
    return images + (0.1 * classes[:, None, None, None]).astype(np.float32), classes


def middle(values: list[Spent], clock: str) -> float:
    """Return the median of one of the clocks."""
    return statistics.median(getattr(spent, clock) for spent in values)


class Watch:
    """Notes both clocks when an epoch ends."""

    def __init__(self) -> None:
        self.seen = [self.now()]

    @staticmethod
    def now() -> Spent:
        """Return both clocks."""
        return Spent(time.process_time(), time.perf_counter())

    def look(self, *event: object, **more: object) -> None:
        """Take any call at the end of an epoch."""
        self.seen.append(self.now())

    def epochs_but_the_first(self) -> list[Spent]:
        """Return what each of them took."""
        return [
            Spent(after.processor - before.processor, after.passed - before.passed)
            for before, after in pairwise(self.seen[1:])
        ]


def train_ours(
    options: argparse.Namespace, images: np.ndarray, classes: np.ndarray
) -> tuple[list[Spent], np.ndarray]:
    """Return what each epoch but the first took, and what the network predicts then."""
    classifier = classifier_of(options)
    places = np.arange(len(images))
    task = NetworkTask(N_CLASSES, classes, places, places[:0], seed=0)
    pixels = ArrayPixels(images)
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        trained = classifier.fit(pixels, task, Path(folder), watch.look)
    predicted = trained.predict_proba(pixels, places[:BATCH_SIZE])
    return watch.epochs_but_the_first(), predicted


def train_plainly(
    options: argparse.Namespace, images: np.ndarray, classes: np.ndarray
) -> list[Spent]:
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
    watch = Watch()
    plain.fit(
        images,
        targets,
        batch_size=BATCH_SIZE,
        epochs=options.epochs + 1,
        verbose=0,
        callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=watch.look)],
    )
    return watch.epochs_but_the_first()


def classifier_of(options: argparse.Namespace) -> NetworkClassifier:
    params = {"epochs": options.epochs + 1, "batch_size": BATCH_SIZE, "weights": "none"}
    return NetworkClassifier(ComponentSpec.of(options.network, params))


if __name__ == "__main__":
    sys.exit(main())
