"""`bundle`: what is done to the model that is exported."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bioselect.config.rules import one_of
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
