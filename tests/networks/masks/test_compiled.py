"""A compiled network of masks is kept only where it says what Keras says, also of real images."""

import numpy as np

from bioselect.backbones.keras_import import import_keras
from bioselect.data.pairs import ArrayPairs, PairScene
from bioselect.networks.masks import compiled
from bioselect.networks.masks.tiling import TilePlan
from bioselect.networks.masks.trained import MaskNetwork

SIDE = 16


def of_mean(slope):
    """Return a network that sees how far the mean of a tile is below 0.3, and nothing else."""
    keras = import_keras()
    image = keras.Input((SIDE, SIDE, 2))
    mean = keras.layers.GlobalAveragePooling2D(keepdims=True)(image)
    dark = keras.layers.ReLU()(keras.layers.Rescaling(-slope, slope * 0.3)(mean))
    everywhere = keras.layers.UpSampling2D(SIDE)(keras.layers.Softmax()(dark))
    return keras.Model(image, everywhere)


def shaded(left, right):
    """Return an image of two tiles; each channel another, or softmax would hide it."""
    image = np.full((SIDE, 2 * SIDE, 2), left, dtype=np.float32)
    image[:, SIDE:] = right
    image[..., 1] = 0.6
    return image


def saved(images, folder):
    masks = [np.zeros(one.shape[:2], np.uint8) for one in images]
    pairs = ArrayPairs(images, masks)
    shown = tuple(PairScene(pairs, place) for place in range(len(images)))
    return MaskNetwork(of_mean(1.0), TilePlan((SIDE, SIDE), 0), shown=shown).save(folder)


def test_it_is_compared_on_tiles_of_the_training_images_too(tmp_path, monkeypatch):
    # Both say the same of noise, whose mean is near 0.5, and something else of dark tiles.
    other, compile_model = of_mean(9.0), compiled.compile_model

    def compile_other(rows, shape, *rest):
        return compile_model(compiled._as_rows(import_keras(), other, shape), shape, *rest)

    monkeypatch.setattr(compiled, "compile_model", compile_other)
    bright = [shaded(0.5, 0.6), shaded(0.7, 0.8)]
    assert saved([], tmp_path)["compiled"]
    assert saved(bright, tmp_path)["compiled"]
    # The last tile of the last image is the dark one.
    facts = saved([*bright, shaded(0.9, 0.1)], tmp_path)
    assert not facts["compiled"]
    assert facts["why_not"].startswith("its probabilities differ from those of Keras by up to 0.")


def test_tiles_are_spread_over_all_images_of_any_size():
    network = MaskNetwork(of_mean(1.0), TilePlan((SIDE, SIDE), 0))
    # 20 images of 2 tiles and a small one that is filled up: 8 of 41 tiles, every 5.7th.
    images = [shaded(number / 100, number / 100 + 0.5) for number in range(20)]
    images.append(np.full((5, 7, 2), 0.99, np.float32))
    pairs = ArrayPairs(images, [np.zeros(one.shape[:2], np.uint8) for one in images])
    tiles = list(network.sample_tiles([PairScene(pairs, place) for place in range(21)]))
    assert {tile.shape for tile in tiles} == {(SIDE, SIDE, 2)}
    found = [round(float(tile[0, 0, 0]), 2) for tile in tiles]
    # Tiles 0, 6, 11, 17, 23, 29, 34 and 40: image n / 2, the right half where n is odd.
    assert found == [0.0, 0.03, 0.55, 0.58, 0.61, 0.64, 0.17, 0.99]
    assert list(network.sample_tiles([])) == []
