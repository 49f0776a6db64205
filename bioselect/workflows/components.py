"""`bioselect components`: list what can be named, and try somebody's own against the contract."""

from __future__ import annotations

from pathlib import Path

from bioselect.exceptions import ComponentError
from bioselect.registry import (
    KINDS,
    ComponentRow,
    Parameter,
    find_row,
    known_rows,
    unknown_name_message,
)


def list_components(kind: str | None = None, name: str | None = None) -> str:
    """Return every component, or those of one kind, or one with all it takes, as text."""
    if kind is not None and name is not None:
        rows = known_rows(kind)
        if name not in rows:
            raise ComponentError(unknown_name_message(kind, name, list(rows)))
        return _one_in_full(rows[name])
    lines = []
    for shown in (kind,) if kind else KINDS:
        rows = known_rows(shown)
        if not rows:
            continue
        lines.append(f"{shown}s:")
        width = max(map(len, rows))
        for row in rows.values():
            lines.append(f"  {row.name.ljust(width)}  {row.summary} [{row.provider}]")
            if row.parameters:
                written = ", ".join(_short(parameter) for parameter in row.parameters)
                lines.append(f"  {' ' * width}  {written}")
    lines.append('Any of these may also be your own: write "package.module:Name".')
    return "\n".join(lines)


def _short(parameter: Parameter) -> str:
    default = "null" if parameter.default is None else parameter.default
    return f"{parameter.name}={default}"


def _one_in_full(row: ComponentRow) -> str:
    lines = [f"{row.name}: {row.summary}", f"provided by {row.provider} ({row.target})"]
    if row.reference:
        lines.append(f"reference: {row.reference}")
    for parameter in row.parameters:
        allowed = ""
        if parameter.choices:
            allowed = f" one of {', '.join(map(str, parameter.choices))}"
        default = "null" if parameter.default is None else parameter.default
        lines.append(f"  {parameter.name} (default {default}){allowed}: {parameter.summary}")
    for parameter_name, values in row.search:
        lines.append(f"  search: default tries {parameter_name} in {list(values)}")
    return "\n".join(lines)


def check_component(kind: str | None, path: str, base_dir: Path | None) -> tuple[bool, str]:
    """Run the public contract on a component; return whether it holds, and the lines to print."""
    from bioselect.testing.contract import checks_of, run_contract

    if kind is None or not checks_of(kind):
        raise ComponentError(
            f"--check {path}: the kind must be named, for example `bioselect components extractor "
            f"--check {path}`."
        )
    if kind in KINDS:
        find_row(kind, path, base_dir)  # a wrong name is one error, not one for each check
    results = run_contract(kind, path, base_dir)
    lines = [
        f"  {'ok    ' if not result.problem else 'FAILED'} {result.check}"
        + (f": {result.problem}" if result.problem else "")
        for result in results
    ]
    n_failed = sum(bool(result.problem) for result in results)
    verdict = f"{n_failed} of {len(results)} checks failed" if n_failed else "all checks hold"
    return n_failed == 0, "\n".join([f"{kind} {path}:", *lines, verdict])
