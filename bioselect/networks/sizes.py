"""The size to which a network's images are brought, and how many channels they have then."""

from __future__ import annotations

from typing import Any

from bioselect.backbones.row import as_size, input_size_of
from bioselect.backbones.table import ROWS
from bioselect.component import ComponentRow
from bioselect.exceptions import ComponentError
from bioselect.networks.architectures.alexnet import SMALLEST_INPUT
from bioselect.networks.initial_weights import InitialWeights, channels_of

#: (height, width), None where images differ; and n_channels.
ImageShape = tuple[int | None, int | None, int]

#: Larger images are brought to 224 px (or what a network sees best), others stay as they are:
#: enlarging adds nothing but time.
USUAL = 224
#: What images that are too small for a network are brought to.
ENLARGED = 64
#: Smaller maps than one pixel there cannot be: three halvings.
SMALLEST = 8
_SMALLEST_OF = {"alexnet": SMALLEST_INPUT}
#: Its four blocks see 76 px: of a larger image that is texture without shape, and slow.
_USUAL_OF = {"small_cnn": 96}


def chosen_size(
    row: ComponentRow, name: str, written: Any, image_shape: ImageShape
) -> tuple[int, int]:
    """Return (height, width) out of what was written and what the images are.

    Raises
    ------
    ComponentError
        If it is too small for the network.

    Examples
    --------
    >>> from bioselect.networks.builtin import NETWORKS
    >>> resnet = NETWORKS["resnet18"]
    >>> chosen_size(resnet, "resnet18", "auto", (28, 28, 3))
    (28, 28)
    >>> chosen_size(resnet, "resnet18", "auto", (600, 800, 3))
    (224, 224)
    >>> chosen_size(resnet, "resnet18", "auto", (96, 120, 3))
    (96, 120)
    >>> chosen_size(NETWORKS["vgg16"], "vgg16", [96, 64], (28, 28, 3))
    (96, 64)
    """
    architecture = dict(row.fixed).get("architecture")
    if architecture is not None:
        return input_size_of(ROWS[architecture], None if written == "auto" else written)
    smallest = _SMALLEST_OF.get(row.name, SMALLEST)
    usual = _USUAL_OF.get(row.name, USUAL)
    size = as_size(name, written) if written != "auto" else _usual(image_shape, smallest, usual)
    if min(size) < smallest:
        raise ComponentError(
            f"{name}: params.input_size must be at least {smallest} a side. Got {list(size)}. "
            f"Write {max(smallest, ENLARGED)}, or another network."
        )
    return size


def _usual(image_shape: ImageShape, smallest: int, usual: int) -> tuple[int, int]:
    height, width, _ = image_shape
    if height is None or width is None or max(height, width) > usual:
        return usual, usual
    if min(height, width) < smallest:
        return max(ENLARGED, smallest), max(ENLARGED, smallest)
    return height, width


def chosen_channels(name: str, weights: InitialWeights, n_channels: int) -> int:
    """Return how many channels the images of a network have: grey is repeated where it needs more.

    Raises
    ------
    ComponentError
        If the network begins with weights for another number.
    """
    if weights.path is None:
        return n_channels
    needed = 3 if weights.origin == "application" else channels_of(weights.path)
    if n_channels in (needed, 1):
        return needed
    raise ComponentError(
        f"{name}: the weights that it begins with are for images with {needed} "
        f"channel{'s' * (needed != 1)}. Got {n_channels}. {_ways_out(needed)}"
    )


def _ways_out(needed: int) -> str:
    if needed == 1:
        return (
            "Weights of grey images fit no colours: choose one channel with dataset.channels, or "
            "write weights: none."
        )
    return "Choose as many with dataset.channels, or write weights: none."
