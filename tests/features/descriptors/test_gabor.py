"""Gabor filters against waves of known frequency and scikit-image."""

import cv2
import numpy as np
import pytest
from skimage.filters import gabor as skimage_gabor

from bioselect.exceptions import ComponentError
from bioselect.features.descriptors import gabor
from bioselect.features.descriptors.gabor import Gabor

FREQUENCIES = (0.05, 0.1, 0.2, 0.4)


def wave(frequency, degrees, amplitude=0.25, shape=(200, 160), phase=0.4):
    """Draw a wave; at 45 degrees it runs from bottom left to top right."""
    y, x = np.indices(shape)
    along = np.cos(np.radians(degrees)) * x - np.sin(np.radians(degrees)) * y
    values = 0.5 + amplitude * np.cos(2 * np.pi * frequency * along + phase)
    return values.astype(np.float32)[:, :, None]


def texture(*shape):
    noise = np.random.default_rng(0).random(shape).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 1.0)
    return ((smooth - smooth.min()) / (smooth.max() - smooth.min()))[:, :, None]


def named(extractor, image):
    row = extractor.transform([image])[0]
    return dict(zip(extractor.feature_names(image.shape[2]), row.tolist(), strict=True))


@pytest.mark.parametrize("frequency", FREQUENCIES)
@pytest.mark.parametrize("degrees", [0, 30, 60, 90, 120, 150])
def test_a_wave_answers_in_its_band_with_its_amplitude(frequency, degrees):
    found = named(Gabor(), wave(frequency, degrees))
    means = {name: value for name, value in found.items() if "_mean_" in name}
    strongest = max(means, key=means.get)
    assert strongest == f"gabor_f{frequency}_o{degrees}_mean_c0"
    # Near the border the mirrored wave runs another way: some percent less than 0.25.
    assert means[strongest] == pytest.approx(0.25, rel=0.1)


@pytest.mark.parametrize("factor", [2 / 3, 4 / 3])
def test_the_band_is_an_octave_wide(factor):
    # Along its axis a filter has half its gain at 2/3 and at 4/3 of its frequency.
    found = named(Gabor(frequencies=[0.15]), wave(0.15 * factor, 0, shape=(160, 400)))
    assert found["gabor_f0.15_o0_mean_c0"] == pytest.approx(0.125, rel=0.03)


@pytest.mark.parametrize("frequency", [0.05, 0.1, 0.2])
@pytest.mark.parametrize(("n_orientations", "place"), [(6, 1), (6, 3), (4, 3), (5, 2)])
def test_statistics_are_those_of_scikit_image(frequency, n_orientations, place):
    image = texture(150, 190)
    theta = np.pi * place / n_orientations
    # Its angles run with the clock; its filters, too, are an octave wide; the response to a wave
    # of amplitude 1 is 1/2. It does not take away the mean, so that is done here.
    plane = image[:, :, 0].astype(np.float64)
    real, imaginary = skimage_gabor(
        plane - plane.mean(), frequency, -theta, bandwidth=1, n_stds=4, mode="reflect"
    )
    magnitude = 2 * np.hypot(real, imaginary)
    found = named(Gabor(FREQUENCIES, n_orientations), image)
    name = f"gabor_f{frequency}_o{np.degrees(theta):g}"
    assert found[f"{name}_mean_c0"] == pytest.approx(magnitude.mean(), rel=0.01)
    assert found[f"{name}_sd_c0"] == pytest.approx(magnitude.std(), rel=0.02)


@pytest.mark.parametrize("frequency", [0.4, 0.5])
def test_white_noise_has_no_direction(frequency):
    # Cut off at 0.5 cycles per pixel all around, no filter passes more of white noise than others.
    image = np.random.default_rng(0).random((400, 400, 1)).astype(np.float32)
    found = named(Gabor([frequency], orientations="pooled"), image)
    assert found[f"gabor_f{frequency}_range_c0"] < 0.03 * found[f"gabor_f{frequency}_mean_c0"]


