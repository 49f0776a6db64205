"""The table of built-in segmenters: names, what makes them, parameters. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.backbones.table import ROWS
from bioselect.networks.masks.parameters import mask_parameters
from bioselect.registry import ComponentRow, Parameter
from bioselect.segmenters.filter_scales import scales_problem

#: What a network of anybody's own takes besides the parameters of its builder.
COMMON_PARAMETERS = mask_parameters()

_DEPTH = Parameter("depth", 4, ("int",), minimum=1, maximum=8, summary="how often a map is halved")
_WIDTH = Parameter(
    "width", 32, ("int",), minimum=1, summary="channels at the top, doubled with every halving"
)
_NORM = Parameter(
    "norm", "batch", choices=("batch", "group", "none"), summary="after each convolution"
)
_DROPOUT = Parameter(
    "dropout",
    0.0,
    ("float",),
    minimum=0,
    maximum=0.95,
    summary="share of channels left out in the lowest levels, anew in every step",
)
_RESIDUAL = Parameter(
    "residual", False, ("bool",), summary="each block adds what came in to what it gives"
)
_UPSAMPLING = Parameter(
    "upsampling", "bilinear", choices=("bilinear", "transposed"), summary="how a map is doubled"
)


def _network(name: str, summary: str, reference: str, *own: Parameter) -> ComponentRow:
    return ComponentRow(
        name=name,
        target=f"bioselect.networks.architectures.{name}:{name}",
        summary=summary,
        parameters=(*own, *COMMON_PARAMETERS),
        reference=reference,
    )


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

_ROWS: tuple[ComponentRow, ...] = (
    _network(
        "unet",
        "down, up, and across at every level; learns from some dozen images",
        "Ronneberger et al. 2015, arXiv:1505.04597",
        _DEPTH,
        _WIDTH,
        _NORM,
        _DROPOUT,
        _RESIDUAL,
        _UPSAMPLING,
    ),
    _network(
        "attention_unet",
        "a U-Net in which what comes up decides where each skip counts",
        "Oktay et al. 2018, arXiv:1804.03999",
        _DEPTH,
        _WIDTH,
        _NORM,
        _DROPOUT,
        _RESIDUAL,
        _UPSAMPLING,
    ),
    _network(
        "fpn",
        "a feature pyramid: every level is looked at, and their sum is the map",
        "Lin et al. 2017, arXiv:1612.03144; Kirillov et al. 2019, arXiv:1901.02446",
        _DEPTH,
        _WIDTH,
        Parameter(
            "pyramid_width", 64, ("int",), minimum=1, summary="channels of a level of the pyramid"
        ),
        _NORM,
        _DROPOUT,
        _RESIDUAL,
    ),
    _network(
        "unet_pretrained",
        "a U-Net whose way down is a network of keras.applications with its ImageNet weights",
        "Iglovikov and Shvets 2018, arXiv:1801.05746",
        Parameter("encoder", "mobilenet_v2", choices=tuple(ROWS), summary="a network of the table"),
        Parameter(
            "weights",
            "imagenet",
            ("str",),
            summary="what the encoder begins with: imagenet, none (random, drawn with the seed), "
            "a Keras weights file, or a model with this network that bioselect trained",
        ),
        Parameter(
            "encoder_training",
            "trained",
            choices=("trained", "frozen"),
            summary="whether the encoder is trained on; where it begins with weights, its batch "
            "normalisation stays as it is",
        ),
        _WIDTH,
        _NORM,
        _RESIDUAL,
    ),
    _OTSU,
    _FOREST,
)

#: Every segmenter that comes with bioselect, by its name in a configuration.
SEGMENTERS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
