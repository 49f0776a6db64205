"""The files of a preset of KerasHub: where they are, and what they say without Keras."""

from __future__ import annotations

import difflib
import functools
import inspect
import json
import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioselect.backbones.keras_config import foreign_classes
from bioselect.backbones.keras_import import import_keras
from bioselect.backbones.model_options import is_preset_folder
from bioselect.exceptions import ComponentError, UnavailableError

NAME = "keras_hub"
CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.weights.h5"
#: How pixels are scaled; a preset of a bare backbone has none.
CONVERTER_FILE = "image_converter.json"


def import_keras_hub() -> Any:
    """Return the module `keras_hub`, beside Keras on TensorFlow.

    Raises
    ------
    UnavailableError
        If it cannot be imported.
    """
    import_keras()
    try:
        import keras_hub
    except ImportError as error:
        raise UnavailableError(
            f"{NAME}: this extractor needs the package keras-hub, which cannot be imported "
            f"({error}). Install it with `pip install bioselect[hub]`."
        ) from error
    return keras_hub


def preset_files(preset: str) -> Mapping[str, Path]:
    """Return where each file of a preset lies, downloaded where it is named and not there yet.

    Raises
    ------
    UnavailableError
        If a file cannot be had, or keras-hub, which knows where names lead, is not installed.
    ComponentError
        If KerasHub has no preset of this name.
    """
    if not is_preset_folder(preset):
        return _downloaded(preset)
    folder = Path(os.path.expanduser(preset))
    files = {
        name: folder / name
        for name in (CONFIG_FILE, WEIGHTS_FILE, CONVERTER_FILE)
        if (folder / name).is_file()
    }
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        if name not in files:
            raise UnavailableError(
                f"{NAME}: params.preset must be a folder that save_to_preset wrote. Got {preset} "
                f"without {name}. Name the folder that holds it, or a preset of KerasHub."
            )
    return files


@functools.lru_cache(maxsize=16)
def _downloaded(preset: str) -> Mapping[str, Path]:
    backbone = import_keras_hub().models.Backbone
    if "://" not in preset and preset not in backbone.presets:
        known = _names_for_images(backbone)
        near = difflib.get_close_matches(preset, known, n=1)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ComponentError(
            f"{NAME}: params.preset must be one of KerasHub's {len(known)} names of backbones for "
            f"images, kaggle://..., hf://..., or a folder, written with a slash. Got {preset!r}."
            f"{hint}"
        )
    # Not a public name, but what `from_preset` itself calls: nothing public gives single files.
    from keras_hub.src.utils.preset_utils import get_file

    files = {}
    for name in (CONFIG_FILE, WEIGHTS_FILE, CONVERTER_FILE):
        try:
            files[name] = Path(get_file(preset, name))
        except Exception as error:  # Whatever the three hubs and the network raise.
            if name == CONVERTER_FILE and _has_none(error):
                continue
            reason = textwrap.shorten(str(error), 200, placeholder=" ...")
            raise UnavailableError(
                f"{NAME}: the preset {preset} cannot be had: {name} is not in the cache, and "
                f"downloading it failed ({type(error).__name__}: {reason}). {_saving(preset)}"
            ) from error
    return files


def _saving(preset: str) -> str:
    """Say how a preset is had by way of another machine."""
    return (
        "On a machine that can download it, let Python write a folder: `import keras_hub; [part."
        f"from_preset({preset!r}).save_to_preset('my_preset') for part in "
        "(keras_hub.models.Backbone, keras_hub.layers.ImageConverter)]`. Bring the folder here and "
        "write params.preset: ./my_preset."
    )


def _names_for_images(backbone: Any) -> list[str]:
    """Return the names of presets that take images; most of KerasHub's take text."""
    names: set[str] = set()
    waiting = [backbone]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if "image_shape" in inspect.signature(kind.__init__).parameters:
            names.update(kind.presets)
    return sorted(names)


def _has_none(error: Exception) -> bool:
    """Tell whether a preset has no such file, and not only that it cannot be had now.

    KerasHub calls both FileNotFoundError; where huggingface_hub could not ask (no network, and not
    in its cache), that came of another FileNotFoundError.
    """
    return isinstance(error, FileNotFoundError) and not isinstance(
        error.__cause__, FileNotFoundError
    )


def read_config(preset: str, path: Path) -> dict[str, Any]:
    """Return what a preset says of its backbone, once it is known to hold one for images.

    Raises
    ------
    ComponentError
        If it is damaged, of something else than images, quantised, or not KerasHub's own.
    """
    registered, inner = _own_parts(preset, path, "which backbone of KerasHub it is")
    shape = inner.get("image_shape")
    if not registered.endswith("Backbone") or not isinstance(shape, list) or len(shape) != 3:
        raise ComponentError(
            f"{NAME}: a preset must be a backbone for images. {preset} holds "
            f"{registered.split('>')[1]}, which takes something else. Choose another preset."
        )
    if "Quantized" in json.dumps(inner.get("dtype")) or "int8" in json.dumps(inner.get("dtype")):
        raise ComponentError(
            f"{NAME}: a preset must compute in float32. {preset} is quantised. Choose another."
        )
    return inner


def check_converter(preset: str, path: Path) -> None:
    """Refuse a converter of images that is not KerasHub's own.

    Raises
    ------
    ComponentError
        If it is damaged, or something else.
    """
    registered, _ = _own_parts(preset, path, "how pixels are scaled")
    if not registered.endswith("ImageConverter"):
        raise ComponentError(
            f"{NAME}: {path.name} of a preset must hold a converter of images. That of {preset} "
            f"holds {registered.split('>')[1]}. Use another copy, or write scale."
        )


def _own_parts(preset: str, path: Path, what: str) -> tuple[str, dict[str, Any]]:
    """Return the registered name and the parameters in a configuration of KerasHub's own parts."""
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        registered, inner = str(config.get("registered_name")), dict(config["config"])
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ComponentError(
            f"{NAME}: {path.name} of the preset {preset} must say {what}. It does not "
            f"({type(error).__name__}: {error}). Use another copy."
        ) from error
    foreign = foreign_classes(config, ("keras", "keras_hub"))
    if foreign or not registered.startswith("keras_hub>"):
        raise ComponentError(
            f"{NAME}: a preset must consist of KerasHub's own parts. {path.name} of {preset} "
            f"brings {', '.join(foreign) or registered}, which is not run. Use a preset of "
            "KerasHub."
        )
    return registered, inner
