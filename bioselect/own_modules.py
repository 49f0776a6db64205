"""Which files somebody's own component is made of: its module and what that imports beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def imported_beside(source: Path, folder: Path) -> list[Path]:
    """Return the Python files in `folder` that a file imports, directly or through others.

    They are found in the text of the imports, not among what is loaded: the answer is the same
    whatever was imported before. What is not Python, or cannot be parsed, imports nothing.

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


def _imported_names(file: Path, folder: Path) -> Iterator[str]:
    """Yield every module that a file may import, with the packages around each."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
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
