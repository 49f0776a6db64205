"""What a configuration of Keras says of its model, read as data before Keras takes it for code."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

#: Classes of Keras itself that run, unpickle or read what the configuration names or holds.
_REFUSED = ("TFSMLayer", "TorchModuleWrapper", "FlaxLayer", "JaxLayer", "IndexLookup",
            "IntegerLookup", "StringLookup", "TextVectorization")  # fmt: skip
#: The parts of Keras that a model consists of. Others open files, or send what they see somewhere.
_PLAIN = ("", "activations", "constraints", "dtype_policies", "initializers", "layers", "models",
          "ops", "quantizers", "regularizers")  # fmt: skip
#: Plain layers that Keras keeps beside the networks that they are for: they multiply and add.
_PLAIN_CLASSES = ("keras.src.applications.convnext.LayerScale",
                  "keras.src.applications.inception_resnet_v2.CustomScaleLayer")  # fmt: skip
#: What stands for plain values, and what Keras of old wrote for them.
_VALUES = ("__tensor__", "__keras_tensor__", "__numpy__", "__bytes__", "__slice__",
           "__ellipsis__", "__tuple__")  # fmt: skip
#: Where Keras looks for functions by their name: activations alone have a place in a model.
_OF_FUNCTIONS = ("builtins", "keras.activations")


def archived_config(path: Path) -> Any:
    """Return the configuration in a `.keras` file, without how it was trained, which is not used.

    The errors of a damaged archive are `compiled_files.DAMAGE`.
    """
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json").decode("utf-8"))
    if isinstance(config, dict):
        # Keras passes over it too, as models are loaded here: `compile=False`.
        config.pop("compile_config", None)
    return config


def mappings(node: Any) -> Iterator[dict[str, Any]]:
    """Give every mapping inside a configuration, from the outside in."""
    if isinstance(node, dict):
        yield node
    inner = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for value in inner:
        yield from mappings(value)


def foreign_classes(config: Any, own: tuple[str, ...] = ("keras",)) -> list[str]:
    """Return what a configuration names that is not run: no plain part of the packages `own`.

    The safe mode of Keras alone is not relied on: it was got round again and again, by Keras's own
    functions and by classes of Keras that open what the configuration names.

    Examples
    --------
    >>> foreign_classes({"class_name": "Dense", "module": "keras.layers"})
    []
    >>> foreign_classes({"class_name": "Twice", "module": "mylab"})
    ['mylab.Twice']
    >>> foreign_classes({"class_name": "TFSMLayer", "module": "keras.layers"})
    ['TFSMLayer']
    >>> foreign_classes({"class_name": "CSVLogger", "module": "keras.callbacks"})
    ['keras.callbacks.CSVLogger']
    >>> foreign_classes({"class_name": "LayerScale", "module": "keras.src.applications.convnext"})
    []
    """
    return sorted({name for node in mappings(config) if (name := _foreign_class(node, own))})


def _foreign_class(node: dict[str, Any], own: tuple[str, ...]) -> str | None:
    if "class_name" not in node:
        return None
    name = str(node["class_name"])
    if name in ("Lambda", "__lambda__"):
        return "Lambda"
    if name in _VALUES:
        return None
    module = str(node.get("module") or own[0])
    if name == "function":
        return None if module in _OF_FUNCTIONS else f"{module}.{node.get('config')}"
    # Classes have capitals: Keras would take a small name for one of its functions, and call it.
    if module.split(".")[0] not in own or not name[:1].isupper():
        return f"{module}.{name}"
    if not _is_plain_part(module) and f"{module}.{name}" not in _PLAIN_CLASSES:
        return f"{module}.{name}"
    for registered in (str(node.get("registered_name")), name):
        if ">" in registered and registered.split(">")[0] not in own:
            return registered
    return name if name in _REFUSED else None


def _is_plain_part(module: str) -> bool:
    """Tell whether a module of Keras holds what models consist of; of other packages, always."""
    package, *inside = module.split(".")
    if package != "keras":
        return True
    if inside[:1] == ["src"]:
        inside = inside[1:]
    return (inside or [""])[0] in _PLAIN
