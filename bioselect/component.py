"""What a component is, as data: its row in a table, its parameters, its spec.

Nothing here imports or makes a component; that is `registry.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Parameter:
    """One parameter of a component, as data: enough to check a value without an import.

    `types` holds names out of `int`, `float`, `bool`, `str`, `list`, `dict`, `null`; empty means
    that anything is taken and the component itself checks it. `check` says what is wrong with a
    value of the right type, or None, where a type is not enough.
    """

    name: str
    default: Any
    types: tuple[str, ...] = ()
    choices: tuple[Any, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    summary: str = ""
    required: bool = False
    check: Callable[[Any], str | None] | None = None


@dataclass(frozen=True)
class ComponentRow:
    """One row of a table of components.

    `target` is the import path of the class or function; `fixed` are arguments that the row
    itself gives (the name of the network, say); `search` is the default search space;
    `version` is raised whenever the component's results change; `lacks` are parameters that people
    look for in vain, each with what to do instead; `takes` says of a metric what targets it judges.
    """

    name: str
    target: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    fixed: tuple[tuple[str, Any], ...] = ()
    search: tuple[tuple[str, tuple[Any, ...]], ...] = ()
    reference: str = ""
    version: int = 1
    provider: str = "bioselect"
    lacks: tuple[tuple[str, str], ...] = ()
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ComponentSpec:
    """What a configuration says of a component: a name, its parameters, what to search.

    Parameters are kept as sorted pairs, so that a spec can be hashed and sent to other processes.

    Examples
    --------
    >>> spec = ComponentSpec.of("svm", {"kernel": "rbf", "C": 10})
    >>> spec.label
    'svm(C=10, kernel=rbf)'
    >>> spec.params_dict["C"]
    10
    """

    name: str
    params: tuple[tuple[str, Any], ...] = ()
    search: tuple[tuple[str, Any], ...] = field(default=())

    @classmethod
    def of(
        cls,
        name: str,
        params: Mapping[str, Any] | None = None,
        search: Mapping[str, Any] | None = None,
    ) -> ComponentSpec:
        """Make a spec from plain mappings; lists become tuples."""
        return cls(name, _frozen_items(params or {}), _frozen_items(search or {}))

    @property
    def params_dict(self) -> dict[str, Any]:
        """The parameters as a mapping of plain values (lists, not tuples)."""
        return {key: thawed(value) for key, value in self.params}

    @property
    def search_dict(self) -> dict[str, list[Any]]:
        """The searched values as a mapping."""
        return {key: thawed(value) for key, value in self.search}

    @property
    def label(self) -> str:
        """The short form people read: the name, and the parameters that were written."""
        params = ", ".join(f"{key}={as_text(value)}" for key, value in self.params)
        search = ", ".join(f"{key} searched" for key, _ in self.search)
        inside = ", ".join(part for part in (params, search) if part)
        return f"{self.name}({inside})" if inside else self.name

    def as_dict(self) -> dict[str, Any]:
        """Return the spec as it stands in YAML and JSON."""
        written: dict[str, Any] = {"name": self.name, "params": self.params_dict}
        if self.search:
            written["search"] = self.search_dict
        return written


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _FrozenMapping(tuple((str(k), _frozen(value[k])) for k in sorted(value)))
    if isinstance(value, list | tuple):
        return tuple(_frozen(item) for item in value)
    return value


@dataclass(frozen=True)
class _FrozenMapping:
    """A mapping inside a parameter (`concat` has specs inside), kept as pairs."""

    items: tuple[tuple[str, Any], ...]


def _frozen_items(values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple((key, _frozen(values[key])) for key in sorted(values))


def thawed(value: Any) -> Any:
    """Return a parameter's value in plain lists and dicts."""
    if isinstance(value, _FrozenMapping):
        return {key: thawed(item) for key, item in value.items}
    if isinstance(value, tuple):
        return [thawed(item) for item in value]
    return value


#: What files and folders of every model are called: the folder that they lie in tells them apart.
OF_EVERY_MODEL = ("model", "model.zip", "network.keras")


def as_text(value: Any) -> str:
    """Return a parameter's value as it stands in a label; of a file only its name.

    Examples
    --------
    >>> as_text("/models/vgg16.h5"), as_text("/results/from_scratch/model")
    ('vgg16.h5', 'from_scratch/model')
    """
    plain = thawed(value)
    if isinstance(plain, list):
        return "+".join(as_text(item) for item in plain)
    if isinstance(plain, dict) and "name" not in plain:
        return f"{{{', '.join(f'{key}: {as_text(item)}' for key, item in plain.items())}}}"
    if isinstance(plain, dict):
        name = plain["name"]
        params = plain.get("params") or {}
        inside = ", ".join(f"{key}={as_text(item)}" for key, item in sorted(params.items()))
        return f"{name}({inside})" if inside else str(name)
    if isinstance(plain, str) and ("/" in plain or "\\" in plain):
        parts = plain.replace("\\", "/").split("/")
        n_alike = 0
        while n_alike < len(parts) - 1 and parts[-1 - n_alike] in OF_EVERY_MODEL:
            n_alike += 1
        return "/".join(parts[-1 - n_alike :]).lstrip("/")
    return str(plain)


def of_another_kind(kind: str, name: str, other: str, place: str, known: Sequence[str]) -> str:
    """Say that a name is of another kind than is asked for, and where it belongs.

    `place` is where that kind is listed; `known` are names of the kind that is asked for.

    Examples
    --------
    >>> of_another_kind("extractor", "knn", "classifier", "classifiers", ["hog"])
    "unknown extractor 'knn'. This name belongs under classifiers: move it there."
    >>> of_another_kind("segmenter", "resnet18", "network", "networks", ["unet", "otsu"])[:54]
    "'resnet18' learns classes of images, and not masks. Wi"
    """
    # All three are listed under networks.
    if (kind, other) == ("segmenter", "network"):
        return (
            f"{name!r} learns classes of images, and not masks. With task: segmentation choose "
            f"among {', '.join(known)}."
        )
    if (kind, other) == ("value_network", "segmenter"):
        return (
            f"{name!r} learns masks, and no numbers. With task: regression choose among "
            f"{', '.join(known)}."
        )
    if (kind, other) == ("network", "segmenter"):
        return (
            f"{name!r} learns masks, and not classes of images. Write task: segmentation, with the "
            "masks under dataset, or choose another network."
        )
    return f"unknown {kind} {name!r}. This name belongs under {place}: move it there."
