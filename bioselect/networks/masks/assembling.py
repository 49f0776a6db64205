"""A network of masks put together: scaling of pixels, body, a number for each class and pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.component import ComponentRow
from bioselect.exceptions import ComponentError
from bioselect.networks.assembling import (
    BODY,
    HEAD,
    TOP,
    Network,
    call_builder,
    refuse_own_layers,
)
from bioselect.networks.blocks import leaves
from bioselect.networks.masks.parameters import MaskSettings
from bioselect.networks.normalization import chosen_normalization, normalization_model

#: (height, width, n_channels), None where any size is taken.
AnySize = tuple[int | None, int | None, int]


@dataclass(frozen=True, eq=False)
class MaskDesign:
    """All that a network of masks follows from.

    `own` are the parameters of its builder, `image_shape` is (height, width, n_channels) of the
    patches it is trained on; with `takes_any_size` it takes others too. `scaling` is how the
    weights that it begins with want pixels (a mode of `backbones.preprocessing`), or "".
    """

    row: ComponentRow
    name: str
    settings: MaskSettings
    own: dict[str, Any]
    image_shape: tuple[int, int, int]
    n_classes: int
    seed: int
    takes_any_size: bool
    scaling: str = ""
    given: tuple[tuple[str, Any], ...] = ()
    base_dir: Path | None = None

    @property
    def size_parameter(self) -> str:
        """The parameter that says how large patches are."""
        return "patch_size"


def assemble_masks(design: MaskDesign) -> Network:
    """Build a network; the same design gives the same weights.

    Raises
    ------
    ComponentError
        If the builder gives something else than a map as large as the image.
    """
    return in_fresh_keras(lambda keras: _assembled(keras, design), design.seed)


def _assembled(keras: Any, design: MaskDesign) -> Network:
    n_channels = design.image_shape[2]
    shape: AnySize = design.image_shape
    if design.takes_any_size:
        shape = (None, None, n_channels)
    given = {"seed": design.seed, "base_dir": design.base_dir, **dict(design.given)}
    body = call_builder(design.row, design.name, shape, design.own, given, design.base_dir)
    _check_body(keras, design, body, shape)
    frozen = tuple(layer for layer in leaves(body) if not layer.trainable)
    body = keras.Model(body.inputs[0], body.outputs[0], name=BODY)
    chosen = chosen_normalization(
        design.settings.normalization, design.scaling, n_channels, design.name
    )
    scaling = normalization_model(keras, chosen, shape)
    features = keras.Input(body.output_shape[1:])
    # float32 also where the rest is bfloat16: differences between classes are in the last digits.
    head = keras.layers.Conv2D(design.n_classes, 1, name=HEAD, dtype="float32")
    top = keras.Model(features, head(features), name=TOP)
    image = keras.Input(shape, name="image")
    probabilities = keras.layers.Softmax(name="probabilities", dtype="float32")
    model = keras.Model(image, probabilities(top(body(scaling(image)))), name="network")
    return Network(model, scaling, body, top, keeps_statistics=False, frozen=frozen)


def _check_body(keras: Any, design: MaskDesign, body: Any, shape: tuple[Any, ...]) -> None:
    if not isinstance(body, keras.Model) or len(body.inputs) != 1 or len(body.outputs) != 1:
        raise ComponentError(
            f"{design.name}: what builds a network must return a keras.Model with one input and "
            f"one output. Got {type(body).__name__}. Return keras.Model(image, map), without a "
            "classifying layer."
        )
    got = tuple(body.outputs[0].shape[1:])
    if len(got) != 3 or got[:2] != shape[:2] or tuple(body.inputs[0].shape[1:]) != shape:
        raise ComponentError(
            f"{design.name}: what builds a network of masks must take images of the input_shape "
            f"that it is given, {shape}, and give a map of the same height and width. Got a model "
            f"from {tuple(body.inputs[0].shape[1:])} to {got}. Bring the map back to that size, "
            "or write another patch_size."
        )
    if design.row.provider != "bioselect":
        refuse_own_layers(keras, design.name, body)
