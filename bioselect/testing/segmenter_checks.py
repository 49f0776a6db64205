"""What every segmenter must hold, whether it is a network or not.

Everything is seen through its face (`segmenters.base`): masks of images, bands, histories, files.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.data.pairs import IGNORED, ArrayPairs, ArrayScene
from bioselect.exceptions import BioselectError, ComponentError
from bioselect.networks.history import EpochRecord
from bioselect.segmenters.base import MaskTask, most_probable, whole
from bioselect.segmenters.creation import load_segmenter
from bioselect.testing.violations import require

Make = Callable[[], Any]

SIZES = ((48, 48), (40, 56))
N_TRAIN, N_VALIDATION = 6, 2
#: Probabilities may differ by so much where they are computed another way.
TOLERANCE = 1e-4


class _Killed(Exception):  # noqa: N818 - stands for a kill, not for an error
    """Ends a training from outside."""


def draw_pairs(
    n_images: int = N_TRAIN + N_VALIDATION,
    sizes: tuple[tuple[int, int], ...] = SIZES,
    n_channels: int = 1,
) -> ArrayPairs:
    """Draw bright discs on a dark ground, with some noise; the arrays are read-only."""
    random = np.random.default_rng(0)
    images: list[np.ndarray] = []
    masks: list[np.ndarray] = []
    for number in range(n_images):
        height, width = sizes[number % len(sizes)]
        rows, columns = np.mgrid[:height, :width]
        mask = np.zeros((height, width), dtype=np.uint8)
        for _ in range(4):
            row, column = random.integers(height), random.integers(width)
            mask[(rows - row) ** 2 + (columns - column) ** 2 < 64] = 1
        noise = random.normal(scale=0.05, size=(height, width, n_channels))
        image = np.clip(0.25 + 0.5 * mask[..., None] + noise, 0, 1).astype(np.float32)
        for array, kept in ((image, images), (mask, masks)):
            array.flags.writeable = False
            kept.append(array)
    return ArrayPairs(images, masks)


def draw_task(epochs: int | None = None, n_classes: int = 2, n_train: int = N_TRAIN) -> MaskTask:
    """Return the task of telling discs from the ground."""
    places = np.arange(n_train + N_VALIDATION)
    return MaskTask(n_classes, 0, places[:n_train], places[n_train:], 0, epochs)


def _masks(trained: Any, pairs: ArrayPairs) -> list[np.ndarray]:
    return [whole(trained, ArrayScene(image)) for image in pairs.images]


def _dice(true: np.ndarray, found: np.ndarray) -> float:
    both = (true == 1).sum() + (found == 1).sum()
    return 1.0 if both == 0 else float(2 * ((true == 1) & (found == 1)).sum() / both)


def _mean_dice(trained: Any, pairs: ArrayPairs, places: np.ndarray) -> float:
    scores = [
        _dice(pairs.masks[place], most_probable(whole(trained, ArrayScene(pairs.images[place]))))
        for place in places
    ]
    return float(np.mean(scores))


def check_learns(make: Make) -> None:
    """Bright discs are told from a dark ground."""
    pairs, task = draw_pairs(), draw_task()
    score = _mean_dice(make().fit(pairs, task), pairs, task.validation)
    require(
        score >= 0.8,
        f"bright discs must be told from a dark ground (a Dice of at least 0.8). Got {score:.2f}.",
    )


def check_bands(make: Make) -> None:
    """Bands are all rows once, in their order, with probabilities; an absent class has a column."""
    pairs = draw_pairs()
    trained = make().fit(pairs, draw_task(epochs=1, n_classes=3))
    for image in pairs.images[:2]:
        seen = 0
        for rows, part in trained.bands(ArrayScene(image)):
            require(
                rows.start == seen and len(part) == rows.stop - rows.start,
                f"bands must be all rows, each once, from top to bottom. Got {rows.start} to "
                f"{rows.stop} after {seen}.",
            )
            seen = rows.stop
            require(
                part.shape[1:] == (image.shape[1], 3) and part.dtype == np.float32,
                "probabilities must be float32 (n_rows, width, n_classes). Got "
                f"{part.dtype} {part.shape}.",
            )
            require(
                bool(np.isfinite(part).all() and (part >= 0).all())
                and bool(np.allclose(part.sum(axis=-1), 1.0, atol=TOLERANCE)),
                "probabilities must be finite, at least 0 and sum to 1. Got others.",
            )
        require(seen == len(image), f"bands must be all rows. Got {seen} of {len(image)}.")


def check_same_seed(make: Make) -> None:
    """The same seed gives the same bits; NumPy's global random numbers are left alone."""
    before = repr(np.random.get_state(legacy=True))
    pairs, task = draw_pairs(), draw_task(epochs=2)
    first, second = make().fit(pairs, task), make().fit(pairs, task)
    same = all(map(np.array_equal, _masks(first, pairs), _masks(second, pairs)))
    require(
        same and tuple(first.history) == tuple(second.history),
        "the same seed must give the same segmenter. Got other masks or another history.",
    )
    require(
        before == repr(np.random.get_state(legacy=True)),
        "NumPy's global random numbers must be left alone. Got a changed state.",
    )


