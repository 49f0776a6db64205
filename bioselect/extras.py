"""Packages that an extra of setup.py brings: whether they are there, and the one line if not."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from bioselect.exceptions import UnavailableError


def is_installed(module: str) -> bool:
    """Tell, without importing it, whether a module is there.

    Examples
    --------
    >>> is_installed("json.decoder"), is_installed("no_such_package.part")
    (True, False)
    """
    try:
        return find_spec(module) is not None
    except ImportError:  # Of what it lies in.
        return False


def check_installed(what: str, modules: Sequence[str], extra: str, otherwise: str = "") -> None:
    """Make sure, before any work, that modules of an extra are there.

    Parameters
    ----------
    what : str
        What needs them, as a person wrote it: `execution.backend: dask`.
    modules : sequence of str
        The modules.
    extra : str
        The extra that brings them.
    otherwise : str
        How the sentence goes on, if there is another way: `, or use backend: local`.

    Raises
    ------
    UnavailableError
        If some are not there; the message names all of these.
    """
    if missing := [name for name in modules if not is_installed(name)]:
        raise not_installed(what, missing, extra, otherwise)


def not_installed(
    what: str, packages: Sequence[str], extra: str, otherwise: str = "", why: str = ""
) -> UnavailableError:
    """Return the error that names the packages, and the command that installs them.

    Parameters
    ----------
    what, extra, otherwise : str
        As for `check_installed`.
    packages : sequence of str
        What is missing; empty where `why` names it.
    why : str
        What Python said, where a package may be there and cannot be imported.

    Examples
    --------
    >>> str(not_installed("export", ["onnx"], "onnx")).partition(". ")[0]
    'export needs the package onnx, which is not installed'
    """
    *most, last = packages or [""]
    named = f"packages {', '.join(most)} and {last}" if most else f"package {last}".rstrip()
    state = f"cannot be imported ({why})" if why else f"{'are' if most else 'is'} not installed"
    article, them = ("the", "them") if most else ("the" if last else "a", "it")
    return UnavailableError(
        f"{what} needs {article} {named}, which {state}. Install {them} with "
        f'`pip install "bioselect[{extra}]"`{otherwise}.'
    )
