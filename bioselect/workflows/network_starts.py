"""Networks that are not ready yet: how long that takes, told before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.backbones.engines import KERAS
from bioselect.backbones.frozen_network import FrozenNetwork
from bioselect.features.base import FeatureExtractor
from bioselect.features.deep import NetworkFeatures
from bioselect.features.views import Views

#: Seconds on a laptop: to open a compiled network, and to build one with Keras, whose import is the
#: most of it, and compile it.
OPEN_SECONDS, BUILD_SECONDS = 2.0, 12.0
#: So many are named.
N_NAMED = 4


@dataclass(frozen=True)
class Start:
    """What has to be done before the first image, and about how many seconds it takes."""

    what: str
    seconds: float


def start_of(extractor: FeatureExtractor) -> Start | None:
    """Return what a network still needs; None for one that is ready, and for descriptors.

    Examples
    --------
    >>> from bioselect.features.deep import DeepFeatures
    >>> start_of(DeepFeatures("mobilenet_v2", weights="none", runtime="keras"))
    Start(what='loaded', seconds=12.0)
    """
    if isinstance(extractor, Views):
        return start_of(extractor.inner)
    if not isinstance(extractor, NetworkFeatures):
        return None
    try:
        network = extractor.backbone.network
        if network.runner is not None:
            return None
        if network.engine.runtime == KERAS:
            return Start("loaded", BUILD_SECONDS)
        if isinstance(network, FrozenNetwork) and not network.is_compiled():
            return Start("compiled for this machine, once,", BUILD_SECONDS)
    except Exception:
        return None  # The study itself will say what is wrong with it.
    return Start("loaded", OPEN_SECONDS)


def starts_in_words(starts: Sequence[tuple[str, Start]]) -> list[str]:
    """Return what will be waited for, a line for each kind; given are labels and starts.

    Examples
    --------
    >>> loaded, compiled = Start("loaded", 2.0), Start("compiled for this machine, once,", 12.0)
    >>> starts_in_words([("vgg16", loaded), ("resnet50", compiled)])
    ['vgg16 is loaded: about 2 s', 'resnet50 is compiled for this machine, once, and loaded: \
about 12 s, more on a busy machine']
    """
    lines = []
    for what in dict.fromkeys(start.what for _, start in starts):
        some = [(label, start.seconds) for label, start in starts if start.what == what]
        seconds = sum(one for _, one in some)
        names = ", ".join(label for label, _ in some[:N_NAMED])
        if len(some) > N_NAMED:
            names += f" and {len(some) - N_NAMED} more"
        text = f"{names} {'is' if len(some) == 1 else 'are'} {what}"
        if what != "loaded":
            text += " and loaded"
        lines.append(
            f"{text}: about {seconds:.0f} s"
            + (", more on a busy machine" if seconds >= BUILD_SECONDS else "")
        )
    return lines
