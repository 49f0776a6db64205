"""Heat lies where the model looks, whatever the image is; numbers and labels have maps too."""

import numpy as np
import pytest

from bioselect.explain.occlusion import (
    N_PREDICTIONS,
    explained_places,
    occlusion,
    parts_of_heat,
)

SIDE, MARK = 64, slice(20, 34)  # 14 x 14 of 64 x 64 pixels: 4.8 % of the area


def marked(dtype=np.uint8, n_channels=1, highest=255):
    """Draw noise with stripes in a small square; return the image and where they are."""
    random = np.random.default_rng(0)
    image = random.normal(0.5, 0.06, size=(SIDE, SIDE, n_channels))
    where = np.zeros((SIDE, SIDE), dtype=bool)
    where[MARK, MARK] = True
    stripes = np.where(np.arange(SIDE) // 2 % 2, 0.95, 0.05)[:, np.newaxis, np.newaxis]
    image = np.where(where[:, :, np.newaxis], stripes, image)
    return (np.clip(image, 0, 1) * highest).astype(dtype), where


def sees_stripes(highest):
    """Return a model: probabilities of two classes, by the share of very bright or dark pixels."""

    def predict(images):
        extreme = [((one < 0.15 * highest) | (one > 0.85 * highest)).mean() for one in images]
        yes = 1 / (1 + np.exp(-400 * (np.array(extreme) - 0.02)))
        return np.stack([1 - yes, yes], axis=1)

    return predict


@pytest.mark.parametrize(
    ("dtype", "n_channels", "highest"),
    [(np.uint8, 1, 255), (np.uint16, 5, 4095), (np.float32, 3, 1.0)],
)
def test_heat_lies_on_a_small_marker(dtype, n_channels, highest):
    image, where = marked(dtype, n_channels, highest)
    before = image.copy()
    found = occlusion(image, sees_stripes(highest))
    assert found.places == (1,)
    assert where.mean() < 0.05
    assert parts_of_heat(found.of(1), where) >= 0.6
    assert np.unravel_index(found.of(1).argmax(), where.shape)[0] in range(MARK.start, MARK.stop)
    # Hiding a quarter of each side can hide nearly all of the marker: the class is lost.
    assert found.largest[0] == pytest.approx(found.said[1], abs=0.1)
    assert found.of(1).max() == pytest.approx(found.largest[0], rel=1e-6)
    np.testing.assert_array_equal(image, before)
    np.testing.assert_array_equal(occlusion(image, sees_stripes(highest)).heat, found.heat)


def test_what_speaks_against_a_class_is_below_zero():
    image, where = marked()
    found = occlusion(image, sees_stripes(255), lambda said: (0, 1))
    # Of two classes, what raises one lowers the other.
    np.testing.assert_allclose(found.of(0), -found.of(1), atol=1e-6)
    assert found.of(0)[where].mean() < -0.1
    assert np.isnan(parts_of_heat(np.minimum(found.of(0), 0), where))


def test_a_number_has_a_map_in_its_own_units():
    image, where = marked()

    def contrast(images):  # 1000 times the variance: about 37.5 of the stripes
        return np.array([[1000 * np.var(one / 255.0)] for one in images])

    found = occlusion(image, contrast)
    hidden = image.astype(float)
    hidden[where] = 0.5 * 255
    most = contrast([image])[0, 0] - contrast([hidden])[0, 0]
    # Patches of 16 pixels start every 8: the best of them covers 12 of 14 rows and columns.
    assert found.largest[0] == pytest.approx(most * (12 / 14) ** 2, rel=0.05)
    assert parts_of_heat(found.of(0), where) >= 0.6


def test_brightness_that_stays_is_no_evidence():
    # A patch keeps the local mean. One of the mean of the image (125), a sixteenth of it large,
    # would change the mean brightness by (200 - 125) / 16 = 4.7 grey levels on either half.
    halves = np.full((SIDE, SIDE, 1), 50, dtype=np.uint8)
    halves[:, SIDE // 2 :] = 200
    found = occlusion(halves, lambda images: np.array([[one.mean()] for one in images]))
    assert abs(found.largest[0]) < 2.0


def test_how_often_the_model_is_asked_is_told():
    told, asked = [], []

    def predict(images):
        asked.append(len(images))
        return np.zeros((len(images), 2))

    found = occlusion(np.zeros((40, 30, 3), dtype=np.uint8), predict, advance=told.append)
    assert sum(asked) == sum(told) == N_PREDICTIONS == 275
    assert max(asked) <= 32
    assert not found.heat.any()
    assert not found.largest.any()


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 2), (7, 200, 3)])
def test_images_of_any_size(shape):
    image = np.random.default_rng(1).integers(0, 255, shape).astype(np.uint8)
    found = occlusion(image, lambda images: np.array([[one.std()] for one in images]))
    assert found.heat.shape == (*shape[:2], 1)
    assert np.isfinite(found.heat).all()


def test_which_columns_are_explained():
    said = np.array([0.2, 0.7, 0.6])
    assert explained_places(said, (), False) == (1,)
    assert explained_places(said, (), True) == (1, 2)
    assert explained_places(said, (0,), True) == (0,)
    assert explained_places(said / 2, (), True) == (1,)
