"""The two kinds of local descriptors: how long they are, and how two of them are compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

#: Roots of SIFT are whole numbers up to this, bits of ORB are 0 or the other. Then every product
#: of a descriptor with a word is a whole number below 2**23, which float32 holds: the nearest word
#: does not depend on the order in which a library adds, so an image alone has the same words as
#: among others, on every machine.
_LARGEST_ROOT, _BIT = 1024, 128


@dataclass(frozen=True)
class DescriptorKind:
    """A kind of local descriptor.

    `values` turns uint8 ``(n, n_bytes)`` into float32 ``(n, n_values)``, whole numbers whose
    Euclidean distances compare descriptors.
    """

    n_bytes: int
    n_values: int
    values: Callable[[np.ndarray], np.ndarray]


def root_sift(histograms: np.ndarray) -> np.ndarray:
    """Return the roots of the shares of each direction, times 1024, rounded.

    Euclidean distances of the roots compare histograms better than those of SIFT itself, in which
    few large entries decide (RootSIFT; Arandjelović, Zisserman 2012, "Three things everyone should
    know to improve object retrieval", CVPR). A patch without any gradient stays zero.

    Examples
    --------
    >>> root_sift(np.array([[1, 1, 0, 2], [0, 0, 0, 0]], dtype=np.uint8)).tolist()
    [[512.0, 512.0, 0.0, 724.0], [0.0, 0.0, 0.0, 0.0]]
    """
    counts = histograms.astype(np.float32)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), np.float32(1))
    rooted: np.ndarray = np.rint(np.float32(_LARGEST_ROOT) * np.sqrt(shares))
    return rooted


def bits(packed_bits: np.ndarray) -> np.ndarray:
    """Return the bits of each descriptor as 0 or 128: squared distances count those that differ.

    Examples
    --------
    >>> bits(np.array([[0b10000001]], dtype=np.uint8)).tolist()
    [[128.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 128.0]]
    """
    zeros_and_ones = np.unpackbits(packed_bits, axis=1)
    return np.multiply(zeros_and_ones, _BIT, dtype=np.float32)


SIFT, ORB = "sift", "orb"
KINDS: Mapping[str, DescriptorKind] = MappingProxyType(
    {SIFT: DescriptorKind(128, 128, root_sift), ORB: DescriptorKind(32, 256, bits)}
)