def check_odd_images(make: Make) -> None:
    """Odd sizes, tiny ones and any number of channels are taken, or refused."""
    for sizes, n_channels in ((((19, 27), (7, 90)), 3), (((1, 5), (33, 2)), 5)):
        pairs = draw_pairs(4, sizes, n_channels)
        try:
            trained = make().fit(pairs, draw_task(1, n_train=2))
        except ComponentError:
            # It says itself that it does not take such images.
            continue
        for image, found in zip(pairs.images, _masks(trained, pairs), strict=True):
            require(
                found.shape[:2] == image.shape[:2] and bool(np.isfinite(found).all()),
                f"an image of {image.shape} must give finite probabilities of its size. Got "
                f"{found.shape}.",
            )


def check_one_class(make: Make) -> None:
    """Masks with a single class, and masks that are ignored, give finite numbers."""
    drawn = draw_pairs()
    for value in (0, 1):
        masks = [np.full_like(mask, value) for mask in drawn.masks]
        masks[0] = np.full_like(masks[0], IGNORED)
        pairs = ArrayPairs(drawn.images, masks)
        trained = make().fit(pairs, draw_task(epochs=1))
        finite = all(bool(np.isfinite(found).all()) for found in _masks(trained, pairs))
        require(
            finite and all(np.isfinite(record.loss) for record in trained.history),
            "masks of one class, or of ignored pixels, must give finite numbers. Got NaN or inf.",
        )


