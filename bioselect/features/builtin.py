"""The extractors that come with bioselect, as data: nothing is imported to read their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.backbones.row import BackboneRow
from bioselect.backbones.table import ROWS, model_file_parameters, parameters_of
from bioselect.registry import ComponentRow, Parameter

_DESCRIPTORS = "bioselect.features.descriptors"


def _channels(default: str, *more: str) -> Parameter:
    return Parameter(
        "channels",
        default,
        choices=(*more, "each", "mean"),
        summary="every channel on its own, or the mean of the channels"
        if not more
        else "the channel with the strongest gradient, every channel on its own, or their mean",
    )


_COLOR_HISTOGRAM = ComponentRow(
    name="color_histogram",
    target=f"{_DESCRIPTORS}.color_histogram:ColorHistogram",
    summary="how much of the image has which colour (48 features for 3 channels)",
    parameters=(
        Parameter(
            "space",
            "rgb",
            choices=("rgb", "hsv", "lab"),
            summary="rgb takes any channels as they are; hsv and lab need three",
        ),
        Parameter("bins", 16, ("int",), minimum=2, maximum=256, summary="bins per channel"),
        Parameter(
            "joint",
            False,
            ("bool",),
            summary="one histogram of bins ** channels bins instead of one per channel",
        ),
    ),
    reference="Swain, Ballard (1991), Color indexing, Int. J. Computer Vision 7(1), 11-32",
)

_HOG = ComponentRow(
    name="hog",
    target=f"{_DESCRIPTORS}.hog:HistogramOfOrientedGradients",
    summary="which way edges run, cell by cell of a fixed grid (1764 features)",
    parameters=(
        Parameter(
            "size",
            128,
            ("int",),
            minimum=8,
            maximum=2048,
            summary="side that images are resized to, in pixels",
        ),
        Parameter("cell", 16, ("int",), minimum=2, summary="side of a cell in pixels"),
        Parameter("block", 2, ("int",), minimum=1, summary="side of a block in cells"),
        Parameter(
            "orientations",
            9,
            ("int",),
            minimum=2,
            maximum=180,
            summary="classes of direction over 180 degrees",
        ),
        _channels("strongest", "strongest"),
    ),
    reference="Dalal, Triggs (2005), Histograms of oriented gradients for human detection, CVPR",
)

_LBP = ComponentRow(
    name="lbp",
    target=f"{_DESCRIPTORS}.lbp:LocalBinaryPatterns",
    summary="how often each small pattern of lighter and darker occurs (162 features for 3 "
    "channels)",
    parameters=(
        Parameter(
            "radii",
            (1, 2, 3),
            ("list",),
            summary="radii of the circles in pixels, 1 to 5; 8 points per pixel of radius",
        ),
        _channels("each"),
    ),
    reference="Ojala, Pietikäinen, Mäenpää (2002), Multiresolution gray-scale and rotation "
    "invariant texture classification with local binary patterns, IEEE TPAMI 24(7), 971-987",
)

_HARALICK = ComponentRow(
    name="haralick",
    target=f"{_DESCRIPTORS}.haralick:Haralick",
    summary="13 measures of which grey levels lie side by side (234 features for 3 channels)",
    parameters=(
        Parameter("levels", 64, ("int",), minimum=2, maximum=256, summary="grey levels"),
        Parameter(
            "distances",
            (1, 2, 4),
            ("list",),
            summary="distances of the two pixels of a pair, 1 to 64 pixels",
        ),
        Parameter(
            "range",
            "unit",
            choices=("unit", "image"),
            summary="levels cover [0, 1], or the channel's own smallest to largest value",
        ),
        _channels("each"),
    ),
    reference="Haralick, Shanmugam, Dinstein (1973), Textural features for image classification, "
    "IEEE Trans. Systems, Man, and Cybernetics 3(6), 610-621",
)

_INTENSITY = ComponentRow(
    name="intensity",
    target=f"{_DESCRIPTORS}.intensity:Intensity",
    summary="statistics of the pixels' values per channel (42 features for 3 channels)",
    parameters=(
        Parameter(
            "quantiles",
            (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99),
            ("list",),
            summary="which quantiles, from 0 to 1",
        ),
        _channels("each"),
    ),
    reference="Gonzalez, Woods (2018), Digital image processing, 4th edition, section 11.3",
)

_HU_MOMENTS = ComponentRow(
    name="hu_moments",
    target=f"{_DESCRIPTORS}.hu_moments:HuMoments",
    summary="overall shape of what is bright and what is dark, wherever it lies (28 features)",
    parameters=(
        Parameter(
            "foreground",
            "both",
            choices=("both", "bright", "dark"),
            summary="what the object is: brighter or darker than its surroundings, or both ways",
        ),
        _channels("mean"),
    ),
    reference="Hu (1962), Visual pattern recognition by moment invariants, IRE Trans. Information "
    "Theory 8(2), 179-187; Otsu (1979), IEEE Trans. Systems, Man, and Cybernetics 9(1), 62-66",
)

_CONCAT = ComponentRow(
    name="concat",
    target="bioselect.features.concat:Concat",
    summary="the rows of several extractors side by side",
    parameters=(
        Parameter(
            "extractors",
            None,
            ("list",),
            summary="names, or mappings with name and params, in the order of the columns",
            required=True,
        ),
    ),
    reference="bioselect",
)

_MODEL_FILE = ComponentRow(
    name="model_file",
    target="bioselect.features.deep:ModelFile",
    summary="a layer of your own Keras model (.keras or whole-model .h5)",
    parameters=model_file_parameters(),
    reference="https://keras.io/guides/serialization_and_saving/",
)


def _of_backbone(row: BackboneRow) -> ComponentRow:
    return ComponentRow(
        name=row.name,
        target="bioselect.features.deep:DeepFeatures",
        summary=row.summary,
        parameters=parameters_of(row),
        fixed=(("architecture", row.name),),
        reference=row.reference,
        # 2: weights of one's own take their pixels as they were trained.
        version=2 if row.is_scaled_twice else 1,
    )


_ROWS = (
    _COLOR_HISTOGRAM,
    _HARALICK,
    _HOG,
    _HU_MOMENTS,
    _INTENSITY,
    _LBP,
    _CONCAT,
    _MODEL_FILE,
    *(_of_backbone(row) for row in ROWS.values()),
)

#: Every extractor that comes with bioselect, by its name in a configuration.
EXTRACTORS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
