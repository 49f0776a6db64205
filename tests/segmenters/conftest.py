"""Drawn discs, a little brighter than what lies around them, that a tiny network finds."""

from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.data.pairs import ArrayPairs
from bioselect.segmenters.base import MaskTask
from bioselect.segmenters.creation import create_segmenter

TINY = {
    "depth": 2,
    "width": 4,
    "patch_size": 32,
    "batch_size": 4,
    "epochs": 8,
    "learning_rate": 0.02,
    "schedule": "constant",
}
SIZES = ((40, 40), (33, 50), (64, 48))


def draw_discs(n_images=9, sizes=SIZES, n_channels=1, n_classes=2, seed=0):
    """Draw discs, of each class but the first a grey of its own; arrays are read-only."""
    random = np.random.default_rng(seed)
    images, masks = [], []
    for number in range(n_images):
        height, width = sizes[number % len(sizes)]
        rows, columns = np.mgrid[:height, :width]
        mask = np.zeros((height, width), dtype=np.uint8)
        for disc in range(5):
            row, column = random.integers(height), random.integers(width)
            inside = (rows - row) ** 2 + (columns - column) ** 2 < 36
            mask[inside] = 1 + disc % (n_classes - 1)
        image = 0.25 + 0.45 * mask[..., None] / (n_classes - 1)
        image = image + random.normal(scale=0.05, size=(height, width, n_channels))
        images.append(np.clip(image, 0, 1).astype(np.float32))
        masks.append(mask)
    for array in (*images, *masks):
        array.flags.writeable = False
    return ArrayPairs(images, masks)


def make_task(n_train=6, n_validation=3, n_classes=2, seed=0, epochs=None):
    places = np.arange(n_train + n_validation)
    return MaskTask(n_classes, 0, places[:n_train], places[n_train:], seed, epochs)


def make_unet(augmentation=None, base_dir=None, **params):
    return create_segmenter(ComponentSpec.of("unet", {**TINY, **params}), augmentation, base_dir)


@pytest.fixture(scope="session")
def discs():
    """Return what draws images and tasks and makes networks for them."""
    return SimpleNamespace(pairs=draw_discs, task=make_task, unet=make_unet)


@pytest.fixture(scope="session")
def trained(discs):
    """Return a trained tiny network with its images and task; not to be changed."""
    pairs, task = discs.pairs(), discs.task()
    return SimpleNamespace(network=discs.unet().fit(pairs, task), pairs=pairs, task=task)
