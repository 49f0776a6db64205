"""Words are learnt from training images only, the same each time, and counted exactly."""

import numpy as np
import pytest
import skops.io
from sklearn.base import clone

from bioselect.exceptions import DataError
from bioselect.execution import one_thread
from bioselect.features.visual_words.kinds import KINDS
from bioselect.features.visual_words.packing import packed
from bioselect.features.visual_words.vocabulary import SAMPLED_PER_WORD, VisualWords

ROOM = 30
N_BYTES = {"sift": 128, "orb": 32}


def draw_rows(kind, n_images=40, n_planes=1, n_kinds=8, seed=0, noise=3):
    """Draw images whose descriptors are noisy copies of few; return rows and the true kinds."""
    random = np.random.default_rng(seed)
    n_bytes = N_BYTES[kind]
    typical = np.random.default_rng(99).integers(20, 200, (n_kinds, n_bytes))
    rows, kinds = [], []
    for _ in range(n_images):
        row, own = [], []
        for _ in range(n_planes):
            drawn = random.integers(0, n_kinds, random.integers(1, ROOM + 1))
            shift = random.integers(-noise, noise + 1, (len(drawn), n_bytes))
            if kind == "orb":
                shift = 0
            row.append(packed((typical[drawn] + shift).astype(np.uint8), ROOM))
            own.append(drawn)
        rows.append(np.concatenate(row))
        kinds.append(own)
    return np.array(rows), kinds


def words_of(kind, n_words=8, seed=0):
    return VisualWords(kind, ROOM, n_words, seed)


@pytest.fixture(autouse=True)
def _one_thread():
    with one_thread():
        yield


@pytest.mark.parametrize("kind", ["sift", "orb"])
def test_words_are_the_kinds_there_are(kind):
    rows, kinds = draw_rows(kind)
    found = words_of(kind).fit_transform(rows)
    assert found.shape == (40, 8)
    assert found.dtype == np.float64
    shares = np.array([np.bincount(own[0], minlength=8) / len(own[0]) for own in kinds])
    # Words stand in any order: each column is that of exactly one kind.
    order = [int(np.abs(found[:, [word]] ** 2 - shares).sum(axis=0).argmin()) for word in range(8)]
    assert sorted(order) == list(range(8))
    np.testing.assert_allclose(found**2, shares[:, order], atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1.0)


@pytest.mark.parametrize("kind", ["sift", "orb"])
def test_each_descriptor_has_the_nearest_word(kind):
    random = np.random.default_rng(1)
    descriptors = random.integers(0, 256, (20, ROOM, N_BYTES[kind])).astype(np.uint8)
    rows = np.array([packed(one, ROOM) for one in descriptors])
    vocabulary = words_of(kind, 50)
    vocabulary.fit(rows)
    [words] = vocabulary.words_
    assert words.shape == (50, KINDS[kind].n_values)
    assert (words == np.rint(words)).all()
    values = KINDS[kind].values(descriptors.reshape(-1, N_BYTES[kind])).astype(np.int64)
    squared = ((values[:, None] - words.astype(np.int64)[None]) ** 2).sum(axis=2)
    nearest = squared.argmin(axis=1).reshape(20, ROOM)
    expected = np.array([np.bincount(own, minlength=50) for own in nearest]) / ROOM
    np.testing.assert_allclose(vocabulary.transform(rows) ** 2, expected, atol=1e-12)


def test_words_are_about_as_good_as_those_of_plain_k_means():
    from sklearn.cluster import KMeans

    random = np.random.default_rng(2)
    centres = random.gamma(0.5, 40, (60, 128))
    descriptors = np.clip(
        centres[random.integers(0, 60, 6000)] + random.gamma(0.5, 10, (6000, 128)), 0, 255
    ).astype(np.uint8)
    rows = np.array([packed(one, ROOM) for one in descriptors.reshape(-1, ROOM, 128)])
    vocabulary = words_of("sift", 40)
    vocabulary.fit(rows)
    values = KINDS["sift"].values(descriptors)

    def error(words):
        return np.min(((values[:, None] - words[None]) ** 2).sum(axis=2), axis=1).mean()

    plain = KMeans(40, n_init=3, random_state=0).fit(values).cluster_centers_
    assert error(vocabulary.words_[0]) < 1.1 * error(plain)


@pytest.mark.parametrize("kind", ["sift", "orb"])
def test_an_image_alone_has_the_same_bits(kind):
    rows, _ = draw_rows(kind, n_images=150)
    vocabulary = words_of(kind, 20)
    vocabulary.fit(rows[:50])
    together = vocabulary.transform(rows)
    alone = np.concatenate([vocabulary.transform(row[None]) for row in rows])
    assert together.tobytes() == alone.tobytes()
    assert vocabulary.transform(rows.astype(np.float64)).tobytes() == together.tobytes()
    assert vocabulary.transform(rows[::-1])[::-1].tobytes() == together.tobytes()


def test_same_rows_and_seed_same_bytes():
    rows, _ = draw_rows("sift", noise=19)
    rows.flags.writeable = False
    first, again, other = (words_of("sift", 20, seed).fit(rows).words_[0] for seed in (0, 0, 1))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()
    as_doubles = words_of("sift", 20).fit(rows.astype(np.float64)).words_[0]
    assert as_doubles.tobytes() == first.tobytes()


