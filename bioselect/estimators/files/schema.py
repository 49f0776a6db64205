"""The file of a fitted estimator read as data: what is in it, before skops makes anything of it.

Such a file is a zip of a tree of objects as JSON (`schema.json`) and of arrays (`.npy`). It is
written anew for skops with what was looked at and nothing else: a part that stands for another one
by its number is written out, so that what is looked at is what is made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bioselect.estimators.files.arrays import checked_array
from bioselect.estimators.files.closed_list import BY_LOADER, LEFT_OUT, LOSS_MODULES
from bioselect.steady_archives import SKOPS_SCHEMA, bounded_zip, zip_bytes

#: Deeper than any model, and less deep than what Python reads.
DEEPEST = 150
#: Longest text among what is no array, and largest whole number.
LONGEST_TEXT, LARGEST_NUMBER = 10_000, 2**63
_SUPPORT_VECTORS = (
    "sklearn.svm._classes.SVC",
    "sklearn.svm._classes.SVR",
    "bioselect.estimators.support_vectors.SteadySVR",
)
_NOTHING = {
    "__class__": "str",
    "__module__": "builtins",
    "__loader__": "JsonNode",
    "content": "null",
    "is_json": True,
}


@dataclass(frozen=True, eq=False)
class PlainFile:
    """The parts of a file.

    `schema` is the tree of objects without their numbers, `arrays` the bytes of the entries that
    it names.
    """

    schema: dict[str, Any]
    arrays: Mapping[str, bytes]

    def data(self) -> bytes:
        """Return it as skops reads it."""
        schema = json.dumps(self.schema).encode()
        return zip_bytes({SKOPS_SCHEMA: schema, **self.arrays})

    def nodes(self) -> Iterator[dict[str, Any]]:
        """Give each object, from the outside in."""
        return _nodes(self.schema)

    def array(self, node: Mapping[str, Any]) -> np.ndarray:
        """Return the array that an object is.

        Raises
        ------
        ValueError
            If it is none.
        """
        name = node.get("file")
        if node.get("__loader__") != "NdArrayNode" or name not in self.arrays:
            raise ValueError(f"an array must stand in the file. Got {type_of(node)}")
        return checked_array(self.arrays[str(name)], str(name))


def type_of(node: Mapping[str, Any]) -> str:
    """Return the type of an object as text."""
    return f"{node.get('__module__')}.{node.get('__class__')}"


def read_plain(data: bytes, with_own: bool = False) -> PlainFile:
    """Take a file apart.

    Parameters
    ----------
    data : bytes
        The file.
    with_own : bool
        Whether somebody's own objects may be in it, which may need all that they hold.

    Raises
    ------
    ValueError
        If it is no such file, or none that can be told.
    """
    contents = bounded_zip(data)
    if SKOPS_SCHEMA not in contents:
        raise ValueError(f"there must be a {SKOPS_SCHEMA} in it")
    schema = json.loads(contents[SKOPS_SCHEMA])
    if not isinstance(schema, dict) or "__loader__" not in schema:
        raise ValueError(f"{SKOPS_SCHEMA} must hold an object")
    plain = _without_numbers(schema, with_own, DEEPEST)
    named = {str(node["file"]) for node in _nodes(plain) if "file" in node}
    if missing := sorted(named - set(contents)):
        raise ValueError(f"the entry {missing[0]} must be in it")
    return PlainFile(plain, {name: contents[name] for name in sorted(named)})


def refused_types(plain: PlainFile) -> list[str]:
    """Return what is in a file and not on the closed list.

    Examples
    --------
    >>> from sklearn.pipeline import Pipeline
    >>> import skops.io
    >>> refused_types(read_plain(skops.io.dumps(Pipeline([]))))
    []
    >>> refused_types(read_plain(skops.io.dumps([np.exp])))
    ['numpy.exp']
    """
    return sorted({type_of(node) for node in plain.nodes() if not _is_listed(node)})


def check_values(plain: PlainFile) -> None:
    """Find out whether numbers, texts and arrays are what they say.

    Raises
    ------
    ValueError
        With the first that is not.
    """
    for node in plain.nodes():
        loader = node["__loader__"]
        if loader == "JsonNode":
            _check_value(json.loads(node["content"]))
        elif loader == "NdArrayNode" and node.get("type") == "numpy":
            plain.array(node)
        elif loader == "SliceNode":
            for part in ("start", "stop", "step"):
                _check_value(node["content"][part])


def _is_listed(node: Mapping[str, Any]) -> bool:
    if type_of(node) not in BY_LOADER.get(str(node["__loader__"]), ()):
        return False
    # Arrays of objects are written out as lists; no estimator of ours has one.
    return node["__loader__"] != "NdArrayNode" or node.get("type") == "numpy"


def _check_value(value: Any) -> None:
    if isinstance(value, str) and len(value) <= LONGEST_TEXT:
        return
    if value is None or isinstance(value, float):
        return
    if isinstance(value, int) and abs(value) <= LARGEST_NUMBER:
        return
    got = type(value).__name__ if not isinstance(value, str | int) else "a longer one"
    raise ValueError(f"a number or a short text must stand where there is no array. Got {got}")


def _without_numbers(node: Any, with_own: bool, deep: int) -> Any:
    """Return the tree without the numbers of objects, and without what training alone needs."""
    if deep == 0:
        raise ValueError(f"objects must lie inside one another at most {DEEPEST} deep")
    if isinstance(node, list):
        return [_without_numbers(item, with_own, deep - 1) for item in node]
    if not isinstance(node, dict):
        return node
    if not with_own and type_of(node) in LEFT_OUT:
        return dict(_NOTHING)
    kept = {
        key: _without_numbers(value, with_own, deep - 1)
        for key, value in node.items()
        if not (key == "__id__" and "__loader__" in node)
    }
    if type_of(kept) in _SUPPORT_VECTORS:
        _say_no_probabilities(kept)
    if kept.get("__loader__") == "LossNode" and kept.get("__module__") in LOSS_MODULES:
        kept["__module__"] = _loss_module()
    return kept


def _say_no_probabilities(node: dict[str, Any]) -> None:
    """Write what scikit-learn 1.8 and later leave open in words that all of them understand."""
    attributes = (node.get("content") or {}).get("content") or {}
    said = attributes.get("probability")
    if isinstance(said, dict) and said.get("content") == '"deprecated"':
        said["content"] = "false"


def _loss_module() -> str:
    """Return what the installed scikit-learn calls the module of its losses."""
    from sklearn._loss.loss import HalfSquaredError

    return str(type(HalfSquaredError().closs).__module__)


def _nodes(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "__loader__" in node:
            yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item)
