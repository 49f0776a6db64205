"""Extractors that look at one network, at other layers or with other poolings: computed together.

Each stays an extractor by itself, with its own rows, key and errors. Behind them the network runs
once for each image, where joining gives the same bits; where it does not, each runs its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bioselect.backbones.joining import JoinedNetwork, join_networks
from bioselect.features.deep import NetworkFeatures
from bioselect.features.transforming import Part

#: Fewer images are not worth it: whether joining gives the same bits is tried on some itself.
MIN_IMAGES_JOINED = 16


def join(parts: Sequence[Part]) -> list[Part]:
    """Return the parts; those with a trunk in common get extractors that compute together.

    Parameters
    ----------
    parts : sequence of Part
        Those that are given the same images in the same batches.
    """
    networks: dict[str, list[NetworkFeatures]] = {}
    trunks = [trunk_of(part.extractor) for part in parts]
    for part, trunk in zip(parts, trunks, strict=True):
        if trunk is not None and isinstance(part.extractor, NetworkFeatures):
            networks.setdefault(trunk, []).append(part.extractor)
    joint = {trunk: _Joint(some) for trunk, some in networks.items() if len(some) > 1}
    return [
        part if trunk not in joint else replace(part, extractor=_Member(joint[trunk], place))
        for part, trunk, place in zip(parts, trunks, _places_among_equals(trunks), strict=True)
    ]


def trunk_of(extractor: Any) -> str | None:
    """Return what extractors have in common that may be joined; None of those that may not."""
    if not isinstance(extractor, NetworkFeatures):
        return None
    try:
        trunk: str | None = extractor.backbone.network.trunk
    except Exception:  # Its own rows will not be had either, and then it says why.
        return None
    return trunk


def _places_among_equals(trunks: Sequence[str | None]) -> list[int]:
    return [trunks[:place].count(trunk) for place, trunk in enumerate(trunks)]


class _Joint:
    """Some extractors of one trunk, and the networks that were joined for them."""

    def __init__(self, extractors: Sequence[NetworkFeatures]) -> None:
        self.extractors = list(extractors)
        self.groups: list[_Group] | None = None

    def rows(self, number: int, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return what one of the extractors gives for some images."""
        if self.groups is None:
            self.groups = self._joined()
        extractor = self.extractors[number]
        for group in self.groups:
            if extractor.backbone.network in group.joined.networks:
                return group.rows(extractor, images)
        return extractor.transform(images)

    def _joined(self) -> list[_Group]:
        try:
            networks = [one.backbone.network for one in self.extractors]
            return [_Group(joined) for joined in join_networks(networks)]
        except Exception:
            # One of them may be out of order: that is its own matter, and not that of the others.
            return []


class _Group:
    """A joined network; the rows of the last images are kept until all have taken theirs."""

    def __init__(self, joined: JoinedNetwork) -> None:
        self.joined = joined
        self.images: list[np.ndarray] = []
        self.found: list[np.ndarray] = []

    def rows(self, extractor: NetworkFeatures, images: Sequence[np.ndarray]) -> np.ndarray:
        if not _are_same(images, self.images):
            self.images = []
            self.found = self.joined.rows(images, extractor.n_jobs)
            # The very arrays are held: another image cannot take their place in memory.
            self.images = list(images)
        return self.found[self.joined.networks.index(extractor.backbone.network)]


class _Member:
    """One of them, as an extractor."""

    def __init__(self, joint: _Joint, number: int) -> None:
        self.joint = joint
        self.number = number

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        return self.joint.rows(self.number, images)


def _are_same(images: Sequence[Any], others: Sequence[Any]) -> bool:
    return len(images) == len(others) and all(map(_is, images, others))


def _is(one: Any, other: Any) -> bool:
    return one is other
