"""Declared costs, which decide ties."""

import math
from types import SimpleNamespace

import numpy as np

from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.workflows.extractor_study import ExtractorStudy
from bioselect.workflows.judgement import _entrant, extraction_operations
from bioselect.workflows.usable_extractors import UsableExtractor


class Declares:
    def operations(self):
        return 1000.0


class Undeclared:
    pass


def usable(extractor):
    return UsableExtractor(ComponentSpec("own"), extractor)


def test_what_nobody_knows_is_not_the_cheapest():
    assert extraction_operations(usable(Declares())) == 1000.0
    assert extraction_operations(usable(Undeclared())) == math.inf
    both = SimpleNamespace(parts=[Declares(), Undeclared()])
    assert extraction_operations(usable(both)) == math.inf


def test_of_searched_values_the_most_expensive_counts():
    study = ExtractorStudy(usable(Declares()), n_features=10, results=())
    problem = SimpleNamespace(n_classes=3, class_indices=np.zeros(64, dtype=int))
    spec = ComponentSpec.of("mlp", search={"hidden": [5, 200], "alpha": [0.1, 1.0]})
    entrant = _entrant(Candidate(study.usable.spec, spec), [], study, problem)
    # Scaling 2 x 10, then 2 x 200 x (10 + 3), after the 1000 of the extractor.
    assert entrant.cost == 1000 + 20 + 5200
