"""Patches: the same for the same seed, around rare classes, image and mask moved alike."""

import numpy as np
import pytest

from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.pipeline import create_augmenter
from bioselect.component import ComponentSpec
from bioselect.data.pairs import ArrayPairs
from bioselect.networks.masks.census import take_census
from bioselect.networks.masks.feeding import PatchFeed, fitted
from bioselect.networks.masks.task import MaskTask


def numbered(sizes):
    """Return images whose pixels tell image, row and column, and masks that say the same."""
    images, masks = [], []
    for place, (height, width) in enumerate(sizes):
        rows, columns = np.mgrid[:height, :width]
        images.append(np.stack([np.full_like(rows, place), rows, columns], axis=2) / 255)
        masks.append(((rows + columns + place) % 3).astype(np.uint8))
    return ArrayPairs([image.astype(np.float32) for image in images], masks)


def make_feed(pairs, patch=(16, 16), batch_size=3, share=0.5, seed=0, n_classes=3, **rest):
    places = np.arange(len(pairs))
    task = MaskTask(n_classes, 0, places, places[:0], seed)
    census = take_census(pairs, places.tolist(), n_classes)
    return PatchFeed(pairs, task, census, (*patch, 3), batch_size, share, **rest)


def epoch(feed, number=1):
    batches = list(feed.epoch(number))
    return tuple(np.concatenate(part) for part in zip(*batches, strict=True))


def test_an_epoch_covers_all_images():
    # 32 x 32 is four patches, 20 x 40 three, 10 x 12 one.
    feed = make_feed(numbered([(32, 32), (20, 40), (10, 12)]))
    images, masks = epoch(feed)
    assert len(images) == feed.n_patches == 8
    assert feed.n_batches == 3
    places = np.rint(images[:, 0, 0, 0] * 255).astype(int)
    assert np.bincount(places).tolist() == [4, 3, 1]
    # A mask is that of its own window: rows, columns and the image say its classes.
    told = np.rint(images * 255).astype(int).sum(axis=3) % 3
    assert np.array_equal(masks, told)


def test_the_same_seed_and_epoch_give_the_same_patches():
    pairs = numbered([(32, 32), (20, 40)])
    one, other = (epoch(make_feed(pairs, batch_size=size), 2) for size in (2, 5))
    assert np.array_equal(one[0], other[0])
    assert np.array_equal(one[1], other[1])
    assert not np.array_equal(one[0], epoch(make_feed(pairs), 3)[0])
    assert not np.array_equal(one[0], epoch(make_feed(pairs, seed=1), 2)[0])


def test_a_rare_class_is_in_its_share_of_the_patches():
    mask = np.zeros((200, 200), dtype=np.uint8)
    mask[100:, :] = 1
    mask[150, 60] = 2
    pairs = ArrayPairs([np.zeros((200, 200, 3), np.float32)], [mask])
    seen = {}
    for share in (0.0, 1.0):
        _, masks = epoch(make_feed(pairs, share=share, n_written=60))
        seen[share] = (masks == 2).any(axis=(1, 2)).mean()
    # By chance 16 * 16 of 185 * 185 places show it; of the classes 1 and 2, half are drawn.
    assert seen[0.0] < 0.1
    assert seen[1.0] == pytest.approx(0.5, abs=0.15)


def test_more_patches_than_the_images_have_are_other_windows():
    pairs = numbered([(32, 32)])
    images, _ = epoch(make_feed(pairs, n_written=12, share=0.0))
    corners = {tuple(np.rint(image[0, 0, 1:] * 255)) for image in images}
    assert len(images) == 12
    assert len(corners) > 6


def test_image_and_mask_are_moved_alike_and_originals_are_not():
    pairs = numbered([(16, 16)] * 4)
    flip = Augmentation((ComponentSpec.of("horizontal_flip", {"probability": 1}),), "augmented")
    flipped = make_feed(pairs, augmenter=create_augmenter(flip))
    images, masks = epoch(flipped)
    told = np.rint(images * 255).astype(int).sum(axis=3) % 3
    assert np.array_equal(masks, told)
    assert (np.rint(images[:, 0, 0, 2] * 255) == 15).all()
    half, _ = epoch(make_feed(pairs, augmenter=create_augmenter(flip), share_of_originals=0.5))
    assert sorted(np.rint(half[:, 0, 0, 2] * 255)) == [0, 0, 15, 15]


def test_small_images_are_mirrored():
    image = np.arange(6).reshape(2, 3)
    assert np.array_equal(fitted(image, (3, 4)), np.pad(image, ((0, 1), (0, 1)), mode="reflect"))
    assert fitted(np.ones((1, 1, 2)), (4, 4)).shape == (4, 4, 2)


def test_every_pixel_of_a_class_is_drawn_as_often():
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 0], [0, 0, 0, 1]], dtype=np.uint8)
    census = take_census(ArrayPairs([np.zeros((3, 4, 1))], [mask]), [0], 2)
    assert census.n_pixels().tolist() == [8, 4]
    random = np.random.default_rng(0)
    drawn = [census.draw_pixel(0, 1, random) for _ in range(800)]
    counts = {pixel: drawn.count(pixel) for pixel in set(drawn)}
    assert set(counts) == {(0, 0), (0, 2), (0, 3), (2, 3)}
    # Of 800 draws 200 each; five standard deviations are 61.
    assert all(140 < count < 260 for count in counts.values())
