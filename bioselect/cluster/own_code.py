"""Modules of somebody's own on their way to workers, which may not see their folder."""

from __future__ import annotations

import ast
import hashlib
import os
import socket
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioselect.exceptions import ConfigurationError
from bioselect.registry import importable


@dataclass(frozen=True)
class OwnCode:
    """The Python files below a folder that this process has imported or will, as they are.

    `files` are pairs of path below `folder` and content.
    """

    folder: str
    files: tuple[tuple[str, bytes], ...]

    @property
    def digest(self) -> str:
        """What tells the content from any other."""
        whole = hashlib.sha256()
        for name, content in self.files:
            whole.update(f"{name}\0{len(content)}\0".encode())
            whole.update(content)
        return whole.hexdigest()[:16]


def own_code(folder: Path | None) -> OwnCode | None:
    """Return the modules beside a configuration that were imported; None if there are none.

    Those that they name in an import come with them: one inside a function may not be imported
    yet. Packages that are installed in a folder below are none of them.
    """
    if folder is None:
        return None
    top = Path(folder).resolve()
    starts = (str(top), str(Path(folder)))
    found: dict[str, bytes] = {}
    for module in list(sys.modules.values()):
        written = getattr(module, "__file__", None)
        if not isinstance(written, str) or not written.endswith(".py"):
            continue
        # Thousands of modules are loaded, and few of them lie there: the text says so at once.
        if not written.startswith(starts) or "site-packages" in written:
            continue
        path = Path(written).resolve()
        if path.is_relative_to(top) and getattr(module, "__name__", "") != "__main__":
            _add(path, top, found)
    return OwnCode(str(top), tuple(sorted(found.items()))) if found else None


def _add(path: Path, top: Path, found: dict[str, bytes]) -> None:
    """Add a file, the packages that it lies in, and the files that it imports."""
    name = path.relative_to(top).as_posix()
    if name in found or not path.is_file() or _is_installed(path):
        return
    try:
        found[name] = path.read_bytes()
    except OSError:  # Whoever imports it is told.
        return
    for folder in path.relative_to(top).parents:
        _add(top / folder / "__init__.py", top, found)
    for module in _imported(path, top, found[name]):
        parts = module.split(".")
        for n_parts in range(1, len(parts) + 1):
            place = top.joinpath(*parts[:n_parts])
            _add(place.with_suffix(".py"), top, found)
            _add(place / "__init__.py", top, found)


def _is_installed(path: Path) -> bool:
    """Tell whether a file belongs to bioselect or to an installed package: workers have those."""
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")]
    ours = Path(__file__).resolve().parent.parent
    return any(path.resolve().is_relative_to(place) for place in (*installed, ours))


def _imported(path: Path, top: Path, content: bytes) -> Iterator[str]:
    """Yield the dotted names that the imports of a file may mean, from `top` on."""
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError):  # Whoever imports it is told.
        return
    package = path.relative_to(top).parent.parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else ()
            base = [*start, *([node.module] if node.module else [])]
            yield from (".".join([*base, one.name]) for one in node.names)


@contextmanager
def importable_there(code: OwnCode | None, scratch: Path) -> Iterator[None]:
    """Let the modules be imported inside the block, as they are where they were sent from.

    Where the folder is not seen, a copy in `scratch` takes its place.

    Raises
    ------
    ConfigurationError
        If the worker sees the folder with another content of a file.
    """
    folder = None if code is None else _placed(code, scratch)
    with importable(folder):
        yield


def _placed(code: OwnCode, scratch: Path) -> Path:
    seen = Path(code.folder)
    for name, content in code.files:
        path = seen / name
        if path.is_file() and path.read_bytes() != content:
            raise ConfigurationError(
                f"{path}: must be the same file for all workers. The one that a worker sees "
                f"({socket.gethostname()}) is another than the one of the study. Start again when "
                "the shared folder shows the same everywhere."
            )
    if all((seen / name).is_file() for name, _ in code.files):
        return seen
    # Each process has its own copy: nobody imports what another one is writing.
    copy = scratch / f"modules-{os.getpid()}-{code.digest}"
    for name, content in code.files:
        path = copy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return copy
