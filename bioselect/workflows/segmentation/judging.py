"""By what segmenters are judged: the deciding metric of masks, and what counts as a difference."""

from __future__ import annotations

from bioselect.component import ComponentRow
from bioselect.config.components import without_defaults
from bioselect.config.metric import metric_spec
from bioselect.config.sections import Config
from bioselect.data.mask_codes import MaskCodes
from bioselect.exceptions import ComponentError, ConfigurationError
from bioselect.metrics.base import ChosenMetric, get_metric
from bioselect.registry import ComponentSpec, find_row, known_rows
from bioselect.selection.outcome import DEFAULT_ROPE
from bioselect.workflows.judging import Judging, auto_rope

DEFAULT_METRIC = "dice"
#: What the rows of such metrics take; their scores are means over images.
MASKS = "masks"


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
    if spec.name == DEFAULT_METRIC:
        return spec
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
    ConfigurationError
        If the ROPE is larger than the range, or `auto` where the scale is not known.
    """
    chosen = ChosenMetric(spec, codes.class_names)
    bounds = (0.0, 1.0)
    resolved, words = DEFAULT_ROPE, ""
    rope = config.statistics.rope
    if spec.name != DEFAULT_METRIC:
        metric = get_metric(chosen, config.base_dir)
        bounds = metric.bounds
        if isinstance(rope, str):
            resolved, words = auto_rope(metric, None)
    if not isinstance(rope, str):
        resolved = float(rope)
        if resolved >= bounds[1] - bounds[0]:
            raise ConfigurationError(
                f"statistics.rope: must be less than {bounds[1] - bounds[0]:g}, the whole range of "
                f"{spec.name}. Got {resolved:g}. One point of a score from 0 to 1 is 0.01."
            )
    return Judging(chosen, resolved, words)


def _names_of_mask_metrics() -> list[str]:
    rows: dict[str, ComponentRow] = known_rows("metric")
    return [name for name, row in rows.items() if MASKS in row.takes] or [DEFAULT_METRIC]
