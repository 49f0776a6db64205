"""What a study compares, by name and parameters: extractors, estimators, networks."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field

from bioselect.config.component_section import ComponentSection
from bioselect.config.rules import allowed, checked_by
from bioselect.config.search import SEARCH_SCHEMA, check_search

OnUnavailable: TypeAlias = Annotated[
    str | None,
    allowed("null", choices=("stop", "skip")),
    Field(
        description="What to do when its weights cannot be had. null: as on_unavailable of the "
        "whole configuration says.",
    ),
]


class ExtractorSection(ComponentSection):
    """An extractor: turns an image into one row of numbers."""

    on_unavailable: OnUnavailable = None


class SearchingSection(ComponentSection):
    """A component that learns, some of whose parameters may be searched."""

    search: Annotated[str | dict[str, Any] | None, checked_by(check_search, SEARCH_SCHEMA)] = Field(
        default=None,
        description="Values to try inside the folds: default, or for each parameter a list or a "
        "range {min, max, scale: linear | log, values: how many} (samples: how many, at random).",
    )


class ClassifierSection(SearchingSection):
    """A classifier: turns rows of numbers into classes."""


class RegressorSection(SearchingSection):
    """A regressor: turns rows of numbers into a number."""


class NetworkSection(SearchingSection):
    """A network trained from pixels: turns images into classes."""

    on_unavailable: OnUnavailable = None
