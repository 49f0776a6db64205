"""By what segmenters are judged: the deciding metric of masks, and what counts as a difference."""

from __future__ import annotations

from bioselect.component import ComponentRow
from bioselect.config.components import without_defaults
from bioselect.config.metric import metric_spec
from bioselect.config.sections import Config
from bioselect.data.mask_codes import MaskCodes
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.metrics.builtin import MASKS
from bioselect.metrics.masks import SCORES
from bioselect.registry import ComponentSpec, find_row, known_rows
from bioselect.workflows.judging import Judging, auto_rope

DEFAULT_METRIC = "dice"


def check_mask_metric(config: Config) -> ComponentSpec:
    """Return the metric that decides, after a look at its name and at the ROPE.

    Raises
    ------
    ComponentError
        If it is no metric of masks.
    ConfigurationError
        If the ROPE does not go with it.
    """
    spec = metric_spec(config.validation.metric) or ComponentSpec(DEFAULT_METRIC)
    row = find_row("metric", spec.name, config.base_dir)
    if row.provider == "bioselect" and MASKS not in row.takes:
        raise ComponentError(
            f"validation.metric: must be one for masks, with task: segmentation. Got {spec.name}, "
            f"which is for {' or '.join(row.takes)}. Write auto, or one of "
            f"{', '.join(_names_of_mask_metrics())}."
        )
    return ComponentSpec.of(spec.name, without_defaults(row, spec.params_dict))


def resolve_mask_judging(config: Config, spec: ComponentSpec, codes: MaskCodes) -> Judging:
    """Return by what a study is judged.

    Raises
    ------
    ComponentError
        If the metric judges something else than the scores that every mask gets.
    ConfigurationError
        If the ROPE is larger than the range, or `auto` where the scale is not known.
    """
    chosen = ChosenMetric(spec, codes.class_names)
    metric = get_metric(chosen, config.base_dir)
    if not metric.takes_masks:
        raise ComponentError(
            f"validation.metric: {spec.name}: a metric of masks must have the response 'scores' "
            f"(a score for each image). Got {metric.response!r}. Correct its Metric, or choose "
            "another."
        )
    if metric.name not in SCORES:
        raise ComponentError(
            f"validation.metric: {spec.name}: the name of a Metric of masks says which score of "
            f"each image it gets: {', '.join(SCORES)}. Got {metric.name!r}. Name it as the score "
            "that it judges."
        )
    rope, (lowest, highest) = config.statistics.rope, metric.bounds
    if isinstance(rope, str):
        return Judging(chosen, *auto_rope(metric, None))
    if float(rope) >= highest - lowest:
        raise ConfigurationError(
            f"statistics.rope: must be less than {highest - lowest:g}, the whole range of "
            f"{metric.name}. Got {rope:g}. One point of a score from 0 to 1 is 0.01."
        )
    return Judging(chosen, float(rope))


def _names_of_mask_metrics() -> list[str]:
    rows: dict[str, ComponentRow] = known_rows("metric")
    return [name for name, row in rows.items() if MASKS in row.takes]
