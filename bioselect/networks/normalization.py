"""How pixels in [0, 1] are scaled before the first layer: by layers, which the file holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bioselect.backbones.model_options import for_each_channel
from bioselect.exceptions import ComponentError

#: The mean and standard deviation of ImageNet's red, green and blue.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)
#: What `caffe` networks subtract from blue, green and red in 0 to 255.
CAFFE_MEAN = (103.939, 116.779, 123.68)
#: As published for networks of one's own: to -1 to 1.
HALF = {"mean": 0.5, "std": 0.5}
#: Added to the variance of an image before its root, so that a blank one stays finite.
EPSILON = 1e-6

NAME = "normalization"
_SCALE, _PER_IMAGE = "scale", "per_image"


@dataclass(frozen=True)
class Normalization:
    """Pixels times `scale` plus `offset`, one of each a channel; or each image standardised.

    With `is_reversed` the channels are turned round before (red, green, blue to blue, green, red).
    """

    scale: tuple[float, ...] = (1.0,)
    offset: tuple[float, ...] = (0.0,)
    is_reversed: bool = False
    per_image: bool = False


#: The modes of `backbones.preprocessing`, written as a scale and an offset.
_MODES = {
    "caffe": Normalization((255.0,) * 3, tuple(-mean for mean in CAFFE_MEAN), is_reversed=True),
    "tf": Normalization((2.0,), (-1.0,)),
    "torch": Normalization(
        tuple(1 / std for std in IMAGENET_STD),
        tuple(-mean / std for mean, std in zip(IMAGENET_MEAN, IMAGENET_STD, strict=True)),
    ),
    "none": Normalization((255.0,)),
    "unit": Normalization(),
}


def chosen_normalization(written: Any, own: str, n_channels: int, name: str) -> Normalization:
    """Return what is done to the pixels, out of what was written.

    Parameters
    ----------
    written : str or dict
        The parameter `normalization`.
    own : str
        How the network of a table scales pixels (a mode of `backbones.preprocessing`), or "".
    n_channels : int
        Of the images.
    name : str
        What to call the network in an error.

    Raises
    ------
    ComponentError
        If there are not as many numbers as channels.

    Examples
    --------
    >>> chosen_normalization("auto", "", 1, "small_cnn")
    Normalization(scale=(2.0,), offset=(-1.0,), is_reversed=False, per_image=False)
    >>> chosen_normalization("auto", "caffe", 3, "vgg16").is_reversed
    True
    """
    if written == "auto":
        # The others are about red, green and blue.
        fits = own in ("tf", "none") or n_channels == 3
        return _MODES[own] if own and fits else _standardised(HALF, n_channels, name)
    if written == "per_image":
        return Normalization(per_image=True)
    if written == "none":
        return _MODES["unit"]
    if written == "imagenet":
        written = {"mean": list(IMAGENET_MEAN), "std": list(IMAGENET_STD)}
    return _standardised(written, n_channels, name)


def _standardised(written: dict[str, Any], n_channels: int, name: str) -> Normalization:
    mean, std = (for_each_channel(written[part], n_channels) for part in ("mean", "std"))
    for part, values in (("mean", mean), ("std", std)):
        if len(values) != n_channels:
            raise ComponentError(
                f"{name}: params.normalization must have a {part} for each channel of the images, "
                f"{n_channels}. Got {len(values)}. Write one number for all, or {n_channels}."
            )
    return Normalization(
        tuple(1.0 / one for one in std),
        tuple(-middle / one for middle, one in zip(mean, std, strict=True)),
    )


def normalization_model(
    keras: Any, chosen: Normalization, image_shape: tuple[int | None, int | None, int]
) -> Any:
    """Return a Keras model named `normalization`, from pixels in [0, 1] to what a body takes."""
    image = x = keras.Input(image_shape)
    if chosen.per_image:
        x = keras.layers.LayerNormalization(
            axis=[1, 2, 3], epsilon=EPSILON, center=False, scale=False, name=_PER_IMAGE
        )(x)
    else:
        x = x[..., ::-1] if chosen.is_reversed else x
        x = keras.layers.Rescaling(_plain(chosen.scale), _plain(chosen.offset), name=_SCALE)(x)
    return keras.Model(image, x, name=NAME)


def _plain(values: tuple[float, ...]) -> float | list[float]:
    return values[0] if len(values) == 1 else list(values)


def normalization_in(model: Any) -> Normalization:
    """Return what a model that `normalization_model` made does to the pixels."""
    names = [layer.name for layer in model.layers]
    if _PER_IMAGE in names:
        return Normalization(per_image=True)
    layer = model.get_layer(_SCALE)
    # An operation, which Keras does not count among the layers.
    is_reversed = any(type(one).__name__ == "GetItem" for one in model.operations)
    return Normalization(_tuple(layer.scale), _tuple(layer.offset), is_reversed)


def _tuple(value: Any) -> tuple[float, ...]:
    return tuple(float(one) for one in (value if isinstance(value, list | tuple) else [value]))
