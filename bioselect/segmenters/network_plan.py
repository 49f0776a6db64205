"""`plan: auto` written out: the parameters of a network that fit the images, with their reasons."""

from __future__ import annotations

from pathlib import Path

from bioselect.component import ComponentSpec
from bioselect.exceptions import ComponentError
from bioselect.networks.masks.fingerprint import MaskFingerprint, take_fingerprint
from bioselect.networks.masks.planning import PlanStep, chosen_plan
from bioselect.registry import find_row, parameter_problems

__all__ = ["MaskFingerprint", "PlanStep", "is_planned", "planned_spec", "take_fingerprint"]


def is_planned(spec: ComponentSpec) -> bool:
    """Tell whether a spec leaves parameters to the plan."""
    return spec.params_dict.get("plan") == "auto"


def planned_spec(
    spec: ComponentSpec, fingerprint: MaskFingerprint, base_dir: Path | None = None
) -> tuple[ComponentSpec, tuple[PlanStep, ...]]:
    """Return a spec with everything written that the plan chooses, and each choice with its reason.

    The spec that is returned leaves nothing to a plan, so that a run that is repeated from its
    configuration does not choose anew. Without `plan: auto` it is the one that was given.

    Raises
    ------
    ComponentError
        If a parameter is unknown or its value wrong.

    Examples
    --------
    >>> spec = ComponentSpec.of("unet", {"plan": "auto", "width": 16})
    >>> fingerprint = MaskFingerprint(90, 3, 2, (256, 256), (360, 360), 20.0)
    >>> chosen, steps = planned_spec(spec, fingerprint)
    >>> chosen.params_dict == {"batch_size": 8, "depth": 4, "norm": "batch",
    ...                        "patch_size": [160, 160], "width": 16}
    True
    >>> steps[0].reason.split(":")[0]
    'things are about 20 px wide and the middle image is 256 x 256 px'
    """
    if not is_planned(spec):
        return spec, ()
    row = find_row("segmenter", spec.name, base_dir)
    written = {name: value for name, value in spec.params_dict.items() if name != "plan"}
    problems = parameter_problems(row, written)
    if problems:
        raise ComponentError(f"segmenter {spec.name!r}: " + " ".join(problems))
    steps = chosen_plan(fingerprint, written, tuple(one.name for one in row.parameters))
    params = written | {step.parameter: step.value for step in steps}
    return ComponentSpec.of(spec.name, params, spec.search_dict), steps
