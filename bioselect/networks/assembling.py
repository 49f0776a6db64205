"""A network put together: scaling of pixels, body, head, with the weights that it begins with."""

from __future__ import annotations

import inspect
import json
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioselect.backbones.keras_config import foreign_classes
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.table import ROWS
from bioselect.backbones.weights import is_made_for_imagenet_pixels
from bioselect.backbones.weights_file import load_weights
from bioselect.component import ComponentRow
from bioselect.exceptions import BioselectError, ComponentError
from bioselect.networks.blocks import choose_trained, leaves
from bioselect.networks.initial_weights import InitialWeights, read_trained
from bioselect.networks.normalization import (
    NAME as NORMALIZATION,
)
from bioselect.networks.normalization import (
    chosen_normalization,
    normalization_in,
    normalization_model,
)
from bioselect.networks.parameters import AUTO
from bioselect.networks.settings import Settings
from bioselect.networks.task import TargetScale
from bioselect.registry import import_target, importable

BODY, TOP, HEAD = "body", "top", "head"
#: The last layer where a number is learnt.
VALUE = "value"


@dataclass(frozen=True, eq=False)
class Design:
    """All that a network follows from.

    `own` are the parameters of its builder, `image_shape` is (height, width, n_channels). Where a
    number is learnt, `scale` has its units, and there is one class.
    """

    row: ComponentRow
    name: str
    settings: Settings
    own: dict[str, Any]
    weights: InitialWeights
    image_shape: tuple[int, int, int]
    n_classes: int
    is_multi_label: bool
    seed: int
    base_dir: Path | None = None
    scale: TargetScale | None = None

    @property
    def size_parameter(self) -> str:
        """The parameter that says how large images are."""
        return "input_size"

    @property
    def architecture(self) -> str | None:
        """The network of `keras.applications`, if it is one."""
        return dict(self.row.fixed).get("architecture")


@dataclass(frozen=True, eq=False)
class Network:
    """A network: `model` gives what is said of an image; the three others are its parts.

    They come one after the other: `top` pools, leaves features out and gives a number for each
    class, before softmax or sigmoid; or the one that is learnt, in units of its own.
    `frozen` are layers of the body that are never trained, whatever else is.
    """

    model: Any
    normalization: Any
    body: Any
    top: Any
    keeps_statistics: bool
    frozen: tuple[Any, ...] = ()

    def choose_trained(self, trainable: str | int, name: str, head_only: bool = False) -> None:
        """Say of each layer whether it is trained; see `blocks.choose_trained`."""
        choose_trained(self.body, trainable, name, head_only)
        for layer in self.frozen:
            layer.trainable = False

    def logits(self, images: Any, training: bool) -> Any:
        """Return what comes before softmax or sigmoid, in training or in prediction.

        The parts are called one by one, because Keras passes `training` on to models inside a model
        whatever they were told: where statistics are kept, the body is called as in prediction,
        which switches its dropout off too.
        """
        x = self.body(self.normalization(images), training=training and not self.keeps_statistics)
        return self.top(x, training=training)


def assemble(design: Design) -> Network:
    """Build a network; the same design gives the same weights.

    Raises
    ------
    ComponentError
        If the builder gives something else, or the weights are those of another network.
    """
    return in_fresh_keras(lambda keras: _assembled(keras, design), design.seed)


def _assembled(keras: Any, design: Design) -> Network:
    body = _named_body(keras, design)
    normalization = _normalization(design, _load_weights(design, body))
    scaling = normalization_model(keras, normalization, design.image_shape)
    top = _top(keras, design, body.output_shape[1:])
    image = keras.Input(design.image_shape, name="image")
    answer = _answer(keras, design)
    model = keras.Model(image, answer(top(body(scaling(image)))), name="network")
    has_statistics = any(hasattr(layer, "moving_mean") for layer in leaves(body))
    if design.settings.batch_norm != AUTO and not has_statistics:
        raise ComponentError(
            f"{design.name}: params.batch_norm: {design.settings.batch_norm} needs a network with "
            "batch normalisation. Got one without any. Leave it out."
        )
    keeps = design.settings.keeps_statistics and has_statistics
    return Network(model, scaling, body, top, keeps)


def _answer(keras: Any, design: Design) -> Any:
    """Return the last layer, which makes probabilities, or a number in the target's units."""
    if design.scale is not None:
        unit, offset = design.scale.unit, design.scale.offset
        return keras.layers.Rescaling(unit, offset, name=VALUE, dtype="float32")
    output = "sigmoid" if design.is_multi_label else "softmax"
    return keras.layers.Activation(output, name="probabilities", dtype="float32")


def _top(keras: Any, design: Design, feature_shape: tuple[int, ...]) -> Any:
    """Return the model from what a body gives to a number for each class."""
    features = x = keras.Input(feature_shape)
    if len(feature_shape) == 3:
        x = keras.layers.GlobalAveragePooling2D(name="pooling")(x)
    elif len(feature_shape) != 1:
        raise ComponentError(
            f"{design.name}: what builds a network must give a map (height, width, n_channels) or "
            f"a row for each image. Got the shape {tuple(feature_shape)}. Pool it in the builder."
        )
    if design.settings.dropout:
        x = keras.layers.Dropout(design.settings.dropout, name="dropout")(x)
    # float32 also where the rest is bfloat16: differences between classes are in the last digits.
    x = keras.layers.Dense(design.n_classes, name=HEAD, dtype="float32")(x)
    return keras.Model(features, x, name=TOP)


