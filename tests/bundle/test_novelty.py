"""Novelty is measured by the neighbourhood; its border is where 1 in 100 of the training lies."""

import tracemalloc

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from bioselect.bundle.novelty import (
    NOVELTY_FILE,
    Novelty,
    measure_novelty,
    novelty_of,
    parse_novelty,
    reason_of,
    write_novelty,
)
from bioselect.bundle.reference import make_reference
from bioselect.exceptions import BundleError


def reference_of(rows):
    return make_reference(rows, np.zeros(len(rows), dtype=int), np.arange(len(rows)))


def drawn(n_rows, seed=0, n_features=6):
    return np.random.default_rng(seed).normal(size=(n_rows, n_features))


def test_an_image_is_measured_by_how_far_its_neighbours_are_from_theirs():
    rows, new = drawn(120), 2.0 * drawn(7, seed=1)
    reference = reference_of(rows)
    known = measure_novelty(reference, np.arange(120))
    points = reference.points.astype(float)
    search = NearestNeighbors(n_neighbors=6).fit(points)
    own = search.kneighbors(points)[0][:, 1:].mean(axis=1)  # The first is the image itself.
    distances, places = search.kneighbors(reference.points_of(new), n_neighbors=5)
    expected = distances.mean(axis=1) / own[places].mean(axis=1) / known.border
    np.testing.assert_allclose(novelty_of(reference, known, new), expected, rtol=1e-6)


def test_what_lies_between_two_kinds_of_unequal_spread_is_found():
    # As far from the dense kind as images of the other kind are from one another.
    random = np.random.default_rng(0)
    dense, wide = random.normal(size=(150, 3)) * 0.05, random.normal(size=(150, 3)) + 8.0
    reference = reference_of(np.vstack([dense, wide]))
    known = measure_novelty(reference, np.arange(300))
    new = np.vstack([[0.6, 0.6, 0.6], dense[0] + 0.01, wide[0] + 0.1])
    assert (novelty_of(reference, known, new) > 1).tolist() == [True, False, False]


def test_images_of_one_unit_do_not_vouch_for_each_other():
    # Each image is there five times, hardly changed; a new one has no such copies.
    once = drawn(60)
    rows = np.repeat(once, 5, axis=0) + 1e-3 * drawn(300, seed=2)
    reference, new = reference_of(rows), drawn(400, seed=3)
    by_unit = measure_novelty(reference, np.repeat(np.arange(60), 5))
    by_image = measure_novelty(reference, np.arange(300))
    assert (novelty_of(reference, by_unit, new) > 1).mean() < 0.05
    assert (novelty_of(reference, by_image, new) > 1).mean() > 0.5


def test_false_alarms_are_as_rare_as_the_border_says():
    rates = []
    for seed in range(5):
        reference = reference_of(drawn(400, seed))
        known = measure_novelty(reference, np.arange(400))
        rates.append((novelty_of(reference, known, drawn(1000, seed + 100)) > 1).mean())
    assert 0.003 < np.mean(rates) < 0.02


def test_border_and_p_values_by_hand():
    # Of 199 units and the image itself, 200: 1 in 100 are two, so one training image lies beyond.
    known = Novelty(np.ones(199), np.arange(1.0, 200.0), np.arange(199))
    assert (known.border, known.level) == (198.0, 0.01)
    found = known.p_values(np.array([199.5, 199.0, 100.0, 0.0]) / 198.0)
    np.testing.assert_allclose(found, [1 / 200, 2 / 200, 101 / 200, 1.0])
    # Of 20 units the border is the highest of all; 1 in 21 may lie beyond it.
    few = Novelty(np.ones(20), np.arange(20.0), np.arange(20))
    assert (few.border, few.level) == (19.0, 1 / 21)
    # A unit counts as one, however many images it has: (1 + half of the first) / (1 + 2).
    two = Novelty(np.ones(3), np.array([1.0, 3.0, 2.0]), np.array([0, 0, 1]))
    np.testing.assert_allclose(two.p_values(np.array([2.5]) / two.border), [1.5 / 3])


def test_too_few_units_or_equal_rows_say_nothing():
    assert measure_novelty(reference_of(drawn(30)), np.arange(30) % 9) is None
    assert measure_novelty(reference_of(np.ones((30, 4))), np.arange(30)) is None


def test_a_reason_is_given_beyond_the_border_only():
    assert [reason_of(value) for value in (None, 0.2, 1.0)] == ["", "", ""]
    assert reason_of(1.0001) == "unlike the training images"


@pytest.fixture
def written(tmp_path):
    write_novelty(tmp_path / NOVELTY_FILE, measure_novelty(reference_of(drawn(40)), np.arange(40)))
    return (tmp_path / NOVELTY_FILE).read_bytes()


def test_what_is_written_is_read_again(written, tmp_path):
    known = measure_novelty(reference_of(drawn(40)), np.arange(40))
    found = parse_novelty(written, 40, tmp_path)
    np.testing.assert_array_equal(found.distances, known.distances)
    np.testing.assert_array_equal(found.scores, known.scores)
    write_novelty(tmp_path / "again.npz", known)
    assert (tmp_path / "again.npz").read_bytes() == written


def test_a_damaged_file_is_told(written, tmp_path):
    for data, n_rows in ((written[:100], 40), (b"", 40), (written, 41)):
        with pytest.raises(BundleError, match=r"novelty\.npz is damaged .*another copy"):
            parse_novelty(data, n_rows, tmp_path)


def test_a_small_file_of_a_huge_array_is_refused_before_it_takes_memory(tmp_path):
    """A zip of 64 MB of zeros has 64 kB; so would one of all memory."""
    zeros = np.zeros(8_000_000)
    np.savez_compressed(tmp_path / "bomb.npz", format=1, distances=zeros, scores=zeros, units=zeros)
    data = (tmp_path / "bomb.npz").read_bytes()
    tracemalloc.start()
    with pytest.raises(BundleError, match=r"novelty\.npz is damaged"):
        parse_novelty(data, 40, tmp_path)
    taken = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert taken < 16e6
