"""The descriptors computed from the pixels, as data: nothing is imported to read their names."""

from __future__ import annotations

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


def _orientations(pooled: str) -> Parameter:
    return Parameter(
        "orientations",
        "each",
        choices=("each", "pooled"),
        summary=f"every direction on its own, or pooled: {pooled}",
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
        Parameter(
            "cell",
            16,
            ("int",),
            minimum=2,
            summary="side of a cell in pixels; what fills no cell at the right and bottom is left "
            "out",
        ),
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
        Parameter(
            "mapping",
            "rotation_invariant_uniform",
            choices=("rotation_invariant_uniform", "uniform", "rotation_invariant"),
            summary="patterns with at most two changes by how many points are lighter; by where "
            "they begin as well (857 features a channel); or all patterns of 8 points, whichever "
            "way they are turned (108 features a channel)",
        ),
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
    reference="Gonzalez, Woods (2018), Digital image processing, 4th edition, section 11.4",
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
    version=2,
)

_GABOR = ComponentRow(
    name="gabor",
    target=f"{_DESCRIPTORS}.gabor:Gabor",
    summary="how strong waves of each length and direction are (144 features for 3 channels)",
    parameters=(
        Parameter(
            "frequencies",
            (0.05, 0.1, 0.2, 0.4),
            ("list",),
            summary="frequencies in cycles per pixel, 0.01 to 0.5; 0.1 is a wave of 10 pixels",
        ),
        Parameter(
            "n_orientations",
            6,
            ("int",),
            minimum=2,
            maximum=36,
            summary="directions over 180 degrees",
        ),
        _orientations("their mean and range, which stay when the image is turned"),
        _channels("each"),
    ),
    reference="Manjunath, Ma (1996), Texture features for browsing and retrieval of image data, "
    "IEEE TPAMI 18(8), 837-842",
    version=2,
)

_ZERNIKE = ComponentRow(
    name="zernike",
    target=f"{_DESCRIPTORS}.zernike:Zernike",
    summary="how what lies in a disc is spread, whichever way it is turned (72 features for 3 "
    "channels)",
    parameters=(
        Parameter(
            "degree",
            8,
            ("int",),
            minimum=1,
            maximum=20,
            summary="largest order of a polynomial",
        ),
        Parameter(
            "radius",
            "auto",
            ("float",),
            choices=("auto",),
            minimum=2,
            maximum=4096,
            summary="radius of the disc in pixels; auto is half the image's shorter side",
        ),
        Parameter(
            "center",
            "bright",
            choices=("bright", "dark", "image"),
            summary="middle of the disc: the centre of what is bright, of what is dark, or of the "
            "image",
        ),
        _channels("each"),
    ),
    reference="Khotanzad, Hong (1990), Invariant image recognition by Zernike moments, IEEE TPAMI "
    "12(5), 489-497",
)

_EDGES = ComponentRow(
    name="edges",
    target=f"{_DESCRIPTORS}.edges:Edges",
    summary="how strong and frequent edges are and which way they run (60 features for 3 channels)",
    parameters=(
        Parameter(
            "smoothing",
            1.0,
            ("float",),
            minimum=0,
            maximum=20,
            summary="standard deviation in pixels of the Gaussian that smooths before",
        ),
        Parameter(
            "quantiles",
            (0.25, 0.5, 0.75, 0.9, 0.99),
            ("list",),
            summary="which quantiles of the strength, from 0 to 1",
        ),
        Parameter(
            "directions",
            8,
            ("int",),
            minimum=2,
            maximum=180,
            summary="classes of direction over 180 degrees",
        ),
        _orientations("only how well they agree, which stays when the image is turned"),
        _channels("each"),
    ),
    reference="Jähne, Scharr, Körkel (1999), Principles of filter design, Handbook of Computer "
    "Vision and Applications 2, 125-151; Bigün, Granlund (1987), Optimal orientation detection of "
    "linear symmetry, ICCV, 433-438",
    version=2,
)

_GRANULARITY = ComponentRow(
    name="granularity",
    target=f"{_DESCRIPTORS}.granularity:Granularity",
    summary="how much of the light lies in grains of which size (30 features for 3 channels)",
    parameters=(
        Parameter(
            "radii",
            (1, 2, 4, 8, 16),
            ("list",),
            summary="radii of the openings in pixels, increasing, 1 to 100",
        ),
        Parameter(
            "background",
            32,
            ("int", "null"),
            minimum=2,
            maximum=500,
            summary="radius in pixels of the opening that is subtracted before; null for none",
        ),
        Parameter(
            "foreground",
            "both",
            choices=("both", "bright", "dark"),
            summary="grains brighter or darker than their surroundings, or both ways",
        ),
        _channels("each"),
    ),
    reference="Maragos (1989), Pattern spectrum and multiscale shape representation, IEEE TPAMI "
    "11(7), 701-716; McQuin et al. (2018), CellProfiler 3.0, PLoS Biology 16(7), e2005970",
)

#: Every descriptor, by name.
ROWS = (
    _COLOR_HISTOGRAM,
    _EDGES,
    _GABOR,
    _GRANULARITY,
    _HARALICK,
    _HOG,
    _HU_MOMENTS,
    _INTENSITY,
    _LBP,
    _ZERNIKE,
)
