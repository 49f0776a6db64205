"""Dense networks trained on rows, compared with gradient descent written out in NumPy."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bioselect.backbones.keras_import import import_keras
from bioselect.exceptions import ComponentError
from bioselect.networks.row_training import (
    batch_borders,
    build_model,
    epoch_order,
    initial_weights,
    train_here,
)
from bioselect.networks.rows import RowDesign, RowLesson

LINEAR = RowDesign(
    name="linear_network",
    hidden=(),
    activation="relu",
    dropout=0.0,
    loss="mse",
    optimizer="sgd",
    learning_rate=0.05,
    momentum=0.0,
    epochs=3,
    batch_size=8,
    early_stopping=None,
    seed=5,
)
MLP = replace(LINEAR, name="mlp_network", hidden=(7, 3), activation="tanh")


def lesson_of(n_rows=21, n_features=4, n_kept=0, seed=0):
    random = np.random.default_rng(seed)
    rows = random.normal(size=(n_rows + n_kept, n_features)).astype(np.float32)
    values = (rows[:, 0] - 2 * rows[:, 1] + 0.1 * random.normal(size=len(rows))).astype(np.float32)
    arrays = rows[:n_rows], values[:n_rows], rows[n_rows:], values[n_rows:]
    for array in arrays:
        array.flags.writeable = False
    return RowLesson(*arrays)


def by_hand(design, lesson):
    """Return kernel, bias and losses of a linear network, in float64."""
    kernel, bias = (array.astype(np.float64) for array in initial_weights(design, 4)[:2])
    velocity = [np.zeros_like(kernel), np.zeros_like(bias)]
    losses = []
    for epoch in range(1, design.epochs + 1):
        order, borders = epoch_order(design.seed, epoch, 21), batch_borders(21, design.batch_size)
        total = 0.0
        for first, last in pairwise(borders):
            places = order[first:last]
            rows, values = lesson.rows[places].astype(float), lesson.values[places].astype(float)
            errors = (rows @ kernel)[:, 0] + bias[0] - values
            # d/dw of the mean of (x.w + b - y)**2 is the mean of 2 (x.w + b - y) x.
            slopes = 2 * (rows * errors[:, None]).mean(axis=0)[:, None], 2 * errors.mean()
            for place, slope in enumerate(slopes):
                velocity[place] = design.momentum * velocity[place] - design.learning_rate * slope
            kernel, bias = kernel + velocity[0], bias + velocity[1]
            total += float((errors**2).sum())
        losses.append(total / 21)
    return kernel, bias, losses


@pytest.mark.parametrize("momentum", [0.0, 0.8])
def test_a_linear_network_is_gradient_descent(momentum):
    design, lesson = replace(LINEAR, momentum=momentum), lesson_of()
    trained = train_here(design, lesson)
    kernel, bias, losses = by_hand(design, lesson)
    np.testing.assert_allclose(trained.kernels[0], kernel, atol=1e-6)
    np.testing.assert_allclose(trained.biases[0], bias, atol=1e-6)
    np.testing.assert_allclose(trained.losses, losses, rtol=1e-5)
    assert trained.best_epoch == 3


def test_losses_are_those_of_the_errors():
    # With a rate of (almost) nothing the first epoch's loss is that of the first weights.
    lesson = lesson_of()
    kernel, bias = initial_weights(LINEAR, 4)[:2]
    errors = np.abs((lesson.rows @ kernel)[:, 0] + bias - lesson.values).astype(float)
    expected = {
        "mse": (errors**2).mean(),
        "mae": errors.mean(),
        "huber": np.where(errors <= 1, errors**2 / 2, errors - 0.5).mean(),
    }
    for loss, value in expected.items():
        design = replace(LINEAR, loss=loss, learning_rate=1e-12, epochs=1)
        np.testing.assert_allclose(train_here(design, lesson).losses, [value], rtol=1e-5)


def test_same_seed_same_bits_whatever_was_trained_before():
    lesson = lesson_of()
    design = replace(MLP, dropout=0.3, optimizer="adam")
    first = train_here(design, lesson)
    other = train_here(replace(design, seed=6), lesson)
    again = train_here(design, lesson)
    for one, same, different in zip(first.kernels, again.kernels, other.kernels, strict=True):
        np.testing.assert_array_equal(one, same)
        assert not np.array_equal(one, different)
    assert first.losses == again.losses


def test_dropout_takes_part_and_ends_with_the_training():
    # With a rate of (almost) nothing only what is left out changes from epoch to epoch.
    lesson = lesson_of(n_kept=5)
    plain = train_here(replace(MLP, learning_rate=1e-12), lesson)
    dropped = train_here(replace(MLP, learning_rate=1e-12, dropout=0.5), lesson)
    np.testing.assert_allclose(plain.losses, plain.losses[0], rtol=1e-6)
    assert len({round(loss, 3) for loss in dropped.losses}) == 3
    np.testing.assert_allclose(dropped.kept_losses, dropped.kept_losses[0], rtol=1e-6)


def test_the_best_epoch_is_the_one_with_the_lowest_kept_loss():
    # Steps that are too long for the kept rows: their loss rises sooner or later.
    lesson = lesson_of(n_rows=6, n_kept=40, seed=3)
    design = replace(MLP, learning_rate=0.03, epochs=80, hidden=(30,))
    trained = train_here(design, lesson)
    best = int(np.argmin(trained.kept_losses))
    assert trained.best_epoch == best + 1 < 80 == len(trained.losses)
    hidden = np.tanh(lesson.kept_rows @ trained.kernels[0] + trained.biases[0])
    errors = (hidden @ trained.kernels[1])[:, 0] + trained.biases[1] - lesson.kept_values
    np.testing.assert_allclose((errors**2).mean(), trained.kept_losses[best], rtol=1e-4)


def test_early_stopping_waits_so_long_and_no_longer():
    lesson = lesson_of(n_rows=6, n_kept=40, seed=3)
    trained = train_here(
        replace(MLP, learning_rate=0.03, epochs=80, hidden=(30,), early_stopping=4), lesson
    )
    assert len(trained.losses) == trained.best_epoch + 4 < 80


@pytest.mark.parametrize(("n_rows", "batch_size"), [(1, 8), (2, 1), (9, 100), (17, 16)])
def test_any_number_of_rows(n_rows, batch_size):
    trained = train_here(replace(MLP, batch_size=batch_size), lesson_of(n_rows))
    assert all(np.isfinite(array).all() for array in (*trained.kernels, *trained.biases))


def test_a_loss_that_is_no_number_is_an_error():
    message = r"linear_network: the loss .* Got (inf|nan) in epoch \d+. Write a lower .* 10\.$"
    with pytest.raises(ComponentError, match=message):
        train_here(replace(LINEAR, learning_rate=100.0, epochs=200), lesson_of())


def test_batches_are_equally_large():
    assert batch_borders(9, 4).tolist() == [0, 3, 6, 9]
    assert sorted(epoch_order(0, 1, 9)) == list(range(9))
    assert epoch_order(0, 1, 9).tolist() != epoch_order(0, 2, 9).tolist()


def test_layers_are_those_of_the_design():
    model = build_model(import_keras(), replace(MLP, dropout=0.25), 4)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["Dense", "Dropout", "Dense", "Dropout", "Dense"]
    assert [tuple(weight.shape) for weight in model.weights[::2]] == [(4, 7), (7, 3), (3, 1)]
