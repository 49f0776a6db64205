"""Images through a Keras model, always in batches of one shape.

The shape of a batch decides how a product of matrices is cut, and so the last bits of a feature.
With one shape, an image has the same row whatever else is looked at with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bioselect.backbones.keras_import import full_precision
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.preprocessing import check_shapes, preprocess


class FixedBatchRunner:
    """Runs a Keras model on any number of images, a fixed number at a time.

    Parameters
    ----------
    model : keras.Model
        From images ``(batch, height, width, n_channels)`` to rows ``(batch, n_features)``.
    image_shape : tuple of int
        (height, width, n_channels).
    batch_size : int
        Images per run of the model; the last batch is filled up with zeros.
    """

    def __init__(self, model: Any, image_shape: tuple[int, int, int], batch_size: int) -> None:
        self.model = model
        self.image_shape = image_shape
        self.batch_size = batch_size
        self._compiled: Any = None

    def rows(
        self, images: Sequence[np.ndarray], mode: str | PerChannel, n_jobs: int | None = None
    ) -> np.ndarray:
        """Return float32 ``(n_images, n_features)`` for float32 images in [0, 1].

        `mode` says how pixels are scaled before, see `preprocessing.preprocess`. TensorFlow itself
        decides how many cores it uses; `n_jobs` changes nothing.
        """
        check_shapes(images, self.image_shape)
        n_features = int(self.model.output.shape[-1])
        rows = np.empty((len(images), n_features), dtype=np.float32)
        with full_precision() as tensorflow:
            run = self._compiled_model()
            for start in range(0, len(images), self.batch_size):
                some = images[start : start + self.batch_size]
                batch = np.zeros((self.batch_size, *self.image_shape), dtype=np.float32)
                preprocess(np.stack([*some]), mode, out=batch[: len(some)])
                output = run(tensorflow.constant(batch)).numpy()
                rows[start : start + len(some)] = output[: len(some)]
        return rows

    def _compiled_model(self) -> Any:
        if self._compiled is None:
            self._compiled = traced(self.model, (self.batch_size, *self.image_shape))
        return self._compiled


def traced(model: Any, batch_shape: tuple[int, ...]) -> Any:
    """Return a Keras model as a function of TensorFlow for batches of one shape."""
    with full_precision() as tensorflow:
        function = tensorflow.function(
            lambda batch: model(batch, training=False),
            input_signature=[tensorflow.TensorSpec(batch_shape, tensorflow.float32)],
            autograph=False,
        )
        # Traced here and once: called as it is, TensorFlow suspects the sixth network of a
        # program to be a mistake and says so on the terminal.
        return function.get_concrete_function()
