"""What every segmenter must do, of those that learn without a network."""

import itertools
import json

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.data.pairs import ArrayPairs, ArrayScene
from bioselect.registry import find_row
from bioselect.segmenters.base import MaskTask, most_probable, whole
from bioselect.segmenters.creation import BASELINES, create_segmenter, load_segmenter

PARAMS = {"pixel_forest": {"trees": 4, "pixels": 300}}
SHAPES = [(1, 1), (1, 9), (7, 1), (2, 2), (33, 21), (5, 300)]
RANDOM = np.random.default_rng(0)


def _read_only(*arrays):
    for array in arrays:
        array.flags.writeable = False
    return arrays


def _pairs(shapes, n_channels=2, n_classes=2):
    images, masks = [], []
    for shape in shapes:
        mask = RANDOM.integers(0, n_classes, shape).astype(np.uint8)
        image = RANDOM.random((*shape, n_channels)) * 0.5 + mask[..., None] * 0.5 / n_classes
        images.append(image.astype(np.float32))
        masks.append(mask)
    return ArrayPairs(_read_only(*images), _read_only(*masks))


def _fitted(name, pairs, n_classes=2, background=0):
    task = MaskTask(n_classes, background, np.arange(len(pairs)), np.array([], int), seed=0)
    segmenter = create_segmenter(ComponentSpec.of(name, PARAMS.get(name, {})))
    segmenter.check_available()
    return segmenter, segmenter.fit(pairs, task)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_images_of_any_size_get_probabilities(name, n_classes):
    pairs = _pairs(SHAPES, n_classes=n_classes)
    _, trained = _fitted(name, pairs, n_classes)
    for image in pairs.images:
        bands = list(trained.bands(ArrayScene(image)))
        edges = [rows.start for rows, _ in bands] + [bands[-1][0].stop]
        assert edges[0] == 0
        assert edges[-1] == len(image)
        assert all(first < second for first, second in itertools.pairwise(edges))
        probabilities = np.concatenate([part for _, part in bands])
        assert probabilities.shape == (*image.shape[:2], n_classes)
        assert probabilities.dtype == np.float32
        assert probabilities.min() >= 0
        assert probabilities.sum(axis=2) == pytest.approx(np.ones(image.shape[:2]), abs=1e-6)


@pytest.mark.parametrize("name", BASELINES)
@pytest.mark.parametrize("background", [0, None])
@pytest.mark.parametrize("only", [0, 1])
def test_masks_of_one_class_only_are_learnt_from(name, background, only):
    pairs = _pairs([(20, 20), (13, 8)])
    masks = [np.full_like(mask, only) for mask in pairs.masks]
    _, trained = _fitted(name, ArrayPairs(pairs.images, masks), background=background)
    found = most_probable(whole(trained, ArrayScene(pairs.images[0])))
    assert set(np.unique(found)) <= {0, 1}
    if name == "pixel_forest":
        assert set(np.unique(found)) == {only}


@pytest.mark.parametrize("name", BASELINES)
def test_saved_and_opened_it_gives_the_same(name, tmp_path):
    pairs = _pairs([(33, 21), (16, 16)])
    _, trained = _fitted(name, pairs)
    facts = json.loads(json.dumps(trained.save(tmp_path)))
    opened = load_segmenter(tmp_path, facts)
    for image in (*pairs.images, RANDOM.random((9, 30, 2)).astype(np.float32)):
        assert np.array_equal(whole(opened, ArrayScene(image)), whole(trained, ArrayScene(image)))
    assert opened.best_epoch == 0
    assert list(opened.history) == []


@pytest.mark.parametrize("name", BASELINES)
def test_only_training_images_are_learnt_from(name, tmp_path):
    pairs = _pairs([(33, 21), (16, 16), (12, 12)])
    other = ArrayPairs(
        [*pairs.images[:2], np.zeros((12, 12, 2), np.float32)],
        [*pairs.masks[:2], np.ones((12, 12), np.uint8)],
    )
    task = MaskTask(2, 0, np.array([0, 1]), np.array([2]), seed=0)
    saved = []
    for number, some in enumerate((pairs, other)):
        segmenter = create_segmenter(ComponentSpec.of(name, PARAMS.get(name, {})))
        folder = tmp_path / str(number)
        folder.mkdir()
        segmenter.fit(some, task).save(folder)
        saved.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert saved[0] == saved[1]
    assert saved[0]


@pytest.mark.parametrize("name", BASELINES)
def test_rows_say_the_defaults_of_the_class(name):
    segmenter = create_segmenter(ComponentSpec(name))
    assert segmenter.name == name
    assert segmenter.n_epochs is None
    row = find_row("segmenter", name)
    for parameter in row.parameters:
        assert getattr(segmenter, parameter.name) == parameter.default
    assert f"{type(segmenter).__module__}:{type(segmenter).__name__}" == row.target


@pytest.mark.parametrize("name", BASELINES)
def test_identity_and_cost_are_declared(name):
    segmenter = create_segmenter(ComponentSpec(name))
    identity = segmenter.identity()
    assert json.loads(json.dumps(identity)) == identity
    assert identity["name"] == name
    assert set(identity["params"]) == {one.name for one in find_row("segmenter", name).parameters}
    small, large = (segmenter.operations((side, side, 3), 2) for side in (100, 200))
    assert 0 < small == large / 4
