"""What would make a run fail is found before any work."""

import shutil

import pytest

from bioselect.exceptions import ComponentError, ConfigurationError, DataError
from bioselect.workflows import study_inputs
from bioselect.workflows.check import check

OWN = """
from bioselect.metrics.base import Metric

def number():
    return 3

def namesake():
    return Metric("accuracy", "higher", (0.0, 1.0), "labels", lambda y, p, n: 0.5)
"""


def judged_by(config, metric):
    text = config.read_text()
    config.write_text(text.replace("repeats: 2}", f'repeats: 2, metric: "{metric}"}}'))
    return config


def test_the_dummy_alone_is_no_study(write_config):
    with pytest.raises(ConfigurationError, match="at least one that learns"):
        check(write_config(classifiers="[dummy]"), jobs=1)


@pytest.mark.parametrize(
    ("name", "message"),
    [("number", "returns a Metric. Got int"), ("namesake", "must differ from those of the built")],
)
def test_a_metric_of_ones_own_is_looked_at_first(write_config, tmp_path, name, message):
    (tmp_path / "own_metrics_for_inputs.py").write_text(OWN)
    with pytest.raises(ComponentError, match=message):
        check(judged_by(write_config(), f"own_metrics_for_inputs:{name}"), jobs=1)


@pytest.mark.parametrize(("metric", "rope"), [("accuracy", 1), ("matthews_corrcoef", 2.0)])
def test_a_rope_as_wide_as_the_metric_is_refused(write_config, metric, rope):
    config = judged_by(write_config(rest=f"statistics: {{rope: {rope}}}"), metric)
    with pytest.raises(ConfigurationError, match=r"statistics\.rope: must be less than"):
        check(config, jobs=1)
    config.write_text(config.read_text().replace(f"rope: {rope}", "rope: 0.5"))
    assert "can be run" in check(config, jobs=1)


def test_a_class_without_a_readable_image_does_not_vanish(write_config, tmp_path, drawn_images):
    images = tmp_path / "images"
    shutil.copytree(drawn_images, images)
    for path in (images / "dots").iterdir():
        path.write_bytes(b"")
    with pytest.raises(DataError, match="class 'dots' has 0"):
        check(write_config(path=images, dataset="on_bad_image: exclude"), jobs=1)


def test_the_name_of_what_is_left_out_is_said_once():
    reason = "mobilenet_v2: the weights cannot be had."
    assert study_inputs._skipped_in_words({"mobilenet_v2(alpha=0.35)": reason}) == [
        "mobilenet_v2(alpha=0.35) is left out: the weights cannot be had."
    ]
