"""Training images are remembered by where they lie; the nearest ones are those of scikit-learn."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import StandardScaler

from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.bundle.reading import load_bundle
from bioselect.bundle.reference import (
    MOST_DIRECTIONS,
    REFERENCE_FILE,
    make_reference,
    numbers_remembered,
    read_reference,
    write_reference,
)
from bioselect.bundle.writing import write_bundle
from bioselect.exceptions import BundleError
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import small_contents


def rows(n_rows, n_features, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n_rows, n_features)) * random.uniform(0.1, 50, n_features) + 7


def whole(n_rows, n_features):
    return make_reference(rows(n_rows, n_features), np.arange(n_rows) % 3, np.arange(n_rows))


# More rows than features, and the other way round: then there are n_rows - 1 directions.
@pytest.mark.parametrize(("n_rows", "n_features"), [(60, 12), (30, 400)])
def test_nearest_are_those_in_standard_units(n_rows, n_features):
    reference = whole(n_rows, n_features)
    scaler = StandardScaler().fit(rows(n_rows, n_features))
    known = scaler.transform(rows(n_rows, n_features))
    # New rows within the span of the training, where the directions leave nothing out.
    new = 0.7 * rows(n_rows, n_features)[:4] + 0.3 * rows(n_rows, n_features)[4:8]
    search = NearestNeighbors(n_neighbors=5).fit(known)
    distances, places = search.kneighbors(scaler.transform(new))
    found = reference.nearest(new, 5)
    np.testing.assert_array_equal([one.places for one in found], places)
    # 1 is the median distance of a training image to the one nearest to it.
    own = NearestNeighbors(n_neighbors=2).fit(known).kneighbors(known)[0][:, 1]
    expected = distances / np.median(own)
    np.testing.assert_allclose([one.distances for one in found], expected, rtol=1e-4)


def test_what_never_changes_does_not_count():
    given = rows(20, 3)
    given[:, 1] = 5.0
    reference = make_reference(given, np.zeros(20, dtype=int), np.arange(20))
    changed = given[:1].copy()
    changed[0, 1] = 1e6
    [as_it_is], [elsewhere] = reference.nearest(given[:1], 3), reference.nearest(changed, 3)
    np.testing.assert_array_equal(as_it_is.places, elsewhere.places)
    np.testing.assert_array_equal(as_it_is.distances, elsewhere.distances)
    assert as_it_is.places[0] == 0
    assert as_it_is.distances[0] == pytest.approx(0, abs=1e-4)


def test_equal_rows_are_no_distance():
    reference = make_reference(np.ones((6, 4)), np.zeros(6, dtype=int), np.arange(6))
    assert reference.nearest(np.ones((1, 4)))[0].distances.tolist() == [0.0] * 5


def test_size_is_limited(tmp_path):
    numbers = numbers_remembered(100_000)
    assert len(numbers) == 10_000
    assert (numbers[0], numbers[-1]) == (0, 99_999)
    assert len(np.unique(numbers)) == 10_000
    wide = make_reference(
        np.random.default_rng(0).normal(size=(90, 30_000)), np.zeros(90), np.arange(90)
    )
    assert wide.directions.shape == (30_000, 33)  # a million numbers at most
    deep = whole(500, 200)
    assert deep.points.shape == (500, MOST_DIRECTIONS)
    write_reference(tmp_path / "a.npz", deep)
    assert (tmp_path / "a.npz").stat().st_size < 300_000


def test_same_rows_same_bytes_and_back(tmp_path):
    for name in ("a.npz", "b.npz"):
        write_reference(tmp_path / name, whole(40, 10))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


@pytest.fixture
def with_reference(tmp_path):
    """Return a bundle that remembers something."""
    contents = small_contents(ComponentSpec("intensity"), ComponentSpec("lda"))
    write_bundle(tmp_path / "remembers", replace(contents, reference=whole(24, 10)))
    return tmp_path / "remembers"


def test_a_bundle_gives_it_back(with_reference):
    names = json.loads((with_reference / MANIFEST_FILE).read_text())["files"]
    assert REFERENCE_FILE in names
    load_bundle(with_reference)
    found, expected = read_reference(with_reference), whole(24, 10)
    np.testing.assert_array_equal(found.points, expected.points)
    np.testing.assert_array_equal(found.targets, expected.targets)
    assert found.usual_distance == expected.usual_distance


def test_a_bundle_from_before_has_none(bundle):
    assert read_reference(bundle) is None
    # Nor does a file that the manifest does not name count.
    write_reference(bundle / REFERENCE_FILE, whole(24, 10))
    assert read_reference(bundle) is None


def test_damage_is_one_line(with_reference, forge):
    (with_reference / REFERENCE_FILE).write_bytes(b"no archive")
    with pytest.raises(BundleError, match="not the one that was written"):
        load_bundle(with_reference)
    forge(with_reference)
    with pytest.raises(BundleError, match=r"reference\.npz is damaged \(") as raised:
        read_reference(with_reference)
    assert "\n" not in str(raised.value)


def test_arrays_that_do_not_fit_and_a_later_format(with_reference):
    path = with_reference / REFERENCE_FILE
    arrays = dict(np.load(path))
    np.savez(path, **{**arrays, "points": arrays["points"][:-1]})
    with pytest.raises(BundleError, match="do not fit one another"):
        read_reference(with_reference)
    for other in (
        {"usual_distance": np.ones(3)},
        {"mean": arrays["mean"][None]},
        {"targets": np.array(1)},
        {"numbers": arrays["numbers"][:, None]},
        {"scale": arrays["scale"].astype("U5")},
        {"points": arrays["points"][:0], "targets": [], "numbers": []},
    ):
        np.savez(path, **{**arrays, **other})
        with pytest.raises(BundleError, match="do not fit one another"):
            read_reference(with_reference)
    for name, array in arrays.items():
        if array.dtype.kind == "f":
            broken = np.array(array)
            broken.flat[-1] = np.nan
            np.savez(path, **{**arrays, name: broken})
            with pytest.raises(BundleError, match=f"damaged .{name} must hold finite numbers"):
                read_reference(with_reference)
    np.savez(path, **{**arrays, "usual_distance": np.array(0.0)})
    with pytest.raises(BundleError, match=r"usual_distance must be above 0\. Got 0"):
        read_reference(with_reference)
    np.savez(path, **{**arrays, "format": np.array(2)})
    with pytest.raises(BundleError, match=r"written in format 2.*Upgrade bioselect"):
        read_reference(with_reference)
