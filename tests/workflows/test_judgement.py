"""Declared costs, which decide ties."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from bioselect.features.base import Extractor
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.outcome import Entrant
from bioselect.selection.scores import FoldScore
from bioselect.workflows.entrants import entrant_of
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.judgement import _scored
from bioselect.workflows.usable_extractors import UsableExtractor

SHAPE = (20, 30, 4)


class Declares:
    def operations(self):
        return 1000.0


class ByPixel:
    def operations(self, shape=(512, 512, 3)):
        return 2.0 * math.prod(shape)


class Undeclared:
    pass


def usable(extractor):
    return UsableExtractor(ComponentSpec("own"), extractor)


class Free:
    def operations(self):
        return 0.0


@pytest.mark.parametrize(
    ("extractor", "cost"),
    # The dummy's own cost is one operation for each of the 3 classes.
    [
        (Declares(), 1003.0),
        (Free(), 3.0),
        (ByPixel(), 2 * 20 * 30 * 4 + 3.0),
        (Undeclared(), math.inf),
        (Extractor(), math.inf),
    ],
)
def test_what_nobody_knows_is_not_the_cheapest(extractor, cost):
    study = ExtractorStudy(usable(extractor), n_features=10, results=())
    problem = SimpleNamespace(n_classes=3, class_indices=np.zeros(64, dtype=int))
    candidate = Candidate(study.usable.spec, ComponentSpec("dummy"))
    assert entrant_of(candidate, [], study, problem, SHAPE).cost == cost


def test_of_searched_values_the_most_expensive_counts():
    study = ExtractorStudy(usable(Declares()), n_features=10, results=())
    problem = SimpleNamespace(n_classes=3, class_indices=np.zeros(64, dtype=int))
    spec = ComponentSpec.of("mlp", search={"hidden": [5, 200], "alpha": [0.1, 1.0]})
    entrant = entrant_of(Candidate(study.usable.spec, spec), [], study, problem, SHAPE)
    # Scaling 2 x 10, then 2 x 200 x (10 + 3), after the 1000 of the extractor.
    assert entrant.cost == 1000 + 20 + 5200


def test_what_was_dropped_before_its_features_were_known_has_no_known_cost():
    candidate = Candidate(usable(Declares()).spec, ComponentSpec("dummy"))
    problem = SimpleNamespace(n_classes=3, class_indices=np.zeros(64, dtype=int))
    for n_features, cost in ((0, math.inf), (10, 1003.0)):
        study = ExtractorStudy(usable(Declares()), n_features, (), {candidate: "no time"})
        assert entrant_of(candidate, [], study, problem, SHAPE).cost == cost


def test_why_the_deciding_metric_has_no_value_is_told():
    scored = [FoldScore(None, 0, place, "mine", 0.5) for place in range(3)]
    raised = "TypeError: unsupported operand"
    without = [FoldScore(None, 0, place, "mine", math.nan, raised) for place in (3, 4)]
    metric, entrant = SimpleNamespace(name="mine"), Entrant("hog", "lda")
    assert _scored(entrant, scored, metric) == entrant
    failed = _scored(entrant, scored + without, metric)
    assert failed.error == f"mine has no value in 2 of 5 folds: {raised}"
    before = replace(entrant, error="its features cannot be computed")
    assert _scored(before, without, metric) == before
