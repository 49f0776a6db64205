"""Dense networks on rows: the compiled epoch against `fit` of Keras with the same numbers.

    python benchmarks/row_networks.py [--rows 380] [--features 30] [--epochs 100] [--rounds 3]

Both train the same network from the same weights with the same optimizer, batch size and number of
threads (one); only the order of the rows differs. What is compared is processor time, which other
programs disturb less than the clock; the time to import TensorFlow is in neither. The first
training of a design compiles its epoch, which is told apart. The errors of both on new rows must
agree.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from dataclasses import replace

os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "OMP_NUM_THREADS": "1"}

import numpy as np
from figures import print_figure

from bioselect.backbones.keras_import import import_keras
from bioselect.networks.row_training import build_model, initial_weights, train_here
from bioselect.networks.rows import RowDesign, RowLesson

LINEAR = RowDesign(
    "linear_network", (), "relu", 0.0, "mse", "sgd", 0.0001, 0.0, 100, 32, None, 0
)  # fmt: skip
DESIGNS = {
    "linear_network": LINEAR,
    "mlp_network": replace(LINEAR, name="mlp_network", hidden=(64, 64)),
    "mlp_network with adam": replace(
        LINEAR, name="mlp_network", hidden=(64, 64), optimizer="adam", learning_rate=0.001
    ),
}


def draw(n_rows: int, n_features: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw rows and numbers that are nearly linear in them, of variance 1."""
    random = np.random.default_rng(0)
    rows = random.normal(size=(n_rows, n_features)).astype(np.float32)
    numbers = rows @ random.normal(size=n_features) + 0.3 * random.normal(size=n_rows)
    return rows, (numbers / numbers.std()).astype(np.float32)


def with_keras(design: RowDesign, lesson: RowLesson) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Train as one does with Keras alone."""
    keras = import_keras()
    model = build_model(keras, design, lesson.rows.shape[1])
    model.set_weights(initial_weights(design, lesson.rows.shape[1]))
    optimizer = keras.optimizers.SGD(design.learning_rate)
    if design.optimizer == "adam":
        optimizer = keras.optimizers.Adam(design.learning_rate)
    model.compile(optimizer, "mse")
    model.fit(
        lesson.rows, lesson.values, epochs=design.epochs, batch_size=design.batch_size, verbose=0
    )
    arrays = model.get_weights()
    return arrays[0::2], arrays[1::2]


def ours(design: RowDesign, lesson: RowLesson) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Train as a study does, in this process."""
    trained = train_here(design, lesson)
    return list(trained.kernels), list(trained.biases)


def error(weights: tuple[list[np.ndarray], list[np.ndarray]], rows: np.ndarray, numbers: np.ndarray) -> float:  # fmt: skip  # noqa: E501
    """Return the mean squared error on rows."""
    for place, (kernel, bias) in enumerate(zip(*weights, strict=True)):
        rows = rows @ kernel + bias
        if place < len(weights[0]) - 1:
            rows = np.maximum(rows, 0)
    return float(np.mean((rows[:, 0] - numbers) ** 2))


def seconds(train: Callable[..., object], design: RowDesign, lesson: RowLesson) -> float:
    start = time.process_time()
    train(design, lesson)
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=380)
    parser.add_argument("--features", type=int, default=30)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    rows, numbers = draw(2 * asked.rows, asked.features)
    n = asked.rows
    lesson = RowLesson(rows[:n], numbers[:n], rows[:0], numbers[:0])
    import_keras()
    for name, design in DESIGNS.items():
        design = replace(design, epochs=asked.epochs)
        first = seconds(ours, design, lesson)
        pairs = [
            (seconds(ours, design, lesson), seconds(with_keras, design, lesson))
            for _ in range(asked.rounds)
        ]
        own, plain = np.median(pairs, axis=0)
        errors = [
            error(train(design, lesson), rows[n:], numbers[n:]) for train in (ours, with_keras)
        ]
        print(
            f"{name}: {own:.2f} s of processor time ({first:.2f} s the first time), Keras's fit "
            f"{plain:.2f} s; mean squared error on new rows {errors[0]:.4f} and {errors[1]:.4f}"
        )
        print_figure(f"{name}: times faster than fit of Keras", plain / own)


if __name__ == "__main__":
    main()
