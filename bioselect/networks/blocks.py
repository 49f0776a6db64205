"""Which layers of a body belong together, and which of them are trained."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bioselect.exceptions import ComponentError
from bioselect.networks.parameters import ALL, HEAD, HEAD_THEN_ALL

#: How networks call their blocks: stage1_block2 (ours, ConvNeXt), conv3_block1 (ResNet, DenseNet),
#: block5 (VGG, Xception, AlexNet), block2a (EfficientNet), block_7 (MobileNetV2), conv_dw_3 and
#: conv_pw_3 (one block of MobileNet).
_BLOCK = re.compile(
    r"stage_?\d+_block_?\d+|conv\d+_block\d+|expanded_conv(_\d+)?(?=_)|block_?\d+[a-z]?(?=_|$)"
    r"|(?<=conv_dw_)\d+|(?<=conv_pw_)\d+"
)
#: What a layer holds that does more than scale what comes in.
_KERNELS = ("kernel", "depthwise_kernel")


def blocks_of(body: Any) -> dict[str, list[Any]]:
    """Return the layers with weights of each block of a body, in the order of the network.

    A block is what the network's own names call so. Where they name none (the stem, what follows
    the last block, all of Inception), each convolution is one, with its normalisation.
    """
    blocks: dict[str, list[Any]] = {}
    name = ""
    for layer in leaves(body):
        if not layer.weights:
            continue
        found = _BLOCK.search(layer.name)
        if found is not None:
            name = found.group()
        elif not name or any(hasattr(layer, kernel) for kernel in _KERNELS):
            name = layer.name
        blocks.setdefault(name, []).append(layer)
    return blocks


def leaves(model: Any) -> Iterator[Any]:
    """Give the layers of a model, and those of models inside it, in their order."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from leaves(layer)
        else:
            yield layer


def choose_trained(body: Any, trainable: str | int, name: str, head_only: bool = False) -> None:
    """Say of each layer of a body whether it is trained.

    Parameters
    ----------
    body : keras.Model
        The network without its head, which is always trained.
    trainable : str or int
        The parameter.
    name : str
        What to call the network in an error.
    head_only : bool
        Whether the training is in its first part, when `head_then_all` trains the head.

    Raises
    ------
    ComponentError
        If there are fewer blocks.
    """
    is_trained = trainable != HEAD and not (trainable == HEAD_THEN_ALL and head_only)
    body.trainable = is_trained
    # Keras leaves layers alone where the model itself says what it said before.
    for layer in leaves(body):
        layer.trainable = is_trained
    if trainable in (HEAD, ALL, HEAD_THEN_ALL):
        return
    blocks = blocks_of(body)
    number = int(trainable)
    if number > len(blocks):
        raise ComponentError(
            f"{name}: params.trainable must be at most {len(blocks)}, the blocks of the network. "
            f"Got {number}. Write all to train everything."
        )
    for block in list(blocks.values())[: len(blocks) - number]:
        for layer in block:
            layer.trainable = False


def trained_variables(model: Any) -> list[Any]:
    """Return every variable that a training may change.

    Of layers that are not frozen these are weights and statistics of batch normalisation; of all
    layers the counters of random numbers: frozen layers draw some too.
    """
    found: dict[int, Any] = {}
    for layer in leaves(model):
        frozen = set() if layer.trainable else {id(weight) for weight in layer.weights}
        found.update({id(one): one for one in layer.variables if id(one) not in frozen})
    return list(found.values())
