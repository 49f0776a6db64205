"""Words of a configuration about columns: the sign before a fraction, rows that are left out."""

from __future__ import annotations

POINT, COMMA = ".", ","
#: Which rows are left out: those without a target, or those in which anything is missing.
WITHOUT_TARGET, INCOMPLETE = "without_target", "incomplete"
DROPS = (WITHOUT_TARGET, INCOMPLETE)
