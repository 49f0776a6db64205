"""`dataset.target`: a class, columns of labels, or labels in one cell."""

import pytest

from bioselect.config.loading import load_config
from bioselect.config.schema import schema
from bioselect.config.target import TARGET_SCHEMA, check_target
from bioselect.config.writing import config_to_yaml
from bioselect.data.table_labels import LabelCell, LabelColumns


def text(target):
    return (
        f"dataset: {{table: t.csv, image: file, target: {target}}}\n"
        "extractors: [hog]\nclassifiers: [svm]\noutput: results\n"
    )


FORMS = [
    ("diagnosis", "diagnosis"),
    ("[nodule, mass]", LabelColumns(("nodule", "mass"))),
    ("{column: findings, separator: '|'}", LabelCell("findings", "|")),
    (
        "{column: findings, separator: '; ', none_label: No Finding}",
        LabelCell("findings", ";", "No Finding"),
    ),
    ("{column: findings, separator: ' ', none_label: ''}", LabelCell("findings", " ", "")),
]


@pytest.mark.parametrize(("written", "rule"), FORMS)
def test_forms(load, written, rule):
    assert load(text(written)).dataset.target_rule == rule


@pytest.mark.parametrize(("written", "rule"), FORMS)
def test_written_out_it_means_the_same(load, tmp_path, written, rule):
    (tmp_path / "again.yaml").write_text(config_to_yaml(load(text(written)), {}, tmp_path))
    assert load_config(tmp_path / "again.yaml").dataset.target_rule == rule


def test_no_target_beside_folders(load, smallest):
    assert load(smallest).dataset.target_rule is None


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("[nodule]", "at least two columns, one for each label. Got ['nodule']. For one column"),
        ("[nodule, mass, nodule]", "must name each column once. Got 'nodule' twice."),
        ("[nodule, 3]", "must be the name of the column"),
        ("[]", "must be the name of the column"),
        ("7", "must be the name of the column"),
        ("''", "must be the name of the column"),
        ("{column: findings}", "both keys hold a text that is not empty"),
        ("{separator: '|'}", "both keys hold a text that is not empty"),
        ("{column: f, separator: ''}", "both keys hold a text that is not empty"),
        ("{column: f, separator: '|', none: x}", "unknown key 'none'. Known here: column, sep"),
        ("{column: f, separator: '|', none_label: 0}", "none_label must be null or the text"),
        ("{column: f, separator: '|', none_label: 'a|b'}", "must not hold the separator '|'"),
    ],
)
def test_mistakes_are_named_with_their_line(problems_of, written, problem):
    (line,) = problems_of(text(written))
    assert line.startswith("config.yaml:1: dataset.target: ")
    assert problem in line


def test_labels_need_a_table(problems_of, smallest):
    (line,) = problems_of(smallest.replace("path: images", "path: images, target: [a, b]"))
    assert "target goes with table only" in line


def test_schema_knows_the_forms():
    target = schema()["$defs"]["DatasetSection"]["properties"]["target"]
    nothing, column, columns, cell = target["anyOf"]
    assert (nothing["type"], column["type"]) == ("null", "string")
    assert (columns["type"], columns["minItems"], columns["uniqueItems"]) == ("array", 2, True)
    assert set(cell["properties"]) == {"column", "separator", "none_label"}
    assert (cell["required"], cell["additionalProperties"]) == (["column", "separator"], False)
    for example in TARGET_SCHEMA["examples"]:
        assert check_target(example)
