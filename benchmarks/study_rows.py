"""The features of a study on disk, as the benchmarks of learning curves and of labels take them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bioselect.config.loading import load_config
from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.progress import SILENT
from bioselect.workflows.columns.inputs import read_inputs
from bioselect.workflows.extractor_study import features_of
from bioselect.workflows.study_inputs import StudyInputs


def study_inputs(config: Path) -> tuple[StudyInputs, FeatureCache]:
    """Read a configuration and its images; features are kept in its run folder."""
    read = load_config(config)
    cache = FeatureCache(read.cache or read.output / "features")
    return read_inputs(read, cache.folder, 1, SILENT, []), cache


def features_in_turn(inputs: StudyInputs, cache: FeatureCache) -> Iterator[Features]:
    """Yield the features of one extractor after the other, computed if they are not kept."""
    for usable in inputs.extractors:
        yield features_of(usable, inputs, cache, SILENT)
