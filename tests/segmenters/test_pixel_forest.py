import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.data.pairs import IGNORED, ArrayPairs, ArrayScene
from bioselect.exceptions import BundleError, ComponentError
from bioselect.metrics.masks import image_scores
from bioselect.segmenters import filter_bank, pixel_forest
from bioselect.segmenters.base import MaskTask, most_probable, whole
from bioselect.segmenters.creation import create_segmenter, load_segmenter
from bioselect.segmenters.forest_file import FILE, write_forest
from bioselect.segmenters.pixel_forest import PixelForest

SMALL = {"trees": 8, "scales": [1.0, 2.0], "pixels": 600}


def _striped(seed, shape=(48, 60)):
    """Draw patches of stripes and of noise that are equally bright: Otsu sees no difference."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    mask = (((rows // 16) + (columns // 20)) % 2).astype(np.uint8)
    stripes = 0.5 + 0.3 * np.sign(np.sin(columns * np.pi / 2 + 0.1))
    noise = 0.5 + 0.3 * random.choice([-1.0, 1.0], shape)
    image = np.where(mask == 1, stripes, noise) + random.normal(0, 0.02, shape)
    return np.clip(image, 0, 1).astype(np.float32)[..., None], mask


IMAGES, MASKS = zip(*(_striped(seed) for seed in range(4)), strict=True)
PAIRS = ArrayPairs(IMAGES, MASKS)


def _task(n_images=3, n_classes=2, seed=0):
    return MaskTask(n_classes, 0, np.arange(n_images), np.array([], int), seed)


@pytest.fixture(scope="module")
def trained():
    return PixelForest(**SMALL).fit(PAIRS, _task())


def _dice(trained, place=3):
    found = most_probable(whole(trained, ArrayScene(IMAGES[place])))
    return image_scores(MASKS[place], found, 2, background=0).image["dice"]


def test_textures_are_learnt_where_a_threshold_fails(trained):
    assert _dice(trained) > 0.9
    otsu = create_segmenter(ComponentSpec("otsu")).fit(PAIRS, _task())
    assert _dice(otsu) < 0.7


def test_probabilities_are_those_of_scikit_learn(trained):
    numbers = trained.bank.responses(IMAGES[3])
    expected = trained.forest.predict_proba(numbers.reshape(len(numbers), -1).T)
    found = whole(trained, ArrayScene(IMAGES[3])).reshape(-1, 2)
    assert found.dtype == np.float32
    assert found == pytest.approx(expected, abs=1e-6)


def test_bands_and_threads_change_no_bit(trained, monkeypatch):
    once = whole(trained, ArrayScene(IMAGES[3]))
    monkeypatch.setattr(filter_bank, "_NUMBERS_AT_A_TIME", 60 * trained.bank.n_responses(1) * 5)
    monkeypatch.setattr(pixel_forest, "_PIXELS_AT_A_TIME", 37)
    monkeypatch.setattr(pixel_forest, "resolve_jobs", lambda jobs: 3)
    bands = list(trained.bands(ArrayScene(IMAGES[3])))
    assert len(bands) == 10  # 48 rows, 5 at a time
    assert np.array_equal(np.concatenate([part for _, part in bands]), once)
    again = PixelForest(**SMALL).fit(PAIRS, _task())
    assert np.array_equal(whole(again, ArrayScene(IMAGES[3])), once)


def test_of_large_images_fewer_are_looked_at_at_once(trained, monkeypatch):
    # Images of 48 x 60 pixels with 17 numbers of 4 bytes each: two fit.
    monkeypatch.setattr(pixel_forest, "_BYTES_AT_A_TIME", 48 * 60 * 17 * 4 * 2)
    monkeypatch.setattr(pixel_forest, "resolve_jobs", lambda jobs: 3)
    made, pool = [], pixel_forest.ThreadPoolExecutor
    monkeypatch.setattr(
        pixel_forest, "ThreadPoolExecutor", lambda n_threads: made.append(n_threads) or pool(3)
    )
    again = PixelForest(**SMALL).fit(PAIRS, _task())
    assert made == [2]
    scene = ArrayScene(IMAGES[3])
    assert np.array_equal(whole(again, scene), whole(trained, scene))


def test_the_seed_decides(trained):
    scene = ArrayScene(IMAGES[3])
    other = PixelForest(**SMALL).fit(PAIRS, _task(seed=1))
    assert not np.array_equal(whole(other, scene), whole(trained, scene))
    every_pixel = PixelForest(trees=2, scales=[1.0], pixels=10**6, balance="as_is")
    first, second = (every_pixel.fit(PAIRS, _task(n_images=1, seed=seed)) for seed in (0, 1))
    assert not np.array_equal(whole(first, scene), whole(second, scene))


def test_file_has_the_same_bytes_whatever_the_threads(trained, tmp_path, monkeypatch):
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    facts = trained.save(tmp_path / "one")
    monkeypatch.setattr(pixel_forest, "resolve_jobs", lambda jobs: 3)
    again = PixelForest(**SMALL).fit(PAIRS, _task())
    assert again.save(tmp_path / "two") == facts
    assert (tmp_path / "one" / FILE).read_bytes() == (tmp_path / "two" / FILE).read_bytes()
    opened = load_segmenter(tmp_path / "one", facts)
    scene = ArrayScene(IMAGES[3])
    assert np.array_equal(whole(opened, scene), whole(trained, scene))


def test_ignored_pixels_teach_nothing(trained):
    wrong = [np.where(np.arange(60) < 30, mask, 1 - mask).astype(np.uint8) for mask in MASKS]
    ignored = [np.where(np.arange(60) < 30, mask, IGNORED).astype(np.uint8) for mask in MASKS]
    misled = PixelForest(**SMALL).fit(ArrayPairs(IMAGES, wrong), _task())
    assert _dice(PixelForest(**SMALL).fit(ArrayPairs(IMAGES, ignored), _task())) > 0.9
    assert _dice(misled) < 0.8
    nothing = [np.full_like(mask, IGNORED) for mask in MASKS]
    with pytest.raises(ComponentError, match="must have a pixel that counts"):
        PixelForest(**SMALL).fit(ArrayPairs(IMAGES, nothing), _task())


def test_a_class_that_is_missing_in_training_gets_no_probability():
    trained = PixelForest(**SMALL).fit(PAIRS, _task(n_classes=4))
    found = whole(trained, ArrayScene(IMAGES[3]))
    assert found.shape == (48, 60, 4)
    assert not found[..., 2:].any()
    assert found.sum(axis=2) == pytest.approx(np.ones((48, 60)), abs=1e-6)


def test_damaged_and_foreign_files_are_refused(trained, tmp_path):
    facts = trained.save(tmp_path)
    path = tmp_path / FILE
    data = path.read_bytes()
    path.write_bytes(data[:2000])
    with pytest.raises(BundleError, match=r"forest\.skops: cannot be loaded"):
        load_segmenter(tmp_path, facts)
    path.write_bytes(data)
    with pytest.raises(BundleError, match="must hold a random forest for rows of 34 numbers"):
        load_segmenter(tmp_path, facts | {"n_channels": 2})
    with pytest.raises(BundleError, match=r"1 classes. Got another"):
        load_segmenter(tmp_path, facts | {"n_classes": 1})
    write_forest(tmp_path, Evil())
    with pytest.raises(BundleError, match=r"a random forest of scikit-learn only. Got .*Evil"):
        load_segmenter(tmp_path, facts)


class Evil:
    """Not what belongs into a model."""


def test_parameters_are_checked_before_any_work():
    with pytest.raises(ComponentError, match=r"scales: must be numbers of pixels.* Got \[2, 1\]"):
        create_segmenter(ComponentSpec.of("pixel_forest", {"scales": [2, 1]})).check_available()
