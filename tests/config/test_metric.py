"""The metric of a configuration: a name, or a name with parameters; every mistake with its line."""

import pytest

from bioselect.config.loading import load_config
from bioselect.config.metric import metric_spec
from bioselect.exceptions import ConfigurationError
from bioselect.registry import ComponentSpec

TEXT = """\
dataset: {{path: .}}
extractors: [hog]
classifiers: [lda]
validation:
  metric: {metric}
output: out
"""


@pytest.fixture
def load(tmp_path):
    def loaded(metric):
        path = tmp_path / "config.yaml"
        path.write_text(TEXT.format(metric=metric), encoding="utf-8")
        return load_config(path).validation

    return loaded


@pytest.mark.parametrize(
    ("written", "spec"),
    [
        ("auto", None),
        ("{name: auto}", None),
        ("log_loss", ComponentSpec("log_loss")),
        ("{name: log_loss}", ComponentSpec("log_loss")),
        (
            "{name: recall, params: {positive: ill}}",
            ComponentSpec.of("recall", {"positive": "ill"}),
        ),
        ("{name: recall, params: {positive: 1}}", ComponentSpec.of("recall", {"positive": 1})),
    ],
)
def test_forms(load, written, spec):
    assert metric_spec(load(written).metric) == spec


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("recall", ":5: validation.metric.params.positive: is missing; recall needs it."),
        (
            "{name: recal}",
            ":5: validation.metric.name: unknown metric 'recal'. Did you mean 'recall'?",
        ),
        (
            "{name: sensitivity_at_specificity, params: {positive: a, specificity: 90}}",
            "validation.metric.params.specificity: must be at most 1. Got 90.",
        ),
        (
            "{name: recall, params: {posistive: a}}",
            "validation.metric.params.posistive: unknown parameter. Did you mean 'positive'?",
        ),
        ("{name: accuracy, bins: 3}", "validation.metric: must be text (the name of a metric), or"),
        ("[accuracy, f1_macro]", "validation.metric: must be text (the name of a metric), or"),
        ("{params: {positive: a}}", "validation.metric: must be text (the name of a metric), or"),
        ("{name: lda}", "belongs under classifiers: move it there"),
        ("{name: auto, params: {positive: a}}", "unknown metric 'auto'"),
    ],
)
def test_mistakes(load, written, words):
    with pytest.raises(ConfigurationError) as error:
        load(written)
    assert words in str(error.value)
