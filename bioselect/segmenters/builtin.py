"""The table of built-in segmenters: names, what makes them, parameters. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.registry import ComponentRow

_ROWS: tuple[ComponentRow, ...] = ()

#: Every segmenter that comes with bioselect, by its name in a configuration.
SEGMENTERS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
