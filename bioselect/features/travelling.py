"""Which extractors can be computed in other processes: on a cluster also networks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bioselect.backend import backend_in_use
from bioselect.data.records import FilePart, Source
from bioselect.features.deep import NetworkFeatures
from bioselect.features.transforming import Part
from bioselect.features.views import Views


def travels(part: Part) -> bool:
    """Tell whether an extractor is computed in other processes.

    A network of this machine uses all of its cores, so it stays in this process. On a cluster every
    worker opens it for itself, once.
    """
    if part.traits.in_processes:
        return True
    return backend_in_use() is not None and network_in(part) is not None


def network_in(part: Part) -> NetworkFeatures | None:
    """Return the network that an extractor is, or that views are made of; None of others."""
    # An attribute of that name of anybody's own may mean something else.
    inner = part.extractor.inner if isinstance(part.extractor, Views) else part.extractor
    return inner if isinstance(inner, NetworkFeatures) else None


def use_cores(parts: Iterable[Part], n_jobs: int) -> None:
    """Tell the extractors that ask for it how many cores they may use."""
    for part in parts:
        if (network := network_in(part)) is not None:
            network.n_jobs = n_jobs


def files_of(sources: Iterable[Source]) -> list[Path]:
    """Return the files that images lie in, each once."""
    return list(dict.fromkeys(one.path if isinstance(one, FilePart) else one for one in sources))