def test_images_that_are_transformed_teach_nothing():
    rows, _ = draw_rows("sift", noise=19)
    vocabulary = words_of("sift", 20).fit(rows[:30])
    before = vocabulary.words_[0].copy()
    vocabulary.transform(rows[30:])
    np.testing.assert_array_equal(vocabulary.words_[0], before)


def test_of_many_descriptors_a_sample_is_taken():
    # 1,200 descriptors; two words learn from 400 of them, another seed from others.
    random = np.random.default_rng(0)
    descriptors = random.integers(0, 256, (40, ROOM, 128)).astype(np.uint8)
    rows = np.array([packed(one, ROOM) for one in descriptors])
    samples = [words_of("sift", 2, seed)._sample(rows) for seed in (0, 0, 1)]
    assert samples[0].shape == (2 * SAMPLED_PER_WORD, 128)
    np.testing.assert_array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[0], samples[2])
    all_values = {one.tobytes() for one in KINDS["sift"].values(descriptors.reshape(-1, 128))}
    assert {one.tobytes() for one in samples[0]} <= all_values
    assert len({one.tobytes() for one in samples[0]}) == 400  # none twice


def test_fewer_kinds_than_words():
    rows, _ = draw_rows("orb", n_kinds=5)
    found = words_of("orb", 9).fit_transform(rows)
    assert found.shape == (40, 9)
    assert not found[:, 5:].any()
    assert found[:, :5].any(axis=0).all()


def test_an_image_without_descriptors_is_zero():
    rows, _ = draw_rows("orb")
    empty = np.zeros_like(rows[:1])
    vocabulary = words_of("orb").fit(np.vstack([empty, rows, empty]))
    assert vocabulary.words_[0].tobytes() == words_of("orb").fit(rows).words_[0].tobytes()
    assert not vocabulary.transform(empty).any()
    mixed = vocabulary.transform(np.vstack([rows[:1], empty, rows[1:2]]))
    np.testing.assert_array_equal(mixed[[0, 2]], vocabulary.transform(rows[:2]))


@pytest.mark.parametrize("n_images", [1, 64, 65])
def test_many_images_without_descriptors(n_images):
    rows, _ = draw_rows("orb")
    empty = np.zeros((n_images, rows.shape[1]), dtype=np.float32)
    vocabulary = words_of("orb").fit(np.vstack([empty, rows]))
    assert vocabulary.transform(np.vstack([empty, rows]))[n_images:].any(axis=1).all()
    with pytest.raises(DataError, match=rf"orb_bow: .* {n_images} training images .*threshold"):
        words_of("orb").fit(empty)


def test_each_plane_has_its_own_words():
    rows, _ = draw_rows("sift", n_planes=2, noise=19)
    first, second = np.split(rows, 2, axis=1)
    both = words_of("sift", 12).fit(rows)
    apart = [words_of("sift", 12).fit(plane) for plane in (first, second)]
    expected = np.hstack(
        [one.transform(plane) for one, plane in zip(apart, (first, second), strict=True)]
    )
    np.testing.assert_array_equal(both.transform(rows), expected)
    names = both.get_feature_names_out()
    assert names[[0, 12]].tolist() == ["sift_bow_word0_c0", "sift_bow_word0_c1"]
    assert len(set(names)) == 24
    assert apart[0].get_feature_names_out()[-1] == "sift_bow_word11"


def test_a_plane_that_is_always_empty():
    rows, _ = draw_rows("orb", n_planes=2)
    seen = rows.copy()
    seen[:, rows.shape[1] // 2 :] = 0
    vocabulary = words_of("orb").fit(seen)
    # Also for images that have something there, which no training image had.
    for some in (seen, rows):
        found = vocabulary.transform(some)
        assert found.shape == (40, 16)
        assert found[:, :8].any(axis=1).all()
        assert not found[:, 8:].any()


def test_rows_of_another_length_are_an_error():
    rows, _ = draw_rows("sift")
    vocabulary = words_of("sift").fit(rows)
    with pytest.raises(ValueError, match=r"1291 numbers, 1291 for each plane\. Got 1290"):
        vocabulary.transform(rows[:, :-1])
    with pytest.raises(ValueError, match="Got 1290"):
        words_of("sift").fit(rows[:, :-1])


@pytest.mark.parametrize("kind", ["sift", "orb"])
def test_its_file_holds_no_pickle_and_gives_the_same_bits(kind):
    rows, _ = draw_rows(kind, n_planes=2)
    vocabulary = words_of(kind).fit(rows)
    data = skops.io.dumps(vocabulary)
    kinds = skops.io.get_untrusted_types(data=data)
    assert kinds == ["bioselect.features.visual_words.vocabulary.VisualWords"]
    read = skops.io.loads(data, trusted=kinds)
    assert read.transform(rows).tobytes() == vocabulary.transform(rows).tobytes()


def test_a_clone_is_not_fitted():
    from sklearn.exceptions import NotFittedError

    rows, _ = draw_rows("sift")
    copied = clone(words_of("sift", 5, seed=3).fit(rows))
    assert copied.get_params() == words_of("sift", 5, seed=3).get_params()
    with pytest.raises(NotFittedError):
        copied.transform(rows)


def test_few_images_at_a_time_give_the_same_rows(monkeypatch):
    rows, _ = draw_rows("sift")
    words = VisualWords("sift", ROOM, n_words=5).fit(rows)
    expected = words.transform(rows)
    monkeypatch.setattr("bioselect.features.visual_words.vocabulary.COMPARED_AT_A_TIME", 1)
    np.testing.assert_array_equal(words.transform(rows), expected)
