"""`report`: what is kept for the report, and that its keys are checked like all others."""

import pytest
import yaml

from bioselect.config.loading import load_config
from bioselect.config.schema import schema
from bioselect.config.writing import config_to_yaml
from bioselect.exceptions import ConfigurationError

BASE = "dataset: {path: images}\nextractors: [hog]\nclassifiers: [lda]\noutput: run\n"


def loaded(tmp_path, rest):
    path = tmp_path / "c.yaml"
    path.write_text(BASE + rest)
    return load_config(path)


def test_everything_is_kept_unless_it_is_not_wanted(tmp_path) -> None:
    assert loaded(tmp_path, "").report.model_dump() == {
        "pictures": True,
        "explanations": True,
        "learning_curve": True,
        "map": True,
    }
    config = loaded(tmp_path, "report: {pictures: false}\n")
    assert (config.report.pictures, config.report.map) == (False, True)
    written = yaml.safe_load(config_to_yaml(config, {}))
    assert written["report"] == {
        "pictures": False,
        "explanations": True,
        "learning_curve": True,
        "map": True,
    }
    assert "ReportSection" in schema()["$defs"]


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("report: {pictures: 3}\n", "c.yaml:5: report.pictures: "),
        ("report: {picture: false}\n", "report.picture: unknown key. Did you mean 'pictures'?"),
        ("pictures: false\n", "It belongs under report."),
    ],
)
def test_wrong_keys_are_errors_with_their_place(tmp_path, rest, message) -> None:
    with pytest.raises(ConfigurationError) as refused:
        loaded(tmp_path, rest)
    assert message in str(refused.value)


def test_masks_have_no_such_report(tmp_path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(
        "task: segmentation\ndataset: {path: images, masks: masks}\nnetworks: [otsu]\n"
        "output: run\nreport: {map: false}\n"
    )
    with pytest.raises(ConfigurationError, match="report: does not go with task: segmentation"):
        load_config(path)
