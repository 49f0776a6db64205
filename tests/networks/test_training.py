"""Trainings: repeatable, resumable, judged by the validation images."""

import math
import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from bioselect.exceptions import ComponentError


def assert_same_bits(one, other):
    for first, second in zip(one.model.variables, other.model.variables, strict=True):
        assert np.array_equal(first.numpy(), second.numpy()), first.path
    assert one.history == other.history
    assert one.best_epoch == other.best_epoch


class StopError(Exception):
    pass


def stop_after(epoch):
    def progress(record, n_epochs, seconds):
        if record.epoch == epoch:
            raise StopError

    return progress


def test_a_network_learns_stripes(trained):
    task, network = trained.task, trained.network
    probabilities = network.predict_proba(trained.pixels, task.validation)
    assert np.array_equal(probabilities.argmax(axis=1), trained.classes[task.validation])
    assert len(network.history) == len(network.seconds) == 4


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(tiny, trained):
    again = tiny.classifier().fit(trained.pixels, trained.task)
    assert_same_bits(again, trained.network)
    other = tiny.classifier().fit(trained.pixels, tiny.task(trained.classes, seed=1))
    assert other.history != trained.network.history


def test_the_best_epoch_is_the_one_that_predicts(tiny, trained):
    classes = tiny.mixed_up(trained.classes)
    task = tiny.task(classes)
    network = tiny.classifier(epochs=6, schedule="constant").fit(trained.pixels, task)
    losses = [record.val_loss for record in network.history]
    assert network.best_epoch == int(np.argmin(losses)) + 1 < len(losses)
    probabilities = network.predict_proba(trained.pixels, task.validation)
    right = probabilities[np.arange(len(task.validation)), classes[task.validation]]
    assert -np.log(right.astype(np.float64)).mean() == pytest.approx(min(losses), rel=1e-3)


def test_training_ends_when_the_loss_falls_no_more(tiny, trained):
    task = tiny.task(tiny.mixed_up(trained.classes))
    network = tiny.classifier(epochs=30, early_stopping=2).fit(trained.pixels, task)
    assert len(network.history) == network.best_epoch + 2 < 30


def test_without_validation_images_the_last_epoch_counts(tiny):
    pixels, classes = tiny.pixels()
    network = tiny.classifier(early_stopping=1).fit(pixels, tiny.task(classes, n_validation=0))
    assert network.best_epoch == 4
    assert {record.val_loss for record in network.history} == {None}


def test_a_refit_ends_sooner_with_the_schedule_of_the_whole(tiny):
    pixels, classes = tiny.pixels()
    whole = tiny.classifier().fit(pixels, tiny.task(classes, 0))
    part = tiny.classifier().fit(pixels, tiny.task(classes, 0, epochs=2))
    assert part.history == whole.history[:2]


@pytest.mark.parametrize(
    "params",
    [
        {"optimizer": "sgd", "schedule": "plateau", "dropout": 0.5, "learning_rate": 0.3},
        {"optimizer": "adamw", "warmup_epochs": 1, "class_weight": "balanced"},
    ],
)
def test_a_training_that_was_interrupted_ends_in_the_same_bits(tiny, tmp_path, params):
    pixels, classes = tiny.pixels()
    task = tiny.task(classes)
    undisturbed = tiny.classifier(epochs=6, **params).fit(pixels, task)
    for epoch in (1, 3):
        with pytest.raises(StopError):
            tiny.classifier(epochs=6, **params).fit(pixels, task, tmp_path, stop_after(epoch))
    told = []
    resumed = tiny.classifier(epochs=6, **params).fit(
        pixels, task, tmp_path, lambda record, n_epochs, seconds: told.append(record)
    )
    assert_same_bits(resumed, undisturbed)
    assert tuple(told) == undisturbed.history


def test_the_best_weights_outlive_an_interruption_after_each_epoch(tiny, trained, tmp_path):
    params = {"epochs": 6, "schedule": "constant"}
    task = tiny.task(tiny.mixed_up(trained.classes))
    undisturbed = tiny.classifier(**params).fit(trained.pixels, task)
    best = undisturbed.best_epoch
    assert best < 6
    for epoch in (best, best + 1):
        with pytest.raises(StopError):
            tiny.classifier(**params).fit(trained.pixels, task, tmp_path, stop_after(epoch))
    resumed = tiny.classifier(**params).fit(trained.pixels, task, tmp_path)
    assert_same_bits(resumed, undisturbed)


