"""What every augmentation step must do: repeat itself, keep shape and range, leave inputs alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from bioselect.augmentation.named_step import NamedStep, result_problem
from bioselect.augmentation.pipeline import Augmenter
from bioselect.testing.violations import require

SEEDS = range(8)
#: Square and not, small; colours, because there are steps that take nothing else.
SHAPES = ((32, 32, 3), (24, 37, 3))
OTHER_CHANNELS = (1, 5)
N_IMAGES = 4
#: Where a mask is compared with the image that it was cut from, a border may be off by a pixel.
LEAST_AGREEMENT = 0.9

Make = Callable[[], Any]


def draw_image(shape: tuple[int, int, int], seed: int = 0) -> np.ndarray:
    """Draw a read-only float32 image in [0, 1]: soft blobs, another one in each channel."""
    random = np.random.default_rng(seed)
    height, width, n_channels = shape
    rows, columns = np.mgrid[0:height, 0:width]
    image = np.empty(shape, dtype=np.float32)
    for channel in range(n_channels):
        row, column = random.uniform(0.2, 0.8, 2) * (height, width)
        distance = ((rows - row) / height) ** 2 + ((columns - column) / width) ** 2
        image[:, :, channel] = 0.1 + 0.8 * np.exp(-distance / 0.05)
    image.flags.writeable = False
    return image


def _always(make: Make) -> Augmenter:
    """Return an augmenter of this step, which every image gets."""
    return Augmenter((NamedStep("the step", make(), always=True),))


def _is_batch_step(make: Make) -> bool:
    return hasattr(make(), "batch")


def _shapes(make: Make) -> Iterator[tuple[int, int, int]]:
    yield from SHAPES
    if getattr(make(), "n_channels", None) is None:
        for n_channels in OTHER_CHANNELS:
            yield (*SHAPES[1][:2], n_channels)


def check_declared(make: Make) -> None:
    """A probability, where there is one, is a number from 0 to 1; the methods are there."""
    step = make()
    probability = getattr(step, "probability", 1.0)
    require(
        isinstance(probability, int | float) and 0 <= probability <= 1,
        f"probability must be a number from 0 to 1. Got {probability!r}.",
    )
    for method in ("draw", "batch" if hasattr(step, "batch") else "image"):
        require(callable(getattr(step, method, None)), f"must have {method}(...). Got none.")


def check_result(make: Make) -> None:
    """Images keep their shape, stay float32 and within [0, 1], whatever was drawn."""
    if _is_batch_step(make):
        _require_sound_batch(make)
        return
    step = make()
    for shape in _shapes(make):
        for image in (draw_image(shape), *_flat_images(shape)):
            for seed in SEEDS:
                drawn = step.draw(shape, np.random.default_rng(seed))
                problem = result_problem(image, step.image(image, drawn))
                require(not problem, problem)


def _require_sound_batch(make: Make) -> None:
    images, targets = _batch()
    for seed in SEEDS:
        mixed, soft = _always(make).mixed(images, targets, np.random.default_rng(seed))
        require(len(mixed) == len(images), f"batch must keep its size. Got {len(mixed)} images.")
        for before, after in zip(images, mixed, strict=True):
            problem = result_problem(before, after)
            require(not problem, problem.replace("image must", "batch must"))
        require(
            soft.shape == targets.shape and np.allclose(soft.sum(axis=1), 1.0, atol=1e-5),
            f"targets must keep their shape and sum. Got {soft.shape}, {soft.sum(axis=1)}.",
        )


def check_changes_something(make: Make) -> None:
    """What the step draws matters: some image is changed by some draw."""
    if _is_batch_step(make):
        images, targets = _batch()
        changed = [
            not np.array_equal(_always(make).mixed(images, targets, _rng(seed))[0], images)
            for seed in SEEDS
        ]
    else:
        image = draw_image(SHAPES[0])
        changed = [
            not np.array_equal(_always(make).one(image, _rng(seed)), image) for seed in SEEDS
        ]
    require(any(changed), "the step must change images. Got the same image from every draw.")


def check_same_state(make: Make) -> None:
    """The same state of the generator gives the same image, also from a second instance."""
    image = draw_image(SHAPES[0])
    images, targets = _batch()
    for seed in SEEDS:
        first, again, other = (
            _always(one).batch(images, targets, _rng(seed))[0]
            if _is_batch_step(make)
            else _always(one).one(image, _rng(seed))
            for one in (make, make, make)
        )
        require(
            np.array_equal(first, again) and np.array_equal(first, other),
            "the same state of the generator must give the same image. Got different ones.",
        )
    step, state = _always(make), _rng(0)
    before = step.batch(images, targets, state)[0]
    after = step.batch(images, targets, _rng(0))[0]
    require(
        np.array_equal(before, after),
        "a step must keep nothing from one image to the next. Got another image the second time.",
    )


def check_inputs_unchanged(make: Make) -> None:
    """The caller's arrays are left as they are, writable or not."""
    images, targets = _batch()
    images, targets = images.copy(), targets.copy()
    before, targets_before = images.copy(), targets.copy()
    step = make()
    for seed in SEEDS:
        if hasattr(step, "batch"):
            drawn = step.draw(N_IMAGES, _rng(seed))
            step.batch(images, targets, drawn, np.ones(N_IMAGES, dtype=bool))
        else:
            step.image(images[0], step.draw(SHAPES[0], _rng(seed)))
    require(
        np.array_equal(images, before) and np.array_equal(targets, targets_before),
        "a step must not write into what it is given. Got changed images or targets.",
    )


