"""The table of built-in segmenters: names, what makes them, parameters. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.registry import ComponentRow, Parameter
from bioselect.segmenters.filter_scales import scales_problem

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

_FOREST = ComponentRow(
    "pixel_forest",
    "bioselect.segmenters.pixel_forest:PixelForest",
    "a random forest on filter responses around each pixel, as in ilastik; a baseline",
    (
        Parameter("trees", 50, ("int",), minimum=1, maximum=2000, summary="of the forest"),
        Parameter(
            "scales",
            (1.0, 2.0, 4.0, 8.0),
            ("list",),
            check=scales_problem,
            summary="of the filters in pixels: from the finest detail to the radius of an object",
        ),
        Parameter(
            "pixels",
            20_000,
            ("int",),
            minimum=10,
            summary="learnt from, of all images together",
        ),
        Parameter(
            "balance",
            "square_root",
            choices=("square_root", "equal", "as_is"),
            summary="how many of each class: as square roots of how many there are, equally many, "
            "or as they occur",
        ),
    ),
    reference="Berg et al. 2019, Nature Methods 16, 1226-1232; Breiman 2001, Machine Learning 45, "
    "5-32",
)

_ROWS: tuple[ComponentRow, ...] = (_OTSU, _FOREST)

#: Every segmenter that comes with bioselect, by its name in a configuration.
SEGMENTERS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
