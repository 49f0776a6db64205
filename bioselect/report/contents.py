"""Which sections a report has, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable

from bioselect.report.blocks import Section
from bioselect.report.results import RunResults
from bioselect.report.sections.image_map import image_map
from bioselect.report.sections.learning_curve import learning_curve
from bioselect.report.sections.pictures import pictures
from bioselect.report.sections.ranking import ranking
from bioselect.report.sections.verdict import verdict

#: Each returns its section, or None where this run has nothing to say there.
SECTIONS: tuple[Callable[[RunResults], Section | None], ...] = (
    verdict,
    ranking,
    pictures,
    learning_curve,
    image_map,
)


def sections_of(results: RunResults) -> list[Section]:
    """Return the sections of a run."""
    found = [section(results) for section in SECTIONS]
    return [section for section in found if section is not None]
