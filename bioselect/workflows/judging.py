"""By what a study is judged: the deciding metric, and what counts as a difference."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass

import numpy as np

from bioselect.checks.findings import WARNING, Finding
from bioselect.component import ComponentRow
from bioselect.config.components import with_defaults, without_defaults
from bioselect.config.metric import metric_spec
from bioselect.config.sections import Config
from bioselect.config.task_keys import REGRESSION
from bioselect.data.records import ImageDataset
from bioselect.data.targets import is_values
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.metrics.base import ChosenMetric, Metric, get_metric
from bioselect.metrics.builtin import CLASSES, LABEL_SETS, MASKS, METRICS, OF_TARGETS, VALUES
from bioselect.registry import ComponentSpec, find_row, import_target
from bioselect.selection.honest import guessing_score
from bioselect.selection.outcome import DEFAULT_ROPE
from bioselect.workflows.rope_of_numbers import rope_of_numbers

DEFAULT_METRIC = "balanced_accuracy"
#: Of numbers: an error in their own units.
DEFAULT_OF_NUMBERS = "mae"
#: Of images with several labels: every label counts alike, as every class does in the other.
DEFAULT_OF_LABELS = "f1_macro"
#: Who looks at no image, and metrics by which that is no way to win: of classes, of labels.
GUESSING = ("always guessing the commonest class", "giving all images the same labels")
OTHERS = ("balanced_accuracy, f1 of the class, or log_loss", "f1_macro, or f1 of the label")
#: Part of the range, or of what guessing scores, that counts as no difference.
SHARE_OF_SCALE = 0.01
#: A score this close to the best possible one is that, but for rounding.
PERFECT = 1e-9


@dataclass(frozen=True)
class Judging:
    """The deciding metric, and the difference (ROPE) up to which two scores are as good.

    `rope_words` says where the ROPE comes from where that is not plain; else it is empty. So is
    `auto_metric`, which says why `auto` became this metric.
    """

    metric: ChosenMetric
    rope: float
    rope_words: str = ""
    findings: tuple[Finding, ...] = ()
    auto_metric: str = ""

    @property
    def explanations(self) -> tuple[str, ...]:
        """What is said of the metric and the ROPE that `auto` became."""
        rope = f"rope: {self.rope:g} ({self.rope_words})" if self.rope_words else ""
        return tuple(filter(None, (self.auto_metric, rope)))

    def metric_as_written(self, config: Config) -> str | dict[str, object]:
        """Return the metric as the configuration that was run has it, with all its parameters."""
        spec = self.metric.spec
        if not spec.params:
            return spec.name
        row = find_row("metric", spec.name, config.base_dir)
        return {"name": spec.name, "params": with_defaults(row, spec.params_dict)}


def check_metric(
    config: Config, class_names: tuple[str, ...] | None = None, label_sets: bool = False
) -> ChosenMetric:
    """Return the metric that decides, after a look at it and at the ROPE.

    Parameters
    ----------
    config : Config
        With `validation.metric` and `statistics.rope`.
    class_names : tuple of str, optional
        The classes of the images; without them a metric with parameters is not made yet, because
        these may name classes, nor is one that takes the classes; nor is it asked whether it goes
        with the images.
    label_sets : bool
        Whether the images may have several labels.

    Raises
    ------
    ComponentError
        If the metric is not sound, names a class that there is not, or does not go with images of
        one class each or with those of several labels.
    ConfigurationError
        If the ROPE does not go with the metric.
    """
    of_numbers = config.task == REGRESSION
    default = ComponentSpec(DEFAULT_OF_LABELS if label_sets else DEFAULT_METRIC)
    if of_numbers:
        default = ComponentSpec(DEFAULT_OF_NUMBERS)
    spec = metric_spec(config.validation.metric) or default
    row = find_row("metric", spec.name, config.base_dir)
    spec = ComponentSpec.of(spec.name, without_defaults(row, spec.params_dict))
    chosen = ChosenMetric(spec, class_names or (), label_sets)
    if class_names is None and (spec.params or _asks_for_classes(row, config)):
        return chosen
    metric = _made(chosen, config)
    _check_metric_name(spec.name, metric)
    of_classes = not (metric.takes_masks or metric.takes_values)
    is_unfit = not metric.takes_values if of_numbers else not of_classes
    if is_unfit or (class_names is not None and metric.takes_label_sets != label_sets):
        here = VALUES if of_numbers else LABEL_SETS if label_sets else CLASSES
        raise ComponentError(_unfit(metric, here))
    rope, (lowest, highest) = config.statistics.rope, metric.bounds
    if not isinstance(rope, str) and float(rope) >= highest - lowest:
        raise ConfigurationError(
            f"statistics.rope: must be less than {highest - lowest:g}, the whole range of "
            f"{metric.name}. Got {rope:g}. One point of a score from 0 to 1 is 0.01."
        )
    return chosen


def _asks_for_classes(row: ComponentRow, config: Config) -> bool:
    taken = inspect.signature(import_target(row.target, config.base_dir)).parameters
    return "class_names" in taken


def _auto_metric_words(config: Config, chosen: ChosenMetric) -> str:
    if not chosen.label_sets or metric_spec(config.validation.metric) is not None:
        return ""
    return (
        f"metric: {chosen} (several labels an image: the mean over labels of F1, to which rare "
        "labels count as much as common ones)"
    )


def metric_of(config: Config, dataset: ImageDataset) -> ChosenMetric:
    """Return the metric that decides, after a look whether it goes with the images."""
    return check_metric(config, dataset.class_names, dataset.is_multilabel)


def resolve_judging(config: Config, chosen: ChosenMetric, targets: np.ndarray) -> Judging:
    """Return by what a study is judged, once the targets of all images are known.

    Raises
    ------
    ConfigurationError
        If the ROPE is `auto` and the scale of the metric is not known.
    """
    metric = get_metric(chosen, config.base_dir)
    n_columns = 1 if is_values(targets) else len(chosen.class_names)
    guess = guessing_score(metric, targets, n_columns)
    findings = tuple(_of_no_use_alone(metric, guess))
    auto = _auto_metric_words(config, chosen)
    rope = config.statistics.rope
    if not isinstance(rope, str):
        return Judging(chosen, float(rope), "", findings, auto)
    if is_values(targets):
        resolved, words = rope_of_numbers(metric, targets)
    else:
        resolved, words = auto_rope(metric, guess)
    return Judging(chosen, resolved, words, findings, auto)


def auto_rope(metric: Metric, guess: float | None) -> tuple[float, str]:
    """Return the difference that counts as none, and where it comes from.

    It is 0.01 for scores from 0 to 1. Other scores have other scales: where higher is better, 1 %
    of the range (0.02 for Matthews' correlation and Cohen's kappa, which is what one point of
    accuracy is there); where lower is better (log loss, Brier), 1 % of what guessing from the
    class frequencies scores, as 1 % of the standard deviation is for errors in numbers.

    Parameters
    ----------
    metric : Metric
        The deciding one.
    guess : float or None
        What guessing scores; None where that has no value.

    Examples
    --------
    >>> auto_rope(get_metric("accuracy"), 0.5)
    (0.01, '')
    >>> auto_rope(get_metric("cohen_kappa"), 0.0)
    (0.02, '1 % of the range of cohen kappa')
    >>> auto_rope(get_metric("log_loss"), 0.6931)
    (0.00693, '1 % of what guessing scores in log loss')
    """
    lowest, highest = metric.bounds
    if (lowest, highest) == (0, 1):
        return DEFAULT_ROPE, ""
    share = f"{100 * SHARE_OF_SCALE:g} %"
    if not metric.higher_is_better and guess is not None and guess > lowest:
        scale = guess - (lowest if math.isfinite(lowest) else 0.0)
        words = f"{share} of what guessing scores in {metric.in_words}"
    elif math.isfinite(highest - lowest):
        scale, words = highest - lowest, f"{share} of the range of {metric.in_words}"
    else:
        raise ConfigurationError(
            f"statistics.rope: must be a number for {metric.name}, whose scale is not known. Got "
            "auto. Write the difference up to which two combinations are as good for you."
        )
    return float(f"{SHARE_OF_SCALE * scale:.3g}"), words


def _made(chosen: ChosenMetric, config: Config) -> Metric:
    try:
        return get_metric(chosen, config.base_dir)
    except ComponentError as error:
        raise ComponentError(f"validation.metric: {error}") from error


def _unfit(metric: Metric, here: str) -> str:
    """Say that a metric is not for these images, and which are."""
    there = LABEL_SETS if metric.takes_label_sets else CLASSES
    if metric.takes_masks or metric.takes_values:
        there = MASKS if metric.takes_masks else VALUES
    return (
        f"validation.metric: must be one for {here}, which is what these have. Got {metric.name}, "
        f"which is for {there}. Write auto, or one of {', '.join(OF_TARGETS[here])}."
    )


def _check_metric_name(written: str, metric: Metric) -> None:
    """Refuse somebody's own metric that calls itself as a built-in one does.

    The two would be one row in the tables, and shortcuts for the built-in one would be taken.
    """
    if written not in METRICS and metric.name in METRICS:
        raise ComponentError(
            f"metric {written!r}: the name in its Metric must differ from those of the built-in "
            f"metrics. Got {metric.name!r}. Give it another name."
        )


def _of_no_use_alone(metric: Metric, guess: float | None) -> list[Finding]:
    """Warn of a metric in which somebody who knows nothing is as good as can be."""
    best = metric.bounds[1] if metric.higher_is_better else metric.bounds[0]
    if guess is None or abs(guess - best) > PERFECT:
        return []
    return [
        Finding(
            WARNING,
            "",
            f"{GUESSING[metric.takes_label_sets]} has the best possible {metric.in_words} "
            f"({best:g}), so this metric alone cannot choose a good model.",
            f"Let another decide, such as {OTHERS[metric.takes_label_sets]}.",
        )
    ]