def test_pooled_is_mean_and_range_over_directions():
    image = texture(60, 90)
    each = Gabor().transform([image])[0].reshape(4, 6, 2)
    pooled = Gabor(orientations="pooled").transform([image])[0].reshape(4, 3)
    np.testing.assert_allclose(pooled[:, 0], each[:, :, 0].mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(pooled[:, 1], each[:, :, 1].mean(axis=1), rtol=1e-5)
    np.testing.assert_allclose(
        pooled[:, 2], each[:, :, 0].max(axis=1) - each[:, :, 0].min(axis=1), rtol=1e-5, atol=1e-7
    )


@pytest.mark.parametrize("shape", [(90, 61), (32, 32), (33, 33), (512, 100)])
def test_quarter_turns_and_mirrors_change_nothing_whatever_the_size(shape):
    image = np.random.default_rng(0).random((*shape, 1)).astype(np.float32)
    rows = Gabor(orientations="pooled").transform([image, np.rot90(image), image[:, ::-1]])
    np.testing.assert_allclose(rows, rows[[0] * 3], rtol=1e-5)


def test_pooled_rows_do_not_change_when_the_image_is_turned():
    extractor = Gabor(orientations="pooled")
    image = texture(120, 150)
    rows = extractor.transform([image, np.rot90(image), image[:, ::-1], image[::-1, ::-1]])
    np.testing.assert_allclose(rows, rows[[0] * 4], rtol=0.01, atol=1e-4)
    # By a step of the directions: what lies at the border is not the same any more.
    turned = [wave(0.1, degrees, shape=(400, 400)) for degrees in (20, 50, 140)]
    rows = extractor.transform(turned).reshape(3, 4, 3)[:, 1]
    np.testing.assert_allclose(rows[1:], rows[[0, 0]], rtol=0.02, atol=0.003)


@pytest.mark.parametrize("shape", [(130, 600), (1000, 300)])
def test_the_coarse_grid_tells_what_all_pixels_tell(shape, monkeypatch):
    image = texture(*shape)
    coarse = Gabor().transform([image])[0]
    monkeypatch.setattr(gabor, "FEWEST_SAMPLES", 10_000)
    np.testing.assert_allclose(coarse, Gabor().transform([image])[0], rtol=0.02)


def test_brightness_does_not_matter_and_contrast_is_the_unit():
    image = texture(90, 70)
    rows = Gabor().transform([image, image * 0.25 + 0.5])
    np.testing.assert_allclose(rows[1], rows[0] / 4, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("shape", [(1, 1, 1), (8, 8, 3), (3, 700, 1)])
def test_flat_images_have_no_waves(value, shape):
    row = Gabor().transform([np.full(shape, value, np.float32)])[0]
    np.testing.assert_allclose(row, 0.0, atol=1e-6)


@pytest.mark.parametrize("shape", [(8, 8), (1, 9), (40, 40), (9, 1000)])
@pytest.mark.parametrize("frequencies", [FREQUENCIES, [0.01], [0.5]])
def test_any_size(shape, frequencies):
    row = Gabor(frequencies).transform([np.random.default_rng(0).random((*shape, 1), "f4")])[0]
    assert np.isfinite(row).all()
    assert row[0::2].max() < 1.0
    assert row.any()


def test_row_is_channels_then_frequencies_then_directions():
    image = np.concatenate([wave(0.2, 90), wave(0.1, 45)], axis=2)
    extractor = Gabor([0.2, 0.1], n_orientations=4)
    found = named(extractor, image)
    names = list(found)
    assert len(names) == 2 * 2 * 4 * 2
    assert names[:3] == ["gabor_f0.2_o0_mean_c0", "gabor_f0.2_o0_sd_c0", "gabor_f0.2_o45_mean_c0"]
    assert found["gabor_f0.2_o90_mean_c0"] == max(v for k, v in found.items() if "_c0" in k)
    assert found["gabor_f0.1_o45_mean_c1"] == max(v for k, v in found.items() if "_c1" in k)
    assert len(extractor.transform([image])[0]) == 2 * len(Gabor([0.2, 0.1], 4).feature_names(1))


@pytest.mark.parametrize("frequencies", [[], [0.6], [0.1, 0.1], [0.001]])
def test_wrong_frequencies(frequencies):
    with pytest.raises(ComponentError, match=r"gabor: params.frequencies must be .*cycles per"):
        Gabor(frequencies)
