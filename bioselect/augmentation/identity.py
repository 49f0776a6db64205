"""What distinguishes the results of augmentation steps, for the keys of stored results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bioselect import registry
from bioselect.component import ComponentSpec
from bioselect.storage import content_of


def steps_identity(steps: Sequence[ComponentSpec], base_dir: Path | None) -> list[dict[str, Any]]:
    """Return what each step is, in JSON's types: version or source, and every parameter.

    Writing out a default changes nothing, and neither does 1 in place of 1.0; an edit of
    somebody's own step does, and of a file that a parameter names.

    Examples
    --------
    >>> one = [ComponentSpec.of("horizontal_flip", {"probability": 0.5})]
    >>> steps_identity(one, None) == steps_identity([ComponentSpec("horizontal_flip")], None)
    True
    """
    return [_identity(step, base_dir) for step in steps]


def _identity(step: ComponentSpec, base_dir: Path | None) -> dict[str, Any]:
    row = registry.find_row("augmentation", step.name, base_dir)
    defaults = {one.name: one.default for one in row.parameters if not one.required}
    return {
        "component": registry.identity("augmentation", step.name, base_dir),
        "parameters": {
            # As text: of somebody's own step a default may be anything.
            name: repr(content_of(_plain(value), base_dir))
            for name, value in sorted({**defaults, **step.params_dict}.items())
        },
    }


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if is_number else value
