"""What every network must do where a number is learnt: learn it, in its units, and repeat itself.

Each check trains on some drawn images of the smallest size that the network takes by itself, for
an epoch or a few. How bright an image is, is its number.
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
from bioselect.testing.network_checks import (
    EPOCHS_TO_LEARN,
    N_TO_LEARN,
    N_TRAIN,
    N_VALIDATION,
    NATIVE,
    TOLERANCE,
    check_declared_cost,
)
from bioselect.testing.violations import require

#: The numbers lie around the first, and differ by about the second.
OFFSET, UNIT = 500.0, 20.0

Make = Callable[[], Any]


class _Killed(Exception):  # noqa: N818 - stands for a kill, not for an error
    """The training ends here."""


def draw_values(n_images: int, seed: int = 0) -> np.ndarray:
    """Draw the numbers of images, float64 ``(n_images,)``."""
    return OFFSET + UNIT * np.random.default_rng(seed).uniform(-1.7, 1.7, n_images)


def draw_pixels(shape: tuple[int, int, int], values: np.ndarray, seed: int = 0) -> ArrayPixels:
    """Draw an image for each number, the brighter the higher that is; read-only."""
    random = np.random.default_rng(seed)
    levels = 0.5 + 0.2 * (values - OFFSET) / UNIT
    images = levels[:, None, None, None] + random.normal(scale=0.03, size=(len(values), *shape))
    images = np.clip(images, 0, 1).astype(np.float32)
    images.flags.writeable = False
    return ArrayPixels(images)


def value_task(values: np.ndarray, n_train: int, epochs: int | None = None) -> NetworkTask:
    """Return the task of learning numbers; the images behind the first are for validation."""
    places = np.arange(len(values))
    return NetworkTask(1, values, places[:n_train], places[n_train:], 0, epochs)


def _fitted(
    make: Make,
    epochs: int = 1,
    checkpoint: Path | None = None,
    values: np.ndarray | None = None,
    n_train: int = N_TRAIN,
    **more: Any,
) -> tuple[Any, ArrayPixels, np.ndarray]:
    """Return a trained network, the images, and what it says of all of them, float64 ``(n,)``."""
    network = make()
    drawn = draw_values(n_train + N_VALIDATION)
    pixels = draw_pixels(network.input_shape(NATIVE), drawn)
    task = value_task(drawn if values is None else values, n_train, epochs)
    trained = network.fit(pixels, task, checkpoint, **more)
    return trained, pixels, _said(trained, pixels)


def _said(trained: Any, pixels: ArrayPixels) -> np.ndarray:
    rows = trained.predict_proba(pixels, np.arange(len(pixels)))
    return np.asarray(rows, dtype=np.float64)[:, 0]


def check_learns(make: Make) -> None:
    """How bright images are is learnt: the errors are smaller than those of the mean."""
    _, _, said = _fitted(make, EPOCHS_TO_LEARN, n_train=N_TO_LEARN)
    truth = draw_values(N_TO_LEARN + N_VALIDATION)
    share = float(np.abs(said - truth).mean() / np.abs(truth - truth.mean()).mean())
    require(
        share <= 0.6,
        "the brightness of images must be learnt (errors at most 60 % of those of the mean). Got "
        f"{share:.0%}.",
    )


def check_numbers(make: Make) -> None:
    """What is said of images is one column of finite float32 in the units of the target."""
    trained, pixels, _ = _fitted(make)
    rows = trained.predict_proba(pixels, np.arange(4))
    require(
        rows.shape == (4, 1) and rows.dtype == np.float32 and bool(np.isfinite(rows).all()),
        f"numbers must be finite float32 (n_images, 1). Got {rows.dtype} {rows.shape}.",
    )


def check_units(make: Make) -> None:
    """The same numbers in other units are learnt in the same way."""
    _, _, said = _fitted(make, 2)
    values = draw_values(N_TRAIN + N_VALIDATION)
    _, _, other = _fitted(make, 2, values=values * 1000 + 7)
    difference = float(np.abs(other - (said * 1000 + 7)).max() / (1000 * UNIT))
    require(
        difference <= 0.02,
        "numbers in other units must be learnt in the same way (to 2 % of their standard "
        f"deviation). Got a difference of {difference:.2g} of it.",
    )


def check_same_seed(make: Make) -> None:
    """The same seed gives the same bits."""
    (first, _, said), (second, _, again) = _fitted(make, 2), _fitted(make, 2)
    require(
        np.array_equal(said, again) and first.history == second.history,
        "the same seed must give the same network. Got other predictions or another history.",
    )


def check_odd_images(make: Make) -> None:
    """Sizes that no power of two divides, and any number of channels, work or are refused."""
    values = draw_values(6)
    for shape in ((19, 27, 1), (21, 18, 5)):
        network = make()
        try:
            pixels = draw_pixels(network.input_shape(shape), values)
            trained = network.fit(pixels, value_task(values, 4, epochs=1))
        except ComponentError:
            continue  # It says itself that it does not take such images.
        require(
            bool(np.isfinite(_said(trained, pixels)).all()),
            f"images of {shape} must give finite numbers. Got NaN or inf.",
        )


def check_small_sets(make: Make) -> None:
    """One image to train on, and equal numbers, give finite numbers."""
    for n_train, values in ((1, None), (4, np.full(4 + N_VALIDATION, OFFSET))):
        _, _, said = _fitted(make, n_train=n_train, values=values)
        require(
            bool(np.isfinite(said).all()),
            f"{n_train} image(s) to train on must give finite numbers. Got NaN or inf.",
        )


def check_inputs_unchanged(make: Make) -> None:
    """Nothing is written into images or numbers."""
    network = make()
    values = draw_values(N_TRAIN + N_VALIDATION)
    drawn = draw_pixels(network.input_shape(NATIVE), values)
    images, given = np.array(drawn.images), values.copy()
    network.fit(ArrayPixels(images), value_task(given, N_TRAIN, epochs=1))
    require(
        np.array_equal(images, drawn.images) and np.array_equal(given, values),
        "training must not write into images or numbers. Got changed ones.",
    )


def check_history(make: Make) -> None:
    """The weights are those of the epoch with the lowest loss, and errors are in the units."""
    told: list[EpochRecord] = []

    def progress(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        told.append(record)

    trained, _, said = _fitted(make, 4, progress=progress)
    history = trained.history
    require(
        tuple(told) == tuple(history) and [one.epoch for one in history] == [1, 2, 3, 4],
        "every epoch must be recorded once, in its order, and told.",
    )
    judged = [record.val_loss for record in history]
    require(
        trained.best_epoch == int(np.argmin(judged)) + 1,
        f"the best epoch must have the lowest validation loss. Got {trained.best_epoch} of "
        f"{judged}.",
    )
    truth = draw_values(N_TRAIN + N_VALIDATION)
    error = float(np.abs(said - truth)[N_TRAIN:].mean())
    recorded = history[trained.best_epoch - 1].val_error
    require(
        bool(abs(error - recorded) <= 1e-3 * UNIT),
        f"the recorded error must be that of the best epoch, in the units of the target "
        f"({error:.4g}). Got {recorded:.4g}.",
    )


def check_image_alone(make: Make) -> None:
    """The prediction of an image does not depend on the others of its batch."""
    trained, pixels, together = _fitted(make)
    alone = [trained.predict_proba(pixels, np.array([place]))[0, 0] for place in range(5)]
    difference = float(np.abs(together[:5] - alone).max())
    # float32 holds a number around 500 to some 3e-5.
    allowed = TOLERANCE * OFFSET
    require(
        difference <= allowed,
        f"an image alone must be predicted as in a batch, to {allowed:g}. Got a difference of "
        f"{difference:.2g}.",
    )


def check_model_file(make: Make) -> None:
    """The network is saved, read without running code, and predicts the same."""
    trained, pixels, said = _fitted(make)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.keras"
        trained.save(path)
        try:
            opened = load_network(path)
        except BioselectError as error:
            require(False, f"a network must be read from its file. Got: {error}")
            return
    require(
        bool(np.allclose(_said(opened, pixels), said, rtol=TOLERANCE, atol=0))
        and opened.unit == trained.unit,
        "a network read from its file must predict the same. Got another prediction.",
    )


def check_goes_on(make: Make) -> None:
    """A training that was killed after every epoch ends as one that was left in peace."""
    reached: list[int] = []

    def kill(record: EpochRecord, n_epochs: int, seconds: float) -> None:
        # Epochs of the trainings before are told again.
        if record.epoch not in reached:
            reached.append(record.epoch)
            raise _Killed

    undisturbed, _, said = _fitted(make, 3)
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            with suppress(_Killed):
                _fitted(make, 3, Path(folder), progress=kill)
        resumed, _, again = _fitted(make, 3, Path(folder))
    require(
        np.array_equal(said, again) and undisturbed.history == resumed.history,
        "a training that was killed must end as an undisturbed one. Got other predictions or "
        "another history.",
    )


CHECKS: Mapping[str, Callable[[Make], None]] = {
    "learns": check_learns,
    "numbers": check_numbers,
    "units": check_units,
    "same seed": check_same_seed,
    "odd images": check_odd_images,
    "small sets": check_small_sets,
    "inputs unchanged": check_inputs_unchanged,
    "history": check_history,
    "image alone": check_image_alone,
    "model file": check_model_file,
    "goes on": check_goes_on,
    "declared cost": check_declared_cost,
}
