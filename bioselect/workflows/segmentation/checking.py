"""`bioselect check` for masks: what a run would do, in words."""

from __future__ import annotations

from bioselect.workflows.segmentation.inputs import SegmentationInputs


def plan_in_words(inputs: SegmentationInputs) -> str:
    """Return what a run would do, with every `auto` resolved."""
    n_segmenters, plan = len(inputs.segmenters), inputs.plan
    division = plan.design
    if inputs.holdout is None:
        times = "1 repeat" if plan.n_repeats == 1 else f"{plan.n_repeats} repeats"
        division = f"{plan.n_folds} folds x {times}"
    n_fits = n_segmenters * len(plan.folds)
    names = ", ".join(one.short_name for one in inputs.segmenters)
    lines = [
        *inputs.explanations,
        f"plan: {names}: {division} = {n_fits} trainings, chosen by {inputs.metric}",
    ]
    if inputs.design.exploratory:
        lines.append("exploratory: too few images for claims about which segmenter is better")
    return "\n".join(lines)
