"""Training in fewer digits: convolutions in bfloat16, weights and everything behind in float32."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bioselect.backbones.keras_import import import_keras
from bioselect.networks.blocks import leaves


@contextmanager
def mixed_precision(body: Any, is_mixed: bool) -> Iterator[None]:
    """Have the layers of a body compute in bfloat16 inside the block, if that is wanted.

    Their weights stay in float32, and so the network that was trained computes in float32. No
    scaling of the loss is needed: bfloat16 has the range of float32.
    """
    if not is_mixed:
        yield
        return
    policy = import_keras().dtype_policies.DTypePolicy("mixed_bfloat16")
    before = [(layer, layer.dtype_policy) for layer in leaves(body)]
    try:
        for layer, _ in before:
            layer.dtype_policy = policy
        yield
    finally:
        for layer, own in before:
            layer.dtype_policy = own
