"""`report`: what is computed and kept for `report.html` beside the results themselves."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bioselect.config.rules import allowed
from bioselect.config.section import Section


class ReportSection(Section):
    """What the report shows of the images."""

    pictures: Annotated[bool, allowed("bool")] = Field(
        default=True,
        description="Small pictures (at most 160 px) of images that are worth a look: sure errors, "
        "suspected wrong labels, undecided ones, copies. They lie in the run folder and in "
        "report.html. false: the images are named and not shown, for example those of patients.",
    )
    explanations: Annotated[bool, allowed("bool")] = Field(
        default=True,
        description="Maps of what the exported model goes by, of at most 6 images: sure errors and "
        "some that are surely right. Not of large networks, and not with a budget. false, or "
        "pictures: false: none.",
    )
    learning_curve: Annotated[bool, allowed("bool")] = Field(
        default=True,
        description="Whether more images would help: the exported combination trained on parts of "
        "them, at most 3 times the folds of a repeat for each of four sizes. false: not asked.",
    )
    map: Annotated[bool, allowed("bool")] = Field(
        default=True,
        description="A map on which alike images are neighbours, of at most 2000 images. false: "
        "none.",
    )
