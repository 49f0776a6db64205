"""Several extractors side by side: their rows joined into one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect import registry
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.features.base import (
    REFERENCE_SHAPE,
    Extractor,
    FeatureExtractor,
    ImageShape,
    declared_operations,
    traits,
)
from bioselect.features.looks import looks_of
from bioselect.registry import ComponentSpec


class Concat(Extractor):
    """The rows of several extractors, one after the other.

    Extraction computes and keeps the rows of each part on its own (see `parts_of`), so a part that
    stands elsewhere in the configuration is computed once.

    Parameters
    ----------
    extractors : sequence
        Names, or mappings with `name` and `params`; their order is the order of the columns.
    base_dir : Path, optional
        The configuration's folder, where modules and files of the user may lie.

    Attributes
    ----------
    part_specs : list of ComponentSpec
        What each part was made from.
    parts : list
        The extractors themselves.

    Raises
    ------
    ComponentError
        If a part is unknown, wrong, there twice, or itself a `concat`.

    Examples
    --------
    >>> both = Concat(["intensity", {"name": "hu_moments", "params": {"foreground": "bright"}}])
    >>> image = np.random.default_rng(0).random((40, 40, 3)).astype(np.float32)
    >>> both.transform([image]).shape  # 3 x 14 and 14
    (1, 56)
    """

    def __init__(self, extractors: Sequence[Any], base_dir: Path | None = None) -> None:
        self.extractors = extractors
        self.part_specs: list[ComponentSpec] = part_specs(extractors)
        self.parts: list[FeatureExtractor] = [
            _part(place, spec, base_dir) for place, spec in enumerate(self.part_specs)
        ]

    @property
    def in_processes(self) -> bool:  # type: ignore[override]
        """Whether every part may run in other processes."""
        return all(traits(part).in_processes for part in self.parts)

    @property
    def batch_size(self) -> int:  # type: ignore[override]
        """The smallest batch size of the parts."""
        return min(traits(part).batch_size for part in self.parts)

    def transform(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Return float32 (n_images, sum of the parts' n_features).

        The images go to every part as they are, so this is for parts that take images alike (size
        and number of channels). Extraction prepares images for each part on its own instead.
        """
        return np.hstack([part.transform(images) for part in self.parts])

    def check_available(self) -> None:
        """Raise one `UnavailableError` that names everything that the parts lack."""
        problems = []
        for part in self.parts:
            try:
                getattr(part, "check_available", _nothing)()
            except UnavailableError as error:
                problems.append(str(error))
        if problems:
            raise UnavailableError("\n".join(problems))

    def identity(self) -> dict[str, Any]:
        """Return what changes the features of each part, in order."""
        return {"parts": [getattr(part, "identity", dict)() for part in self.parts]}

    def operations(self, shape: ImageShape = REFERENCE_SHAPE) -> float:
        """Return the sum over the parts; infinite when one of them declares none."""
        return sum(declared_operations(part, shape) for part in self.parts)

    def feature_names(self, n_channels: int) -> list[str] | None:
        """Return the names of all parts, in order; None where a part has none.

        Where one extractor stands twice, with other parameters, the names of all parts begin with
        their place: `part0_`, `part1_`, ...
        """
        named: list[list[str]] = []
        for part in self.parts:
            own = getattr(part, "feature_names", _no_names)(n_channels)
            if own is None:
                return None
            named.append(own)
        names = [name for own in named for name in own]
        if len(set(names)) == len(names):
            return names
        return [f"part{place}_{name}" for place, own in enumerate(named) for name in own]

    def save(self, folder: Path) -> None:
        """Let each part save its files in `part-0`, `part-1`, ... of the folder."""
        for part, own in self._folders(folder):
            if hasattr(part, "save"):
                own.mkdir(parents=True, exist_ok=True)
                part.save(own)

    def restore(self, folder: Path) -> None:
        """Let each part use the files that it saved."""
        for part, own in self._folders(folder):
            if hasattr(part, "restore"):
                part.restore(own)

    def _folders(self, folder: Path) -> list[tuple[Any, Path]]:
        return [(part, folder / f"part-{place}") for place, part in enumerate(self.parts)]


def _nothing() -> None:
    """Stand in for a method that somebody's own extractor does not have."""


def _no_names(n_channels: int) -> None:
    """Stand in for `feature_names`."""


def part_specs(extractors: Sequence[Any]) -> list[ComponentSpec]:
    """Return the specs of the parts, as they are written in the configuration.

    Examples
    --------
    >>> [spec.label for spec in part_specs(["hog", {"name": "lbp", "params": {"radii": [1]}}])]
    ['hog', 'lbp(radii=1)']
    """
    if isinstance(extractors, str) or not isinstance(extractors, Sequence) or not extractors:
        raise ComponentError(
            "concat: params.extractors must be a list of at least one extractor, for example "
            f"[hog, lbp]. Got {extractors!r}."
        )
    specs: list[ComponentSpec] = []
    for place, written in enumerate(extractors):
        spec = spec_of(f"concat: params.extractors[{place}]", written)
        if spec.name == "concat":
            raise ComponentError(
                f"concat: params.extractors[{place}] must not be another concat. Write its "
                "extractors here instead."
            )
        if spec in specs:
            raise ComponentError(
                f"concat: params.extractors[{place}] must not repeat another part. Got "
                f"{spec.label} twice. Remove one."
            )
        specs.append(spec)
    return specs


def spec_of(where: str, written: Any) -> ComponentSpec:
    """Return the spec of a component inside another one: a name, or a mapping with parameters."""
    parts: Mapping[str, Any] = {"name": written} if isinstance(written, str) else written
    rule = f"{where} must be a name, or a mapping with `name` and `params`. Got {written!r}."
    if not isinstance(parts, Mapping) or not isinstance(parts.get("name"), str):
        raise ComponentError(rule)
    params = {} if parts.get("params") is None else parts["params"]
    if set(parts) - {"name", "params"} or not isinstance(params, Mapping):
        raise ComponentError(rule)
    return ComponentSpec.of(parts["name"], params)


def _part(place: int, spec: ComponentSpec, base_dir: Path | None) -> FeatureExtractor:
    where = f"concat: params.extractors[{place}]"
    try:
        part: FeatureExtractor = registry.create("extractor", spec, base_dir)
    except ComponentError as error:
        raise ComponentError(f"{where}: {error}") from error
    if looks_of(part).n_views:
        raise ComponentError(
            f"{where} must not be views. Got {spec.label}. List it as an extractor of its own."
        )
    if hasattr(part, "parts"):
        raise ComponentError(
            f"{where} must be a single extractor. Got {spec.label}, which has parts itself."
        )
    return part
