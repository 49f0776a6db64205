"""Modules of somebody's own on their way to workers, which may have older ones in memory."""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioselect.exceptions import ConfigurationError


@dataclass(frozen=True)
class OwnCode:
    """The Python files below a folder that this process has imported, as they are.

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

    Packages that are installed in a folder below are none of them.
    """
    if folder is None:
        return None
    top = Path(folder).resolve()
    installed = [Path(sysconfig.get_path(name)).resolve() for name in ("purelib", "platlib")]
    ours = Path(__file__).resolve().parent.parent
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
        if not path.is_relative_to(top) or any(
            path.is_relative_to(place) for place in (*installed, ours)
        ):
            continue
        if getattr(module, "__name__", "") != "__main__" and path.is_file():
            found[path.relative_to(top).as_posix()] = path.read_bytes()
    return OwnCode(str(top), tuple(sorted(found.items()))) if found else None


class Imported:
    """What a worker has imported of somebody's own; another content takes its place."""

    def __init__(self) -> None:
        self._digest = ""
        self._folders: list[Path] = []

    @contextmanager
    def importable(self, code: OwnCode | None) -> Iterator[None]:
        """Let the modules be imported inside the block, as they are where they were sent from.

        Raises
        ------
        ConfigurationError
            If the worker sees the folder with another content of a file.
        """
        if code is None:
            yield
            return
        folder = self._placed(code)
        if code.digest != self._digest:
            self._forget()
            self._digest = code.digest
        if folder not in self._folders:
            self._folders.append(folder)
        sys.path.insert(0, str(folder))
        try:
            yield
        finally:
            sys.path.remove(str(folder))

    def _placed(self, code: OwnCode) -> Path:
        """Return the folder with the files: the one they are from, or a copy on this machine."""
        seen = Path(code.folder)
        theirs = [(seen / name, content) for name, content in code.files]
        if all(path.is_file() for path, _ in theirs):
            for path, content in theirs:
                if path.read_bytes() != content:
                    raise ConfigurationError(
                        f"{path}: must be the same file for all workers. The one that this worker "
                        "sees is another than the one of the study. Save it once more, or start "
                        "again when the shared folder shows it."
                    )
            return seen
        user = getattr(os, "getuid", lambda: "")()
        copy = Path(tempfile.gettempdir()) / f"bioselect-modules-{user}-{os.getpid()}" / code.digest
        for name, content in code.files:
            path = copy / name
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(content)
        return copy

    def _forget(self) -> None:
        for name, module in list(sys.modules.items()):
            written = getattr(module, "__file__", None)
            if isinstance(written, str) and any(
                Path(written).is_relative_to(folder) for folder in self._folders
            ):
                del sys.modules[name]
