"""The steps that come with bioselect, as data: nothing is imported to read their names."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.augmentation.ranges import range_parameter
from bioselect.component import ComponentRow, Parameter

_PACKAGE = "bioselect.augmentation"


def _probability(default: float, of: str = "an image gets it") -> Parameter:
    return Parameter(
        "probability",
        default,
        ("float",),
        minimum=0,
        maximum=1,
        summary=f"how often {of}, from 0 to 1",
    )


_PER_CHANNEL = Parameter(
    "per_channel",
    False,
    ("bool",),
    summary="draw for each channel on its own, as stains vary, or once for all of them",
)
_CHANNELS = Parameter(
    "channels",
    "auto",
    choices=("auto", "rgb"),
    summary="auto: three channels of 8 bits are red, green and blue; rgb: these are, whatever "
    "their depth",
)

_HORIZONTAL_FLIP = ComponentRow(
    name="horizontal_flip",
    target=f"{_PACKAGE}.affine:HorizontalFlip",
    summary="left becomes right",
    parameters=(_probability(0.5),),
)

_VERTICAL_FLIP = ComponentRow(
    name="vertical_flip",
    target=f"{_PACKAGE}.affine:VerticalFlip",
    summary="up becomes down",
    parameters=(_probability(0.5),),
)

_ROTATION = ComponentRow(
    name="rotation",
    target=f"{_PACKAGE}.affine:Rotation",
    summary="turned about the middle; what comes in from outside is mirrored",
    parameters=(
        range_parameter(
            "degrees", (-15.0, 15.0), -180.0, 180.0, "by so many degrees, counter-clockwise"
        ),
        _probability(1.0),
    ),
)

_ROTATION_90 = ComponentRow(
    name="rotation_90",
    target=f"{_PACKAGE}.affine:QuarterTurns",
    summary="turned by 90, 180 or 270 degrees, pixel for pixel; where height and width differ by "
    "180 only",
    parameters=(_probability(0.75),),
)

_RANDOM_RESIZED_CROP = ComponentRow(
    name="random_resized_crop",
    target=f"{_PACKAGE}.affine:RandomResizedCrop",
    summary="a part of the image, stretched to its size",
    parameters=(
        range_parameter("area", (0.5, 1.0), 0.01, 1.0, "which part of the image's area"),
        range_parameter(
            "ratio",
            (0.8, 1.25),
            0.1,
            10.0,
            "width by height of the part, against those of the image",
        ),
        _probability(1.0),
    ),
    reference="Szegedy et al. (2015), Going deeper with convolutions, CVPR",
)

_SCALE = ComponentRow(
    name="scale",
    target=f"{_PACKAGE}.affine:Scale",
    summary="larger or smaller about the middle; what comes in from outside is mirrored",
    parameters=(
        range_parameter("factor", (0.9, 1.1), 0.5, 2.0, "so many times as large"),
        _probability(1.0),
    ),
)

_SHIFT = ComponentRow(
    name="shift",
    target=f"{_PACKAGE}.affine:Shift",
    summary="moved sideways, up and down; what comes in from outside is mirrored",
    parameters=(
        range_parameter("x", (-0.1, 0.1), -0.5, 0.5, "to the right, as a part of the width"),
        range_parameter("y", (-0.1, 0.1), -0.5, 0.5, "down, as a part of the height"),
        _probability(1.0),
    ),
)

_ELASTIC = ComponentRow(
    name="elastic",
    target=f"{_PACKAGE}.elastic:Elastic",
    summary="bent smoothly, as tissue is",
    parameters=(
        range_parameter(
            "displacement",
            (0.1, 0.25),
            0.0,
            # From one third on, what lies between two nodes could be turned inside out.
            0.3,
            "how far a node of a coarse grid moves at most, as a part of the distance of nodes",
        ),
        Parameter(
            "nodes",
            6,
            ("int",),
            minimum=2,
            maximum=32,
            summary="nodes along the shorter side: few for large bends, many for small ones",
        ),
        _probability(0.5),
    ),
    reference="Simard, Steinkraus, Platt (2003), Best practices for convolutional neural networks, "
    "ICDAR; Ronneberger et al. (2015), U-Net, MICCAI",
)

_BRIGHTNESS = ComponentRow(
    name="brightness",
    target=f"{_PACKAGE}.levels:Brightness",
    summary="lighter or darker, by a part of the range of each channel (darkest to lightest pixel)",
    parameters=(
        range_parameter("amount", (-0.1, 0.1), -1.0, 1.0, "what is added, as a part of the range"),
        _PER_CHANNEL,
        _probability(1.0),
    ),
)

_CONTRAST = ComponentRow(
    name="contrast",
    target=f"{_PACKAGE}.levels:Contrast",
    summary="differences from the mean of each channel are multiplied",
    parameters=(
        range_parameter("factor", (0.8, 1.25), 0.0, 4.0, "by what; 1 changes nothing"),
        _PER_CHANNEL,
        _probability(1.0),
    ),
)

_GAMMA = ComponentRow(
    name="gamma",
    target=f"{_PACKAGE}.levels:Gamma",
    summary="pixels are raised to a power, between the darkest and the lightest of each channel",
    parameters=(
        range_parameter(
            "exponent", (0.8, 1.25), 0.2, 5.0, "below 1 lights up dark parts, above 1 darkens them"
        ),
        _PER_CHANNEL,
        _probability(1.0),
    ),
)

_SATURATION = ComponentRow(
    name="saturation",
    target=f"{_PACKAGE}.colours:Saturation",
    summary="paler or more colourful; for images in colour only",
    parameters=(
        range_parameter("factor", (0.7, 1.3), 0.0, 4.0, "0 gives grey, 1 changes nothing"),
        _CHANNELS,
        _probability(1.0),
    ),
)

_HUE = ComponentRow(
    name="hue",
    target=f"{_PACKAGE}.colours:Hue",
    summary="colours moved along the circle of colours; for images in colour only",
    parameters=(
        range_parameter("degrees", (-10.0, 10.0), -180.0, 180.0, "by so many of 360 degrees"),
        _CHANNELS,
        _probability(1.0),
    ),
)

_GAUSSIAN_NOISE = ComponentRow(
    name="gaussian_noise",
    target=f"{_PACKAGE}.noise:GaussianNoise",
    summary="random numbers added to every pixel, by the range of each channel",
    parameters=(
        range_parameter("sd", (0.0, 0.05), 0.0, 1.0, "standard deviation, as a part of the range"),
        _probability(0.5),
    ),
)

_GAUSSIAN_BLUR = ComponentRow(
    name="gaussian_blur",
    target=f"{_PACKAGE}.noise:GaussianBlur",
    summary="out of focus",
    parameters=(
        range_parameter(
            "sigma", (0.0, 1.0), 0.0, 50.0, "standard deviation in pixels, as the network sees them"
        ),
        _probability(0.5),
    ),
)

_CUTOUT = ComponentRow(
    name="cutout",
    target=f"{_PACKAGE}.cutout:Cutout",
    summary="rectangles are hidden",
    parameters=(
        range_parameter("size", (0.1, 0.3), 0.0, 1.0, "sides, as parts of the image's sides"),
        Parameter("holes", 1, ("int",), minimum=1, maximum=64, summary="how many rectangles"),
        Parameter(
            "fill", "mean", choices=("mean", "black"), summary="the mean of each channel, or 0"
        ),
        _probability(0.5),
    ),
    reference="DeVries, Taylor (2017), Improved regularization of convolutional neural networks "
    "with cutout, arXiv:1708.04552",
)

_MIXUP = ComponentRow(
    name="mixup",
    target=f"{_PACKAGE}.mixup:Mixup",
    summary="two images of a batch are blended, and their classes in the same proportion; comes "
    "after all other steps, wherever it is listed",
    parameters=(
        Parameter(
            "alpha",
            0.2,
            ("float",),
            minimum=0.01,
            maximum=10,
            summary="of the beta distribution: small for blends that are nearly one image",
        ),
        _probability(1.0, "an image is blended"),
    ),
    reference="Zhang et al. (2018), mixup: beyond empirical risk minimization, ICLR",
)

_ROWS = (
    _HORIZONTAL_FLIP,
    _VERTICAL_FLIP,
    _ROTATION,
    _ROTATION_90,
    _RANDOM_RESIZED_CROP,
    _SCALE,
    _SHIFT,
    _ELASTIC,
    _BRIGHTNESS,
    _CONTRAST,
    _GAMMA,
    _SATURATION,
    _HUE,
    _GAUSSIAN_NOISE,
    _GAUSSIAN_BLUR,
    _CUTOUT,
    _MIXUP,
)

#: Every step that comes with bioselect, by its name in a configuration.
STEPS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
