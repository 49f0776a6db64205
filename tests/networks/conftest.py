"""Tiny drawn images that a tiny network learns in a few epochs."""

from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.networks.classifier import NetworkClassifier
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.task import NetworkTask

#: One block: what TensorFlow needs to make a graph is what a test takes.
TINY = {"filters": 4, "n_blocks": 1, "batch_size": 8, "epochs": 4, "learning_rate": 0.05}


def draw_pixels(n_images=24, shape=(16, 16, 3), n_classes=2, seed=0):
    """Draw stripes: up and down for even classes, across for odd ones; read-only."""
    random = np.random.default_rng(seed)
    classes = np.arange(n_images) % n_classes
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    images = np.empty((n_images, *shape), dtype=np.float32)
    for place, number in enumerate(classes):
        wave = np.sin((columns if number % 2 == 0 else rows) * (0.8 + 0.3 * (number // 2)))
        images[place] = 0.5 + 0.25 * wave[..., None] + random.normal(scale=0.08, size=shape)
    images = np.clip(images, 0, 1)
    images.flags.writeable = False
    return ArrayPixels(images), classes


def make_task(classes, n_validation=6, seed=0, n_classes=None, **rest):
    """Keep the last images for validation."""
    places = np.arange(len(classes))
    n_train = len(classes) - n_validation
    return NetworkTask(
        n_classes or int(classes.max()) + 1, classes, places[:n_train], places[n_train:], seed,
        **rest,
    )  # fmt: skip


def mixed_up(classes):
    """Give images classes that have nothing to do with them: they can be learnt by heart only."""
    return classes[np.random.default_rng(3).permutation(len(classes))]


def make_classifier(name="small_cnn", augmentation=None, base_dir=None, **params):
    start = TINY if name == "small_cnn" else {}
    return NetworkClassifier(ComponentSpec.of(name, {**start, **params}), augmentation, base_dir)


@pytest.fixture(scope="session")
def tiny():
    """Return what draws images and tasks and makes networks for them."""
    return SimpleNamespace(
        pixels=draw_pixels, task=make_task, classifier=make_classifier, mixed_up=mixed_up
    )


@pytest.fixture(scope="session")
def trained(tiny):
    """Return a trained tiny network with its images and task; not to be changed."""
    pixels, classes = tiny.pixels()
    task = tiny.task(classes)
    network = tiny.classifier().fit(pixels, task)
    return SimpleNamespace(network=network, pixels=pixels, task=task, classes=classes)
