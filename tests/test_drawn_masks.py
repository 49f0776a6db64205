"""The drawn images with masks are those of their scripts, and need more than a threshold."""

import importlib.util
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.filters import threshold_otsu

DATASETS = Path(__file__).parents[1] / "datasets"
SETS = {"nuclei": (40, {0, 255}), "tissue": (30, {0, 128, 255})}


def script(name):
    place = DATASETS / f"draw_{name}.py"
    specification = importlib.util.spec_from_file_location(f"draw_{name}", place)
    module = importlib.util.module_from_spec(specification)
    # Dataclasses look their module up by its name.
    sys.modules[f"draw_{name}"] = module
    specification.loader.exec_module(module)
    return module


def pairs(name):
    for path in sorted((DATASETS / name / "images").glob("*.png")):
        with Image.open(path) as image, Image.open(DATASETS / name / "masks" / path.name) as mask:
            yield path.stem, np.asarray(image), np.asarray(mask)


def dice(found, mask):
    return 2 * np.sum(found & mask) / (np.sum(found) + np.sum(mask))


@pytest.mark.parametrize("name", SETS)
def test_drawing_again_gives_the_same_images_and_masks(name):
    # The first two slides; each field has its own random numbers.
    drawing = script(name)
    n_drawn = 2 * drawing.N_FIELDS
    for (stem, image, mask), drawn in zip(
        islice(pairs(name), n_drawn), drawing.drawn_fields(), strict=False
    ):
        assert stem == drawn[0]
        # Other versions of NumPy and SciPy may round differently.
        assert np.abs(drawn[1].astype(int) - image.astype(int)).mean() < 0.1
        assert np.mean(drawn[2] != mask) < 0.001
    assert SETS[name][0] == drawing.N_SLIDES * drawing.N_FIELDS


@pytest.mark.parametrize("name", SETS)
def test_every_image_has_its_mask_with_every_class(name):
    n_images, codes = SETS[name]
    stored = list(pairs(name))
    assert len(stored) == n_images == len(list((DATASETS / name / "masks").iterdir()))
    for _, image, mask in stored:
        assert image.shape[:2] == mask.shape
        assert set(np.unique(mask)) == codes


def test_nuclei_have_three_sizes():
    assert len({mask.shape for _, _, mask in pairs("nuclei")}) == 3


def test_a_threshold_does_not_find_the_nuclei():
    # 0.497 with scikit-image; on a set that anything solves, a U-Net would show nothing.
    scores = [dice(image > threshold_otsu(image), mask > 0) for _, image, mask in pairs("nuclei")]
    assert 0.3 < np.mean(scores) < 0.75


def test_not_even_the_best_threshold_of_each_image_does():
    # 0.568, chosen with the mask in view.
    scores = [
        max(dice(image > level, mask > 0) for level in range(0, 250, 5))
        for _, image, mask in pairs("nuclei")
    ]
    assert np.mean(scores) < 0.7


@pytest.mark.parametrize("name", SETS)
def test_each_set_is_small(name):
    files = [path for path in (DATASETS / name).rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 1_000_000


@pytest.mark.parametrize("name", SETS)
def test_the_readme_counts_right(name):
    text = (DATASETS / "README.md").read_text(encoding="utf-8")
    assert f"| `{name}/` | {SETS[name][0]} |" in text
