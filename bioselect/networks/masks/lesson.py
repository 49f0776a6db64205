"""The training of a network of masks: patches, the marking of their pixels, Dice as its judge."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import asdict, dataclass
from typing import Any

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.networks.assembling import Network
from bioselect.networks.feeding import Batch
from bioselect.networks.history import EpochRecord, MaskEpochRecord
from bioselect.networks.lesson import Judge
from bioselect.networks.masks.feeding import PatchFeed
from bioselect.networks.masks.judging import make_judge
from bioselect.networks.masks.losses import MaskLossPlan, make_batch_loss
from bioselect.networks.masks.tiling import TilePlan
from bioselect.networks.masks.trained import MaskNetwork
from bioselect.networks.stepping import Marking, TrainStep, train_step


@dataclass(frozen=True, eq=False)
class MaskLesson:
    """From patches to masks, judged by the Dice of the validation images, predicted whole."""

    feed: PatchFeed
    loss: MaskLossPlan
    tiles: TilePlan

    @property
    def epochs(self) -> int | None:
        """After how many epochs to stop."""
        return self.feed.task.epochs

    @property
    def n_batches(self) -> int:
        """Batches in an epoch."""
        return self.feed.n_batches

    @property
    def n_shown(self) -> int:
        """Patches in an epoch."""
        return self.feed.n_patches

    def epoch(self, number: int) -> Generator[Batch, None, None]:
        """Give the batches of an epoch."""
        return self.feed.epoch(number)

    def steps(self, network: Network, optimizer: Any) -> tuple[TrainStep, Judge]:
        """Return the step of a training, and what judges the network."""
        marking = _marking(self.feed, self.loss)
        return train_step(network, optimizer, marking), self._judge(network)

    def _judge(self, network: Network) -> Judge:
        validation = [int(place) for place in self.feed.task.validation]
        mark = make_judge(self.loss, self.feed.pairs)
        ready = MaskNetwork(network.model, self.tiles)

        def judge(record: EpochRecord) -> EpochRecord:
            if not validation:
                return MaskEpochRecord(**asdict(record))
            marks = [mark(ready, place) for place in validation]
            loss, accuracy, dice = (
                math.fsum(getattr(one, name) for one in marks) / len(marks)
                for name in ("loss", "accuracy", "dice")
            )
            values = {"val_loss": loss, "val_accuracy": accuracy, "val_dice": dice}
            return MaskEpochRecord(**{**asdict(record), **values})

        return judge


def _marking(feed: PatchFeed, plan: MaskLossPlan) -> Marking:
    tensorflow = import_tensorflow()

    def right(masks: Any, output: Any) -> Any:
        """Return the shares of right pixels of the patches, summed."""
        true = tensorflow.cast(masks, tensorflow.int64)
        counts = tensorflow.cast(true < plan.n_classes, tensorflow.float32)
        same = tensorflow.cast(tensorflow.equal(true, tensorflow.argmax(output, -1)), counts.dtype)
        inside = (1, 2)
        shares = tensorflow.reduce_sum(same, axis=inside) / tensorflow.maximum(
            tensorflow.reduce_sum(counts, axis=inside), 1.0
        )
        return tensorflow.reduce_sum(shares)

    signature = [
        tensorflow.TensorSpec((None, *feed.patch_shape), tensorflow.float32),
        tensorflow.TensorSpec((None, *feed.patch_size), tensorflow.uint8),
    ]
    return Marking(make_batch_loss(plan), right, signature)
