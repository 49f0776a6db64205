"""A model that workers of a cluster open for themselves, each once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from bioselect.bundle.manifest import Manifest
from bioselect.bundle.reading import load_bundle
from bioselect.exceptions import BundleError
from bioselect.features.base import FeatureExtractor
from bioselect.own_modules import trusted_modules, trusting
from bioselect.storage import digest_of


@dataclass(frozen=True)
class Reopened:
    """Called in a worker, it gives the extractor of a model.

    `components` and `trusted` are what the user agreed to where the command was given.
    """

    path: Path
    components: Path | None
    trusted: tuple[str, ...]
    digest: str

    @classmethod
    def of(cls, path: Path, components: Path | None, manifest: Manifest) -> Reopened:
        """Return how workers open a model that was opened here."""
        folder = None if components is None else Path(components).absolute()
        return cls(Path(path).absolute(), folder, trusted_modules(), _digest(manifest))

    def __call__(self) -> FeatureExtractor:
        """Return the extractor.

        Raises
        ------
        BundleError
            If the worker sees another model there, or none.
        """
        return _extractor(self)


@lru_cache(maxsize=2)
def _extractor(one: Reopened) -> FeatureExtractor:
    with trusting(one.trusted):
        model = load_bundle(one.path, one.components)
    if _digest(model.manifest) != one.digest:
        raise BundleError(
            f"{one.path}: must be the same model for all workers. A worker sees another one there. "
            "Start again when the shared folder shows the new one everywhere."
        )
    extractor: FeatureExtractor = model.extractor
    return extractor


def _digest(manifest: Manifest) -> str:
    return digest_of(manifest.model_dump(mode="json"))
