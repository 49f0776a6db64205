"""Words of a configuration about columns: the sign before a fraction, rows that are left out."""

from __future__ import annotations

import re

POINT, COMMA = ".", ","
#: Which rows are left out: those without a target, or those in which anything is missing.
WITHOUT_TARGET, INCOMPLETE = "without_target", "incomplete"
DROPS = (WITHOUT_TARGET, INCOMPLETE)
#: What YAML takes for itself, and nothing that it takes for anything else.
_PLAIN = re.compile(r"[A-Za-z_\u00c0-\uffff][\w ()/%+.-]*")
_NO_TEXT = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def as_yaml(name: str) -> str:
    """Return the name of a column as it is written in a configuration.

    Examples
    --------
    >>> as_yaml("mean area"), as_yaml("Unnamed: 0"), as_yaml("12"), as_yaml("it's")
    ('mean area', "'Unnamed: 0'", "'12'", "'it''s'")
    """
    is_plain = _PLAIN.fullmatch(name) is not None and name == name.strip()
    if is_plain and name.casefold() not in _NO_TEXT:
        return name
    return "'" + name.replace("'", "''") + "'"