def check_independent_images(make: Make) -> None:
    """What becomes of an image does not depend on the images before it."""
    if _is_batch_step(make):
        return
    images, _ = _batch()
    together = _always(make)
    together.one(images[0], _rng(1))
    after_another = together.one(images[1], _rng(2))
    alone = _always(make).one(images[1], _rng(2))
    require(
        np.array_equal(after_another, alone),
        "an image must not depend on the others of its batch. Got another one after an image.",
    )


def check_random_state(make: Make) -> None:
    """NumPy's global random numbers are left alone."""
    images, targets = _batch()
    before = repr(np.random.get_state(legacy=True))
    _always(make).batch(images, targets, _rng(0))
    require(
        before == repr(np.random.get_state(legacy=True)),
        "a step must use the generator that it is given. Got NumPy's global one.",
    )


def check_masks(make: Make) -> None:
    """A mask keeps its type and its own values, and is moved like the image."""
    if _is_batch_step(make) or not hasattr(make(), "mask"):
        return
    step = make()
    for shape in SHAPES:
        for seed in SEEDS:
            # An image that is its own mask: where both are moved alike, both still agree.
            mask = _stripes(shape)
            drawn = step.draw(shape, _rng(seed))
            moved = step.mask(mask, drawn)
            require(
                moved.shape == mask.shape and moved.dtype == mask.dtype,
                f"a mask must stay {mask.dtype} {mask.shape}. Got {moved.dtype} {moved.shape}.",
            )
            require(
                set(np.unique(moved)) <= set(np.unique(mask)),
                f"a mask must keep its own values (0, 7). Got {np.unique(moved)[:5]}.",
            )
            _require_together(step, mask, moved, drawn)


def _require_together(step: Any, mask: np.ndarray, moved: np.ndarray, drawn: Any) -> None:
    """Compare with an image that is white where the mask is 7."""
    image = np.repeat((mask == 7).astype(np.float32)[:, :, np.newaxis], 3, axis=2)
    changed = step.image(image, drawn)
    middle = (float(changed.min()) + float(changed.max())) / 2
    if changed.max() - changed.min() < 0.5:
        return  # Little of it is left to be compared.
    agreement = float(np.mean((changed.mean(axis=2) > middle) == (moved == 7)))
    require(
        agreement >= LEAST_AGREEMENT,
        f"a mask must be moved like its image. Got {agreement:.0%} of the pixels at their place.",
    )


def _stripes(shape: tuple[int, int, int]) -> np.ndarray:
    """Return an int32 mask of 0 and 7 that looks different whichever way it is turned."""
    mask = np.zeros(shape[:2], dtype=np.int32)
    mask[: shape[0] // 2, : shape[1] // 3] = 7
    return mask


def _batch() -> tuple[np.ndarray, np.ndarray]:
    images = np.stack([draw_image(SHAPES[0], seed) for seed in range(N_IMAGES)])
    targets = np.eye(N_IMAGES, dtype=np.float32)
    images.flags.writeable = targets.flags.writeable = False
    return images, targets


def _flat_images(shape: tuple[int, int, int]) -> Iterator[np.ndarray]:
    for value in (0.0, 1.0):
        image = np.full(shape, value, dtype=np.float32)
        image.flags.writeable = False
        yield image


def _rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


CHECKS: Mapping[str, Callable[[Make], None]] = {
    "declared": check_declared,
    "result": check_result,
    "changes something": check_changes_something,
    "same state": check_same_state,
    "inputs unchanged": check_inputs_unchanged,
    "independent images": check_independent_images,
    "random state": check_random_state,
    "masks": check_masks,
}
