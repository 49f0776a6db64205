"""What computes a network is decided by what is there, always in the same way."""

import subprocess
import sys

import pytest

from bioselect.backbones import engines
from bioselect.backbones.engines import (
    Engine,
    has_graphics_processor,
    resolve_engine,
    restored_engine,
)
from bioselect.exceptions import ComponentError, UnavailableError

VERSIONS = {"keras": "3.9.0", "tensorflow": "2.20.0", "openvino": "2026.1.0"}
WRITTEN = "keras 3.9.0, tensorflow 2.20.0"


@pytest.fixture
def machine(monkeypatch):
    """Return a function that makes this a machine with some packages and processors."""

    def have(*packages, graphics=False, bf16=True):
        monkeypatch.setattr(
            engines, "installed_version", lambda name: VERSIONS[name] if name in packages else ""
        )
        monkeypatch.setattr(engines, "has_graphics_processor", lambda: graphics)
        monkeypatch.setattr(engines, "processor_has_bf16", lambda: bf16)

    have(*VERSIONS)
    return have


@pytest.mark.parametrize(
    ("written", "graphics", "openvino", "expected"),
    [
        ("auto", False, True, "openvino"),
        ("auto", True, True, "keras"),
        ("auto", False, False, "keras"),
        ("keras", False, True, "keras"),
        ("keras", True, False, "keras"),
        ("openvino", True, True, "openvino"),
    ],
)
def test_what_a_word_means(machine, written, graphics, openvino, expected):
    machine("keras", "tensorflow", *["openvino"] * openvino, graphics=graphics)
    assert resolve_engine("vgg16", written, "f32") == Engine(expected, "f32", WRITTEN)


def test_bf16_asks_for_openvino_also_beside_a_graphics_processor(machine):
    machine(*VERSIONS, graphics=True)
    assert resolve_engine("vgg16", "auto", "bf16") == Engine("openvino", "bf16", WRITTEN)


def test_versions_and_digits_are_part_of_the_identity(machine):
    identities = [
        resolve_engine("vgg16", runtime, precision).identity()
        for runtime, precision in (("keras", "f32"), ("openvino", "f32"), ("openvino", "bf16"))
    ]
    assert identities == [
        {"runtime": WRITTEN, "precision": "f32"},
        {"runtime": f"openvino 2026.1.0, {WRITTEN}", "precision": "f32"},
        {"runtime": f"openvino 2026.1.0, {WRITTEN}", "precision": "bf16"},
    ]


@pytest.mark.parametrize(
    ("options", "have", "error", "message"),
    [
        (("onnx", "f32"), {}, ComponentError, "runtime must be one of auto, keras, openvino. Got"),
        (("auto", "f16"), {}, ComponentError, "precision must be one of f32, bf16. Got 'f16'"),
        (("keras", "bf16"), {}, ComponentError, "must be f32 with runtime keras. Got 'bf16'. Wri"),
        (("openvino", "f32"), {"openvino": False}, UnavailableError, "or write runtime: keras."),
        (("auto", "bf16"), {"openvino": False}, UnavailableError, "bf16 needs the package openvi"),
        (("auto", "bf16"), {"bf16": False}, UnavailableError, "this one does not. Write precisio"),
    ],
)
def test_what_cannot_be_had(machine, options, have, error, message):
    packages = ["keras", "tensorflow", *["openvino"] * have.get("openvino", True)]
    machine(*packages, bf16=have.get("bf16", True))
    with pytest.raises(error) as caught:
        resolve_engine("vgg16", *options)
    assert str(caught.value).startswith("vgg16: ")
    assert message in str(caught.value)


def test_tensorflow_under_another_name(machine, monkeypatch):
    machine("keras")
    assert resolve_engine("vgg16", "keras", "f32").defined_by.endswith("of another package")


def test_bundles_of_old_know_keras_only():
    assert restored_engine({"weights": "w"}) == Engine("keras", "f32", "")
    engine = Engine("openvino", "bf16", WRITTEN)
    assert restored_engine(engine.as_dict()) == engine


def test_no_graphics_processor_is_known_without_tensorflow():
    code = (
        "import sys; from bioselect.backbones import engines as e;"
        "e._DEVICE_FILES = (); e.resolve_engine('vgg16', 'auto', 'f32');"
        "print([name for name in ('tensorflow', 'keras', 'openvino') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_hidden_graphics_processor_is_none(monkeypatch):
    monkeypatch.setattr(engines, "_DEVICE_FILES", (__file__,))
    monkeypatch.setattr(engines, "import_tensorflow", lambda: pytest.fail("TensorFlow was asked"))
    for hidden in ("", "-1"):
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", hidden)
        has_graphics_processor.cache_clear()
        assert not has_graphics_processor()
    has_graphics_processor.cache_clear()


@pytest.mark.parametrize("found", [[], ["GPU:0"]])
def test_tensorflow_is_asked_where_there_may_be_one(monkeypatch, found):
    class Config:
        config = property(lambda self: self)

        def list_physical_devices(self, kind):
            assert kind == "GPU"
            return found

    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(engines, "_DEVICE_FILES", (__file__,))
    monkeypatch.setattr(engines, "import_tensorflow", Config)
    has_graphics_processor.cache_clear()
    assert has_graphics_processor() is bool(found)
    has_graphics_processor.cache_clear()
