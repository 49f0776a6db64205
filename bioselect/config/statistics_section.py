"""`statistics`: how differences between combinations are judged."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from bioselect.config.rules import allowed, one_of
from bioselect.config.section import Section


class StatisticsSection(Section):
    """How differences are judged."""

    alpha: Annotated[float, allowed("float", minimum=0.0001, maximum=0.5)] = Field(
        default=0.05, description="Level of significance, after Holm's correction."
    )
    rope: Annotated[float | str, allowed("float", choices=("auto",), minimum=0)] = Field(
        default="auto",
        description="Differences up to this are practically none, in units of the metric. "
        "auto: 0.01 for scores from 0 to 1; else 1 % of the range or, where lower is better, of "
        "what guessing scores.",
    )
    strict: Annotated[bool, allowed("bool")] = Field(
        default=False,
        description="Whether what is called significantly or clearly better allows for the pairs "
        "of all tables together. false: for those of each table, as is usual; of several tables "
        "together some false claim is then more likely than alpha.",
    )
    select: Annotated[str, one_of("recommended", "best")] = Field(
        default="recommended",
        description="Which model is trained and exported: the recommended one (cheapest of those "
        "as good as the best) or the best one.",
    )
