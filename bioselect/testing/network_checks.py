"""What every network must do: learn, repeat itself, go on after a kill, take odd images.

Each check trains on some drawn images of the smallest size that the network takes by itself, for
an epoch or a few.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.exceptions import BioselectError, ComponentError
from bioselect.networks.history import EpochRecord
from bioselect.networks.pixels import ArrayPixels
from bioselect.networks.task import NetworkTask
from bioselect.networks.trained import load_network
from bioselect.testing.violations import require

TOLERANCE = 1e-5
#: Of the images that are drawn, before the network says what it brings them to.
NATIVE = (16, 16, 3)
N_TRAIN, N_VALIDATION = 16, 6
#: So much a network is given to learn what is plain to see: some sixty steps as networks come.
N_TO_LEARN, EPOCHS_TO_LEARN = 96, 20

Make = Callable[[], Any]


class _Killed(Exception):  # noqa: N818 - stands for a kill, not for an error
    """The training ends here."""


def draw_pixels(shape: tuple[int, int, int], n_images: int, seed: int = 0) -> ArrayPixels:
    """Draw stripes, upright in every other image and across in the others; read-only."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    waves = [np.sin(places * 2 * np.pi * 4 / shape[0])[..., None] for places in (columns, rows)]
    images = np.stack(
        [0.5 + 0.3 * waves[n % 2] + random.normal(scale=0.05, size=shape) for n in range(n_images)]
    )
    images = np.clip(images, 0, 1).astype(np.float32)
    images.flags.writeable = False
    return ArrayPixels(images)


def draw_task(
    n_train: int = N_TRAIN,
    n_validation: int = N_VALIDATION,
    epochs: int | None = None,
    n_classes: int = 2,
) -> NetworkTask:
    """Return the task of telling the two kinds of stripes apart."""
    places = np.arange(n_train + n_validation)
    return NetworkTask(n_classes, places % 2, places[:n_train], places[n_train:], 0, epochs)


def _fitted(make: Make, epochs: int | None = 1, checkpoint: Path | None = None) -> Any:
    network = make()
    pixels = draw_pixels(network.input_shape(NATIVE), N_TRAIN + N_VALIDATION)
    return network.fit(pixels, draw_task(epochs=epochs), checkpoint), pixels


def check_learns(make: Make) -> None:
    """Stripes of two directions are told apart."""
    network = make()
    pixels = draw_pixels(network.input_shape(NATIVE), N_TO_LEARN + N_VALIDATION)
    trained = network.fit(pixels, draw_task(N_TO_LEARN, epochs=EPOCHS_TO_LEARN))
    rows = trained.predict_proba(pixels, np.arange(len(pixels)))
    share = float(np.mean(rows.argmax(axis=1) == np.arange(len(pixels)) % 2))
    require(
        share >= 0.8,
        f"stripes of two directions must be told apart (at least 80 % right). Got {share:.0%}.",
    )


def check_probabilities(make: Make) -> None:
    """Probabilities are finite float32 and sum to one; a class without images has a column."""
    network = make()
    pixels = draw_pixels(network.input_shape(NATIVE), N_TRAIN + N_VALIDATION)
    rows = network.fit(pixels, draw_task(epochs=1, n_classes=3)).predict_proba(pixels, np.arange(4))
    require(
        rows.shape == (4, 3) and rows.dtype == np.float32,
        f"probabilities must be float32 (n_images, n_classes). Got {rows.dtype} {rows.shape}.",
    )
    require(bool(np.isfinite(rows).all()), "probabilities must be finite. Got NaN or inf.")
    require(
        bool(np.allclose(rows.sum(axis=1), 1.0, atol=TOLERANCE) and (rows >= 0).all()),
        "probabilities must be at least 0 and sum to 1. Got others.",
    )


def check_same_seed(make: Make) -> None:
    """The same seed gives the same bits; NumPy's global random numbers are left alone."""
    before = repr(np.random.get_state(legacy=True))
    (first, pixels), (second, _) = _fitted(make, 2), _fitted(make, 2)
    places = np.arange(len(pixels))
    require(
        np.array_equal(first.predict_proba(pixels, places), second.predict_proba(pixels, places))
        and first.history == second.history,
        "the same seed must give the same network. Got other predictions or another history.",
    )
    require(
        before == repr(np.random.get_state(legacy=True)),
        "NumPy's global random numbers must be left alone. Got a changed state.",
    )


def check_odd_images(make: Make) -> None:
    """Sizes that no power of two divides, and any number of channels, work or are refused."""
    for shape in ((19, 27, 1), (21, 18, 5)):
        network = make()
        try:
            taken = network.input_shape(shape)
            pixels = draw_pixels(taken, 6)
            trained = network.fit(pixels, draw_task(4, 2, epochs=1))
        except ComponentError:
            # It says itself that it does not take such images.
            continue
        rows = trained.predict_proba(pixels, np.arange(6))
        require(
            bool(np.isfinite(rows).all()),
            f"images of {shape} must give finite probabilities. Got NaN or inf.",
        )


def check_small_batches(make: Make) -> None:
    """One image to train on, and batches with images of one class, give finite numbers."""
    for n_train in (1, 3):
        network = make()
        pixels = draw_pixels(network.input_shape(NATIVE), n_train + 2)
        trained = network.fit(pixels, draw_task(n_train, 2, epochs=1))
        rows = trained.predict_proba(pixels, np.arange(len(pixels)))
        require(
            bool(np.isfinite(rows).all()),
            f"{n_train} image(s) to train on must give finite probabilities. Got NaN or inf.",
        )


