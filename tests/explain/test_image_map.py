"""Images as dots in a plane: alike ones are neighbours, the same seed gives the same places."""

import numpy as np
import pytest

from bioselect.execution import run_tasks
from bioselect.explain.image_map import MapTask, directions, image_map


def heaps(n_each=20, n_features=60):
    random = np.random.default_rng(0)
    middles = random.normal(0, 5, (3, n_features))
    return np.concatenate([one + random.normal(size=(n_each, n_features)) for one in middles])


def test_alike_images_are_neighbours() -> None:
    points = image_map(MapTask(heaps(), 0))
    kinds = np.repeat([0, 1, 2], 20)
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (kinds[distances.argmin(axis=1)] == kinds).mean() > 0.95


def test_one_seed_gives_one_map(several_threads) -> None:
    [first] = run_tasks(image_map, [MapTask(heaps(), 3)], n_jobs=1)
    [again] = run_tasks(image_map, [MapTask(heaps(), 3)], n_jobs=1)
    assert first.tobytes() == again.tobytes()


@pytest.mark.parametrize("n_features", [12, 300], ids=["few features", "many features"])
def test_directions_keep_distances_of_scaled_features(n_features) -> None:
    random = np.random.default_rng(1)
    rows = random.normal(size=(40, n_features)) * random.uniform(1, 100, n_features)
    rows = np.hstack([rows, np.full((40, 1), 7.0)])  # says nothing
    scaled = (rows[:, :-1] - rows[:, :-1].mean(axis=0)) / rows[:, :-1].std(axis=0)
    turned = directions(rows)
    assert turned.shape[1] == min(n_features, 39)
    expected = np.linalg.norm(scaled[:, None] - scaled[None], axis=2)
    found = np.linalg.norm(turned[:, None] - turned[None], axis=2)
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_features_that_say_nothing_give_one_place() -> None:
    np.testing.assert_array_equal(image_map(MapTask(np.ones((12, 4)), 0)), np.zeros((12, 2)))
    line = image_map(MapTask(np.arange(12.0)[:, None], 0))
    assert (np.diff(line[:, 0]) > 0).all() or (np.diff(line[:, 0]) < 0).all()
