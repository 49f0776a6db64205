import json
import re

from bioselect.config.schema import IMPORT_PATH, schema
from bioselect.config.sections import Config
from bioselect.registry import known_rows


def definition(name):
    return schema()["$defs"][name]


def test_it_is_json() -> None:
    assert json.loads(json.dumps(schema())) == json.loads(json.dumps(schema()))


def test_every_key_is_described() -> None:
    made = schema()
    assert set(made["properties"]) == set(Config.model_fields)
    sections = [made, definition("DatasetSection"), definition("ValidationSection")]
    for section in [*sections, definition("StatisticsSection")]:
        assert section["additionalProperties"] is False
        for key, described in section["properties"].items():
            assert described.get("description") or "$ref" in described, key


def test_unknown_keys_and_limits_are_in_it() -> None:
    folds = definition("ValidationSection")["properties"]["folds"]
    assert folds["anyOf"] == [{"type": "integer", "minimum": 2}, {"enum": ["auto"]}]
    assert folds["default"] == "auto"
    assert schema()["required"] == ["dataset", "output"]
    both = {"required": ["extractors", "classifiers"]}
    of_numbers = {"required": ["extractors", "regressors"]}
    table = {"dataset": {"required": ["table"]}}
    assert schema()["anyOf"] == [
        both,
        of_numbers,
        {"required": ["networks"]},
        {"required": ["classifiers"], "properties": table},
        {"required": ["regressors"], "properties": table},
    ]


def test_what_becomes_of_stacks_is_in_it() -> None:
    options = definition("DatasetSection")["properties"]["stack"]["anyOf"]
    assert options[:2] == [{"type": "null"}, {"enum": ["middle", "channels", "all"]}]
    projection, every = options[2:]
    assert projection["properties"] == {"projection": {"enum": ["max", "mean"]}}
    assert every["properties"] == {"every": {"type": "integer", "minimum": 1}}


def test_a_component_is_a_name_or_a_mapping() -> None:
    name, mapping = definition("ExtractorSection")["anyOf"]
    assert name["anyOf"][0] == {"enum": list(known_rows("extractor"))}
    assert name["anyOf"][1] == {"type": "string", "pattern": IMPORT_PATH}
    assert mapping["properties"]["name"]["anyOf"] == name["anyOf"]
    assert mapping["required"] == ["name"]


def test_the_parameters_of_each_component_are_in_it() -> None:
    rules = definition("ClassifierSection")["anyOf"][1]["allOf"]
    by_name = {rule["if"]["properties"]["name"]["const"]: rule["then"] for rule in rules}
    assert set(by_name) == set(known_rows("classifier"))
    kernel = by_name["svm"]["properties"]["params"]["properties"]["kernel"]
    assert kernel["enum"] == ["rbf", "poly", "sigmoid", "linear"]
    assert kernel["default"] == "rbf"


def test_import_paths() -> None:
    assert re.search(IMPORT_PATH, "mylab.features:NucleusShape")
    for wrong in ("hog", "mylab.features", ":Name", "module:", "my lab:Name"):
        assert not re.search(IMPORT_PATH, wrong), wrong


def test_the_metric_is_a_known_name_or_a_mapping() -> None:
    metric = definition("ValidationSection")["properties"]["metric"]
    name, mapping = metric["anyOf"]
    needy = {"precision", "recall", "f1", "sensitivity_at_specificity"}
    names = [one for one in known_rows("metric") if one not in needy]
    assert name["anyOf"][0] == {"enum": ["auto", *names]}
    assert mapping["properties"]["name"]["anyOf"][0] == {"enum": list(known_rows("metric"))}
    by_name = {rule["if"]["properties"]["name"]["const"]: rule["then"] for rule in mapping["allOf"]}
    then = by_name["sensitivity_at_specificity"]
    assert then["required"] == ["params"]
    assert then["properties"]["params"]["required"] == ["positive"]
    assert "required" not in by_name["average_precision"]
    assert metric["default"] == "auto"
    assert "description" in metric


def test_regressors_are_named_in_it() -> None:
    [names, body] = definition("RegressorSection")["anyOf"]
    assert {"ridge", "random_forest"} <= set(names["anyOf"][0]["enum"])
    assert "lda" not in names["anyOf"][0]["enum"]
    assert "search" in body["properties"]
