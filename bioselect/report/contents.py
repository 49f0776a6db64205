"""Which sections a report has, in the order in which they are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bioselect.exceptions import BioselectError
from bioselect.report.blocks import Section
from bioselect.report.results import RunResults
from bioselect.report.sections.classes import classes
from bioselect.report.sections.combinations import combinations
from bioselect.report.sections.confusion import confusion
from bioselect.report.sections.costs import costs
from bioselect.report.sections.curves import curves
from bioselect.report.sections.differences import differences
from bioselect.report.sections.dome import dome
from bioselect.report.sections.explanations import explanations
from bioselect.report.sections.findings import findings
from bioselect.report.sections.groups import groups
from bioselect.report.sections.image_map import image_map
from bioselect.report.sections.learning_curve import learning_curve
from bioselect.report.sections.masks import masks
from bioselect.report.sections.methods import methods
from bioselect.report.sections.pictures import pictures
from bioselect.report.sections.plots_of_numbers import plots_of_numbers
from bioselect.report.sections.prediction_sets import prediction_sets
from bioselect.report.sections.ranking import ranking
from bioselect.report.sections.reliability import reliability
from bioselect.report.sections.settings import settings
from bioselect.report.sections.trainings import trainings
from bioselect.report.sections.verdict import verdict

#: Each returns its section, or None where this run has nothing to say there.
SECTIONS: tuple[Callable[[RunResults], Section | None], ...] = (
    verdict,
    ranking,
    combinations,
    differences,
    confusion,
    curves,
    reliability,
    prediction_sets,
    classes,
    groups,
    plots_of_numbers,
    masks,
    trainings,
    pictures,
    explanations,
    findings,
    learning_curve,
    image_map,
    costs,
    settings,
    methods,
    dome,
)


def sections_of(results: RunResults) -> list[Section]:
    """Return the sections of a run."""
    found = [_made(section, results) for section in SECTIONS]
    return [section for section in found if section is not None]


def _made(section: Callable[[RunResults], Section | None], results: RunResults) -> Section | None:
    with of_whole_files(results, f"what its report has under '{section.__name__}'"):
        return section(results)


@contextmanager
def of_whole_files(results: RunResults, what: str) -> Iterator[None]:
    """Tell in a line what cannot be made: a file that somebody changed is no reason for more."""
    try:
        yield
    except BioselectError:
        raise
    except Exception as error:  # Whatever a section, or its template, says of what is not there.
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise BioselectError(
            f"{results.folder.root}: {what.replace('_', ' ')} cannot be made of its files "
            f"({reason}). One of them was changed, or is of another version. `bioselect run` with "
            "the same configuration writes them again, from what is kept."
        ) from error