def test_a_finished_training_is_not_done_again(tiny, tmp_path):
    pixels, classes = tiny.pixels()
    task = tiny.task(classes)
    first = tiny.classifier().fit(pixels, task, tmp_path)
    state = (tmp_path / "state.npy").stat().st_mtime_ns
    assert_same_bits(tiny.classifier().fit(pixels, task, tmp_path), first)
    assert (tmp_path / "state.npy").stat().st_mtime_ns == state


def test_another_training_does_not_go_on_with_a_checkpoint(tiny, tmp_path):
    pixels, classes = tiny.pixels()
    tiny.classifier().fit(pixels, tiny.task(classes), tmp_path)
    other = tiny.classifier().fit(pixels, tiny.task(classes, seed=3), tmp_path)
    assert_same_bits(other, tiny.classifier().fit(pixels, tiny.task(classes, seed=3)))


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from conftest import draw_pixels, make_classifier, make_task
from pathlib import Path
import os, signal

pixels, classes = draw_pixels()
def progress(record, n_epochs, seconds):
    print(record.epoch, flush=True)
    if record.epoch == 2:
        os.kill(os.getpid(), signal.SIGKILL)
make_classifier().fit(pixels, make_task(classes), Path({folder!r}), progress)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system knows no kill -9")
def test_a_killed_process_is_gone_on_with(tiny, trained, tmp_path):
    here = os.path.dirname(__file__)
    code = textwrap.dedent(KILLED).format(tests=here, folder=str(tmp_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout.split() == ["1", "2"]
    resumed = tiny.classifier().fit(trained.pixels, trained.task, tmp_path)
    assert_same_bits(resumed, trained.network)


def test_a_loss_that_is_no_number_ends_the_training_in_one_line(tiny):
    pixels, classes = tiny.pixels()
    broken = np.array(pixels.images)
    broken[0] = np.nan
    with pytest.raises(
        ComponentError, match=r"must stay a finite number. Got nan in epoch 1"
    ) as error:
        tiny.classifier().fit(type(pixels)(broken), tiny.task(classes))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("shape", [(17, 23, 1), (16, 16, 5), (9, 8, 2)])
def test_odd_sizes_and_channels_are_trained_on(tiny, shape):
    pixels, classes = tiny.pixels(shape=shape)
    network = tiny.classifier(epochs=1).fit(pixels, tiny.task(classes))
    assert network.predict_proba(pixels, np.arange(3)).shape == (3, 2)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_batches_of_one_image_or_one_class_are_survived(tiny, batch_size):
    pixels, classes = tiny.pixels(8)
    task = tiny.task(classes, n_validation=1)
    network = tiny.classifier(batch_size=batch_size, epochs=2).fit(pixels, task)
    assert np.isfinite(network.predict_proba(pixels, np.arange(8))).all()


def test_a_class_that_is_not_among_the_training_images_has_a_column(tiny):
    pixels, classes = tiny.pixels()
    network = tiny.classifier(epochs=1).fit(pixels, tiny.task(classes, n_classes=3))
    assert network.predict_proba(pixels, np.arange(2)).shape == (2, 3)


def test_several_labels_are_learnt_each_for_itself(tiny):
    pixels, classes = tiny.pixels(40)
    labels = np.stack([classes == 0, classes == 1, np.ones(40, dtype=bool)], axis=1)
    task = tiny.task(labels, n_classes=3)
    network = tiny.classifier(epochs=6).fit(pixels, task)
    probabilities = network.predict_proba(pixels, task.validation)
    assert network.is_multi_label
    assert np.array_equal(probabilities > 0.5, labels[task.validation])
    assert network.history[-1].val_accuracy == 1.0


def test_bfloat16_is_for_training_only(tiny, trained):
    network = tiny.classifier(mixed_precision=True).fit(trained.pixels, trained.task)
    assert network.history != trained.network.history
    policies = {layer.dtype_policy.name for layer in network.model.get_layer("body").layers}
    assert policies == {"float32"}
    probabilities = network.predict_proba(trained.pixels, np.arange(4))
    assert math.isclose(float(probabilities.sum()), 4, rel_tol=1e-5)
