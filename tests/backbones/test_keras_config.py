"""What a configuration names that is not run, whatever the safe mode of Keras makes of it."""

import json
import re
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from bioselect.backbones.keras_config import archived_config, foreign_classes

OWN = [
    {"class_name": "Dense", "module": "keras.layers", "registered_name": None},
    {"class_name": "Relu", "module": "keras.src.ops.nn", "registered_name": "Relu"},
    {"class_name": "DTypePolicy", "module": "keras", "config": {"name": "float32"}},
    {"class_name": "__keras_tensor__", "config": {"shape": [None, 8]}},
    {"class_name": "__tuple__", "items": [2, 2]},
    {"class_name": "GlorotUniform", "config": {}},
    {"class_name": "function", "module": "builtins", "config": "silu", "registered_name": "silu"},
    {"class_name": "LayerScale", "module": "keras.src.applications.convnext"},
]
FOREIGN = {
    "Lambda": {"class_name": "Lambda", "module": "keras.layers"},
    "mylab.Twice": {"class_name": "Twice", "module": "mylab"},
    "mylab>Twice": {"class_name": "Twice", "module": None, "registered_name": "mylab>Twice"},
    # A registered name goes before the class in Keras.
    "mylab>Dense": {
        "class_name": "Dense", "module": "keras.layers", "registered_name": "mylab>Dense"},
    # As in HDF5.
    "Custom>Twice": {"class_name": "Custom>Twice", "config": {}},
    "TFSMLayer": {"class_name": "TFSMLayer", "module": "keras.layers", "config": {"filepath": "a"}},
    "TorchModuleWrapper": {"class_name": "TorchModuleWrapper", "module": "keras.layers"},
    "JaxLayer": {"class_name": "JaxLayer", "module": "keras.layers"},
    "StringLookup": {"class_name": "StringLookup", "config": {"vocabulary": "/etc/hosts"}},
    # Functions, by name and in the place of a class.
    "keras.config.set_floatx": {
        "class_name": "function", "module": "keras.config", "config": "set_floatx"},
    "keras.utils.get_file": {"class_name": "get_file", "module": "keras.utils", "config": {}},
    # Parts of Keras in which no model has anything to look for.
    "keras.callbacks.CSVLogger": {
        "class_name": "CSVLogger", "module": "keras.callbacks", "config": {"filename": "a"}},
    "keras.src.saving.file_editor.KerasFileEditor": {
        "class_name": "KerasFileEditor", "module": "keras.src.saving.file_editor"},
    "keras.src.applications.convnext.ConvNeXt": {
        "class_name": "ConvNeXt", "module": "keras.src.applications.convnext"},
    "builtins.eval": {"class_name": "eval", "module": "builtins"},
    "keras.__typespec__": {"class_name": "__typespec__", "config": []},
    "7.Twice": {"class_name": "Twice", "module": 7},
}  # fmt: skip


@pytest.mark.parametrize("node", OWN, ids=lambda node: node["class_name"])
def test_parts_of_keras_are_its_own(node):
    assert foreign_classes({"config": {"layers": [node]}}) == []


@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_not_run_is_named_wherever_it_lies(name):
    deep = {"class_name": "Sequential", "module": "keras", "config": {"layers": [FOREIGN[name]]}}
    assert foreign_classes({"config": {"layers": [OWN[0], deep]}}) == [name]


def test_layers_that_networks_of_keras_bring_are_its_own():
    """A model of the table that holds another one could not be opened with Keras, or exported."""
    folder = Path(find_spec("keras").origin).parent / "src" / "applications"
    found = {
        (path.stem, name)
        for path in folder.glob("*.py")
        for name in re.findall(r"^class (\w+)\(.*Layer\)", path.read_text("utf-8"), re.MULTILINE)
    }
    # Keras leaves it out where nothing is dropped at random, which is so in all its networks.
    found.remove(("convnext", "StochasticDepth"))
    assert len(found) == 2
    for module, name in found:
        node = {"class_name": name, "module": f"keras.src.applications.{module}"}
        assert foreign_classes(node) == []


def test_other_packages_may_be_its_own():
    node = {"class_name": "B", "module": "keras_hub.src", "registered_name": "keras_hub>B"}
    assert foreign_classes(node) == ["keras_hub.src.B"]
    assert foreign_classes(node, ("keras", "keras_hub")) == []


def test_how_a_model_was_trained_does_not_matter(tmp_path):
    loss = {"class_name": "Loss", "module": "mylab"}
    inner = {"class_name": "Functional", "compile_config": {"loss": loss}}
    config = {"config": {"layers": [inner]}, "compile_config": {"loss": loss}}
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
    # Of a model inside the model Keras reads that too.
    assert archived_config(tmp_path / "m.keras") == {"config": {"layers": [inner]}}
    assert foreign_classes(archived_config(tmp_path / "m.keras")) == ["mylab.Loss"]
