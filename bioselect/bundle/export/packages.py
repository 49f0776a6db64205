"""The packages that only an export needs: imported late, and named where they are missing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from bioselect.exceptions import UnavailableError

#: The extra of setup.py that brings each.
EXTRAS = {
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "tf2onnx": "onnx",
    "bioimageio.core": "bioimageio",
    "bioimageio.spec": "bioimageio",
    "loguru": "bioimageio",
}


def needed(name: str) -> Any:
    """Return a module of an extra.

    Raises
    ------
    UnavailableError
        If it cannot be imported; the message names the extra.
    """
    try:
        return import_module(name)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # One that does not go with another one fails in any way.
        kind = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        raise _missing(name, kind + " ".join(str(error).split())) from error


def check_installed(names: Sequence[str]) -> None:
    """Find out, before any work and without importing them, whether modules are there.

    Raises
    ------
    UnavailableError
        If one is not.
    """
    for name in names:
        try:
            found = find_spec(name) is not None
        except ImportError:  # Of what it lies in.
            found = False
        if not found:
            raise _missing(name, "it is not installed")


def _missing(name: str, why: str) -> UnavailableError:
    package = max((one for one in EXTRAS if f"{name}.".startswith(f"{one}.")), key=len)
    return UnavailableError(
        f"export needs the package {package}, which cannot be imported ({why}). Install it with "
        f'`pip install "bioselect[{EXTRAS[package]}]"`.'
    )


@contextmanager
def quiet(*names: str) -> Iterator[None]:
    """Keep what packages log of their own work off the terminal; their errors are raised."""
    loggers = [logging.getLogger(name) for name in names]
    before = [one.level for one in loggers]
    try:
        for one in loggers:
            one.setLevel(logging.CRITICAL)
        yield
    finally:
        for one, level in zip(loggers, before, strict=True):
            one.setLevel(level)
