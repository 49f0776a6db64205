import threading
from dataclasses import replace
from itertools import chain

import numpy as np
import pytest

from bioselect.networks.feeding import Feed


class Marks:
    """Adds 10 to an image, and a random number that shows which stream it came from."""

    def __init__(self):
        self.drawn = {}
        self.threads = set()

    def one(self, image, rng):
        assert not image.flags.writeable or image.base is not None
        self.threads.add(threading.get_ident())
        draw = rng.random()
        self.drawn.setdefault(round(float(image[0, 0, 0]) * 1000), []).append(draw)
        return image + np.float32(10 + draw)

    def mixed(self, images, targets, rng, chosen=None):
        return images, targets


def feed_of(tiny, n_train=20, batch_size=8, augmenter=None, share=0.0, seed=0):
    pixels, classes = tiny.pixels(n_train + 4)
    numbered = np.array(pixels.images)
    numbered[:, 0, 0, 0] = np.arange(len(classes)) / 1000
    task = tiny.task(classes, n_validation=4, seed=seed)
    return Feed(type(pixels)(numbered), task, batch_size, augmenter, share)


def places_in(batches):
    return [np.round(images[:, 0, 0, 0] * 1000).astype(int).tolist() for images, _ in batches]


def test_every_image_is_shown_once_in_another_order_each_epoch(tiny):
    feed = feed_of(tiny)
    first, second = places_in(feed.epoch(1)), places_in(feed.epoch(2))
    assert sorted(chain(*first)) == sorted(chain(*second)) == list(range(20))
    assert first != second
    assert first == places_in(feed.epoch(1))
    assert first != places_in(feed_of(tiny, seed=1).epoch(1))


def test_batches_are_of_one_size_and_none_has_a_single_image(tiny):
    assert [len(one) for one in places_in(feed_of(tiny, 17, 16).epoch(1))] == [9, 8]
    assert [len(one) for one in places_in(feed_of(tiny, 20, 8).epoch(1))] == [7, 7, 6]
    assert feed_of(tiny, 20, 8).n_batches == 3


def test_targets_go_with_their_images(tiny):
    feed = feed_of(tiny)
    for images, targets in feed.epoch(1):
        places = np.round(images[:, 0, 0, 0] * 1000).astype(int)
        assert np.array_equal(targets, feed.task.targets(places))


def test_validation_images_come_as_they_are_and_in_order(tiny):
    feed = feed_of(tiny, augmenter=Marks())
    assert places_in(feed.originals(feed.task.validation)) == [[20, 21, 22, 23]]
    assert places_in(feed.originals(np.array([], dtype=int))) == []


@pytest.mark.parametrize(("share", "n_originals"), [(0.0, 0), (0.5, 10), (0.33, 7), (1.0, 20)])
def test_exactly_the_share_of_originals_is_shown(tiny, share, n_originals):
    feed = feed_of(tiny, augmenter=Marks(), share=share)
    for epoch in (1, 2):
        shown = np.concatenate([images for images, _ in feed.epoch(epoch)])
        assert int((shown[:, 5, 5, 0] < 5).sum()) == n_originals


def test_what_an_image_draws_depends_on_seed_epoch_and_place_alone(tiny):
    marks = [Marks(), Marks(), Marks(), Marks()]
    list(feed_of(tiny, augmenter=marks[0]).epoch(1))
    list(feed_of(tiny, augmenter=marks[1], batch_size=3).epoch(1))
    list(feed_of(tiny, augmenter=marks[2]).epoch(2))
    list(feed_of(tiny, augmenter=marks[3], seed=5).epoch(1))
    assert marks[0].drawn == marks[1].drawn
    assert marks[0].drawn != marks[2].drawn
    assert marks[0].drawn != marks[3].drawn
    draws = [draw for own in marks[0].drawn.values() for draw in own]
    assert len(set(draws)) == len(draws) == 20


def test_images_are_prepared_beside_the_caller(tiny):
    marks = Marks()
    list(feed_of(tiny, augmenter=marks).epoch(1))
    assert threading.get_ident() not in marks.threads


def test_jobs_bind_the_threads_that_augment_and_nothing_else(tiny):
    together = threading.Barrier(2, timeout=20)

    class Waits(Marks):
        """Goes on when two images are under way at once: here two pairs of batches."""

        def one(self, image, rng):
            together.wait()
            return super().one(image, rng)

    one, two = Marks(), Waits()
    feed = feed_of(tiny, batch_size=5, augmenter=one)
    alone = list(replace(feed, n_jobs=1).epoch(1))
    assert len(one.threads) == 1
    beside = list(replace(feed, augmenter=two, n_jobs=2).epoch(1))
    assert len(two.threads) == 2
    for (images, targets), (same, same_targets) in zip(alone, beside, strict=True):
        assert np.array_equal(images, same)
        assert np.array_equal(targets, same_targets)


def test_an_error_in_a_thread_is_raised_here(tiny):
    class Breaks(Marks):
        def one(self, image, rng):
            raise ValueError("no such image")

    with pytest.raises(ValueError, match="no such image"):
        list(feed_of(tiny, augmenter=Breaks()).epoch(1))


def test_threads_end_when_nobody_wants_more(tiny):
    before = threading.active_count()
    batches = feed_of(tiny, augmenter=Marks(), batch_size=1).epoch(1)
    next(batches)
    batches.close()
    assert threading.active_count() == before


def test_images_in_read_only_memory_are_left_alone(tiny):
    feed = feed_of(tiny, augmenter=Marks())
    before = np.array(feed.pixels.images)
    feed.pixels.images.flags.writeable = False
    list(feed.epoch(1))
    assert np.array_equal(feed.pixels.images, before)
