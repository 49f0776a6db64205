"""A user's own Keras model file as a network that turns images into rows of features."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

from bioselect.backbones.building import feature_model, unknown_layer_message
from bioselect.backbones.counting import cost_of
from bioselect.backbones.engines import AUTO, resolve_engine
from bioselect.backbones.foreign_model import ForeignModel
from bioselect.backbones.frozen_network import Definition, FrozenNetwork, engine_of_bundle
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.model_facts import ModelFacts, facts_of
from bioselect.backbones.model_kinds import (
    NAME,
    existing_model,
    identity_of,
    is_foreign,
    small_ending,
)
from bioselect.backbones.model_options import CLS, ModelOptions, check_choices, check_pixels
from bioselect.backbones.own_model import OwnModel, SaidShape
from bioselect.backbones.row import bounded_batch_size
from bioselect.backbones.saving import read_model
from bioselect.exceptions import ComponentError


def own_model(path: str, options: ModelOptions) -> OwnModel:
    """Return what reads a model file of this kind; a file of no kind is told of by `check`.

    Examples
    --------
    >>> type(own_model("uni.onnx", ModelOptions())).__name__
    'ForeignModel'
    """
    return (ForeignModel if is_foreign(path) else ModelFileBackbone)(path, options)


class ModelFileBackbone(OwnModel):
    """A layer of a Keras model file.

    `load` loads the model, which imports TensorFlow unless the model was compiled before. A model
    that brings code of its own (Lambda layers, custom layers) is refused.
    """

    name = NAME

    def said_shape(self) -> SaidShape:
        """Return what the file says of the images that it takes, read without Keras."""
        return facts_of(self.place).image_shape

    def content(self) -> str:
        """Return the SHA-256 of the model file."""
        return identity_of((existing_model(self.place),))

    def counted_operations(self) -> float:
        """Return the operations counted in the loaded model."""
        network = self.network
        assert isinstance(network, FrozenNetwork)
        network.load()
        return float(network.notes["operations"])

    def check_files(self) -> None:
        """Look at the file, without Keras, and at the parameters."""
        check_choices(NAME, self.options)
        for parameter, value, default in (
            ("output", self.options.output, None),
            ("layout", self.options.layout, AUTO),
        ):
            if value != default:
                raise ComponentError(
                    f"{NAME}: params.{parameter} is for ONNX, OpenVINO and LiteRT files. Got "
                    f"{value!r} for {self.place}. Leave it out; params.layer chooses a layer of a "
                    "Keras model."
                )
        facts = facts_of(self.place)
        layer = self.options.layer
        if layer is not None and layer not in facts.layers:
            raise ComponentError(unknown_layer_message(NAME, layer, list(facts.layers)))
        check_pixels(NAME, self.options, self.place, self.n_channels)
        self._check_output(facts)

    def remark(self) -> str:
        """Say that a classifier's probabilities would be the features, and what else there is."""
        facts = facts_of(self.place)
        if facts.n_probabilities is None or self.options.layer not in (None, facts.end):
            return ""
        place = facts.layers.index(facts.end)
        before = f", for example {facts.layers[place - 1]}" if place else ""
        return (
            f"{self.place} ends as a classifier: its {facts.n_probabilities} "
            f"probabilit{'y is' if facts.n_probabilities == 1 else 'ies are'} all that is taken as "
            f"features. A layer before usually tells more: name it with params.layer{before}."
        )

    def _check_output(self, facts: ModelFacts) -> None:
        """Find out whether the output becomes a row; Keras tells where the file does not."""
        pooling = self.options.pooling
        fitting = {None: (2, 4), CLS: (2, 3)}.get(pooling, (2, 3, 4))
        network = self.network
        assert isinstance(network, FrozenNetwork)
        if facts.axes_of(self.options.layer) not in fitting and not network.is_compiled():
            self._built()

    def made_network(self) -> FrozenNetwork:
        """Return the network behind."""
        if self._saved is not None:
            engine = engine_of_bundle(self._saved, NAME)
        else:
            engine = resolve_engine(NAME, self.options.runtime, self.options.precision)
        return FrozenNetwork(self._definition(), engine, self._folder)

    def _definition(self) -> Definition:
        facts = {
            "architecture": NAME,
            "layer": self.options.layer,
            "pooling": self.options.pooling,
            "weights": self.identity(),
        }
        shape = self.image_shape
        return Definition(
            name=NAME,
            image_shape=shape,
            mode=self.options.mode(self.n_channels),
            facts=facts,
            build=self._built,
            batch_size=lambda model: bounded_batch_size(cost_of(model, shape).peak_values),
            notes=lambda model: {"operations": cost_of(model, shape).operations},
        )

    def _built(self) -> Any:
        if self._folder is not None:
            return read_model(self._folder)
        with self.unchanged_files():
            facts_of(self.place)  # Refuses code, also in a file that was changed after the check.
            model = _load(existing_model(self.place))
        return feature_model(model, NAME, self.options.layer, self.options.pooling)


def _load(path: Path) -> Any:
    def load(keras: Any) -> Any:
        with small_ending(path) as named:
            return keras.saving.load_model(named, compile=False, safe_mode=True)

    try:
        return in_fresh_keras(load)
    except Exception as error:  # Keras raises whatever the file happens to cause.
        reason = textwrap.shorten(str(error), 300, placeholder=" ...")
        raise ComponentError(
            f"{NAME}: {path} cannot be loaded ({type(error).__name__}: {reason}). Save it "
            "again with the installed Keras, as `model.save('model.keras')`, without layers of "
            "your own."
        ) from error