def check_inputs_unchanged(make: Make) -> None:
    """Read-only images are taken, and nothing is written into writable ones."""
    network = make()
    drawn = draw_pixels(network.input_shape(NATIVE), N_TRAIN + N_VALIDATION)
    images = np.array(drawn.images)
    pixels, task = ArrayPixels(images), draw_task(epochs=1)
    labels = task.class_indices.copy()
    network.fit(pixels, task).predict_proba(pixels, task.validation)
    require(
        np.array_equal(images, drawn.images) and np.array_equal(labels, task.class_indices),
        "training must not write into images or classes. Got changed ones.",
    )


def check_history(make: Make) -> None:
    """Every epoch is recorded once, in its order, with finite numbers, and told."""
    network = make()
    pixels = draw_pixels(network.input_shape(NATIVE), N_TRAIN + N_VALIDATION)
    told: list[EpochRecord] = []

    def progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        told.append(record)

    trained = network.fit(pixels, draw_task(epochs=3), None, progress)
    epochs = [record.epoch for record in trained.history]
    require(
        epochs == list(range(1, len(epochs) + 1)) and 1 <= len(epochs) <= 3,
        f"every epoch must be recorded once, in its order. Got {epochs}.",
    )
    require(tuple(told) == tuple(trained.history), "progress must be told of every epoch.")
    numbers = [
        (record.loss, record.val_loss, record.accuracy, record.val_accuracy, record.learning_rate)
        for record in trained.history
    ]
    require(
        bool(np.isfinite(np.array(numbers, dtype=float)).all()),
        "losses, accuracies and rates must be finite numbers. Got others.",
    )


def check_best_epoch(make: Make) -> None:
    """The weights are those of the epoch that the history calls best."""
    trained, pixels = _fitted(make, 5)
    judged = [record.val_loss for record in trained.history]
    require(
        trained.best_epoch == int(np.argmin(judged)) + 1,
        f"the best epoch must have the lowest validation loss. Got {trained.best_epoch} of "
        f"{judged}.",
    )
    task = draw_task()
    rows = trained.predict_proba(pixels, task.validation)
    right = float(np.mean(rows.argmax(axis=1) == task.class_indices[task.validation]))
    recorded = trained.history[trained.best_epoch - 1].val_accuracy
    loss = -np.log(rows[np.arange(len(rows)), task.class_indices[task.validation]].astype(float))
    fits = abs(right - recorded) < TOLERANCE
    # The recorded loss is the mean of these logs for the usual loss alone.
    if getattr(make().settings, "loss", "") == "cross_entropy":
        fits = fits and abs(loss.mean() - min(judged)) <= 1e-3 * max(1.0, min(judged))
    require(
        bool(fits),
        "the network must have the weights of its best epoch. Got other predictions of the "
        "validation images than its history tells of.",
    )


def check_image_alone(make: Make) -> None:
    """The prediction of an image does not depend on the others of its batch."""
    trained, pixels = _fitted(make)
    places = np.arange(5)
    together = trained.predict_proba(pixels, places)
    alone = np.concatenate([trained.predict_proba(pixels, places[n : n + 1]) for n in range(5)])
    difference = float(np.abs(together - alone).max())
    require(
        difference <= TOLERANCE,
        f"an image alone must be predicted as in a batch, to {TOLERANCE:g}. Got a difference of "
        f"{difference:.2g}.",
    )


def check_model_file(make: Make) -> None:
    """The network is saved, read without running code, and predicts the same."""
    trained, pixels = _fitted(make)
    places = np.arange(4)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        trained.save(path)
        try:
            got = load_network(path).predict_proba(pixels, places)
        except BioselectError as error:
            require(False, f"a network must be read from its file. Got: {error}")
            return
    require(
        bool(np.allclose(got, trained.predict_proba(pixels, places), rtol=0, atol=TOLERANCE)),
        "a network read from its file must predict the same. Got another prediction.",
    )


def check_goes_on(make: Make) -> None:
    """A training that was killed after every epoch ends as one that was left in peace."""
    n_epochs = 3

    told: list[int] = []

    def kill(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        # Epochs of the trainings before are told again.
        if record.epoch not in told:
            told.append(record.epoch)
            raise _Killed

    undisturbed, pixels = _fitted(make, n_epochs)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(n_epochs):
            with suppress(_Killed):
                make().fit(pixels, draw_task(epochs=n_epochs), Path(folder), kill)
        resumed = make().fit(pixels, draw_task(epochs=n_epochs), Path(folder))
    places = np.arange(len(pixels))
    same = np.array_equal(
        undisturbed.predict_proba(pixels, places), resumed.predict_proba(pixels, places)
    )
    require(
        same and undisturbed.history == resumed.history,
        "a training that was killed must end as an undisturbed one. Got other predictions or "
        "another history.",
    )


def check_declared_cost(make: Make) -> None:
    """The operations of a prediction are counted: a number above zero."""
    network = make()
    cost = network.operations(network.input_shape(NATIVE), 2)
    require(
        isinstance(cost, int | float) and 0 < cost < float("inf"),
        f"operations() must be a finite number above 0. Got {cost!r}.",
    )


CHECKS: Mapping[str, Callable[[Make], None]] = {
    "learns": check_learns,
    "probabilities": check_probabilities,
    "same seed": check_same_seed,
    "odd images": check_odd_images,
    "small batches": check_small_batches,
    "inputs unchanged": check_inputs_unchanged,
    "history": check_history,
    "best epoch": check_best_epoch,
    "image alone": check_image_alone,
    "model file": check_model_file,
    "goes on": check_goes_on,
    "declared cost": check_declared_cost,
}
