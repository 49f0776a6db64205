"""From images to a number each: batches, steps, and what judges the network after an epoch."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.assembling import Network
from bioselect.networks.history import EpochRecord, ValueEpochRecord, means_of
from bioselect.networks.lesson import ClassLesson, Judge
from bioselect.networks.stepping import Marking, TrainStep, check_step, train_step
from bioselect.networks.value_losses import make_value_loss


class ValueLesson(ClassLesson):
    """From images to numbers, judged by the loss of the validation images.

    The network learns the target in units of its own (`NetworkTask.scale`); the errors that are
    told are in the target's.
    """

    def steps(self, network: Network, optimizer: Any) -> tuple[TrainStep, Judge]:
        """Return the step of a training, and what judges the network."""
        places = self.feed.task.validation
        marking = self._marking(network)
        train = train_step(network, optimizer, marking)
        check = check_step(network, marking)

        def judge(record: EpochRecord) -> EpochRecord:
            # What is "right" of numbers is how far off they are, see `_marking`.
            told = ValueEpochRecord(
                record.epoch, record.learning_rate, record.loss, None, error=record.accuracy
            )
            if len(places) == 0:
                return told
            with closing(self.feed.originals(places)) as batches:
                outcomes = [check(images, targets) for images, targets in batches]
            loss, error = means_of(outcomes, len(places))
            return ValueEpochRecord(
                told.epoch, told.learning_rate, told.loss, None, loss, None, told.error, error
            )

        return train, judge

    def _marking(self, network: Network) -> Marking:
        """Return how numbers are marked: the loss, and the sum of the absolute errors."""
        tensorflow = import_tensorflow()
        scale = self.feed.task.scale
        unit = 1.0 if scale is None else scale.unit

        def errors(targets: Any, output: Any) -> Any:
            return tensorflow.reduce_sum(tensorflow.abs(output - targets)) * unit

        signature = [
            tensorflow.TensorSpec((None, *network.model.input_shape[1:]), tensorflow.float32),
            tensorflow.TensorSpec((None, 1), tensorflow.float32),
        ]
        return Marking(make_value_loss(self.settings.loss), errors, signature)
