"""What somebody's own component is made of: its module, what that imports, and from which packages.

All of it is found in the text of the imports, not among what is loaded: the answer is the same
whatever was imported before. What is not Python, or cannot be parsed, imports nothing.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

from bioselect.exceptions import ComponentError

#: Packages whose versions do not count: bioselect's components have versions of their own, and
#: nearly every module imports numpy, of which the keys of folds hold the version already.
NOT_COUNTED = ("bioselect", "numpy")
_is_refused = ContextVar("own_code_is_refused", default=False)
_trusted: ContextVar[tuple[str, ...]] = ContextVar("trusted_modules", default=())


@contextmanager
def own_code_refused() -> Iterator[None]:
    """Refuse inside the block whatever import path somebody has written, before it is imported.

    Examples
    --------
    >>> with own_code_refused():
    ...     check_own_code("mylab:Own")
    Traceback (most recent call last):
    bioselect.exceptions.ComponentError: 'mylab:Own': an import path runs code of your own, ...
    """
    token = _is_refused.set(True)
    try:
        yield
    finally:
        _is_refused.reset(token)


def check_own_code(path: str) -> None:
    """Refuse an import path where code of somebody's own is not run.

    Raises
    ------
    ComponentError
        Inside of `own_code_refused`.
    """
    if _is_refused.get():
        raise ComponentError(
            f"{path!r}: an import path runs code of your own, which the page does not. Use "
            "`bioselect run` on the command line, or a name that `bioselect components` lists."
        )


@contextmanager
def trusting(modules: Iterable[str]) -> Iterator[None]:
    """Agree inside the block that a model may import installed modules, and run what it names.

    Parameters
    ----------
    modules : iterable of str
        As they are imported; a package stands for all modules in it.

    Raises
    ------
    ComponentError
        If one is no name of a module, or comes with Python itself: no component lies there, and
        there is much that a model must not run.

    Examples
    --------
    >>> with trusting(["mylab"]):
    ...     is_trusted("mylab.features"), is_trusted("mylaboratory")
    (True, False)
    >>> is_trusted("mylab.features")
    False
    """
    names = tuple(modules)
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise ComponentError(
                f"--trust {name}: must be a module as it is imported, for example mylab.features. "
                "Write what stands before the colon of the component's name."
            )
        if name.split(".")[0] in sys.stdlib_module_names:
            raise ComponentError(
                f"--trust {name}: must be the package that provides a component. Got a module that "
                "comes with Python, where a model has nothing to run. Leave it out."
            )
    token = _trusted.set(names)
    try:
        yield
    finally:
        _trusted.reset(token)


def is_trusted(module: str) -> bool:
    """Tell whether a module, or a package around it, was named in :func:`trusting`."""
    return any(module == name or module.startswith(f"{name}.") for name in _trusted.get())


def trusted_modules() -> tuple[str, ...]:
    """Return the modules that were named."""
    return _trusted.get()


def trusts_any() -> bool:
    """Tell whether any module was named."""
    return bool(_trusted.get())


def imported_beside(source: Path, folder: Path) -> list[Path]:
    """Return the Python files in `folder` that a file imports, directly or through others.

    Parameters
    ----------
    source : Path
        Where to start; it is not returned.
    folder : Path
        The folder that modules are imported from.

    Returns
    -------
    list of Path
        Sorted.
    """
    source, folder = source.resolve(), folder.resolve()
    found: set[Path] = set()
    waiting = [source]
    while waiting:
        file = waiting.pop()
        for name in _imported_names(file, folder):
            stem = folder.joinpath(*name.split("."))
            for path in (stem.with_suffix(".py"), stem / "__init__.py"):
                if path.is_file() and path != source and path not in found:
                    found.add(path)
                    waiting.append(path)
    return sorted(found)


def imported_packages(files: Iterable[Path]) -> set[str]:
    """Return the packages that files import by their full names, without what comes with Python."""
    found: set[str] = set()
    for file in files:
        for node in _nodes(file):
            if isinstance(node, ast.Import):
                found.update(alias.name.split(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - sys.stdlib_module_names


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of the installed distributions that packages come from.

    A module that lies beside the configuration comes from none.

    Examples
    --------
    >>> list(installed_versions(["skops", "nowhere_to_be_found"]))
    ['skops']
    """
    providers = _providers(tuple(sys.path))
    found = {}
    for package in sorted(set(packages) - set(NOT_COUNTED)):
        for distribution in providers.get(package, [package]):
            try:
                found[distribution] = version(distribution)
            except PackageNotFoundError:
                continue
    return found


@cache
def distribution_version(name: str) -> str:
    """Return the version of an installed distribution, looked up once.

    Reading and parsing its metadata takes milliseconds, and a study asks dozens of times.

    Raises
    ------
    PackageNotFoundError
        If it is not installed.

    Examples
    --------
    >>> distribution_version("numpy") == version("numpy")
    True
    """
    return version(name)


@cache
def _providers(search_path: tuple[str, ...]) -> dict[str, list[str]]:
    """Read which distribution a package comes from once for each search path: it takes long."""
    return {package: list(names) for package, names in packages_distributions().items()}


def _nodes(file: Path) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(ast.parse(file.read_bytes()))
    except (SyntaxError, ValueError):
        return


def _imported_names(file: Path, folder: Path) -> Iterator[str]:
    """Yield every module that a file may import, with the packages around each."""
    for node in _nodes(file):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom):
            start = node.module or ""
            if node.level:
                around = file.parents[node.level - 1]
                if not around.is_relative_to(folder):
                    continue
                start = ".".join([*around.relative_to(folder).parts, *filter(None, [start])])
            for alias in node.names:
                # `from package import module` names a module, or something inside the package.
                yield from _with_packages(f"{start}.{alias.name}".strip("."))


def _with_packages(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
