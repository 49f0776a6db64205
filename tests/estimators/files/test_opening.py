"""Forged and damaged files of estimators are refused, or answer; they never end the process."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.estimators.files.closed_list import BY_LOADER
from bioselect.estimators.files.opening import RefusedTypesError, open_estimator
from bioselect.estimators.files.schema import read_plain
from bioselect.steady_archives import zip_bytes
from tests.estimators.files.forging import (
    NAMES,
    file_of,
    fitted,
    forgeries,
    training_rows,
    written,
)

ROOT = Path(__file__).parent.parent.parent.parent
#: What is computed by code that looks at nothing.
BLIND = (
    "classifier:random_forest",
    "regressor:decision_tree",
    "classifier:gradient_boosting",
    "regressor:gradient_boosting",
    "classifier:svm",
    "regressor:svr",
    "classifier:knn",
    "regressor:knn",
)
#: Every so many of their forgeries are tried here; `forging.py` tries all.
EVERY = 37


def test_forged_files_never_end_the_process():
    # In a process of its own: where a number leads elsewhere in memory, it is gone.
    surroundings = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    script = str(Path(__file__).parent / "forging.py")
    done = subprocess.run(
        [sys.executable, script, str(EVERY), "0", *BLIND],
        env=surroundings,
        capture_output=True,
        text=True,
    )
    tried = done.stderr.splitlines()
    assert done.returncode == 0, f"ended with {done.returncode} after {tried[-1:]}"
    counted = [json.loads(line.split(" ", 1)[1]) for line in done.stdout.splitlines()]
    assert len(counted) == len(BLIND)
    assert all(one["refused"] >= 2 for one in counted)


def test_every_built_in_estimator_is_forged_somewhere():
    assert len(NAMES) == len(CLASSIFIERS) + len(REGRESSORS)
    assert {f"{kind}:{name}" for kind, name in NAMES} >= set(BLIND)


@pytest.mark.parametrize("full", sorted({*BLIND, "classifier:mlp", "regressor:pls"}))
def test_what_was_not_forged_answers_as_before(full):
    kind, name = full.split(":")
    model, (rows, _, _) = fitted(kind, name), training_rows()
    opened = open_estimator(skops.io.dumps(model))
    np.testing.assert_array_equal(opened.predict(rows), model.predict(rows))


def _changed(kind, name, entry, change):
    """Return a file in which the array behind a name in the tree was changed in place."""
    schema, contents = written(fitted(kind, name))

    def find(node):
        if isinstance(node, dict):
            for key, value in node.items():
                if key == entry and isinstance(value, dict) and "file" in value:
                    return value["file"]
                if found := find(value):
                    return found
        elif isinstance(node, list):
            for value in node:
                if found := find(value):
                    return found
        return None

    place = find(schema)
    array = np.load(io.BytesIO(contents[place])).copy()
    buffer = io.BytesIO()
    np.save(buffer, change(array))
    return file_of(schema, {**contents, place: buffer.getvalue()})


def _set(field, place, value):
    def change(array):
        array[field][place] = value
        return array

    return change


def _put(place, value):
    def change(array):
        array[place] = value
        return array

    return change


FORGED = [
    # The feature beyond the row, and the node beyond the last: SIGSEGV in scikit-learn.
    ("classifier", "random_forest", "nodes", _set("feature", 0, 10**9), "features below 6"),
    ("classifier", "random_forest", "nodes", _set("feature", 0, -7), "features below 6"),
    ("classifier", "extra_trees", "nodes", _set("left_child", 0, 10**9), "behind their parents"),
    # A child that is its own parent: never ends.
    ("regressor", "decision_tree", "nodes", _set("right_child", 0, 0), "behind their parents"),
    ("regressor", "decision_tree", "nodes", _set("left_child", 0, -5), "behind their parents"),
    ("regressor", "decision_tree", "nodes", lambda nodes: nodes[:-1], "as many nodes as it says"),
    ("regressor", "random_forest", "values", lambda values: values[:1], "a value at each node"),
    ("regressor", "random_forest", "values", _put(0, np.nan), "finite values"),
    ("classifier", "gradient_boosting", "nodes", _set("feature_idx", 0, 10**9), "below 6"),
    ("classifier", "gradient_boosting", "nodes", _set("left", 0, 4 * 10**9), "behind"),
    ("regressor", "gradient_boosting", "nodes", _set("right", 0, 0), "behind"),
    ("regressor", "gradient_boosting", "nodes", _set("is_categorical", 0, 1), "not by categories"),
    ("classifier", "svm", "_n_support", _put(0, 2**31 - 1), "count its vectors"),
    ("classifier", "svm", "_n_support", lambda counts: counts[:1], "count its vectors"),
    ("classifier", "svm", "support_vectors_", lambda rows: rows[:, :3].copy(), "as long as"),
    ("classifier", "svm", "_dual_coef_", lambda table: table[:1], "must weigh"),
    ("classifier", "svm", "_intercept_", lambda numbers: numbers[:1], "intercepts"),
    ("regressor", "svr", "_dual_coef_", lambda table: table[:, :1].copy(), "must weigh"),
    ("regressor", "svr", "support_", lambda places: places[:1], "name vectors"),
    ("classifier", "knn", "_y", _put(0, 10**9), "the class of each row"),
    ("classifier", "knn", "_y", _put(-1, -(10**9)), "the class of each row"),
    ("classifier", "knn", "_fit_X", lambda rows: rows[:5], "the rows that it says"),
    ("regressor", "knn", "_y", lambda numbers: numbers[:5], "the target of each row"),
]


@pytest.mark.parametrize("case", FORGED, ids=lambda case: f"{case[1]} {case[2]} {case[4]}")
def test_numbers_that_lead_elsewhere_are_refused(case):
    kind, name, entry, change, message = case
    with pytest.raises(ValueError, match=message):
        open_estimator(_changed(kind, name, entry, change))


class TestTypes:
    @pytest.mark.parametrize(
        "thing",
        [
            np.exp,
            print,
            json.dumps,
            {"a": {1, 2}},
            b"bytes",
            np.dtype("f8"),
            np.ma.masked_array([1.0], [True]),
            np.array([None, "object"], dtype=object),
            GridSearchCV(LogisticRegression(), {"C": [1.0]}),
            Pipeline([("f", FunctionTransformer(np.exp))]),
        ],
        ids=lambda thing: type(thing).__name__,
    )
    def test_what_skops_takes_and_no_model_needs_is_refused(self, thing):
        with pytest.raises(RefusedTypesError):
            open_estimator(skops.io.dumps({"model": thing}))

    @pytest.mark.parametrize(
        "loader",
        ["FunctionNode", "MethodNode", "PartialNode", "OperatorFuncNode", "CachedNode",
         "ConstructorFromReduceNode", "TypeNode", "ObjectNode", "LossNode", "TreeNode"],
    )  # fmt: skip
    def test_no_loader_makes_a_foreign_thing(self, loader):
        node = {
            "__class__": "Popen", "__module__": "subprocess", "__loader__": loader,
            "content": {}, "__reduce__": {"args": {}}, "__id__": 1,
        }  # fmt: skip
        data = zip_bytes({"schema.json": json.dumps({**node, "protocol": 2}).encode()})
        with pytest.raises(RefusedTypesError, match=r"subprocess\.Popen"):
            open_estimator(data)

    def test_the_list_holds_no_search_and_no_function(self):
        every = sorted(frozenset().union(*BY_LOADER.values()))
        assert not [one for one in every if "search" in one.lower() or "ufunc" in one]
        assert not {"FunctionNode", "MethodNode", "PartialNode"} & set(BY_LOADER)

    def test_of_a_neighbour_tree_nothing_is_taken(self):
        rows, classes, _ = training_rows()
        model = KNeighborsClassifier(algorithm="kd_tree").fit(rows, classes)
        with pytest.raises((RefusedTypesError, ValueError), match=r"KDTree|compare rows"):
            open_estimator(skops.io.dumps(model))


class TestWholeFile:
    def test_a_part_that_stands_for_another_is_written_out(self):
        # skops takes the first object of a number for all: what was looked at would not be used.
        schema, contents = written(fitted("regressor", "decision_tree"))
        plain = read_plain(file_of(schema, contents))
        assert all("__id__" not in node for node in plain.nodes())
        text = json.dumps(schema)
        first = json.loads(text)["__id__"]
        forged = json.loads(text.replace(f'"__id__": {first + 1},', f'"__id__": {first},'))
        rows, _, numbers = training_rows()
        assert open_estimator(file_of(forged, contents)).predict(rows).shape == numbers.shape

    def test_objects_without_end(self):
        node = {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode"}
        node |= {"content": "1"}
        for _ in range(400):
            outer = {"__class__": "list", "__module__": "builtins", "__loader__": "ListNode"}
            node = outer | {"content": [node]}
        with pytest.raises(ValueError, match="at most 150 deep"):
            open_estimator(zip_bytes({"schema.json": json.dumps(node).encode()}))

    def test_arrays_that_say_more_than_there_is(self):
        schema, contents = written(fitted("classifier", "lda"))
        place = next(name for name, data in contents.items() if b"(6,)" in data)
        data = contents[place].replace(b"(6,)", b"(7,)")
        with pytest.raises(ValueError, match="bytes, as its head says"):
            open_estimator(file_of(schema, {**contents, place: data}))

    def test_an_attribute_that_hides_a_method(self):
        model = fitted("classifier", "lda")
        model.predict_proba = 1
        with pytest.raises(ValueError, match="must not replace predict_proba"):
            open_estimator(skops.io.dumps(model))

    def test_many_processes_are_not_started(self):
        model = fitted("classifier", "random_forest")
        model["model"].n_jobs = 10_000
        with pytest.raises(ValueError, match="one process"):
            open_estimator(skops.io.dumps(model))

    def test_nearly_nothing_is_left_of_what_only_training_needs(self):
        model = open_estimator(skops.io.dumps(fitted("classifier", "mlp")))["model"]
        assert (model._optimizer, model._random_state) == (None, None)

    def test_few_forgeries_of_each_estimator_are_there(self):
        assert sum(1 for _ in forgeries(fitted("classifier", "lda"))) > 100


class TestOtherVersions:
    """What lies between versions of scikit-learn that a Python each has as its newest."""

    @pytest.mark.parametrize("module", ["_loss", "sklearn._loss._loss"])
    def test_losses_of_boosted_trees_have_a_module_of_two_names(self, module):
        model, (rows, _, _) = fitted("regressor", "gradient_boosting"), training_rows()
        schema, contents = written(model)
        text = json.dumps(schema)
        own = f'"__module__": "{type(model._loss.closs).__module__}"'
        assert own in text
        forged = json.loads(text.replace(own, f'"__module__": "{module}"'))
        opened = open_estimator(file_of(forged, contents))
        np.testing.assert_array_equal(opened.predict(rows), model.predict(rows))

    @pytest.mark.parametrize("said", ["deprecated", False])
    def test_support_vectors_give_no_probabilities_of_their_own(self, said):
        model = fitted("classifier", "svm")
        model["model"].probability = said
        assert open_estimator(skops.io.dumps(model))["model"].probability is False

    def test_a_parameter_that_is_not_in_the_file_gets_its_default(self):
        model = fitted("classifier", "knn")
        del model["model"].leaf_size
        assert open_estimator(skops.io.dumps(model))["model"].leaf_size == 30
