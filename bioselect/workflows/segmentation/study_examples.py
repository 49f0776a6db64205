"""The sheet of a study: the best, the median and the worst images of the exported model."""

from __future__ import annotations

import numpy as np

from bioselect.metrics.base import get_metric
from bioselect.workflows.segmentation.example_sheet import Example, chosen_examples, write_examples
from bioselect.workflows.segmentation.judgement import JudgedMasks
from bioselect.workflows.segmentation.mask_study import MaskStudy


def write_study_examples(study: MaskStudy, judged: JudgedMasks) -> None:
    """Draw images with the masks that were predicted while they were not trained on."""
    inputs = study.inputs
    metric = get_metric(inputs.metric, inputs.config.base_dir)
    results = judged.exported_folds if judged.opened is None else (judged.opened,)
    parts = [one.parts[0] for one in results if one.repeat == 0 and one.parts]
    places = np.concatenate([part.places for part in parts])
    scores = np.concatenate([part.of_images(metric.name) for part in parts])
    spec = judged.exported.estimator
    name = next(one.short_name for one in inputs.segmenters if one.spec == spec)
    examples = []
    for role, number in chosen_examples(scores, metric.higher_is_better):
        place = int(places[number])
        examples.append(
            Example(
                role,
                inputs.dataset.records[place].image_id,
                float(scores[number]),
                study.pairs().image(place),
                study.pairs().mask(place),
                study.masks.read(name, 0, place),
            )
        )
    write_examples(
        study.folder.examples,
        f"{name}: images that it was not trained on",
        examples,
        inputs.codes.class_names,
        inputs.codes.background,
        metric.in_words,
    )
