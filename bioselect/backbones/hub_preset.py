"""A preset of KerasHub as a network that turns images into rows of features."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import replace
from pathlib import Path
from typing import Any

from bioselect.backbones.building import feature_model
from bioselect.backbones.counting import cost_of
from bioselect.backbones.engines import installed_version, resolve_engine
from bioselect.backbones.frozen_network import Definition, FrozenNetwork, engine_of_bundle
from bioselect.backbones.hub_files import (
    CONFIG_FILE,
    CONVERTER_FILE,
    NAME,
    WEIGHTS_FILE,
    check_converter,
    import_keras_hub,
    preset_files,
    read_config,
)
from bioselect.backbones.keras_import import in_fresh_keras
from bioselect.backbones.model_kinds import identity_of
from bioselect.backbones.model_options import OF_PRESET, check_choices, check_pixels
from bioselect.backbones.own_model import OwnModel, SaidShape
from bioselect.backbones.row import bounded_batch_size
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.storage import atomic_path


class HubPreset(OwnModel):
    """A layer of a backbone of KerasHub.

    Its layers are KerasHub's, so a bundle carries the files of the preset beside the compiled
    network: with OpenVINO `predict` needs neither, and without it KerasHub builds the network
    again.
    """

    name = NAME

    def said_shape(self) -> SaidShape:
        """Return what the preset says of the images that it takes."""
        height, width, n_channels = self._config()["image_shape"]
        return height, width, n_channels

    def content(self) -> str:
        """Return a SHA-256 of the files of the preset."""
        return identity_of(tuple(self._files().values()))

    def counted_operations(self) -> float:
        """Return the operations counted in the built network."""
        network = self.network
        assert isinstance(network, FrozenNetwork)
        network.load()
        return float(network.notes["operations"])

    def check_files(self) -> None:
        """Get the files of the preset; build the network without weights, unless it is compiled."""
        check_choices(NAME, self.options)
        self._check_parts()
        if self._is_scaled_by_preset() and CONVERTER_FILE not in self._files():
            raise ComponentError(
                f"{NAME}: params.scale must be given, because {self.place} has no {CONVERTER_FILE} "
                "that says how pixels are scaled. Write scale, or mean and std."
            )
        check_pixels(NAME, self.options, self.place, self.n_channels)
        network = self.network
        assert isinstance(network, FrozenNetwork)
        if network.is_compiled():
            return
        if not installed_version("keras-hub"):
            raise UnavailableError(
                f"{NAME}: {self.place} needs the package keras-hub, which is not installed. "
                "Install it with `pip install bioselect[hub]`."
            )
        self._built(load_weights=False)

    def made_network(self) -> FrozenNetwork:
        """Return the network behind."""
        if self._saved is not None:
            engine = engine_of_bundle(self._saved, NAME)
        else:
            engine = resolve_engine(NAME, self.options.runtime, self.options.precision)
            by = f"{engine.defined_by}, keras-hub {installed_version('keras-hub')}"
            engine = replace(engine, defined_by=by)
        shape = self.image_shape
        definition = Definition(
            name=NAME,
            image_shape=shape,
            mode=self.options.mode(self.n_channels),
            facts={
                "architecture": NAME,
                "layer": self.options.layer,
                "pooling": self.options.pooling,
                "scale": OF_PRESET if self._is_scaled_by_preset() else "",
                "weights": self.identity(),
            },
            build=self._built,
            batch_size=lambda model: bounded_batch_size(cost_of(model, shape).peak_values),
            notes=lambda model: {"operations": cost_of(model, shape).operations},
            write=self._write,
            files=(CONFIG_FILE, WEIGHTS_FILE, *([CONVERTER_FILE] * self._has_converter())),
        )
        return FrozenNetwork(definition, engine, self._folder)

    def _files(self) -> dict[str, Path]:
        return dict(preset_files(self._place()))

    def _place(self) -> str:
        return self.place if self._folder is None else f"{self._folder}/"

    def _has_converter(self) -> bool:
        return CONVERTER_FILE in self._files()

    def _config(self) -> dict[str, Any]:
        return read_config(self._place(), self._files()[CONFIG_FILE])

    def _check_parts(self) -> None:
        """Refuse what is not KerasHub's own; in a bundle too, which anybody may have written."""
        self._config()
        if self._has_converter():
            check_converter(self._place(), self._files()[CONVERTER_FILE])

    def _is_scaled_by_preset(self) -> bool:
        options = self.options
        return options.scale == OF_PRESET and options.mean is None and options.std is None

    def _write(self, folder: Path, model: Any) -> None:
        """Copy the files of the preset; Keras cannot read models of KerasHub's layers again."""
        with self.unchanged_files():
            for name, file in self._files().items():
                with atomic_path(folder / name) as unfinished:
                    shutil.copyfile(file, unfinished)

    def _built(self, load_weights: bool = True) -> Any:
        """Return the Keras model from images in [0, 1], or scaled as was written, to rows."""
        with self.unchanged_files():
            self._check_parts()
            hub = import_keras_hub()
            try:
                return in_fresh_keras(lambda keras: self._build(keras, hub, load_weights))
            except ComponentError:
                raise
            except Exception as error:  # KerasHub raises whatever the files happen to cause.
                reason = textwrap.shorten(str(error), 300, placeholder=" ...")
                raise ComponentError(
                    f"{NAME}: {self._place()} cannot be built ({type(error).__name__}: "
                    f"{reason}). Use another copy, or the version of keras-hub that wrote it."
                ) from error

    def _build(self, keras: Any, hub: Any, load_weights: bool) -> Any:
        folder = str(self._files()[CONFIG_FILE].parent)
        backbone = hub.models.Backbone.from_preset(
            folder, load_weights=load_weights, dtype="float32"
        )
        features = feature_model(backbone, NAME, self.options.layer, self.options.pooling)
        image = pixels = keras.Input(self.image_shape)
        if self._is_scaled_by_preset():
            said = hub.layers.ImageConverter.from_preset(folder)
            pixels = keras.layers.Rescaling(*_of_unit_pixels(said.scale, said.offset))(image)
        return keras.Model(image, features(pixels), name="features")


def _of_unit_pixels(scale: Any, offset: Any) -> tuple[Any, Any]:
    """Return scale and offset for pixels in [0, 1]; a preset's own are for 0 to 255.

    Examples
    --------
    >>> _of_unit_pixels([0.25, 0.5], None)
    ([63.75, 127.5], 0.0)
    """
    scale = 1.0 if scale is None else scale
    scale = [255.0 * value for value in scale] if isinstance(scale, list | tuple) else 255.0 * scale
    return scale, 0.0 if offset is None else offset