def _named_body(keras: Any, design: Design) -> Any:
    body = _built(design)
    if not isinstance(body, keras.Model) or len(body.inputs) != 1 or len(body.outputs) != 1:
        raise ComponentError(
            f"{design.name}: what builds a network must return a keras.Model with one input and "
            f"one output. Got {type(body).__name__}. Return keras.Model(image, features), without "
            "a classifying layer."
        )
    wanted, got = design.image_shape, tuple(body.inputs[0].shape[1:])
    if any(own not in (None, given) for own, given in zip(got, wanted, strict=False)):
        raise ComponentError(
            f"{design.name}: what builds a network must take images of the input_shape that it is "
            f"given, {wanted}. Got a model that takes {got}. Use the argument input_shape."
        )
    if design.row.provider != "bioselect":
        refuse_own_layers(keras, design.name, body)
    return keras.Model(body.inputs[0], body.outputs[0], name=BODY)


def refuse_own_layers(keras: Any, name: str, body: Any) -> None:
    """Refuse what a model file could only hold as code: it would not open after the training."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # That a function of one's own is written by its name.
            text = body.to_json()
            own = foreign_classes(json.loads(text))
            if not own:
                keras.models.model_from_json(text)
    except Exception as error:  # Keras raises whatever the layer causes.
        own = [f"one that cannot be written and read again ({type(error).__name__})"]
    if own:
        raise ComponentError(
            f"{name}: what builds a network must use Keras's own layers and functions, as a "
            f"model file runs no code of others. Got {', '.join(own)}. Put it together from layers "
            "of Keras."
        )


def _built(design: Design) -> Any:
    given = {"seed": design.seed, "base_dir": design.base_dir}
    if design.architecture is not None:
        given["as_trained"] = _is_for_imagenet_pixels(design)
    return call_builder(
        design.row, design.name, design.image_shape, design.own, given, design.base_dir
    )


def call_builder(
    row: ComponentRow,
    name: str,
    input_shape: tuple[int | None, int | None, int],
    own: dict[str, Any],
    given: dict[str, Any],
    base_dir: Path | None,
) -> Any:
    """Call the builder of a network with its parameters and what it takes of `given`.

    Raises
    ------
    ComponentError
        If somebody's own cannot build a network.
    """
    with importable(base_dir):
        builder = import_target(row.target, base_dir)
        accepted = inspect.signature(builder).parameters
        extra = {key: value for key, value in given.items() if key in accepted}
        arguments = {**dict(row.fixed), **own, **extra}
        try:
            return builder(input_shape=input_shape, **arguments)
        except Exception as error:  # somebody's own: anything may be wrong in it
            if row.provider == "bioselect" or isinstance(error, BioselectError):
                raise
            raise ComponentError(
                f"{name}: raised {type(error).__name__} for images of {input_shape}: "
                f"{' '.join(str(error).split())[:300]}. Correct it, or write another input_size."
            ) from error


def _is_for_imagenet_pixels(design: Design) -> bool:
    if design.weights.origin != "application" or design.architecture is None:
        return False
    alpha = design.own.get("alpha", 1.0)
    return is_made_for_imagenet_pixels(design.weights.path, ROWS[design.architecture], alpha)


def _load_weights(design: Design, body: Any) -> Any:
    """Give the body its weights; return the model that they come from, if bioselect trained it."""
    path = design.weights.path
    if path is None:
        return None
    if design.weights.origin == "application":
        load_weights(body, path, design.name)
        _refuse_folded(design, body)
        return None
    trained = read_trained(path)
    names = [layer.name for layer in trained.layers]
    if BODY not in names or NORMALIZATION not in names:
        raise ComponentError(
            f"{design.name}: params.weights must be a model that bioselect trained from pixels. "
            f"Got {path}, which is another kind of Keras model."
        )
    arrays = trained.get_layer(BODY).get_weights()
    shapes = [tuple(array.shape) for array in arrays]
    if shapes != [tuple(weight.shape) for weight in body.weights]:
        raise ComponentError(
            f"{design.name}: params.weights must be those of the same network with the same "
            f"parameters. Got {path}, which holds {_described(shapes)}; here are "
            f"{_described([tuple(weight.shape) for weight in body.weights])}. Write the network "
            f"and the parameters ({', '.join(design.own) or 'none'}) with which it was trained."
        )
    body.set_weights(arrays)
    return trained


def _refuse_folded(design: Design, body: Any) -> None:
    """Refuse to train statistics that somebody has multiplied into the convolutions before them."""
    if design.settings.keeps_statistics:
        return
    means = [layer.moving_mean for layer in leaves(body) if hasattr(layer, "moving_mean")]
    if means and not any(mean.numpy().any() for mean in means):
        raise ComponentError(
            f"{design.name}: params.batch_norm: trained needs statistics to begin with. Got "
            f"{design.weights.path}, in which batch normalisation is folded into the convolutions. "
            "Write batch_norm: kept."
        )


def _described(shapes: list[tuple[int, ...]]) -> str:
    return f"{len(shapes)} arrays of weights, the first of them {shapes[0] if shapes else ()}"


def _normalization(design: Design, trained: Any) -> Any:
    written = design.settings.normalization
    if written == "auto" and trained is not None:
        return normalization_in(trained.get_layer(NORMALIZATION))
    own = "" if design.architecture is None else ROWS[design.architecture].preprocessing
    return chosen_normalization(written, own, design.image_shape[2], design.name)
