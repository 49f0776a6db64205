"""Rows of features from networks: those of the table, KerasHub's, and a user's own model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.backbones.engines import AUTO, F32
from bioselect.backbones.hub_preset import HubPreset
from bioselect.backbones.inference import Backbone
from bioselect.backbones.model_file import own_model
from bioselect.backbones.model_options import OF_PRESET, ModelOptions
from bioselect.backbones.row import bounded_batch_size
from bioselect.exceptions import UnreadableImageError
from bioselect.features.base import REFERENCE_SHAPE, Extractor, ImageShape


class NetworkFeatures(Extractor):
    """What both have in common: everything is asked of the network behind."""

    in_processes = False
    backbone: Any
    #: How many cores compute, where OpenVINO does; None is all. The rows do not depend on it.
    n_jobs: int | None = None

    @property
    def input_size(self) -> tuple[int, int]:  # type: ignore[override]
        """(height, width) that images are resized to."""
        size: tuple[int, int] = self.backbone.input_size
        return size

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        """Images per call of `transform`; fewer of large ones, to bound memory."""
        return bounded_batch_size(math.prod(self.backbone.image_shape))

    def check_available(self) -> None:
        """Make sure, before any work, that the weights can be had and the parameters fit."""
        self.backbone.check()
        self.backbone.engine.check()

    def identity(self) -> dict[str, Any]:
        """Return which weights they are, by content, and what computes with them."""
        return {"weights": self.backbone.identity(), **self.backbone.engine.identity()}

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the operations per image, whatever its shape; a multiply-add counts as two."""
        return float(self.backbone.operations)

    def save(self, folder: Path) -> None:
        """Write the network into a model bundle."""
        self.backbone.save(folder)

    def restore(self, folder: Path) -> None:
        """Use the network of a model bundle; no weights or model file is needed any more."""
        self.backbone = type(self.backbone).from_folder(Path(folder))

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 ``(n_images, n_features)``.

        Parameters
        ----------
        images : sequence of np.ndarray
            float32 ``(height, width, n_channels)`` in [0, 1], all of `input_size`. They are left
            as they are.
        """
        rows: np.ndarray = self.backbone.features(images, self.n_jobs)
        return rows


class DeepFeatures(NetworkFeatures):
    """The output of a layer of a network of `keras.applications`.

    The constructor stores; the network is built when images come.

    Parameters
    ----------
    architecture : str
        A name of the table of networks.
    weights : str
        "imagenet", "none" (random, always the same) or the path of a file of Keras weights.
    layer : str, optional
        The layer whose output is used; by default the last one.
    pooling : str
        How the layer's map becomes one row: "avg", "max", "avg+max" or "flatten".
    input_size : int or list of int, optional
        What images are resized to: one number or [height, width]; by default the network's own.
    alpha : float
        How wide the network is, where there is something to choose.
    runtime : str
        What computes it: "keras", "openvino", or "auto" (OpenVINO, if it is installed and there is
        no graphics processor).
    precision : str
        "f32", or "bf16" where OpenVINO computes: faster and coarser.

    Examples
    --------
    >>> extractor = DeepFeatures("mobilenet_v2", weights="none", alpha=0.35, input_size=96)
    >>> extractor.input_size, extractor.n_channels, extractor.identity()["weights"]
    ((96, 96), 3, 'random-seed-0')
    """

    n_channels = 3

    def __init__(
        self,
        architecture: str,
        weights: str = "imagenet",
        layer: str | None = None,
        pooling: str = "avg",
        input_size: int | list[int] | tuple[int, int] | None = None,
        alpha: float = 1.0,
        runtime: str = AUTO,
        precision: str = F32,
    ) -> None:
        self.architecture = architecture
        self.backbone = Backbone(
            architecture, weights, layer, pooling, input_size, alpha, runtime, precision
        )

    def feature_names(self, n_channels: int) -> list[str] | None:
        """Return names such as `mobilenet_v2_0000`, counted from 0.

        They are None where only the network itself could tell how many numbers a row has: at
        another layer than the last, or without pooling.
        """
        n_features = self.backbone.n_features
        if n_features is None:
            return None
        return [f"{self.architecture}_{number:04d}" for number in range(n_features)]


class _OwnModelFeatures(NetworkFeatures):
    """What models of the user's own have in common: they may take any number of channels."""

    @property
    def n_channels(self) -> int | None:  # type: ignore[override]
        """3 for models of colour images; others take the channels of the image as they are."""
        return 3 if self.backbone.n_channels == 3 else None

    @property
    def exact_channels(self) -> int | None:
        """How many channels images must have as they are; None where three can be chosen."""
        return None if self.backbone.n_channels == 3 else int(self.backbone.n_channels)

    def remark(self) -> str:
        """Return what a user should know of the model before it is used, or nothing."""
        return str(self.backbone.remark())

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 ``(n_images, n_features)``; see the base class.

        Raises
        ------
        UnreadableImageError
            If the images have other channels than the model takes.
        """
        expected = self.backbone.n_channels
        for image in images:
            if image.shape[2] != expected:
                raise UnreadableImageError(
                    f"{self.backbone.name}: the model accepts images with {expected} "
                    f"channel{'s' * (expected != 1)}. Got {image.shape[2]}. Save the images with "
                    "as many channels: dataset.channels chooses for models with 3."
                )
        return super().transform(images)


class ModelFile(_OwnModelFeatures):
    """The output of a user's own model: of Keras, or of any program that writes ONNX.

    The constructor stores; the model is loaded when images come. A Keras model that brings code of
    its own (Lambda layers, custom layers) is refused. All others are run by OpenVINO.

    Parameters
    ----------
    path : str
        Keras (`.keras`, or an `.h5` file that holds a whole model), ONNX (`.onnx`), OpenVINO IR
        (`.xml`, beside its `.bin`) or LiteRT (`.tflite`).
    layer : str, optional
        Of a Keras model, the layer whose output is used; by default the model's output, which of a
        classifier are its probabilities.
    output : str or int, optional
        Of other models, the name or number of the output that is used; needed where there are
        several.
    pooling : str, optional
        How the output becomes one row. Of a map: "avg" (the default), "max", "avg+max" or
        "flatten". Of the tokens of a vision transformer, where it must be chosen: "cls" (the first
        one, the class token), or "avg", "max", "avg+max", "flatten" of all tokens. Of no effect on
        an output that is a row already.
    input_size : int or list of int, optional
        What images are resized to; by default the size that the model was made for.
    layout : str
        Of other models than Keras's: whether the input is "channels_first" or "channels_last";
        "auto" where its shape tells.
    scale : str
        The pixel values that the model expects: "0-1", "-1-1", "0-255", "imagenet" (standardised
        with ImageNet's mean and standard deviation) or "caffe" (0 to 255, blue first, ImageNet's
        mean subtracted).
    mean, std : float or list of float, optional
        One number, or one a channel, of pixels in 0-1 as in torchvision: the mean is subtracted,
        the difference divided by the standard deviation. Both or none.
    runtime, precision : str
        What computes it, and with how many digits; see `DeepFeatures`.
    """

    def __init__(
        self,
        path: str,
        layer: str | None = None,
        output: str | int | None = None,
        pooling: str | None = None,
        input_size: int | list[int] | tuple[int, int] | None = None,
        layout: str = AUTO,
        scale: str = "0-1",
        mean: Sequence[float] | float | None = None,
        std: Sequence[float] | float | None = None,
        runtime: str = AUTO,
        precision: str = F32,
    ) -> None:
        options = ModelOptions(
            layer, output, pooling, input_size, layout, scale, mean, std, runtime, precision
        )
        self.backbone = own_model(path, options)


class KerasHub(_OwnModelFeatures):
    """The output of a backbone of KerasHub, by the name of its preset or from a folder.

    The constructor stores; `keras_hub` is imported when the network is built for the first time.

    Parameters
    ----------
    preset : str
        A name (`vit_base_patch16_224_imagenet`), `kaggle://...`, `hf://...`, or the folder that
        `save_to_preset` wrote, with a slash in it (`./my_preset`).
    layer : str, optional
        The layer whose output is used; by default the last one.
    pooling, input_size : optional
        See `ModelFile`.
    scale : str
        "preset" scales pixels as the preset itself says; or one of the words of `ModelFile`.
    mean, std : float or list of float, optional
        See `ModelFile`.
    runtime, precision : str
        What computes it, and with how many digits; see `DeepFeatures`.
    """

    def __init__(
        self,
        preset: str,
        layer: str | None = None,
        pooling: str | None = None,
        input_size: int | list[int] | tuple[int, int] | None = None,
        scale: str = OF_PRESET,
        mean: Sequence[float] | float | None = None,
        std: Sequence[float] | float | None = None,
        runtime: str = AUTO,
        precision: str = F32,
    ) -> None:
        options = ModelOptions(
            layer=layer, pooling=pooling, input_size=input_size, scale=scale, mean=mean, std=std,
            runtime=runtime, precision=precision,
        )  # fmt: skip
        self.backbone = HubPreset(preset, options)

    def identity(self) -> dict[str, Any]:
        """Return which weights they are, by content; where the preset lies does not matter."""
        found = super().identity()
        return {**found, "preset": found["weights"]}
