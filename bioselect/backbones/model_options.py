"""What can be said of a model that the user brings: parameters as data, and whether they fit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bioselect.backbones.engines import AUTO, F32
from bioselect.backbones.per_channel import PerChannel
from bioselect.backbones.table import POOLINGS, engine_parameters, reading_parameters
from bioselect.component import Parameter
from bioselect.exceptions import ComponentError

#: Beside those of a map: the class token of a vision transformer, the first of its tokens.
CLS = "cls"
MODEL_POOLINGS = (*POOLINGS, CLS)

CHANNELS_FIRST, CHANNELS_LAST = "channels_first", "channels_last"
LAYOUTS = (AUTO, CHANNELS_FIRST, CHANNELS_LAST)

#: What the `scale` of a preset is called that says itself how its pixels are scaled.
OF_PRESET = "preset"
#: What each `scale` is called among the ways of preprocessing.
MODE_OF_SCALE = {
    "0-1": "unit",
    "-1-1": "tf",
    "0-255": "none",
    "imagenet": "torch",
    "caffe": "caffe",
    OF_PRESET: "unit",
}
SCALES = tuple(scale for scale in MODE_OF_SCALE if scale != OF_PRESET)
_COLOUR_SCALES = ("imagenet", "caffe")


@dataclass(frozen=True)
class ModelOptions:
    """The `params` of a user's own model, as they were written; see `features.deep.ModelFile`."""

    layer: str | None = None
    output: str | int | None = None
    pooling: str | None = None
    input_size: int | Sequence[int] | None = None
    layout: str = AUTO
    scale: str = "0-1"
    mean: Sequence[float] | float | None = None
    std: Sequence[float] | float | None = None
    runtime: str = AUTO
    precision: str = F32

    def mode(self, n_channels: int) -> str | PerChannel:
        """Return how pixels are scaled before they go into the model.

        Examples
        --------
        >>> ModelOptions(scale="-1-1").mode(3)
        'tf'
        >>> ModelOptions(mean=[0.5]).mode(1)
        PerChannel(mean=(0.5,), std=(1.0,))
        """
        if self.mean is None and self.std is None:
            return MODE_OF_SCALE[self.scale]
        # One without the other comes from the bundles of old alone.
        mean = 0.0 if self.mean is None else self.mean
        std = 1.0 if self.std is None else self.std
        return PerChannel(
            tuple(map(float, for_each_channel(mean, n_channels))),
            tuple(map(float, for_each_channel(std, n_channels))),
        )


def for_each_channel(written: Sequence[float] | float, n_channels: int) -> list[float]:
    """Return a list with a number for each channel; one number counts for all.

    Examples
    --------
    >>> for_each_channel(0.5, 3)
    [0.5, 0.5, 0.5]
    """
    return [written] * n_channels if isinstance(written, int | float) else list(written)


def check_choices(name: str, options: ModelOptions) -> None:
    """Refuse words that are none of those to choose from, for the component `name`.

    Raises
    ------
    ComponentError
        If there is one.
    """
    for parameter, value, choices in (
        ("pooling", options.pooling, (None, *MODEL_POOLINGS)),
        ("scale", options.scale, tuple(MODE_OF_SCALE)),
        ("layout", options.layout, LAYOUTS),
    ):
        if value not in choices:
            words = ", ".join(choice for choice in choices if choice is not None)
            raise ComponentError(
                f"{name}: params.{parameter} must be one of {words}. Got {value!r}."
            )