def check_ignored(make: Make) -> None:
    """What is right where pixels are ignored is not asked: they teach nothing."""
    drawn, task = draw_pairs(), draw_task()
    masks = []
    for mask in drawn.masks:
        # Every disc is called ground in one half of the image, and there nothing counts.
        kept = mask.copy()
        kept[:, : mask.shape[1] // 2] = IGNORED
        masks.append(kept)
    trained = make().fit(ArrayPairs(drawn.images, masks), task)
    score = _mean_dice(trained, drawn, task.validation)
    require(
        score >= 0.8,
        "ignored pixels must count in no training: discs of the other half teach enough (a Dice "
        f"of at least 0.8). Got {score:.2f}.",
    )


def check_inputs_unchanged(make: Make) -> None:
    """Read-only images are taken, and nothing is written into writable ones."""
    drawn = draw_pairs()
    images, masks = ([np.array(one) for one in part] for part in (drawn.images, drawn.masks))
    pairs, task = ArrayPairs(images, masks), draw_task(epochs=1)
    _masks(make().fit(pairs, task), pairs)
    make().fit(drawn, task)
    same = all(map(np.array_equal, images, drawn.images))
    require(
        same and all(map(np.array_equal, masks, drawn.masks)),
        "training and prediction must not write into images or masks. Got changed ones.",
    )


def check_history(make: Make) -> None:
    """Every epoch is recorded once, in its order, with finite numbers, and told."""
    told: list[EpochRecord] = []

    def progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        told.append(record)

    segmenter = make()
    trained = segmenter.fit(draw_pairs(), draw_task(epochs=3), None, progress)
    epochs = [record.epoch for record in trained.history]
    most = 3 if segmenter.n_epochs is not None else 0
    require(
        epochs == list(range(1, len(epochs) + 1)) and min(most, 1) <= len(epochs) <= most,
        f"every epoch must be recorded once, in its order. Got {epochs}.",
    )
    require(tuple(told) == tuple(trained.history), "progress must be told of every epoch.")
    names = ("loss", "accuracy", "learning_rate", "val_loss", "val_accuracy", "val_dice")
    numbers = [[getattr(record, name, None) for name in names] for record in trained.history]
    require(
        bool(np.isfinite(np.array(numbers, dtype=float)).all()),
        "losses, accuracies, Dice and rates must be finite numbers. Got others.",
    )


def check_best_epoch(make: Make) -> None:
    """The weights are those of the epoch with the highest validation Dice."""
    pairs, task = draw_pairs(), draw_task(epochs=4)
    trained = make().fit(pairs, task)
    judged = [getattr(record, "val_dice", 0.0) for record in trained.history]
    if not judged:
        require(trained.best_epoch == 0, "without epochs the best one must be 0.")
        return
    require(
        trained.best_epoch == int(np.argmax(judged)) + 1,
        f"the best epoch must be the first with the highest validation Dice. Got "
        f"{trained.best_epoch} of {judged}.",
    )
    score = _mean_dice(trained, pairs, task.validation)
    require(
        abs(score - max(judged)) < TOLERANCE,
        "the segmenter must have the weights of its best epoch. Got a Dice of "
        f"{score:.4f} on the validation images, and {max(judged):.4f} in its history.",
    )


def check_model_file(make: Make) -> None:
    """It is saved, opened without running code, and gives the same masks."""
    pairs = draw_pairs()
    trained = make().fit(pairs, draw_task(epochs=1))
    with tempfile.TemporaryDirectory() as folder:
        facts = trained.save(Path(folder))
        try:
            opened = load_segmenter(Path(folder), facts)
        except BioselectError as error:
            require(False, f"a segmenter must be opened from its files. Got: {error}")
            return
        before, after = _masks(trained, pairs), _masks(opened, pairs)
    same = all(
        np.allclose(one, other, rtol=0, atol=TOLERANCE)
        for one, other in zip(before, after, strict=True)
    )
    require(same, "a segmenter that was saved must give the same probabilities. Got others.")


def check_goes_on(make: Make) -> None:
    """A training that was killed after every epoch ends as one that was left in peace."""
    pairs, task = draw_pairs(), draw_task(epochs=3)
    told: list[int] = []

    def kill(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        # Epochs of the trainings before are told again.
        if record.epoch not in told:
            told.append(record.epoch)
            raise _Killed

    undisturbed = make().fit(pairs, task)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            with suppress(_Killed):
                make().fit(pairs, task, Path(folder), kill)
        resumed = make().fit(pairs, task, Path(folder))
    same = all(map(np.array_equal, _masks(undisturbed, pairs), _masks(resumed, pairs)))
    require(
        same and tuple(undisturbed.history) == tuple(resumed.history),
        "a training that was killed must end as an undisturbed one. Got other masks or another "
        "history.",
    )


def check_declared_cost(make: Make) -> None:
    """The operations of a prediction are declared: more for a larger image."""
    small, large = (make().operations((side, side, 1), 2) for side in (64, 1024))
    require(
        all(isinstance(cost, int | float) for cost in (small, large))
        and 0 < small < large < float("inf"),
        f"operations() must be a finite number above 0, and more for a larger image. Got {small!r} "
        f"and {large!r}.",
    )


CHECKS: Mapping[str, Callable[[Make], None]] = {
    "learns": check_learns,
    "bands": check_bands,
    "same seed": check_same_seed,
    "odd images": check_odd_images,
    "one class": check_one_class,
    "ignored": check_ignored,
    "inputs unchanged": check_inputs_unchanged,
    "history": check_history,
    "best epoch": check_best_epoch,
    "model file": check_model_file,
    "goes on": check_goes_on,
    "declared cost": check_declared_cost,
}
