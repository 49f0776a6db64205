"""A small model, and images on disk for it to predict."""

import numpy as np
import pytest
from PIL import Image

from bioselect.bundle.reading import load_bundle
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, write_small_bundle

#: A comma, and quotes: what a table must put into quotes itself.
CLASS_NAMES = ("coarse, wide", 'so-called "fine"', "middle")


@pytest.fixture(scope="session")
def bundle_path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("predict") / "model"
    return write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"), CLASS_NAMES)


@pytest.fixture(scope="session")
def model(bundle_path):
    return load_bundle(bundle_path)


@pytest.fixture
def save_image():
    """Return a function that draws an image (or takes one) and writes it as PNG."""

    def save(path, pixels=None, seed=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        if pixels is None:
            pixels = draw_classes(("only",), seed)[0][0]
        Image.fromarray(np.asarray(pixels)).save(path)
        return path

    return save
