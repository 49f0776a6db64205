"""The networks' part of a study: every network on every fold, and their baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial

import numpy as np

from bioselect.features.cache import FeatureCache
from bioselect.features.learning import Features
from bioselect.features.pixel_file import PixelDemand, PixelFile, PixelsThere, pixel_file
from bioselect.progress import Reporter, duration_in_words
from bioselect.registry import ComponentSpec
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.cross_validation import FoldResult, Problem, cross_validate
from bioselect.selection.journal import Journal
from bioselect.selection.network_folds import train_on_folds
from bioselect.selection.trained_fold import ComparedNetwork
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.short_labels import short_labels
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.usable_extractors import UsableExtractor
from bioselect.workflows.usable_networks import UsableNetwork, network_maker

#: In place of a digest of rows: the dummy looks at none.
NO_ROWS = "images"


class PixelSources:
    """The images of a study at the sizes that its networks take, each prepared when asked for.

    Parameters
    ----------
    inputs : StudyInputs
        Images and how they are read.
    cache : FeatureCache
        In whose folder the prepared images lie.
    reporter : Reporter
        Shows the progress.
    """

    def __init__(self, inputs: StudyInputs, cache: FeatureCache, reporter: Reporter) -> None:
        self.inputs, self.cache, self.reporter = inputs, cache, reporter
        self._open: dict[tuple[int, int, int], PixelFile] = {}

    def of(self, shape: tuple[int, int, int]) -> PixelFile:
        """Return the images at one size."""
        if shape not in self._open:
            self._open[shape] = pixel_file(
                self.demand(shape), self.cache.folder, self.reporter, self.inputs.n_jobs
            )
        return self._open[shape]

    def there(self, shape: tuple[int, int, int]) -> PixelsThere:
        """Return how workers of a cluster open the images at one size."""
        return PixelsThere(self.of(shape).path, self.demand(shape))

    def demand(self, shape: tuple[int, int, int]) -> PixelDemand:
        """Return what is asked of the file of one size."""
        return PixelDemand(tuple(self.inputs.images), self.inputs.reading, shape, self._native)

    @cached_property
    def _native(self) -> tuple[str, int, int] | None:
        """The pixel type and size that all images have."""
        kinds = {(mark.dtype, mark.height, mark.width) for mark in self.inputs.fingerprints}
        return next(iter(kinds)) if len(kinds) == 1 else None


def study_networks(
    inputs: StudyInputs,
    problem: Problem,
    cache: FeatureCache,
    folder: RunFolder,
    journal: Journal,
    reporter: Reporter,
    expected: Mapping[str, float | None] | None = None,
) -> ExtractorStudy:
    """Train and test all networks on all folds, one after another; what is kept is not done again.

    `expected` are the seconds that each will take, by its short name, where that was found out.

    Returns
    -------
    ExtractorStudy
        Of what stands for their extractor, the images. The dummy is among its candidates, so that
        there is a floor also where networks alone are listed.
    """
    pixels = PixelSources(inputs, cache, reporter)
    dummy = Candidate(IMAGES, ComponentSpec.of("dummy"))
    results = _baseline(dummy, problem, journal, reporter)
    networks = [compared(one, inputs, problem, pixels) for one in inputs.networks]
    for number, network in enumerate(networks):
        if len(networks) > 1:
            names = [one.name for one in networks]
            reporter.say(_which_network(names, number, expected or {}))
        results += train_on_folds(problem, network, journal, reporter, folder.training)
    candidates = (*(one.candidate for one in networks), dummy)
    return ExtractorStudy(UsableExtractor(IMAGES, None), 0, tuple(results), candidates=candidates)


def _which_network(names: Sequence[str], number: int, expected: Mapping[str, float | None]) -> str:
    """Say which network comes, and how long it and those after it will take.

    Examples
    --------
    >>> _which_network(["small_cnn", "resnet18"], 0, {"small_cnn": 60.0, "resnet18": 600.0})
    'network 1 of 2: small_cnn (at most about 11 min 0 s for it and those after it)'
    >>> _which_network(["small_cnn", "resnet18"], 1, {})
    'network 2 of 2: resnet18'
    """
    text = f"network {number + 1} of {len(names)}: {names[number]}"
    left = [expected.get(name) for name in names[number:]]
    known = [seconds for seconds in left if seconds is not None]
    if not known:
        return text
    return f"{text} (at most about {duration_in_words(sum(known))} for it and those after it)"


def compared(
    usable: UsableNetwork, inputs: StudyInputs, problem: Problem, pixels: PixelSources
) -> ComparedNetwork:
    """Return a network as the folds take it."""
    shape = usable.input_shape
    return ComparedNetwork(
        candidate=Candidate(IMAGES, usable.spec),
        pixels=partial(pixels.of, shape),
        pixels_there=partial(pixels.there, shape),
        facts={"network": usable.identity, "images": pixels.demand(shape).key},
        made=network_maker(inputs.config, inputs.n_jobs),
        n_epochs=usable.n_epochs,
        n_features=int(np.prod(shape)),
        operations=lambda: usable.classifier.operations(shape, problem.n_classes),
        shown=shown_names(inputs)[usable.spec.label],
    )


def shown_names(inputs: StudyInputs) -> dict[str, str]:
    """Return the short names of everything that is compared, by label; see `short_labels`."""
    specs = [*(one.spec for one in inputs.extractors), *(one.spec for one in inputs.networks)]
    return short_labels([*specs, *inputs.estimators])


def _baseline(
    dummy: Candidate, problem: Problem, journal: Journal, reporter: Reporter
) -> list[FoldResult]:
    features = Features(IMAGES, np.zeros((len(problem.class_indices), 1), dtype=np.float32), None)
    return cross_validate(problem, features, NO_ROWS, [dummy], journal, reporter, 1)
