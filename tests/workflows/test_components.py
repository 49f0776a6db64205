"""`bioselect components`: everything that can be named, and the contract for one's own."""

import pytest

from bioselect.augmentation.table import STEPS
from bioselect.cli.main import main
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.estimators.builtin_regressors import REGRESSORS
from bioselect.exceptions import ComponentError
from bioselect.features.builtin import EXTRACTORS
from bioselect.metrics.builtin import METRICS
from bioselect.networks.builtin import NETWORKS
from bioselect.networks.builtin_of_values import VALUE_NETWORKS
from bioselect.registry import ComponentSpec
from bioselect.segmenters.builtin import SEGMENTERS
from bioselect.testing.small_bundle import write_small_bundle
from bioselect.workflows.components import check_component, kind_of, list_components

MODULE = """
import numpy as np
class Good:
    def transform(self, images):
        return np.array([[i.mean(), i.std()] for i in images], dtype=np.float32)
class Bad(Good):
    def transform(self, images):
        return super().transform(images).astype(np.float64)
"""


def test_every_component_is_listed_with_its_parameters():
    every = list_components().splitlines()
    tables = {
        "extractor": EXTRACTORS,
        "classifier": CLASSIFIERS,
        "regressor": REGRESSORS,
        "network": NETWORKS,
        "value_network": VALUE_NETWORKS,
        "segmenter": SEGMENTERS,
    }
    for heading, table in tables.items():
        assert f"{heading}s:" in every
        # A name may stand in several tables: a network is an extractor, too.
        lines = list_components(heading).splitlines()
        assert set(lines) <= set(every)
        for name, row in table.items():
            (place,) = (
                n for n, line in enumerate(lines) if line.split(" [")[0].split()[:1] == [name]
            )
            assert row.summary in lines[place]
            if row.parameters:
                first = row.parameters[0]
                end = " (must be given)" if first.required else "="
                assert f"{first.name}{end}" in lines[place + 1]
    n_listed = sum(line.startswith("  ") and "[bioselect]" in line for line in every)
    assert n_listed == sum(map(len, (*tables.values(), METRICS, STEPS)))


def test_one_kind():
    text = list_components("metric")
    assert "balanced_accuracy" in text
    assert "mobilenet_v2" not in text


def test_one_component_in_full():
    text = list_components("classifier", "svm")
    assert "C (default 1.0)" in text
    assert "kernel (default rbf) one of rbf, poly, sigmoid, linear: shape of the boundary" in text
    assert "class_weight (default null) one of balanced" in text
    assert "search: default tries C in [0.1, 1.0, 10.0, 100.0]" in text
    assert "Cortes and Vapnik" in text


def test_unknown_name_names_the_nearest():
    with pytest.raises(ComponentError, match="Did you mean 'svm'"):
        list_components("classifier", "svn")


def test_contract_of_somebodys_own(tmp_path):
    (tmp_path / "listed_lab.py").write_text(MODULE)
    passed, text = check_component("extractor", "listed_lab:Good", tmp_path)
    assert passed
    assert text.splitlines()[-1] == "all checks hold"
    assert text.count("  ok     ") == 12
    passed, text = check_component("extractor", "listed_lab:Bad", tmp_path)
    assert not passed
    assert "FAILED rows: transform must return float32. Got float64." in text
    assert text.splitlines()[-1] == "1 of 12 checks failed"


def test_contract_of_a_model(tmp_path):
    model = write_small_bundle(tmp_path / "m", ComponentSpec("intensity"), ComponentSpec("lda"))
    passed, text = check_component("bundle", str(model), tmp_path)
    assert passed
    assert text.count("  ok     ") == 9
    (model / "card.md").unlink()
    passed, text = check_component("bundle", str(model), tmp_path)
    assert not passed
    assert "card.md is missing" in text


@pytest.mark.parametrize(
    ("kind", "name", "message"),
    [
        ("regressor", "rigde", "Did you mean 'ridge'"),
        ("bundle", "nowhere_model", "there is no such model"),
        ("extractor", "nowhere_lab:Good", "the module 'nowhere_lab' cannot be imported"),
        ("classifier", "svn", "Did you mean 'svm'"),
    ],
)
def test_what_cannot_be_checked_is_one_error(tmp_path, kind, name, message):
    with pytest.raises(ComponentError, match=message) as raised:
        check_component(kind, name, tmp_path)
    assert "\n" not in str(raised.value)


def test_the_kind_shows(tmp_path):
    (tmp_path / "kinds_lab.py").write_text(
        MODULE + "from sklearn.svm import SVC\ndef metric(): ...\n"
    )
    assert kind_of("kinds_lab:Good", tmp_path) == "extractor"
    assert kind_of("kinds_lab:SVC", tmp_path) == "classifier"
    assert kind_of("sklearn.linear_model:Ridge", tmp_path) == "regressor"
    assert kind_of("bioselect.augmentation.noise:GaussianBlur", tmp_path) == "augmentation"
    assert kind_of(str(tmp_path), tmp_path) == "bundle"
    with pytest.raises(ComponentError, match="the kind must be named"):
        kind_of("kinds_lab:metric", tmp_path)


def test_ones_own_is_shown(tmp_path):
    (tmp_path / "shown_lab.py").write_text("class Own:\n    def __init__(self, width=7): ...\n")
    assert "width (default 7)" in list_components("extractor", "shown_lab:Own", tmp_path)


def test_what_must_be_given_is_not_shown_with_a_default():
    assert "  positive (must be given), specificity=0.9" in list_components("metric")
    text = list_components("metric", "recall")
    assert "  positive (must be given): name of the class that is the positive one" in text


def test_a_name_is_found_whatever_its_kind():
    both = [
        list_components(kind, "mobilenet_v2") for kind in ("extractor", "network", "value_network")
    ]
    named = f"extractor {both[0]}\n\nnetwork {both[1]}\n\nvalue_network {both[2]}"
    assert list_components(None, "mobilenet_v2") == named
    assert list_components(None, "lda") == list_components("classifier", "lda")
    with pytest.raises(ComponentError, match=r"'mobilnet_v2'\. Did you mean 'mobilenet_v"):
        list_components(None, "mobilnet_v2")


def test_the_command_takes_a_name_alone(capsys):
    assert main(["components", "hog"]) == 0
    assert capsys.readouterr().out == f"{list_components('extractor', 'hog')}\n"
    assert main(["components", "extractors", "hog"]) == 1
    assert "extractors: the kind must be one of extractor, " in capsys.readouterr().err


def test_a_name_of_another_kind_is_said_to_be_one():
    with pytest.raises(ComponentError, match="'unet' is no network: it is a segmenter") as error:
        list_components("network", "unet")
    assert "bioselect components segmenter unet" in str(error.value)
    assert "alexnet" not in str(error.value)
