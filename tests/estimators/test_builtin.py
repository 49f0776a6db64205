"""The table of classifiers: complete, true to the functions, quick to read."""

import inspect
import subprocess
import sys

import pytest

from bioselect.estimators import classifiers
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.creation import AROUND
from bioselect.registry import ComponentSpec, parameter_problems

NAMES = (
    "logistic_regression linear_svm svm knn lda naive_bayes random_forest extra_trees "
    "gradient_boosting mlp nearest_centroid dummy"
)
#: Without anything worth tuning.
WITHOUT_SEARCH = {"lda", "nearest_centroid", "dummy"}


def test_the_promised_names():
    assert list(CLASSIFIERS) == NAMES.split()


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_row_says_what_its_function_takes(name):
    row = CLASSIFIERS[name]
    assert row.target == f"bioselect.estimators.classifiers:{name}"
    signature = inspect.signature(getattr(classifiers, name)).parameters
    taken = {key: value.default for key, value in signature.items() if key != "seed"}
    declared = {parameter.name: parameter.default for parameter in row.parameters}
    around = {item: declared.pop(item, "missing") for item in AROUND}
    assert list(taken.items()) == list(declared.items())
    # Made by `create_classifier` around whatever the function returns; the floor has nothing.
    assert set(around.values()) == ({"missing"} if name == "dummy" else {None, "binary_relevance"})


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_row_explains_itself(name):
    row = CLASSIFIERS[name]
    assert row.summary
    assert row.reference or name == "dummy"
    assert all(parameter.summary for parameter in row.parameters)
    assert all(parameter.types or parameter.choices for parameter in row.parameters)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_defaults_and_search_spaces_are_allowed_values(name):
    row = CLASSIFIERS[name]
    assert not parameter_problems(row, {item.name: item.default for item in row.parameters})
    assert bool(row.search) == (name not in WITHOUT_SEARCH)
    for key, values in row.search:
        assert len(set(values)) == len(values) > 1
        for value in values:
            assert not parameter_problems(row, {key: value})
    combinations = 1
    for _, values in row.search:
        combinations *= len(values)
    assert combinations <= 5
    assert (
        ComponentSpec.of(name, search=dict(row.search)).search_dict.keys()
        == dict(row.search).keys()
    )


def test_reading_the_table_imports_nothing_heavy():
    code = (
        "import sys, bioselect.estimators.builtin, bioselect.metrics.builtin; "
        "print([name for name in ('numpy', 'scipy', 'sklearn', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
