"""`bioselect components`: list what can be named, and try somebody's own against the contract."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bioselect.exceptions import ComponentError
from bioselect.registry import (
    KINDS,
    ComponentRow,
    Parameter,
    find_row,
    import_target,
    is_import_path,
    known_rows,
    unknown_name_message,
)

#: So many parameters that all components of a kind have are told with each of them.
MOST_REPEATED = 6


def list_components(
    kind: str | None = None, name: str | None = None, base_dir: Path | None = None
) -> str:
    """Return every component, or those of one kind, or one with all it takes, as text.

    Modules in `base_dir` can be named too.
    """
    if kind is not None and name is not None:
        if is_import_path(name):
            return _one_in_full(find_row(kind, name, base_dir))
        rows = known_rows(kind)
        if name not in rows:
            other = next((one for one in KINDS if name in known_rows(one)), None)
            if other is not None:
                raise ComponentError(
                    f"{name!r} is no {kind}: it is a {other}. Its parameters: bioselect components "
                    f"{other} {name}."
                )
            raise ComponentError(unknown_name_message(kind, name, list(rows)))
        return _one_in_full(rows[name])
    if name is not None:
        return _of_any_kind(name, base_dir)
    lines = []
    for shown in (kind,) if kind else KINDS:
        rows = known_rows(shown)
        lines.append(f"{shown}s:")
        lines += _table(rows)
    lines.append('Any of these may also be your own: write "package.module:Name".')
    return "\n".join(lines)


def _table(rows: Mapping[str, ComponentRow]) -> list[str]:
    """Return two lines for each component; what all of them take is told once."""
    lines = []
    width = max(map(len, rows))
    shared = _shared_parameters(rows)
    for row in rows.values():
        lines.append(f"  {row.name.ljust(width)}  {row.summary} [{row.provider}]")
        own = [parameter for parameter in row.parameters if parameter not in shared]
        if own:
            lines.append(f"  {' ' * width}  {', '.join(map(_short, own))}")
    if shared:
        lines.append(f"  All of them take {', '.join(map(_short, shared))}")
    return lines


def _shared_parameters(rows: Mapping[str, ComponentRow]) -> list[Parameter]:
    """Return the parameters that every row has, if they are too many to repeat."""
    described = [row.parameters for row in rows.values() if row.parameters]
    shared = (
        [one for one in described[0] if all(one in own for own in described)] if described else []
    )
    return shared if len(shared) > MOST_REPEATED else []


def _of_any_kind(name: str, base_dir: Path | None) -> str:
    """Return every component of this name, whatever its kind."""
    if is_import_path(name):
        return _one_in_full(find_row(kind_of(name, base_dir), name, base_dir))
    found = {kind: rows[name] for kind in KINDS if name in (rows := known_rows(kind))}
    if not found:
        known = [one for kind in KINDS for one in (*known_rows(kind), kind)]
        near = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.5)
        hint = f"Did you mean {near[0]!r}? " if near else ""
        raise ComponentError(
            f"unknown component {name!r}. {hint}`bioselect components` lists all; those of one "
            f"kind are listed by {', '.join(KINDS)}."
        )
    of_kinds = found.items()
    # A forest, say, can learn classes and numbers.
    before = {kind: f"{kind} " if len(found) > 1 else "" for kind in found}
    return "\n\n".join(f"{before[kind]}{_one_in_full(row)}" for kind, row in of_kinds)


def _short(parameter: Parameter) -> str:
    if parameter.required:
        return f"{parameter.name} (must be given)"
    return f"{parameter.name}={_as_yaml(parameter.default)}"


def _as_yaml(value: Any) -> str:
    """Return a default as one writes it into the configuration.

    Examples
    --------
    >>> _as_yaml((1, 2)), _as_yaml(None), _as_yaml(True), _as_yaml("unit")
    ('[1, 2]', 'null', 'true', 'unit')
    """
    return value if isinstance(value, str) else json.dumps(value)


def _one_in_full(row: ComponentRow) -> str:
    lines = [f"{row.name}: {row.summary}", f"provided by {row.provider} ({row.target})"]
    if row.takes:
        lines.append(f"judges: {'; '.join(row.takes)}")
    if row.reference:
        lines.append(f"reference: {row.reference}")
    for parameter in row.parameters:
        allowed = ""
        if parameter.choices:
            allowed = f" one of {', '.join(map(str, parameter.choices))}"
        default = f"default {_as_yaml(parameter.default)}"
        if parameter.required:
            default = "must be given"
        lines.append(f"  {parameter.name} ({default}){allowed}: {parameter.summary}")
    for parameter_name, values in row.search:
        lines.append(f"  search: default tries {parameter_name} in {_as_yaml(values)}")
    return "\n".join(lines)


def kind_of(path: str, base_dir: Path | None) -> str:
    """Tell what kind somebody's own component is, by its methods; a folder or a zip is a bundle.

    Raises
    ------
    ComponentError
        If it does not show; the message says how to name the kind.
    """
    if Path(path).exists():
        return "bundle"
    target = import_target(path, base_dir)
    if hasattr(target, "transform"):
        return "extractor"
    if hasattr(target, "draw"):
        return "augmentation"
    if hasattr(target, "fit") and hasattr(target, "predict"):
        from sklearn.base import RegressorMixin

        is_regressor = isinstance(target, type) and issubclass(target, RegressorMixin)
        return "regressor" if is_regressor else "classifier"
    raise ComponentError(
        f"--check {path}: the kind must be named, because it has neither transform nor fit and "
        f"predict nor draw. Write for example `bioselect components metric --check {path}`."
    )


def check_component(kind: str, path: str, base_dir: Path | None) -> tuple[bool, str]:
    """Run the public contract on a component; return whether it holds, and the lines to print."""
    from bioselect.testing.contract import run_contract

    # A wrong name is one error, not one for each check.
    if kind in KINDS:
        find_row(kind, path, base_dir)
    elif not Path(path).exists():
        raise ComponentError(f"--check {path}: there is no such model. Check the path.")
    results = run_contract(kind, path, base_dir)
    lines = [
        f"  {'ok    ' if not result.problem else 'FAILED'} {result.check}"
        + (f": {result.problem}" if result.problem else "")
        for result in results
    ]
    n_failed = sum(bool(result.problem) for result in results)
    verdict = f"{n_failed} of {len(results)} checks failed" if n_failed else "all checks hold"
    return n_failed == 0, "\n".join([f"{kind} {path}:", *lines, verdict])
