"""Under which key features are kept: a digest of everything that changes them, and of nothing else.

A key that forgets something hands out wrong rows for years; one that holds too much (a path, a
batch size) computes again what is already there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from pathlib import Path
from typing import Any

from bioselect import registry
from bioselect.data.preparation import Reading
from bioselect.data.reading import READING_VERSION
from bioselect.exceptions import ComponentError
from bioselect.features.base import FeatureExtractor, parts_of, traits
from bioselect.registry import ComponentSpec, Parameter
from bioselect.storage import content_of, digest_of

#: Raised whenever the way from a prepared image to a kept row changes.
EXTRACTION_VERSION = 1

THREE_CHANNELS = 3


def feature_key(
    spec: ComponentSpec,
    extractor: FeatureExtractor,
    reading: Reading,
    base_dir: Path | None = None,
) -> str:
    """Return the key of an extractor's rows, 64 hexadecimal digits.

    Parameters
    ----------
    spec : ComponentSpec
        Name and parameters as written; defaults are filled in, so writing one changes nothing.
    extractor : FeatureExtractor
        The component made from `spec`; its `identity()` (the digest of its weights, say) counts.
    reading : Reading
        How pixels become numbers. `channels` counts only where three channels are asked for, as
        other extractors take all the channels of an image.
    base_dir : Path, optional
        The configuration's folder, where components and files of the user may lie.

    Returns
    -------
    str
        Equal for equal features, on every machine and with every version of numpy.

    Raises
    ------
    ComponentError
        If a parameter is neither text, number, truth value, list nor mapping.
    """
    parts = specified_parts(extractor)
    if parts:
        return digest_of([feature_key(one, part, reading, base_dir) for one, part in parts])
    own_identity: Mapping[str, Any] = getattr(extractor, "identity", dict)()
    demands = traits(extractor)
    read = dict(reading.as_dict())
    # Each of the two matters to one kind of extractor only; the other need not compute again.
    read.pop("repeat_grey" if demands.n_channels == THREE_CHANNELS else "channels", None)
    for key in ("join_series", "tiles"):
        read.pop(key, None)  # What is listed does not change how one image is read.
    if reading.stack is None or reading.stack.lists_planes:
        # Which planes are listed does not change how one of them is read.
        read.pop("stack", None)
    return digest_of(
        {
            "extraction_version": EXTRACTION_VERSION,
            "reading_version": READING_VERSION,
            "component": registry.identity("extractor", spec.name, base_dir),
            "parameters": _parameters(
                spec,
                base_dir,
                # An identity states the content (of weights); the way to it does not matter.
                {*own_identity, *getattr(extractor, "learnt_parameters", ())},
            ),
            "identity": _plain(dict(own_identity), f"{spec.name}: identity()"),
            "input_size": _plain(demands.input_size, f"{spec.name}: input_size"),
            "n_channels": demands.n_channels,
            "reading": _plain(read, "reading"),
        }
    )


def step_key(spec: ComponentSpec, extractor: FeatureExtractor, base_dir: Path | None = None) -> str:
    """Return the key of what an extractor learns from given rows, 64 hexadecimal digits.

    All parameters count, also those that change the rows as well: of anybody's own extractor
    nobody else knows which matter.
    """
    own_identity: Mapping[str, Any] = getattr(extractor, "identity", dict)()
    return digest_of(
        {
            "component": registry.identity("extractor", spec.name, base_dir),
            "parameters": _parameters(spec, base_dir, set(own_identity)),
            "identity": _plain(dict(own_identity), f"{spec.name}: identity()"),
        }
    )


def specified_parts(extractor: Any) -> list[tuple[ComponentSpec, FeatureExtractor]]:
    """Return the parts of a `concat`, each with the spec that made it; of others, none."""
    specs = getattr(extractor, "part_specs", ())
    return list(zip(specs, parts_of(extractor), strict=True)) if specs else []


def _parameters(spec: ComponentSpec, base_dir: Path | None, without: Set[str]) -> dict[str, Any]:
    """Return the other parameters with their values, defaults written out, files by content."""
    known = {
        parameter.name: parameter
        for parameter in registry.find_row("extractor", spec.name, base_dir).parameters
    }
    written = spec.params_dict
    values: dict[str, Any] = {}
    for name in sorted({*known, *written} - without):
        where = f"{spec.name}: params.{name}"
        if name in written:
            value = _plain(written[name], where)
        else:
            value = _plain_default(known[name].default, where)
        values[name] = content_of(_one_number_type(value, known.get(name)), base_dir)
    return values


def _one_number_type(value: Any, parameter: Parameter | None) -> Any:
    """Return 2 as 2.0 where the parameter is a number with a fraction: it means the same."""
    if parameter is None or "float" not in parameter.types or "int" in parameter.types:
        return value
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _plain(value: Any, where: str) -> Any:
    """Return a value in JSON's types only, numpy's scalars and arrays as plain numbers."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int | float):
        # numpy's float64 is a float; its text differs between versions, that of float does not.
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(item, where) for key, item in value.items()}
    if isinstance(value, Sequence):
        return [_plain(item, where) for item in value]
    if hasattr(value, "tolist"):
        return _plain(value.tolist(), where)
    raise ComponentError(
        f"{where} must be text, a number, true, false, null, a list or a mapping. Got "
        f"{type(value).__name__}. Give a plain value, so that stored features can be told apart."
    )


def _plain_default(value: Any, where: str) -> Any:
    """Return a default in plain types; others are told by the component's source file."""
    try:
        return _plain(value, where)
    except ComponentError:
        return f"{type(value).__module__}.{type(value).__qualname__}"
