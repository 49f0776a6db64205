r"""Text that shows what is in it: no sign in a name moves the cursor or turns the line around.

Names of files and cells of tables come from anybody. Printed as they are, escape sequences colour,
clear or rewrite a terminal, and marks of direction make one name look like another.
"""

from __future__ import annotations

import re

from bioselect.addresses import named

#: Control characters, ends of lines that are none for us, embedding and overriding of direction.
_UNSEEN = "\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
_INVISIBLE = re.compile(f"[{_UNSEEN}]")
_INVISIBLE_OR_BREAK = re.compile(f"[{_UNSEEN}\n]")


def visible(text: str) -> str:
    r"""Return text of any number of lines in which what cannot be seen stands as a code.

    Copies of remote files are called by their addresses.

    Examples
    --------
    >>> print(visible("a\x1b[31mb\nc\u202e"))
    a\x1b[31mb
    c\u202e
    """
    return _INVISIBLE.sub(_code, named(text))


def visible_line(text: str) -> str:
    r"""Return a name as one line: ends of lines stand as codes, too.

    Examples
    --------
    >>> print(visible_line("a\nerror: b"))
    a\nerror: b
    """
    return _INVISIBLE_OR_BREAK.sub(_code, named(text))


def is_visible_line(text: str) -> bool:
    r"""Tell whether a name can be shown as it is.

    Examples
    --------
    >>> is_visible_line("Zähler 1"), is_visible_line("a\tb")
    (True, False)
    """
    return _INVISIBLE_OR_BREAK.search(text) is None


def visible_json(written: str) -> str:
    r"""Return JSON that means the same and that no terminal obeys: as JSON escapes it.

    Parameters
    ----------
    written : str
        As :func:`json.dumps` writes it: the control characters that JSON forbids are escaped
        already, others (C1, marks of direction) may stand there as they are.

    Examples
    --------
    >>> print(visible_json('{"name": "a\x9bb"}'))
    {"name": "a\u009bb"}
    """
    return _INVISIBLE.sub(lambda found: f"\\u{ord(found[0]):04x}", written)


def without_breaks(text: str) -> str:
    r"""Return a name with a blank for each run of what cannot be seen.

    Examples
    --------
    >>> without_breaks("dose\r\n(mg)")
    'dose (mg)'
    """
    return text if is_visible_line(text) else re.sub(f"(?:[{_UNSEEN}\n])+", " ", text)


def _code(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
