"""By what a study is judged: the scale of each metric, and classes that metrics name."""

import json

import numpy as np
import pytest

import bioselect
from bioselect.config.loading import load_config
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.registry import ComponentSpec
from bioselect.selection.honest import guessing_score
from bioselect.workflows.check import check
from bioselect.workflows.judging import auto_rope, check_metric, resolve_judging

#: 60 of one class and 40 of the other.
CLASSES = np.repeat([0, 1], [60, 40])


@pytest.mark.parametrize(
    ("name", "rope", "words"),
    [
        ("accuracy", 0.01, ""),
        ("roc_auc", 0.01, ""),
        ("expected_calibration_error", 0.01, ""),
        # From -1 to 1.
        ("matthews_corrcoef", 0.02, "1 % of the range of matthews corrcoef"),
        ("cohen_kappa", 0.02, "1 % of the range of cohen kappa"),
        # -(0.6 log 0.6 + 0.4 log 0.4) = 0.673, 0.6 (0.4^2 * 2) + 0.4 (0.6^2 * 2) = 0.48
        ("log_loss", 0.00673, "1 % of what guessing scores in log loss"),
        ("brier", 0.0048, "1 % of what guessing scores in brier"),
    ],
)
def test_automatic_rope(name, rope, words):
    metric = get_metric(name)
    resolved = auto_rope(metric, guessing_score(metric, CLASSES, 2))
    assert resolved == (pytest.approx(rope), words)


def test_of_an_unknown_scale_the_rope_is_asked_for():
    odd = Metric("odd", "higher", (-np.inf, np.inf), "labels", lambda y, p, n: 0.0)
    with pytest.raises(ConfigurationError, match=r"statistics\.rope: must be a number for odd"):
        auto_rope(odd, 0.0)
    # Lower is better and guessing has a value: 1 % of that.
    error = Metric("error", "lower", (0.0, np.inf), "labels", lambda y, p, n: 0.0)
    assert auto_rope(error, 3.0) == (0.03, "1 % of what guessing scores in error")


@pytest.fixture
def config_of(write_config):
    def of(metric, rope="auto"):
        path = write_config(rest=f"statistics: {{rope: {rope}}}")
        text = path.read_text().replace("repeats: 2}", f"repeats: 2, metric: {metric}}}")
        path.write_text(text)
        return path

    return of


RECALL = "{name: recall, params: {positive: dots}}"


def test_a_class_that_there_is_not_is_told_before_any_image_is_read(config_of, tmp_path):
    path = config_of("{name: recall, params: {positive: dot}}")
    words = (
        r"validation\.metric: metric 'recall': params\.positive: must be one of the classes of the "
        r"images \(bars, dots, smooth\)\. Got 'dot'\. Did you mean 'dots'\?"
    )
    told = []
    reporter = bioselect.progress.Reporter()
    reporter.task = lambda *_: told.append("read")
    with pytest.raises(ComponentError, match=words):
        check(path, jobs=1, reporter=reporter)
    assert told == []


def test_a_rope_wider_than_the_metric(config_of):
    with pytest.raises(ConfigurationError, match=r"must be less than 1, the whole range of recall"):
        check(config_of(RECALL, rope=1.5), jobs=1)


def test_parameters_that_equal_the_default_change_nothing(config_of):
    written = "{name: expected_calibration_error, params: {bins: 15}}"
    chosen = check_metric(load_config(config_of(written)))
    assert chosen == ChosenMetric(ComponentSpec("expected_calibration_error"))


@pytest.mark.parametrize(
    ("spec", "best"),
    [
        (ComponentSpec.of("recall", {"positive": "many"}), "recall of many (1)"),
        (ComponentSpec("expected_calibration_error"), "expected calibration error (0)"),
        (ComponentSpec.of("recall", {"positive": "few"}), None),
        (ComponentSpec("log_loss"), None),
    ],
)
def test_a_metric_in_which_guessing_is_perfect_is_warned_of(config_of, spec, best):
    config = load_config(config_of("auto"))
    judging = resolve_judging(config, ChosenMetric(spec, ("many", "few")), CLASSES)
    texts = [finding.in_words() for finding in judging.findings]
    if best is None:
        assert texts == []
    else:
        (text,) = texts
        assert text.startswith("warning: always guessing the commonest class has the best possible")
        assert best in text


def test_the_scale_is_said_before_and_after(config_of, tmp_path):
    path = config_of("log_loss")
    # Three classes alike: log 3 = 1.0986.
    assert "rope: 0.011 (1 % of what guessing scores in log loss)" in check(path, jobs=1)
    result = bioselect.run(path, jobs=1)
    summary = " ".join(result.summary.split())
    assert (
        "differences up to 0.011 (1 % of what guessing scores in log loss) count as unimportant"
        in summary
    )
    written = (tmp_path / "run" / "config.yaml").read_text()
    assert "rope: 0.011\n" in written
    assert "# rope: 0.011 (1 % of what guessing scores in log loss)" in written


def test_a_metric_with_parameters_decides_searches_and_runs_again(config_of, tmp_path):
    path = config_of(RECALL)
    path.write_text(
        path.read_text().replace("[lda, knn]", "[{name: knn, search: {n_neighbors: [1, 5]}}]")
    )
    bioselect.run(path, jobs=1)
    study = json.loads((tmp_path / "run" / "study.json").read_text())
    assert study["honest_score"]["metric"] == "recall(positive=dots)"
    assert study["honest_score"]["n_draws"] == 1000
    assert study["honest_score"]["n_repeats"] == 2
    assert study["honest_score"]["reduced"] == ""
    assert study["in_words"].startswith("In short:")
    assert "(recall of dots in cross-validation" in " ".join(study["in_words"].split())
    assert ",recall(positive=dots)," in (tmp_path / "run" / "scores.csv").read_text()
    again = bioselect.run(tmp_path / "run" / "config.yaml", output=tmp_path / "again", jobs=2)
    for name in ("scores.csv", "ranking.csv", "study.json", "chosen.csv", "per_class.csv"):
        assert (again.folder / name).read_bytes() == (tmp_path / "run" / name).read_bytes()


OWN_METRIC = """
from bioselect.metrics.base import Metric

def found(class_names):
    place = class_names.index("tumour")
    return Metric(
        "found", "higher", (0.0, 1.0), "labels", lambda y, said, n: float((said == place).mean())
    )
"""


def test_an_own_metric_that_takes_the_classes_is_made_when_they_are_known(config_of):
    path = config_of("'ownmetric:found'")
    (path.parent / "ownmetric.py").write_text(OWN_METRIC)
    config = load_config(path)
    assert check_metric(config).class_names == ()  # Before the images are read.
    assert check_metric(config, ("healthy", "tumour")).class_names == ("healthy", "tumour")
    with pytest.raises(ComponentError, match=r"not in tuple|is not in"):
        check_metric(config, ("healthy", "benign"))


def test_a_metric_of_masks_does_not_go_with_classes(config_of):
    message = "must be one for one class an image, .*Got dice, which is for masks. Write auto, or"
    for class_names in (None, ("a", "b")):
        with pytest.raises(ComponentError, match=message):
            check_metric(load_config(config_of("dice")), class_names)
