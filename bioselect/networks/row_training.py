"""A dense network trained on rows: layers and optimizer of Keras, an epoch in one compiled graph.

A batch of rows takes less time than what Keras does around it; `fit` of Keras takes twenty times
as long. The graph of a design is compiled once in a process: each training begins with weights of
its own and an optimizer whose numbers are all new.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision, import_tensorflow, in_fresh_keras
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.networks.rows import RowDesign, RowLesson, TrainedRows

#: What random numbers are drawn for.
_ORDER = 0


def train_here(design: RowDesign, lesson: RowLesson) -> TrainedRows:
    """Train in this process, with the threads that TensorFlow has here.

    Raises
    ------
    ComponentError
        If the loss does not stay a finite number.
    UnavailableError
        If memory ran out.
    """
    tensorflow = import_tensorflow()
    try:
        with full_precision():
            return _trained(tensorflow, design, lesson)
    except (MemoryError, tensorflow.errors.ResourceExhaustedError) as error:
        raise UnavailableError(
            f"{design.name}: memory ran out with {len(lesson.rows)} rows of "
            f"{lesson.rows.shape[1]} numbers. Write fewer --jobs, or a smaller network."
        ) from error


def build_model(keras: Any, design: RowDesign, n_features: int) -> Any:
    """Return the network as Keras has it, from ``(n, n_features)`` to ``(n, 1)``.

    The weights of a linear one begin at 0, so that it begins as what predicts the mean: others are
    only noise that a short training does not take away.
    """
    layers = [keras.Input((n_features,))]
    for width in design.hidden:
        layers.append(keras.layers.Dense(width, activation=design.activation))
        if design.dropout:
            layers.append(keras.layers.Dropout(design.dropout))
    first = "glorot_uniform" if design.hidden else "zeros"
    return keras.Sequential([*layers, keras.layers.Dense(1, kernel_initializer=first)])


def initial_weights(design: RowDesign, n_features: int) -> list[np.ndarray]:
    """Return the weights that a training begins with, and the state of its dropout."""
    model = in_fresh_keras(lambda keras: build_model(keras, design, n_features), design.seed)
    return [variable.numpy() for variable in model.variables]


def epoch_order(seed: int, epoch: int, n_rows: int) -> np.ndarray:
    """Return the order in which an epoch, counted from 1, shows the rows."""
    return np.random.default_rng((seed, epoch, _ORDER)).permutation(n_rows)


def batch_borders(n_rows: int, batch_size: int) -> np.ndarray:
    """Return where each batch of an epoch begins, and where the last one ends.

    Examples
    --------
    >>> batch_borders(10, 4)
    array([ 0,  4,  7, 10], dtype=int32)
    """
    parts = np.array_split(np.arange(n_rows), -(-n_rows // batch_size))
    return np.cumsum([0, *map(len, parts)]).astype(np.int32)


@dataclass(frozen=True, eq=False)
class _Program:
    """The graphs of a design, and what they change.

    `epoch` takes rows, values, order and borders and gives the sum of the losses; `judge` takes
    rows and values. `optimizer_start` are the numbers of an optimizer that has done nothing.
    """

    model: Any
    optimizer: Any
    optimizer_start: list[np.ndarray]
    epoch: Callable[..., Any]
    judge: Callable[..., Any]

    def begin(self, weights: list[np.ndarray]) -> None:
        """Forget the training before."""
        _assign(self.model.variables, weights)
        _assign(self.optimizer.variables, self.optimizer_start)

    def weights(self) -> list[np.ndarray]:
        """Return a copy of kernels and biases, one after the other."""
        return [variable.numpy() for variable in self.model.trainable_variables]


def _trained(tensorflow: Any, design: RowDesign, lesson: RowLesson) -> TrainedRows:
    n_rows, n_features = lesson.rows.shape
    # How long a training goes on, and with which numbers it begins, is not in its graph.
    program = _program(replace(design, epochs=1, early_stopping=None, seed=0), n_features)
    program.begin(initial_weights(design, n_features))
    taught = (tensorflow.constant(lesson.rows), tensorflow.constant(lesson.values))
    kept = (tensorflow.constant(lesson.kept_rows), tensorflow.constant(lesson.kept_values))
    borders = tensorflow.constant(batch_borders(n_rows, design.batch_size))
    losses: list[float] = []
    kept_losses: list[float] = []
    best_epoch, best = 0, program.weights()
    for epoch in range(1, design.epochs + 1):
        order = epoch_order(design.seed, epoch, n_rows).astype(np.int32)
        losses.append(float(program.epoch(*taught, tensorflow.constant(order), borders)) / n_rows)
        _refuse_nonsense(design, losses[-1], epoch)
        if not len(lesson.kept_values):
            best_epoch = epoch
            continue
        kept_losses.append(float(program.judge(*kept)) / len(lesson.kept_values))
        _refuse_nonsense(design, kept_losses[-1], epoch)
        if kept_losses[-1] < min(kept_losses[:-1], default=math.inf):
            best_epoch, best = epoch, program.weights()
        if design.early_stopping is not None and epoch - best_epoch >= design.early_stopping:
            break
    if not kept_losses:
        best = program.weights()
    if not all(np.isfinite(array).all() for array in best):
        _refuse_nonsense(design, math.nan, best_epoch)
    return TrainedRows(
        tuple(best[0::2]), tuple(best[1::2]), best_epoch, tuple(losses), tuple(kept_losses)
    )


@lru_cache(maxsize=8)
def _program(design: RowDesign, n_features: int) -> _Program:
    """Return the compiled graphs of a design; its seed and its number of epochs do not matter."""

    def made(keras: Any) -> tuple[Any, Any, Any]:
        model = build_model(keras, design, n_features)
        optimizer = _optimizer(keras, design)
        optimizer.build(model.trainable_variables)
        return model, optimizer, _loss(keras, design)

    tensorflow = import_tensorflow()
    model, optimizer, loss = in_fresh_keras(made)
    variables = list(model.trainable_variables)

    def losses_of(rows: Any, values: Any, training: bool) -> Any:
        return loss(values[:, None], model(rows, training=training))

    def step(rows: Any, values: Any) -> Any:
        with tensorflow.GradientTape() as tape:
            losses = losses_of(rows, values, True)
            mean = tensorflow.reduce_mean(losses)
        optimizer.apply(tape.gradient(mean, variables), variables)
        return tensorflow.reduce_sum(losses)

    def epoch(rows: Any, values: Any, order: Any, borders: Any) -> Any:
        def batch(number: Any, total: Any) -> tuple[Any, Any]:
            places = order[borders[number] : borders[number + 1]]
            added = step(tensorflow.gather(rows, places), tensorflow.gather(values, places))
            return number + 1, total + added

        n_batches = tensorflow.shape(borders)[0] - 1
        start = (tensorflow.constant(0), tensorflow.constant(0.0))
        return tensorflow.while_loop(
            lambda number, total: number < n_batches, batch, start, parallel_iterations=1
        )[1]

    floats, whole = tensorflow.float32, tensorflow.int32
    signature = [
        tensorflow.TensorSpec((None, n_features), floats),
        tensorflow.TensorSpec((None,), floats),
    ]
    places = [tensorflow.TensorSpec((None,), whole)] * 2
    return _Program(
        model,
        optimizer,
        [variable.numpy() for variable in optimizer.variables],
        _traced(tensorflow, epoch, [*signature, *places]),
        _traced(
            tensorflow,
            lambda rows, values: tensorflow.reduce_sum(losses_of(rows, values, False)),
            signature,
        ),
    )


def _optimizer(keras: Any, design: RowDesign) -> Any:
    if design.optimizer == "adam":
        return keras.optimizers.Adam(design.learning_rate)
    return keras.optimizers.SGD(design.learning_rate, momentum=design.momentum)


def _loss(keras: Any, design: RowDesign) -> Callable[..., Any]:
    """Return the loss of each row; both arguments are ``(n, 1)``."""
    losses: dict[str, Callable[..., Any]] = {
        "mse": keras.losses.mean_squared_error,
        "mae": keras.losses.mean_absolute_error,
        "huber": keras.losses.huber,
    }
    return losses[design.loss]


def _traced(tensorflow: Any, function: Callable[..., Any], signature: list[Any]) -> Any:
    compiled = tensorflow.function(function, input_signature=signature, autograph=False)
    return compiled.get_concrete_function()


def _assign(variables: list[Any], arrays: list[np.ndarray]) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)


def _refuse_nonsense(design: RowDesign, loss: float, epoch: int) -> None:
    if math.isfinite(loss):
        return
    lower = float(f"{design.learning_rate / 10:.1g}")
    raise ComponentError(
        f"{design.name}: the loss of a training must stay a finite number. Got {loss} in epoch "
        f"{epoch}. Write a lower learning_rate, for example {lower:g}."
    )
