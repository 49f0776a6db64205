"""One step of a training, and one of a judgement, each compiled into a graph.

Batches differ in size by one image at most, and the graph takes any size: nothing is compiled
twice. XLA stays off: nobody has shown here that it gives the same bits each time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.assembling import Network
from bioselect.networks.losses import Loss

#: (images, targets, learning rate) -> sum of the losses, number of right answers.
TrainStep = Callable[[np.ndarray, np.ndarray, float], tuple[Any, Any]]
TestStep = Callable[[np.ndarray, np.ndarray], tuple[Any, Any]]


@dataclass(frozen=True, eq=False)
class Marking:
    """How the answers to a batch are marked.

    Parameters
    ----------
    loss : callable
        (targets, output before softmax) -> the loss of each image.
    right : callable
        (targets, output) -> the number of right answers.
    signature : list
        Shape and type of the images and of the targets, the number of images left open.
    """

    loss: Loss
    right: Callable[[Any, Any], Any]
    signature: list[Any]


def marking_of_classes(network: Network, loss: Loss, n_labels: int | None) -> Marking:
    """Return how classes are marked; `n_labels` is None where each image has one class."""
    tensorflow = import_tensorflow()
    signature = [
        tensorflow.TensorSpec((None, *network.model.input_shape[1:]), tensorflow.float32),
        tensorflow.TensorSpec((None, network.model.output_shape[-1]), tensorflow.float32),
    ]
    return Marking(
        loss, lambda targets, output: _n_right(tensorflow, targets, output, n_labels), signature
    )


def train_step(network: Network, optimizer: Any, marking: Marking) -> TrainStep:
    """Return a step that changes the trainable weights of a network.

    Parameters
    ----------
    network : Network
        Which of its layers are trained is decided.
    optimizer : keras.optimizers.Optimizer
        Built for the trainable variables.
    marking : Marking
        How its answers are marked.
    """
    tensorflow = import_tensorflow()
    variables = list(network.model.trainable_variables)

    def step(images: Any, targets: Any, rate: Any) -> tuple[Any, Any]:
        optimizer.learning_rate.assign(rate)
        with tensorflow.GradientTape() as tape:
            output = network.logits(images, training=True)
            losses = marking.loss(targets, output)
            mean = tensorflow.reduce_mean(losses)
            # What layers of somebody's own network add (regularisation).
            added = network.body.losses
            total = tensorflow.add_n([mean, *added]) if added else mean
        optimizer.apply(tape.gradient(total, variables), variables)
        return tensorflow.reduce_sum(losses), marking.right(targets, output)

    rate = tensorflow.TensorSpec((), tensorflow.float32)
    compiled: TrainStep = traced_once(step, [*marking.signature, rate])
    return compiled


def check_step(network: Network, marking: Marking) -> TestStep:
    """Return a step that changes nothing; see :func:`train_step`."""
    tensorflow = import_tensorflow()

    def step(images: Any, targets: Any) -> tuple[Any, Any]:
        output = network.logits(images, training=False)
        losses = marking.loss(targets, output)
        return tensorflow.reduce_sum(losses), marking.right(targets, output)

    compiled: TestStep = traced_once(step, marking.signature)
    return compiled


def traced_once(function: Callable[..., Any], signature: list[Any]) -> Callable[..., Any]:
    """Return a function of tensors compiled for arrays of one kind, traced here and now.

    Left to trace at its first call, TensorFlow takes the fifth network of a program for a mistake
    and says so on the terminal.
    """
    tensorflow = import_tensorflow()
    compiled = tensorflow.function(function, input_signature=signature, autograph=False)
    concrete = compiled.get_concrete_function()
    return lambda *arrays: concrete(*map(tensorflow.constant, arrays))


def _n_right(tensorflow: Any, targets: Any, output: Any, n_labels: int | None) -> Any:
    """Count right classes; of several labels the share that is right, for each image."""
    if n_labels is None:
        right = tensorflow.equal(tensorflow.argmax(targets, -1), tensorflow.argmax(output, -1))
        return tensorflow.reduce_sum(tensorflow.cast(right, tensorflow.float32))
    right = tensorflow.equal(targets > 0.5, output > 0)
    return tensorflow.reduce_sum(tensorflow.cast(right, tensorflow.float32)) / float(n_labels)
