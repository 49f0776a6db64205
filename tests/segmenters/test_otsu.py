import numpy as np
import pytest
from skimage.filters import threshold_multiotsu, threshold_otsu

from bioselect.data.pairs import IGNORED, ArrayPairs, ArrayScene
from bioselect.exceptions import BundleError, ComponentError
from bioselect.registry import ComponentSpec
from bioselect.segmenters import otsu
from bioselect.segmenters.base import MaskTask, most_probable, whole
from bioselect.segmenters.creation import create_segmenter, load_segmenter
from bioselect.segmenters.otsu import OtsuSegmenter, TrainedOtsu


def _task(n_images=1, n_classes=2, background=0):
    return MaskTask(n_classes, background, np.arange(n_images), np.array([], int), seed=0)


def _noisy(levels, mask, seed=0):
    noise = np.random.default_rng(seed).normal(0, 0.01, mask.shape)
    return np.clip(np.asarray(levels)[mask] + noise, 0, 1).astype(np.float32)


MASK = np.zeros((40, 50), np.uint8)
MASK[5:20, 10:30] = 1
THREE = MASK.copy()
THREE[25:35, 5:45] = 2


def test_thresholds_are_those_of_scikit_image():
    # Those are centres of bins, ours their upper edges.
    image = _noisy([0.2, 0.7], MASK)
    (found,) = TrainedOtsu(0, (0, 1), 0).thresholds(ArrayScene(image[..., None]))
    assert found - np.ptp(image) / 512 == pytest.approx(threshold_otsu(image), abs=1e-6)
    three = _noisy([0.2, 0.5, 0.8], THREE)
    found = TrainedOtsu(0, (0, 1, 2), 0).thresholds(ArrayScene(three[..., None]))
    reference = threshold_multiotsu(three, classes=3)
    assert found - np.ptp(three) / 512 == pytest.approx(reference, abs=1e-6)


@pytest.mark.parametrize(
    ("levels", "classes"), [([0.2, 0.7], (0, 1)), ([0.7, 0.2], (1, 0))], ids=["bright", "dark"]
)
def test_bright_or_dark_is_learnt(levels, classes):
    image = _noisy(levels, MASK)[..., None]
    trained = OtsuSegmenter().fit(ArrayPairs([image], [MASK]), _task())
    assert trained.classes == classes
    assert np.array_equal(most_probable(whole(trained, ArrayScene(image))), MASK)


def test_the_channel_that_shows_the_class_is_taken():
    random = np.random.default_rng(1)
    image = np.stack([random.random(MASK.shape), _noisy([0.7, 0.2], MASK)], axis=-1)
    trained = OtsuSegmenter().fit(ArrayPairs([image], [MASK]), _task())
    assert (trained.channel, trained.classes) == (1, (1, 0))
    # Two channels, each too noisy alone: their mean is better.
    both = np.stack([MASK * 0.3 + random.normal(0.3, 0.15, MASK.shape) for _ in range(2)], axis=-1)
    assert OtsuSegmenter().fit(ArrayPairs([both], [MASK]), _task()).channel == "mean"
    assert OtsuSegmenter(channel=0).fit(ArrayPairs([both], [MASK]), _task()).channel == 0


def test_levels_of_three_classes_need_not_be_in_order():
    image = _noisy([0.5, 0.9, 0.1], THREE)[..., None]
    trained = OtsuSegmenter().fit(ArrayPairs([image], [THREE]), _task(n_classes=3))
    assert trained.classes == (2, 0, 1)
    assert np.array_equal(most_probable(whole(trained, ArrayScene(image))), THREE)


def test_ignored_pixels_teach_nothing():
    image = _noisy([0.2, 0.7], MASK)[..., None]
    wrong = (1 - MASK).astype(np.uint8)
    images = [image, image, image]
    most_are_wrong = ArrayPairs(images, [wrong, wrong, MASK])
    assert OtsuSegmenter().fit(most_are_wrong, _task(3)).classes == (1, 0)
    wrong = wrong.copy()
    wrong[:-2] = IGNORED
    few_of_them_count = ArrayPairs(images, [wrong, wrong, MASK])
    assert OtsuSegmenter().fit(few_of_them_count, _task(3)).classes == (0, 1)


def test_an_image_with_nothing_to_divide_is_background():
    flat = ArrayScene(np.full((3, 4, 1), 0.5, np.float32))
    for classes, background, expected in [((0, 1), 0, 0), ((1, 0), 0, 0), ((1, 0), None, 1)]:
        found = most_probable(whole(TrainedOtsu(0, classes, background), flat))
        assert found.shape == (3, 4)
        assert set(found.ravel()) == {expected}
    two_values = np.zeros((3, 4, 1), np.float32)
    two_values[0] = 1.0
    assert not most_probable(whole(TrainedOtsu(0, (1, 2, 0), 0), ArrayScene(two_values))).any()


def test_bands_give_the_same_as_the_whole(monkeypatch):
    image = _noisy([0.2, 0.7], MASK)[..., None]
    trained = TrainedOtsu(0, (0, 1), 0)
    once = whole(trained, ArrayScene(image))
    monkeypatch.setattr(otsu, "_PIXELS_AT_A_TIME", 7 * MASK.shape[1])
    parts = list(trained.bands(ArrayScene(image)))
    assert [(rows.start, rows.stop) for rows, _ in parts][:2] == [(0, 7), (7, 14)]
    assert np.array_equal(np.concatenate([part for _, part in parts]), once)
    assert OtsuSegmenter().fit(ArrayPairs([image], [MASK]), _task()) == trained


def test_saved_and_opened(tmp_path):
    trained = TrainedOtsu("mean", (2, 0, 1), 0)
    assert load_segmenter(tmp_path, trained.save(tmp_path)) == trained
    (tmp_path / "otsu.json").write_text('{"channel": 0, "classes": [0, 0], "background": 0}')
    with pytest.raises(BundleError, match=r"otsu\.json: cannot be read .* another copy"):
        load_segmenter(tmp_path, {"kind": "otsu"})


def test_what_it_does_not_take_is_said():
    image, mask = np.zeros((4, 4, 2), np.float32), np.zeros((4, 4), np.uint8)
    pairs = ArrayPairs([image], [mask])
    with pytest.raises(ComponentError, match=r"otsu: masks must have 2 to 4 classes.*Got 5"):
        OtsuSegmenter().fit(pairs, _task(n_classes=5))
    with pytest.raises(ComponentError, match=r"must be 0 to 1, a channel of the images. Got 2"):
        OtsuSegmenter(channel=2).fit(pairs, _task())
    with pytest.raises(ComponentError, match=r"must be a whole number or auto or mean. Got 'red'"):
        create_segmenter(ComponentSpec.of("otsu", {"channel": "red"})).check_available()