def check_pixels(name: str, options: ModelOptions, place: str, n_channels: int) -> None:
    """Refuse a scaling of pixels that makes no sense, or not for a model with so many channels.

    Parameters
    ----------
    name, place : str
        What to call the component and the model in an error.
    options : ModelOptions
        What was written.
    n_channels : int
        How many channels the model takes.

    Raises
    ------
    ComponentError
        If `scale`, `mean` or `std` do not fit.

    Examples
    --------
    >>> check_pixels("model_file", ModelOptions(mean=[0.485], std=[0.229]), "uni.onnx", 3)
    Traceback (most recent call last):
    bioselect.exceptions.ComponentError: model_file: params.mean must list 3 numbers, one for each \
channel of uni.onnx. Got [0.485].
    """
    if options.scale in _COLOUR_SCALES and n_channels != 3:
        raise ComponentError(
            f"{name}: params.scale {options.scale!r} is for models with 3 channels. Got {place} "
            f"with {n_channels}. Choose another scale."
        )
    if options.mean is None and options.std is None:
        return
    if options.scale not in ("0-1", OF_PRESET):
        raise ComponentError(
            f"{name}: params.mean and params.std are in the scale 0-1, as in torchvision, and take "
            f"the place of another. Got them beside scale: {options.scale}. Leave scale out (means "
            "of pixels from 0 to 255 are divided by 255), or mean and std."
        )
    for parameter, written, least in (("mean", options.mean, False), ("std", options.std, True)):
        if written is None:
            continue
        values = for_each_channel(written, n_channels)
        numbers = [value for value in values if _is_number(value)]
        if len(numbers) != len(values) or len(numbers) != n_channels:
            raise ComponentError(
                f"{name}: params.{parameter} must list {n_channels} number"
                f"{'s' * (n_channels != 1)}, one for each channel of {place}. Got {list(values)}."
            )
        if not all(0 <= number <= 1 for number in numbers) or (least and 0 in numbers):
            raise ComponentError(
                f"{name}: params.{parameter} must be numbers {'above' if least else 'from'} 0 and "
                f"up to 1, in the scale 0-1. Got {list(values)}. Divide those of pixels from 0 to "
                "255 by 255."
            )
    if options.mean is None or options.std is None:
        here, lacking, neutral = ("std", "mean", 0) if options.mean is None else ("mean", "std", 1)
        raise ComponentError(
            f"{name}: params.mean and params.std go together. Got {here} alone. Write {lacking} "
            f"too ({lacking}: {neutral} changes nothing)."
        )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_preset_folder(preset: str) -> bool:
    r"""Tell whether a preset is a folder, which is written with a slash, and not a name.

    Examples
    --------
    >>> is_preset_folder("./my_preset"), is_preset_folder("vit_base_patch16_224_imagenet")
    (True, False)
    >>> is_preset_folder("hf://keras/vit")
    False
    """
    return "://" not in preset and any(sign in preset for sign in "/\\")


def model_file_parameters() -> tuple[Parameter, ...]:
    """Return what can be written in the `params` of a user's own model file."""
    layer, _ = reading_parameters()
    return (
        Parameter(
            "path",
            None,
            ("str",),
            summary="the model: Keras (.keras, .h5), ONNX (.onnx), OpenVINO IR (.xml beside its "
            ".bin) or LiteRT (.tflite)",
            required=True,
        ),
        layer,
        Parameter(
            "output",
            None,
            ("str", "int", "null"),
            minimum=0,
            summary="which output of an ONNX, OpenVINO or LiteRT model: its name, or its number "
            "counted from 0; null where there is one",
        ),
        _pooling(),
        _input_size(),
        Parameter(
            "layout",
            AUTO,
            choices=LAYOUTS,
            summary="the order of the axes of an ONNX, OpenVINO or LiteRT model's input",
        ),
        *_pixels("0-1", SCALES),
        *engine_parameters(),
    )


def hub_parameters() -> tuple[Parameter, ...]:
    """Return what can be written in the `params` of a preset of KerasHub."""
    layer, _ = reading_parameters()
    return (
        Parameter(
            "preset",
            None,
            ("str",),
            summary="a name of KerasHub, kaggle://... or hf://..., or a folder, written with a "
            "slash (./my_preset)",
            required=True,
        ),
        layer,
        _pooling(),
        _input_size(),
        *_pixels(OF_PRESET, (OF_PRESET, *SCALES)),
        *engine_parameters(),
    )


def _pooling() -> Parameter:
    return Parameter(
        "pooling",
        None,
        ("null",),
        MODEL_POOLINGS,
        summary="how the output becomes one row; null is avg for maps, and must be chosen for "
        "tokens (cls is the first one, the class token)",
    )


def _input_size() -> Parameter:
    return Parameter(
        "input_size",
        None,
        ("int", "list", "null"),
        minimum=1,
        summary="what images are resized to; null is the size that the model was made for",
    )


def _pixels(scale: str, scales: tuple[str, ...]) -> tuple[Parameter, ...]:
    return (
        Parameter(
            "scale",
            scale,
            choices=scales,
            summary="the range of pixel values that the model expects",
        ),
        Parameter(
            "mean",
            None,
            ("float", "list", "null"),
            summary="subtracted from pixels in 0-1 (as in torchvision): one number, or one a "
            "channel; goes with std",
        ),
        Parameter(
            "std",
            None,
            ("float", "list", "null"),
            summary="what pixels in 0-1 are divided by then: one number, or one a channel; goes "
            "with mean",
        ),
    )
