"""`manifest.json`: what a bundle says of itself, and the number of its format.

When the format changes: raise `FORMAT`, keep a reader for each older number in `READERS` of
`reading.py`, and add a bundle of the old format to the tests.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

FORMAT = 1
MANIFEST_FILE = "manifest.json"
ESTIMATOR_FILE = "estimator.skops"
CHECK_SAMPLE_FILE = "check_sample.npz"
CARD_FILE = "card.md"
EXTRACTOR_FOLDER = "extractor"


class Component(BaseModel):
    """A component as it stands in a configuration, with the identity of what was used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    params: dict[str, Any] = Field(default_factory=dict)
    identity: dict[str, Any] = Field(default_factory=dict)


class Manifest(BaseModel):
    """Everything about a model but its numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    bioselect_version: str
    task: Literal["classification"]
    class_names: list[str]
    extractor: Component
    estimator: Component
    chosen: dict[str, Any]
    n_features: int
    probability_source: str
    reading: dict[str, Any]
    scores: dict[str, Any]
    dataset: dict[str, Any]
    versions: dict[str, str]
    files: dict[str, str]
