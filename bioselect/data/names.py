"""Names of files as text: those that are no valid text, and accents that are stored in two ways."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from bioselect.addresses import is_address, joined, place_of
from bioselect.visible import is_visible_line, visible_line, without_breaks

#: White space, the zero-width space, marks of direction, the byte order mark.
_UNSEEN = " \t\n\r\v\f\xa0\u2002\u2003\u2009\u202f\u3000\u200b\u200e\u200f\u2060\ufeff"


def is_text(path: Path | str) -> bool:
    r"""Tell whether a path can be shown and saved; on Linux a name may be any bytes.

    Examples
    --------
    >>> is_text("cell.png"), is_text(os.fsdecode(b"z\xe4hler.png")), is_text("a\nb.png")
    (True, False, False)
    """
    return not name_problem(path)


def name_problem(path: Path | str) -> str:
    r"""Say why a path cannot be shown and saved, or nothing.

    Examples
    --------
    >>> name_problem("a\x1b[2Jb.png")
    'must hold no line break and no sign that cannot be seen'
    """
    text = str(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "must be valid UTF-8"
    if is_visible_line(text):
        return ""
    return "must hold no line break and no sign that cannot be seen"


def as_text(path: Path | str) -> str:
    r"""Return a path with forward slashes as text that can be shown and saved.

    Bytes that are no text are written as ``\xe4``, and so is what cannot be seen.

    Examples
    --------
    >>> as_text(os.fsdecode(b"a/z\xe4hler.png"))
    'a/z\\xe4hler.png'
    """
    text = path if isinstance(path, str) else path.as_posix()
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        text = os.fsencode(text).decode("utf-8", "backslashreplace")
    return visible_line(text)


def composed(text: str) -> str:
    r"""Return text with each accent in one character with its letter (Unicode NFC).

    macOS stores ``ä`` in names of files as ``a`` and two dots, most others as one character. Both
    look the same and mean the same, so classes and groups are compared in this form. A blank stands
    for the end of a line inside of a name, as Excel allows it, and for what else cannot be seen.

    Examples
    --------
    >>> composed("za\u0308hler") == "zähler", composed("dose\n(mg)")
    (True, 'dose (mg)')
    """
    return unicodedata.normalize("NFC", without_breaks(text))


def trimmed(text: str) -> str:
    r"""Return text without what cannot be seen at its ends: blanks, and marks of no width.

    Copied from a web page or a PDF file, a name may end in a mark that no editor shows.

    Examples
    --------
    >>> trimmed(" tumour\u200b ")
    'tumour'
    """
    return text.strip(_UNSEEN)


def exists(path: Path) -> bool:
    """Tell whether something lies there; what cannot be looked at counts, so that reading says why.

    Examples
    --------
    >>> exists(Path("x" * 5000))
    False
    """
    try:
        return path.exists()
    except PermissionError:
        return True
    except (OSError, ValueError):  # Too long for this system, or no possible name at all.
        return False


def stored_path(root: Path, written: str) -> Path:
    """Return the path of a file whose name somebody wrote, with accents as they are on the disk.

    Where there is no such file in any form, the path is the one that was written. An address has
    its place on this disk.
    """
    path = place_of(written) if is_address(written) else joined(root, written)
    if written.isascii() or exists(path):
        return path
    place = root
    for part in Path(written).parts:  # The folders may come from another system than the file.
        forms = (part, *(unicodedata.normalize(form, part) for form in ("NFC", "NFD")))
        place = next((place / form for form in forms if exists(place / form)), place / part)
    return place if exists(place) else path
