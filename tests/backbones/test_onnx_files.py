"""Which files an ONNX model names: those that the package onnx writes, wherever they are named."""

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper
from onnx.external_data_helper import set_external_data

from bioselect.backbones.model_kinds import files_of
from bioselect.backbones.onnx_files import FIELDS, external_files
from bioselect.exceptions import ComponentError, UnavailableError
from tests.backbones.foreign_models import convolutional, transformer


def outside(name, location):
    """Return a tensor whose values lie in another file."""
    tensor = numpy_helper.from_array(np.ones((2, 2), np.float32), name)
    set_external_data(tensor, location)
    return tensor


@pytest.mark.parametrize("message", FIELDS)
def test_the_fields_are_those_of_onnx(message):
    described = getattr(onnx, message).DESCRIPTOR.fields_by_number
    for number, inner in FIELDS[message].items():
        assert described[number].message_type.name == inner
    # No other field leads to a tensor, but those of training, which is not run.
    followed = {field.number for field in described.values()} - set(FIELDS[message])
    leads = {
        described[number].name
        for number in followed
        if described[number].message_type is not None
        and described[number].message_type.name in FIELDS
    }
    assert leads == set()


def test_a_model_of_one_file_names_none(tmp_path):
    for make in (convolutional, transformer):
        onnx.save(make(), tmp_path / "m.onnx")
        assert external_files(tmp_path / "m.onnx") == []


def test_files_of_all_tensors(tmp_path):
    onnx.save(
        convolutional(), tmp_path / "m.onnx", save_as_external_data=True,
        all_tensors_to_one_file=False, size_threshold=0,
    )  # fmt: skip
    names = external_files(tmp_path / "m.onnx")
    assert names == sorted(f.name for f in tmp_path.iterdir() if f.suffix != ".onnx")
    assert len(names) == 3
    assert files_of(str(tmp_path / "m.onnx"))[1:] == tuple(tmp_path / name for name in names)


def test_tensors_inside_of_branches_and_functions_are_found(tmp_path):
    inner = helper.make_graph(
        [helper.make_node("Constant", [], ["y"], value=outside("c", "constant.bin"))],
        "branch", [], [helper.make_tensor_value_info("y", 1, [2, 2])],
        [outside("w", "branch.bin")],
    )  # fmt: skip
    branch = helper.make_node("If", ["x"], ["z"], then_branch=inner, else_branch=inner)
    graph = helper.make_graph([branch], "g", [], [], [outside("top", "sub/top.bin")])
    function = helper.make_function(
        "mylab", "F", [], ["y"],
        [helper.make_node("Constant", [], ["y"], value=outside("f", "function.bin"))],
        [helper.make_opsetid("", 17)],
    )  # fmt: skip
    model = helper.make_model(graph, functions=[function])
    path = tmp_path / "m.onnx"
    path.write_bytes(model.SerializeToString())
    assert external_files(path) == ["branch.bin", "constant.bin", "function.bin", "sub/top.bin"]


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/passwd", "a/../../b", "..\\b"])
def test_files_elsewhere_are_not_read(tmp_path, location):
    graph = helper.make_graph([], "g", [], [], [outside("top", location)])
    (tmp_path / "m.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    with pytest.raises(ComponentError, match="must lie beside it"):
        files_of(str(tmp_path / "m.onnx"))


def test_every_cut_is_noticed_or_harmless(tmp_path):
    content = convolutional().SerializeToString()
    path = tmp_path / "m.onnx"
    noticed = 0
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        try:
            external_files(path)
        except ValueError:
            noticed += 1
    assert noticed > 0.9 * len(content) / 7
    for noise in range(20):
        path.write_bytes(np.random.default_rng(noise).bytes(500))
        with pytest.raises(ValueError, match=r"it ends too soon|is not as in ONNX"):
            external_files(path)


def test_other_files_are_told_what_to_do(tmp_path):
    for name, words in {
        "uni.pth": r"torch\.onnx\.export",
        "model.safetensors": r"torch\.onnx\.export",
        "m.bin": r"Name the \.xml file",
        "graph.pb": r"Save it with Keras as \.keras",
        "notes.zip": r"Name the file of a model",
    }.items():
        (tmp_path / name).write_bytes(b"something")
        with pytest.raises(ComponentError, match=rf"{name}\. .*{words}"):
            files_of(str(tmp_path / name))
    with pytest.raises(UnavailableError, match="which is not there"):
        files_of(str(tmp_path / "gone.onnx"))
