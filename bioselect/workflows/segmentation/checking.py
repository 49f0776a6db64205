"""`bioselect check` for masks: what a run would do, in words."""

from __future__ import annotations

from bioselect.data.mask_codes import MaskCodes
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
        f"means over classes: {_counted_in_words(inputs.codes)}",
    ]
    if inputs.design.exploratory:
        lines.append("exploratory: too few images for claims about which segmenter is better")
    return "\n".join(lines)


def _counted_in_words(codes: MaskCodes) -> str:
    """Return which classes count in the scores of an image.

    Examples
    --------
    >>> _counted_in_words(MaskCodes(("background", "nucleus"), ((0, 0), (255, 1))))
    'nucleus counts, background does not'
    >>> _counted_in_words(MaskCodes(("stroma", "tumour"), ((1, 0), (2, 1))))
    'every class counts (stroma, tumour); none is called background'
    """
    names = [name for place, name in enumerate(codes.class_names) if place != codes.background]
    if codes.background is None:
        return f"every class counts ({', '.join(names)}); none is called background"
    verb = "counts" if len(names) == 1 else "count"
    return f"{', '.join(names)} {verb}, background does not"
