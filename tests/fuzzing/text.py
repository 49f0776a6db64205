"""Changes of text files: tables, YAML, JSON."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

_N_LOOKED_AT = 4096
_LINES = re.compile(rb"[^\n]*\n|[^\n]+")
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")
#: Words that YAML, JSON, spreadsheets, paths or file systems take for something else.
WORDS = (
    b"", b" ", b"null", b"~", b"true", b"no", b"nan", b".inf", b"-0", b"1e999", b"0x10", b"1_000",
    b"9" * 400, b"-1", b"18446744073709551616", b"!!python/object/apply:os.system [id]", b"!!binary x",
    b"!!set {a}", b"&a [*a, *a]", b"*a", b"<<: *a", b"{}", b"[]", b"[[", b"{a: ", b"? [1]\n: 2", b"- - -",
    b"=cmd|' /C calc'!A0", b"../../../x", b"/dev/null", b"~/x", b"C:\\x", b"\0", b"\xef\xbb\xbf", b"\xff\xfe",
    b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xf0\x9f\x92\xa9", b"<script>", b'"', b"'", b'"""', b"\r", b"\t", b"\x0b",
    b"%s%n", b"{0.__class__}", b"${HOME}", b"2024-13-45", b"12:30:45", b"#", b",", b";", b"sep=;", b"---\n",
    b"...\n", b"a" * 5000, b"[" * 1200, b"{\"a\":" * 1200, b"lambda", b"__import__('os')", b"builtins:exec",
)  # fmt: skip


def is_text(data: bytes) -> bool:
    """Tell whether bytes are text: UTF-8 without a zero at their beginning."""
    try:
        return "\0" not in data[:_N_LOOKED_AT].decode(errors="strict") and bool(data)
    except UnicodeDecodeError as error:
        return error.start > _N_LOOKED_AT - 4


def text_changes() -> list[Callable[[bytes, random.Random], bytes]]:
    """Return the changes of text."""
    return [changed_lines, other_word, other_number, inserted_word, other_indent, other_encoding]


def changed_lines(data: bytes, rng: random.Random) -> bytes:
    """Leave out, repeat or exchange lines."""
    lines = _LINES.findall(data)
    if not lines:
        return data
    here, there = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(4)
    if kind == 0:
        del lines[here]
    elif kind == 1:
        lines.insert(there, lines[here])
    elif kind == 2:
        lines[here], lines[there] = lines[there], lines[here]
    else:
        lines[here] *= rng.choice((2, 50))
    return b"".join(lines)


def other_word(data: bytes, rng: random.Random) -> bytes:
    """Write an odd word, or another one of the file, in place of a word."""
    found = list(_WORD.finditer(data))
    if not found:
        return data
    word = rng.choice(found)
    other = rng.choice(WORDS) if rng.random() < 0.6 else rng.choice(found).group()
    return data[: word.start()] + other + data[word.end() :]


def other_number(data: bytes, rng: random.Random) -> bytes:
    """Write an odd word or another number in place of a number."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return data
    number = rng.choice(found)
    other = rng.choice(
        (*WORDS[2:20], b"0", b"-1", b"1e-320", b"1e308", b"2147483648", b"0.5", b"1000000")
    )
    return data[: number.start()] + other + data[number.end() :]


def inserted_word(data: bytes, rng: random.Random) -> bytes:
    """Insert an odd word anywhere."""
    place = rng.randrange(len(data) + 1)
    return data[:place] + rng.choice(WORDS) + data[place:]


def other_indent(data: bytes, rng: random.Random) -> bytes:
    """Move a line to the right or to the left, or begin it with a dash."""
    lines = _LINES.findall(data)
    if not lines:
        return data
    place = rng.randrange(len(lines))
    line = lines[place]
    lines[place] = rng.choice((b"  " + line, line.lstrip(b" "), b"- " + line, b"\t" + line))
    return b"".join(lines)


def other_encoding(data: bytes, rng: random.Random) -> bytes:
    """Write the text in another encoding, or with other ends of lines."""
    kind = rng.randrange(5)
    if kind == 0:
        return data.replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b"\0")))
    if kind == 1:
        return data.replace(b",", rng.choice((b";", b"\t", b"|")))
    text = data.decode(errors="replace")
    return text.encode(
        rng.choice(("utf-16", "utf-16-be", "latin-1", "cp1252", "utf-8-sig")), "replace"
    )
