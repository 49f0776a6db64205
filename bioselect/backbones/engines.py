"""Which program computes a network, and with how many digits: decided before any work starts.

Keras defines every network. OpenVINO computes the same numbers two to three times faster on a
processor and starts at once; on a graphics processor Keras is faster. Nothing heavy is imported
to decide, unless this machine looks as if it had a graphics processor.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.backbones.openvino_import import import_openvino
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.own_modules import distribution_version

AUTO, KERAS, OPENVINO = "auto", "keras", "openvino"
RUNTIMES = (AUTO, KERAS, OPENVINO)
F32, BF16 = "f32", "bf16"
PRECISIONS = (F32, BF16)

#: What the drivers of graphics processors that TensorFlow can use leave in the system.
_DEVICE_FILES = ("/dev/nvidia0", "/dev/kfd", "/dev/dxg")
_DEVICE_PACKAGES = ("tensorflow-metal", "tensorflow-directml-plugin")


@dataclass(frozen=True)
class Engine:
    """What computes a network.

    `runtime` is "keras" or "openvino", `precision` "f32" or "bf16"; `defined_by` are the versions
    of Keras and TensorFlow that wrote the network out, which matters for the last digits.
    """

    runtime: str
    precision: str
    defined_by: str

    def identity(self) -> dict[str, str]:
        """Return what distinguishes the rows of this engine from those of others."""
        by = self.defined_by
        if self.runtime == OPENVINO:
            by = f"{OPENVINO} {installed_version(OPENVINO)}, {by}"
        return {"runtime": by, "precision": self.precision}

    def check(self) -> None:
        """Make sure that it can be loaded and not only found.

        Raises
        ------
        UnavailableError
            If it is installed and cannot be imported.
        """
        if self.runtime == OPENVINO:
            import_openvino()

    def as_dict(self) -> dict[str, str]:
        """Return what a model bundle notes."""
        return {
            "runtime": self.runtime,
            "precision": self.precision,
            "defined_by": self.defined_by,
        }


def resolve_engine(name: str, runtime: str, precision: str) -> Engine:
    """Decide what `runtime` and `precision` mean on this machine.

    Parameters
    ----------
    name : str
        What to call the network in an error.
    runtime : str
        "keras", "openvino", or "auto": OpenVINO, unless it is not installed, or TensorFlow finds a
        graphics processor and `precision` is "f32".
    precision : str
        "f32", or "bf16": half as many bits, which OpenVINO alone offers, on processors that have
        them.

    Raises
    ------
    ComponentError
        If a value is unknown, or the two do not go together.
    UnavailableError
        If this machine lacks what was asked for.

    Examples
    --------
    >>> resolve_engine("vgg16", "keras", "f32").runtime
    'keras'
    """
    for parameter, value, choices in (
        ("runtime", runtime, RUNTIMES),
        ("precision", precision, PRECISIONS),
    ):
        if value not in choices:
            raise ComponentError(
                f"{name}: params.{parameter} must be one of {', '.join(choices)}. Got {value!r}."
            )
    if runtime == KERAS and precision != F32:
        raise ComponentError(
            f"{name}: params.precision must be f32 with runtime keras. Got {precision!r}. Write "
            "runtime: openvino, or leave precision out."
        )
    runtime = resolved_runtime(runtime, precision)
    if runtime == OPENVINO:
        check_openvino(name, precision)
    return Engine(runtime, precision, defined_by=f"keras {_keras()}, tensorflow {_tensorflow()}")


def resolved_runtime(runtime: str, precision: str) -> str:
    """Return what `auto` means on this machine; other words mean themselves.

    Examples
    --------
    >>> resolved_runtime("keras", "f32"), resolved_runtime("auto", "bf16")
    ('keras', 'openvino')
    """
    if runtime != AUTO:
        return runtime
    if precision == BF16:
        return OPENVINO
    if not installed_version(OPENVINO) or has_graphics_processor():
        return KERAS
    return OPENVINO


def check_openvino(name: str, precision: str) -> None:
    """Make sure that OpenVINO is there and, for "bf16", that the processor computes with it.

    Raises
    ------
    UnavailableError
        If not; the message says what to do.
    """
    if not installed_version(OPENVINO):
        what = "precision bf16" if precision == BF16 else "runtime openvino"
        other = "" if precision == BF16 else ", or write runtime: keras"
        raise UnavailableError(
            f"{name}: {what} needs the package openvino, which is not installed. Install it with "
            f"`pip install openvino`{other}."
        )
    if precision == BF16 and not processor_has_bf16():
        raise UnavailableError(
            f"{name}: precision bf16 needs a processor that computes with bfloat16, which this one "
            "does not. Write precision: f32."
        )


def restored_engine(saved: Mapping[str, Any]) -> Engine:
    """Return the engine that a bundle was made with; bundles of old know Keras only."""
    return Engine(
        str(saved.get("runtime", KERAS)),
        str(saved.get("precision", F32)),
        str(saved.get("defined_by", "")),
    )


def installed_version(package: str) -> str:
    """Return the version of an installed package, "" if it is not there; nothing is imported.

    Examples
    --------
    >>> installed_version("no-such-package")
    ''
    """
    try:
        return distribution_version(package)
    except PackageNotFoundError:
        return ""


def _keras() -> str:
    return installed_version("keras") or "of another package"


def _tensorflow() -> str:
    names = ("tensorflow", "tensorflow-cpu", "tensorflow-macos", "tensorflow-intel")
    return next(filter(None, map(installed_version, names)), "of another package")


@functools.lru_cache(maxsize=1)
def has_graphics_processor() -> bool:
    """Tell whether TensorFlow computes on a graphics processor here.

    It is imported to ask only where there might be one: elsewhere nobody shall wait for it.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        return False
    if not any(Path(file).exists() for file in _DEVICE_FILES) and not any(
        map(installed_version, _DEVICE_PACKAGES)
    ):
        return False
    return bool(import_tensorflow().config.list_physical_devices("GPU"))


@functools.lru_cache(maxsize=1)
def processor_has_bf16() -> bool:
    """Tell whether the processor has instructions for bfloat16."""
    return "BF16" in import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
