"""`plan: auto` before the work: what it chooses for these images, written down with the reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bioselect.data.pairs import Pairs
from bioselect.segmenters.creation import create_segmenter
from bioselect.segmenters.network_plan import is_planned, planned_spec, take_fingerprint
from bioselect.workflows.segmentation.inputs import SegmentationInputs
from bioselect.workflows.segmentation.usable_segmenters import UsableSegmenter

_OF_ALL = (
    "the sizes of all images and of what their masks show, those of test folds too, as all folds "
    "have one plan"
)
_OF_SOME = (
    "the sizes of the training and validation images and of what their masks show, not at the test "
    "part"
)


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
    # The test part of one split is opened once, when all is chosen. Folds share one plan, and each
    # image is tested in one of them: there it comes from all images, which is said.
    places = None if inputs.holdout is None else inputs.holdout.train
    fingerprint = take_fingerprint(pairs(), codes.n_classes, codes.background, places)
    segmenters: list[UsableSegmenter] = []
    words = [f"plan: auto looks at {_OF_ALL if places is None else _OF_SOME}, at no score"]
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
        config=config.placed(config.path, kinds, {}, {}),
        segmenters=tuple(segmenters),
        explanations=(*inputs.explanations, *words),
    )
