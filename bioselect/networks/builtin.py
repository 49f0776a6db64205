"""The table of built-in networks: names, what builds them, parameters. Data only."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from bioselect.backbones.row import BackboneRow
from bioselect.backbones.table import ROWS
from bioselect.networks.parameters import common_parameters
from bioselect.registry import ComponentRow, Parameter

#: What a network of anybody's own takes besides the parameters of its builder.
COMMON_PARAMETERS = common_parameters()

_WIDTH = Parameter("width", 64, ("int",), minimum=1, summary="channels of the first stage")
_STEM = Parameter(
    "stem",
    "auto",
    choices=("auto", "large", "small"),
    summary="large: 7 x 7 with stride 2 and pooling, for 224 px; small: 3 x 3, for 28 px; auto: "
    "small up to 64 px a side",
)


#: Of some hundred images an epoch has few batches: a small network needs smaller and more of them,
#: and patience. Measured on both sets of `datasets/`, see `CONTRIBUTING.md`.
_OF_FEW_IMAGES = common_parameters(epochs=40, batch_size=16, early_stopping=15)


def _row(
    name: str,
    module: str,
    summary: str,
    reference: str,
    *own: Parameter,
    version: int = 1,
    common: tuple[Parameter, ...] = COMMON_PARAMETERS,
) -> ComponentRow:
    return ComponentRow(
        name=name,
        target=f"bioselect.networks.architectures.{module}:{name}",
        summary=summary,
        parameters=(*own, *common),
        reference=reference,
        version=version,
    )


def _of_backbone(row: BackboneRow) -> ComponentRow:
    """Return the row of a network of `keras.applications`, which has weights of its own."""
    width = (
        (Parameter("alpha", 1.0, choices=row.alphas, summary="how wide the network is"),)
        if row.has_alpha
        else ()
    )
    height, width_px = row.input_size
    return ComponentRow(
        name=row.name,
        target="bioselect.networks.architectures.applications:application",
        summary=f"{row.constructor.split(':')[1]} of keras.applications, "
        f"{row.operations / 1e9:.2g} GFLOP for an image of {height} x {width_px}",
        parameters=(*width, *common_parameters(weights="imagenet")),
        fixed=(("architecture", row.name),),
        reference=row.reference,
    )


_ROWS = (
    _row(
        "small_cnn",
        "small_cnn",
        "four blocks of two convolutions; some hundred small images, minutes; images above 64 px "
        "are brought to 96 px unless input_size says otherwise",
        "bioselect",
        Parameter("filters", 32, ("int",), minimum=1, summary="channels of the first block"),
        Parameter("n_blocks", 4, ("int",), minimum=1, maximum=8, summary="how many blocks"),
        version=2,
        common=_OF_FEW_IMAGES,
    ),
    _row(
        "resnet18",
        "resnet",
        "18 layers with short cuts, 11 million weights; images of 28 or of 224 pixels",
        "He et al. 2016, arXiv:1512.03385",
        _STEM,
        _WIDTH,
    ),
    _row(
        "resnet34",
        "resnet",
        "34 layers with short cuts, 21 million weights; images of 28 or of 224 pixels",
        "He et al. 2016, arXiv:1512.03385",
        _STEM,
        _WIDTH,
    ),
    _row(
        "alexnet",
        "alexnet",
        "five convolutions and two wide dense layers, 57 million weights",
        "Krizhevsky 2014, arXiv:1404.5997",
        Parameter("units", 4096, ("int",), minimum=1, summary="width of the dense layers"),
    ),
    *(_of_backbone(row) for row in ROWS.values()),
)

#: Every network that comes with bioselect, by its name in a configuration.
NETWORKS: Mapping[str, ComponentRow] = MappingProxyType({row.name: row for row in _ROWS})
