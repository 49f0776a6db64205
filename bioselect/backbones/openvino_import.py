"""OpenVINO, imported when it is needed and asked for nothing but to read, compile and run.

Its own converter (`openvino.convert_model`) reports its use over the network; reading a file of
TensorFlow with `Core.read_model` does not, so that is what is done here.
"""

from __future__ import annotations

from typing import Any

from bioselect.exceptions import UnavailableError


def import_openvino() -> Any:
    """Return the module `openvino`.

    Raises
    ------
    UnavailableError
        If it cannot be imported.
    """
    try:
        import openvino
    except ImportError as error:
        raise UnavailableError(
            f"runtime openvino needs the package openvino, which cannot be imported ({error}). "
            "Install it anew with `pip install openvino`, or write runtime: keras."
        ) from error
    return openvino


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
