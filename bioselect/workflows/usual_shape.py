"""How large the images of a study usually are: what the cost of its extractors is declared for."""

from __future__ import annotations

from statistics import median, mode

from bioselect.features.base import ImageShape
from bioselect.workflows.study_inputs import StudyInputs


def usual_shape(inputs: StudyInputs) -> ImageShape:
    """Return the median height, the median width, and the most frequent number of channels."""
    marks = inputs.fingerprints
    n_channels = 3 if inputs.reading.repeat_grey else mode(mark.n_channels for mark in marks)
    height = int(median(mark.height for mark in marks))
    return height, int(median(mark.width for mark in marks)), n_channels
