"""A folder of files as bytes, and back: however the bytes are damaged, they are a folder.

Each entry begins with a line ``--- kind name``; what follows it is the content of a file, or the
name that a link leads to. Nothing is written, or leads, outside of the folder.
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.fuzzing.mutations import mutated

FILE, LINK, FOLDER, PIPE = b"file", b"link", b"folder", b"pipe"
KINDS = (FILE, LINK, FOLDER, PIPE)
_ENTRY = re.compile(rb"\n--- ([a-z]+) ([^\n]{1,400})\n")
_N_LEVELS = 3
_N_ENTRIES = 40
Entry = tuple[bytes, bytes, bytes]
#: Names that mean something to somebody, or that cannot be written down.
_NAMES = (
    b"DICOMDIR", b".hidden.dcm", b"._a.dcm", b"IM00001", b"1.2.840", b"README", b"a.DCM", b"Thumbs.db",
    b"train/a.png", b"test/b.png", b"masks/a.png", b"a_mask.png", b"a.nii.gz", b"a.npz", b"\xff.dcm",
    b"e\xcc\x81/a.png", b"\xc3\xa9/a.png", b"a\x1b[31m.png", b"=1+1.png", b"x" * 300 + b".dcm", b" .dcm",
)  # fmt: skip


def packed(files: dict[str, bytes], **others: dict[str, str]) -> bytes:
    """Return files, and others by their kind, as bytes."""
    found = [(FILE, name.encode(), data) for name, data in files.items()]
    for kind, named in others.items():
        found += [(kind.encode(), name.encode(), told.encode()) for name, told in named.items()]
    return _joined(found)


def entries(data: bytes) -> list[Entry]:
    """Return kind, name and content of each entry."""
    pieces = _ENTRY.split(data)[1:]
    return list(zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True))[:_N_ENTRIES]


def _joined(found: Sequence[Entry]) -> bytes:
    return b"".join(b"\n--- %s %s\n%s" % entry for entry in found)


def write(data: bytes, root: Path) -> None:
    """Write what the bytes stand for into a folder; what no folder can hold is left out."""
    for kind, name, content in entries(data):
        path = _below(root, name)
        with suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if kind == LINK:
                path.symlink_to(_below(root, content[:600]))
            elif kind == FOLDER:
                path.mkdir()
            elif kind == PIPE:
                os.mkfifo(path)
            else:
                with path.open("xb") as file:
                    file.write(content)


def _below(root: Path, name: bytes) -> Path:
    parts = [part for part in name.split(b"/") if part not in (b"", b".", b"..")] or [b"x"]
    return root.joinpath(*map(os.fsdecode, parts[:_N_LEVELS]))


def changed(
    data: bytes, rng: random.Random, change_content: Callable[[bytes, random.Random], bytes]
) -> bytes:
    """Return another folder: entries renamed, left out, given twice or swapped, files damaged."""
    found = entries(data)
    if not found:
        return data
    for _ in range(rng.choice((1, 1, 2, 3))):
        place, other = rng.randrange(len(found)), rng.randrange(len(found))
        kind, name, content = found[place]
        what = rng.randrange(10)
        if what < 5:
            found[place] = kind, name, change_content(content, rng)
        elif what == 5:
            several = [one for *_, one in found]
            found[place] = kind, name, mutated(content, several, rng)
        elif what == 6:
            number = b"%d" % rng.randrange(30)
            again = rng.choice((*_NAMES, re.sub(rb"\d+", number, name), found[other][1] + number))
            found[place] = kind, again, content
        elif what == 7 and len(found) > 1:
            del found[place]
        elif what == 8:
            found.append((kind, name + b"%d" % rng.randrange(30), found[other][2]))
        else:
            found[place] = rng.choice(KINDS), name, rng.choice((content, found[other][1], name))
    return _joined(found)
