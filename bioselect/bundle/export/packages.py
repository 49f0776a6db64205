"""The packages that only an export needs: imported late, and named where they are missing."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bioselect.extras import is_installed, not_installed

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
        package = _package(name)
        kind = "" if isinstance(error, ImportError) else f"{type(error).__name__}: "
        why = kind + " ".join(str(error).split())
        raise not_installed("export", [package], EXTRAS[package], why=why) from error


def check_installed(names: Sequence[str]) -> None:
    """Find out, before any work and without importing them, whether modules are there.

    Raises
    ------
    UnavailableError
        If one is not.
    """
    if missing := [name for name in names if not is_installed(name)]:
        packages = [_package(name) for name in missing]
        extras = sorted({EXTRAS[package] for package in packages})
        raise not_installed("export", packages, ",".join(extras))


def _package(name: str) -> str:
    return max((one for one in EXTRAS if f"{name}.".startswith(f"{one}.")), key=len)


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
