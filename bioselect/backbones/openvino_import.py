"""OpenVINO, imported when it is needed, and kept from telling anybody.

As it comes, it reports over the network that it was imported, unless the package with which it
does so, `openvino_telemetry`, is not there. So it finds none here: nothing leaves the computer.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bioselect.exceptions import UnavailableError

_TELEMETRY = "openvino_telemetry"


def import_openvino() -> Any:
    """Return the module `openvino`.

    Raises
    ------
    UnavailableError
        If it cannot be imported.
    """
    try:
        with _without(_TELEMETRY):
            import openvino
    except ImportError as error:
        raise UnavailableError(
            f"runtime openvino needs the package openvino, which cannot be imported ({error}). "
            "Install it anew with `pip install openvino`, or write runtime: keras."
        ) from error
    return openvino


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Let a package look as if it was not installed."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_of(name, package)}
    sys.modules[package] = None  # type: ignore[assignment]  # so Python says that it is missing
    try:
        yield
    finally:
        del sys.modules[package]
        sys.modules.update(before)


def _is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def import_frontends() -> Any:
    """Return the module `openvino.frontend`, whose readers take one kind of file each.

    `Core.read_model` tries one reader after the other on a damaged file, aloud.

    Raises
    ------
    UnavailableError
        If it cannot be imported.
    """
    import_openvino()
    import openvino.frontend

    return openvino.frontend
