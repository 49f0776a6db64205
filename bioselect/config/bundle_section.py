"""`bundle`: what is done to the model that is exported."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bioselect.config.rules import allowed, one_of
from bioselect.config.section import Section

CALIBRATIONS = ("auto", "none", "temperature", "sigmoid", "isotonic")


class BundleSection(Section):
    """How the exported model is finished."""

    calibration: Annotated[str, one_of(*CALIBRATIONS)] = Field(
        default="auto",
        description="How its probabilities are made believable, from predictions for images that "
        "were not trained on: temperature, sigmoid, isotonic or none. What does not help on images "
        "that it was not fitted on is not used, nor is anything where a class has fewer than 10 "
        "independent images or groups. auto: temperature, isotonic from 1000 of them on.",
    )
    interval: Annotated[float | None, allowed("float", "null", minimum=0.5, maximum=0.99)] = Field(
        default=0.9,
        description="For task: regression: how often the true number is to lie between low and "
        "high, which stand beside every predicted number. They follow from the errors on images "
        "that were not trained on; groups count, not images, and 0.9 needs 9 of them, 0.95 19. "
        "null: no intervals.",
    )
    coverage: Annotated[float | None, allowed("float", "null", minimum=0.5, maximum=0.99)] = Field(
        default=0.9,
        description="For images of one class each: how often the set of classes that stands beside "
        "every prediction is to hold the true class, for each class. The sets follow from the "
        "probabilities for images that were not trained on; groups count, not images, and 0.9 "
        "needs 9 of them, 0.95 19, 0.99 99. null: no sets.",
    )
    thumbnails: Annotated[bool, allowed("bool")] = Field(
        default=False,
        description="Whether small pictures of the training images (64 pixels a side) go into the "
        "model, so that `bioselect explain` can show those that a new image is most like. Whoever "
        "gets the model can see them.",
    )
