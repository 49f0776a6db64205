"""Files of fitted estimators with single numbers and arrays changed, as a forger would."""

from __future__ import annotations

import copy
import io
import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import skops.io

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.creation import create_classifier, create_regressor
from bioselect.estimators.files.opening import open_estimator
from bioselect.estimators.responses import class_probabilities
from bioselect.registry import ComponentSpec
from bioselect.steady_archives import steady_skops, zip_bytes

N_ROWS, N_FEATURES, N_CLASSES = 45, 6, 3
#: Small enough to be forged a hundred times in a second.
FEW = {
    "random_forest": {"n_estimators": 2},
    "extra_trees": {"n_estimators": 2},
    "gradient_boosting": {"n_estimators": 2},
    "linear_network": {"epochs": 1},
    "mlp_network": {"epochs": 1},
    "mlp": {"max_iter": 2},
}
NAMES = [*(("classifier", name) for name in CLASSIFIERS), *(("regressor", n) for n in REGRESSORS)]


def training_rows():
    """Return rows, classes and numbers."""
    random = np.random.default_rng(0)
    classes = np.arange(N_ROWS) % N_CLASSES
    rows = random.normal(size=(N_ROWS, N_FEATURES)) + classes[:, None]
    return rows, classes, rows[:, 0] + random.normal(scale=0.1, size=N_ROWS)


def fitted(kind, name):
    """Return a built-in estimator, fitted."""
    rows, classes, numbers = training_rows()
    spec = ComponentSpec.of(name, FEW.get(name, {}))
    if kind == "classifier":
        return create_classifier(spec, 0).fit(rows, classes)
    return create_regressor(spec, 0).fit(rows, numbers)


def written(estimator):
    """Return its file: the tree of objects, and the entries."""
    with zipfile.ZipFile(io.BytesIO(steady_skops(skops.io.dumps(estimator)))) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    return json.loads(contents.pop("schema.json")), contents


def file_of(schema, contents):
    """Return the bytes of a file."""
    return zip_bytes({"schema.json": json.dumps(schema).encode(), **contents})


def _saved(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _with(array, place, value):
    changed = array.copy()
    changed.flat[place] = value
    return changed


def forged_arrays(array) -> Iterator[tuple[str, np.ndarray]]:
    """Give an array with other numbers, lengths and kinds."""
    flat = array.ravel()
    if array.dtype.names:
        for field in array.dtype.names:
            for value in _values(array.dtype[field]):
                for place in {0, len(flat) // 2, len(flat) - 1}:
                    changed = array.copy()
                    changed[field].flat[place] = value
                    yield f"{field}[{place}]={value}", changed
        for field in ("left_child", "right_child", "left", "right"):
            if field in array.dtype.names:
                changed = array.copy()
                changed[field][:] = 0
                yield f"{field}=0", changed
    elif array.size:
        for value in _values(array.dtype):
            yield f"first={value}", _with(array, 0, value)
            yield f"last={value}", _with(array, -1, value)
            yield f"all={value}", np.full_like(array, value)
    if array.ndim:
        yield "empty", array[:0]
        yield "one", array[:1]
        yield "shorter", array[:-1]
        yield "longer", np.concatenate([array] * 3)
        yield "deeper", array[None]
        if array.ndim > 1:
            yield "narrower", np.ascontiguousarray(array[:, :-1])
            yield "wider", np.concatenate([array] * 2, axis=1)
            yield "flat", flat
    if not array.dtype.names:
        for kind in ("float32", "int64", "uint8", "bool", "<U3", "complex128"):
            if np.dtype(kind) != array.dtype:
                yield kind, array.real.astype(kind) if array.dtype.kind == "c" else _as(array, kind)
    else:
        yield "float64", np.zeros(array.shape)


def _as(array, kind):
    with np.errstate(all="ignore"):
        return array.astype(kind)


def _values(kind):
    if kind.kind == "f":
        return (np.nan, np.inf, 1e308)
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        return (limits.min, limits.max, 0, min(1000, limits.max), min(10**6, limits.max))
    return (1,) if kind.kind == "b" else ()


#: What may stand where a number, a text or nothing was.
FORGED_VALUES = (None, -1, 0, 10**9, 2**62, 1e300, float("nan"), "", "kd_tree", "precomputed", True)


def forgeries(estimator) -> Iterator[tuple[str, Callable[[], bytes]]]:
    """Give what makes files that differ from an estimator's in one array or one number."""
    schema, contents = written(estimator)
    for name, data in contents.items():
        array = np.load(io.BytesIO(data))
        for what, changed in forged_arrays(array):
            yield f"{name} {what}", partial(_with_array, schema, contents, name, changed)
    for place, path in enumerate(_values_in(schema)):
        for value in FORGED_VALUES:
            what = f"value {place} {path[-1]}={value}"
            yield what, partial(_with_value, schema, contents, path, value)


def _with_array(schema, contents, name, array):
    return file_of(schema, {**contents, name: _saved(array)})


def _with_value(schema, contents, path, value):
    changed = copy.deepcopy(schema)
    node = changed
    for key in path:
        node = node[key]
    node["content"] = json.dumps(value)
    return file_of(changed, contents)


def _values_in(node, path=()):
    if isinstance(node, dict):
        if node.get("__loader__") == "JsonNode":
            yield path
        else:
            for key, value in node.items():
                yield from _values_in(value, (*path, key))
    elif isinstance(node, list):
        for place, value in enumerate(node):
            yield from _values_in(value, (*path, place))


def ask(data, kind):
    """Open a file and predict; return what became of it."""
    rows, _, _ = training_rows()
    try:
        model = open_estimator(data)
    except Exception as error:
        return f"refused: {type(error).__name__}: {error}"
    try:
        class_probabilities(model, rows, N_CLASSES if kind == "classifier" else 1)
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"
    return "answered"


def main(names, every, first=0):
    """Forge the estimators named; say each forgery before it is tried, so that a crash has one."""
    import warnings

    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    for full in names:
        kind, name = full.split(":")
        counted: dict[str, int] = {}
        for number, (what, make) in enumerate(forgeries(fitted(kind, name))):
            if number < first or number % every:
                continue
            sys.stderr.write(f"{number} {full} {what}\n")
            sys.stderr.flush()
            said = ask(make(), kind).split(":")[0]
            counted[said] = counted.get(said, 0) + 1
        sys.stdout.write(f"{full} {json.dumps(counted)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[3:], int(sys.argv[1]), int(sys.argv[2]))
