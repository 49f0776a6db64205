"""`plan: auto` before the work: what it chooses for these images, written down with the reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bioselect.data.pairs import Pairs
from bioselect.segmenters.creation import create_segmenter
from bioselect.segmenters.network_plan import is_planned, planned_spec, take_fingerprint
from bioselect.workflows.segmentation.inputs import SegmentationInputs


def with_plans(inputs: SegmentationInputs, pairs: Callable[[], Pairs]) -> SegmentationInputs:
    """Return the inputs with segmenters that leave nothing to a plan.

    The configuration as run has what was chosen, so that it chooses nothing anew; candidates keep
    the names under which they were listed.

    Parameters
    ----------
    inputs : SegmentationInputs
        Of the study.
    pairs : callable
        Opens images and masks; asked only where there is a plan.
    """
    if not any(is_planned(one.spec) for one in inputs.segmenters):
        return inputs
    config, codes = inputs.config, inputs.codes
    fingerprint = take_fingerprint(pairs(), codes.n_classes, codes.background)
    segmenters, words = [], []
    for usable in inputs.segmenters:
        spec, steps = planned_spec(usable.spec, fingerprint, config.base_dir)
        if steps:
            made = create_segmenter(spec, config.augmentation_choice, config.base_dir)
            usable = replace(usable, segmenter=made)
        segmenters.append(usable)
        words += [
            f"{usable.short_name}: {step.parameter}: {step.value} ({step.reason})" for step in steps
        ]
    chosen = [planned_spec(one, fingerprint, config.base_dir)[0] for one in config.segmenter_specs]
    kinds = {"segmenter": chosen, "augmentation": config.augmentation_choice.steps}
    return replace(
        inputs,
        config=config.placed(config.path, kinds, {}),
        segmenters=tuple(segmenters),
        explanations=(*inputs.explanations, *words),
    )
