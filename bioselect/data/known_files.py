"""What was found in files read before, so that they need not be decoded again.

A text file in the cache folder: a heading, then one line for each file, sorted. It only saves
time: whatever is missing from it, or damaged in it, is found again by reading the images.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, Generic, TypeVar

from bioselect.data.parts import PartName
from bioselect.data.reading import READING_VERSION
from bioselect.data.stacks import Stack
from bioselect.own_modules import distribution_version
from bioselect.storage import atomic_write_text, digest_of, explained_storage_errors

#: 2: spread, share at the maximum, blank channels, two values, look. 3: picture_sha256.
#: 4: brightness, border, focus, lettering; measures of quality; miniature.
FORMAT = 4
#: Another version of a decoder may give other pixels: then the files are read again.
_DECODERS = (
    "pillow",
    "tifffile",
    "imagecodecs",
    "opencv-python",
    "opencv-python-headless",
    "pydicom",
    "nibabel",
)
_CHECK = "check"


@dataclass(frozen=True)
class PixelFacts:
    """What the pixels of one image are, as in `fingerprint.ImageFingerprint`."""

    pixels_sha256: str
    picture_sha256: str
    height: int
    width: int
    n_channels: int
    dtype: str
    minimum: float
    maximum: float
    spread: float
    share_at_maximum: float
    n_blank_channels: int
    is_two_valued: bool
    look: str
    miniature: str
    quality: list[float] = field(default_factory=list)
    brightness: tuple[float, ...] = ()
    border: tuple[float, ...] = ()
    focus: float = 0.0
    lettering: float = 0.0

    def __post_init__(self) -> None:
        # JSON has lists in place of tuples.
        object.__setattr__(self, "brightness", tuple(self.brightness))
        object.__setattr__(self, "border", tuple(self.border))


#: What is known of a file: a dataclass whose fields JSON can hold.
Facts = TypeVar("Facts")


def known_key(sha256: str, part: str, stack: Stack | None) -> str:
    """Return under which key the pixels of an image are known.

    It is the SHA-256 of its file, with the part of the file that the image is, or, where the
    planes of the file become one image, how.

    Examples
    --------
    >>> known_key("ab12", "", None), known_key("ab12", "7", Stack("every", 1))
    ('ab12', 'ab12#7')
    >>> known_key("ab12", "", Stack("max"))
    'ab12 {projection: max}'
    """
    key = f"{sha256}#{part}" if part else sha256
    if stack is None or stack.lists_planes or not PartName.of(Path(), part).is_whole_file:
        return key
    return f"{key} {stack.in_words()}"


class KnownFiles(Generic[Facts]):
    """SHA-256 of a file's bytes -> the facts about its pixels, kept in a file of ours.

    A part of a file, and one image made from the planes of a stack, has a key of its own; see
    :func:`known_key`.

    Parameters
    ----------
    path : Path or None
        Where they are kept; None keeps them in memory only.
    kind : type
        What the facts are: a frozen dataclass, such as :class:`PixelFacts`.
    facts : mapping or None
        What is known already.

    Examples
    --------
    >>> memory = KnownFiles.from_file(None, PixelFacts)
    >>> facts = PixelFacts(
    ...     "cd", "cd", 2, 3, 1, "uint8", 0.0, 255.0, 250.0, 0.01, 0, False, "0f", "AAAA"
    ... )
    >>> memory.add("ab12", facts)
    >>> memory.get("ab12").width
    3
    """

    def __init__(
        self, path: Path | None, kind: type[Facts], facts: Mapping[str, Facts] | None = None
    ) -> None:
        self.path = path
        self.kind = kind
        self.facts = dict(facts or {})
        self.n_new = 0

    @classmethod
    def from_file(cls, path: Path | None, kind: type[Facts]) -> KnownFiles[Facts]:
        """Read what is known; a file that is missing, damaged or of another version is empty."""
        return cls(path, kind, None if path is None else _read(path, kind))

    def get(self, sha256: str) -> Facts | None:
        """Return what is known of the file with these bytes."""
        return self.facts.get(sha256)

    def add(self, sha256: str, facts: Facts) -> None:
        """Remember; nothing is written before :meth:`save`."""
        if sha256 not in self.facts:
            self.facts[sha256] = facts
            self.n_new += 1

    def save(self) -> None:
        """Write everything, whole or not at all; what other processes added meanwhile is kept.

        Raises
        ------
        StorageError
            If the file cannot be written.
        """
        if self.path is None or self.n_new == 0:
            return
        merged = {**_read(self.path, self.kind), **self.facts}
        lines = [json.dumps(_heading())]
        lines += [_line(sha256, merged[sha256]) for sha256 in sorted(merged)]
        atomic_write_text(self.path, "\n".join(lines) + "\n")
        self.facts, self.n_new = merged, 0


def _heading() -> dict[str, Any]:
    return {"format": FORMAT, "reading_version": READING_VERSION, "decoders": _decoder_versions()}


def _decoder_versions() -> dict[str, str]:
    versions = {}
    for package in _DECODERS:
        try:
            versions[package] = distribution_version(package)
        except PackageNotFoundError:
            continue
    return versions


def _line(sha256: str, facts: Any) -> str:
    row = {"sha256": sha256, **asdict(facts)}
    return json.dumps({**row, _CHECK: digest_of(row)[:16]})


def _read(path: Path, kind: type[Facts]) -> dict[str, Facts]:
    """Return what the file holds and is intact; nothing if it was made by another version."""
    with explained_storage_errors(path, "read"):
        if not path.is_file():
            return {}
        lines = path.read_bytes().split(b"\n")
    if _parsed(lines[0]) != _heading():
        return {}
    known = {}
    for line in lines[1:]:
        row = _parsed(line)
        if isinstance(row, dict) and row.pop(_CHECK, None) == digest_of(row)[:16]:
            sha256 = row.pop("sha256")
            known[sha256] = kind(**row)
    return known


def _parsed(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:  # Not JSON, or not even UTF-8.
        return None
