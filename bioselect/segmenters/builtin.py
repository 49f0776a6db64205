"""The table of built-in segmenters: names, what makes them, parameters. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.registry import ComponentRow, Parameter

_OTSU = ComponentRow(
    "otsu",
    "bioselect.segmenters.otsu:OtsuSegmenter",
    "the threshold that divides each image's grey values best; 2 to 4 classes; a baseline",
    (
        Parameter(
            "channel",
            "auto",
            ("int",),
            ("auto", "mean"),
            minimum=0,
            summary="a channel, counted from 0; mean of all; auto: the best on training images",
        ),
    ),
    reference="Otsu (1979), IEEE Transactions on Systems, Man, and Cybernetics 9, 62-66",
)

_ROWS: tuple[ComponentRow, ...] = (_OTSU,)

#: Every segmenter that comes with bioselect, by its name in a configuration.
SEGMENTERS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
