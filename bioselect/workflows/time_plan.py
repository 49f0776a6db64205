"""What a study will take, told before the long work; and which extractors fit into a budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioselect.backend import backend_in_use, n_at_once
from bioselect.data.targets import n_models
from bioselect.features.base import parts_of, traits
from bioselect.progress import duration_in_words
from bioselect.selection.candidates import pairings
from bioselect.workflows.budget import EXTRACTORS, Decision
from bioselect.workflows.extractor_times import ExtractorTime
from bioselect.workflows.study_inputs import StudyInputs
from bioselect.workflows.testing_times import TestingTimes

#: Part of the time left that features may take, unless testing needs less than the rest.
FEATURES_SHARE = 0.5
#: Taken for the length of a row as long as that is not known.
USUAL_FEATURES = 500
#: Until new processes have imported what they need.
PROCESSES_START_SECONDS = 3.0
#: Less is not worth a word.
MIN_SECONDS_TOLD = 5.0
N_LISTED = 8


def all_folds_seconds(inputs: StudyInputs, times: Mapping[str, ExtractorTime]) -> float:
    """Return about how long all combinations take on all folds; a rough guess."""
    dataset, plan = inputs.dataset, inputs.plan
    n_each, n_classes = n_models(dataset.targets(), len(dataset.class_names))
    testing = TestingTimes(
        dataset.n_images, n_classes, plan.n_folds, n_at_once(inputs.n_jobs), n_each
    )
    specs = [usable.spec for usable in inputs.extractors]
    for spec in specs:
        time = times.get(spec.label)
        testing.add_extractor(spec.label, (time.n_features if time else 0) or USUAL_FEATURES)
    return testing.seconds_of(pairings(specs, inputs.estimators), 0, plan.n_repeats)


def processes_start_seconds(inputs: StudyInputs, times: Mapping[str, ExtractorTime]) -> float:
    """Return how long the processes take to start that compute descriptors, if they are needed."""
    if inputs.n_jobs == 1 or backend_in_use() is not None:
        return 0.0
    is_needed = any(
        not times[usable.spec.label].is_cached
        and any(traits(part).in_processes for part in parts_of(usable.extractor))
        for usable in inputs.extractors
    )
    return PROCESSES_START_SECONDS if is_needed else 0.0


def learners(inputs: StudyInputs) -> list[str]:
    """Return the extractors that learn something in every fold, which takes nobody knows how long.

    One that raises when it is asked is told of by the study.
    """
    return [
        usable.spec.label
        for usable in inputs.extractors
        if any(map(_learns, parts_of(usable.extractor)))
    ]


def _learns(part: Any) -> bool:
    try:
        return hasattr(part, "learnt_step") and bool(part.learnt_step(0))
    except Exception:
        return False


def time_in_words(
    times: Mapping[str, ExtractorTime], testing: float, learning: Sequence[str] = ()
) -> list[str]:
    """Return what a study will take, in one line; no line where it is hardly anything.

    `learning` are the extractors whose learning is not counted.

    Examples
    --------
    >>> times = {"hog": ExtractorTime({"a": 12.0}), "vgg16": ExtractorTime({"b": 250.0})}
    >>> time_in_words(times, testing=100.0)
    ['time needed: about 6 min 2 s: features 4 min 22 s (vgg16 4 min 10 s, hog 12 s), testing \
roughly 1 min 40 s']
    >>> time_in_words({"hog": ExtractorTime({"a": 0.0})}, testing=100.0)
    ['time needed: about 1 min 40 s: features none (kept from before), testing roughly 1 min 40 s']
    >>> time_in_words({"hog": ExtractorTime({"a": 0.5})}, testing=1.0)
    []
    """
    counted: dict[str, float | None] = {}
    listed = []
    for label, time in times.items():
        if not time.is_cached:
            seconds = time.seconds(without=counted)
            listed.append((label, seconds))
        counted.update(time.parts)
    total = sum(seconds or 0.0 for _, seconds in listed)
    unknown = any(seconds is None for _, seconds in listed)
    if total + testing < MIN_SECONDS_TOLD:
        return []
    listed.sort(key=lambda one: -(one[1] if one[1] is not None else float("inf")))
    shown = ", ".join(f"{label} {_seconds_words(seconds)}" for label, seconds in listed[:N_LISTED])
    if len(listed) > N_LISTED:
        shown += f" and {len(listed) - N_LISTED} more"
    features = "features none (kept from before)"
    if listed:
        features = f"features {duration_in_words(total)} ({shown})"
    least = "at least" if unknown or (learning and testing) else "about"
    text = (
        f"time needed: {least} {duration_in_words(total + testing)}: {features}, testing roughly "
        f"{duration_in_words(testing)}"
    )
    if learning and testing:
        text += f", and what {' and '.join(learning)} must learn in every fold"
    return [text]


def _seconds_words(seconds: float | None) -> str:
    return "not known" if seconds is None else duration_in_words(seconds)


def choose_extractors(
    times: Mapping[str, ExtractorTime], testing: float, seconds_left: float
) -> Decision:
    """Decide which extractors are computed: the quickest first, as long as their share allows.

    Those whose features are kept from before stay. At least one stays.

    Parameters
    ----------
    times : mapping
        By label, in the order in which ties are broken.
    testing : float
        Seconds that all combinations take on all folds.
    seconds_left : float
        Of the budget, for features and testing; may be less than nothing.

    Examples
    --------
    >>> times = {"vgg16": ExtractorTime({"b": 250.0}), "hog": ExtractorTime({"a": 12.0})}
    >>> choose_extractors(times, testing=100.0, seconds_left=120.0).dropped
    {'vgg16': 'its features would take about 4 min 10 s; there were 48 s left for them'}
    """
    allowed = max(FEATURES_SHARE * seconds_left, seconds_left - testing)
    kept: list[str] = []
    dropped: dict[str, str] = {}
    computed: dict[str, float | None] = {}
    used = 0.0
    order = _quickest_first(times, allowed)
    for label in order:
        seconds = times[label].seconds(without=computed)
        fits = seconds is not None and (seconds == 0 or used + seconds <= allowed)
        if fits or label == order[0]:
            kept.append(label)
            computed.update(times[label].parts)
            used += seconds or 0.0
        else:
            dropped[label] = _reason(seconds, allowed - used)
    return Decision(EXTRACTORS, tuple(kept), dropped)


def _quickest_first(times: Mapping[str, ExtractorTime], allowed: float) -> Sequence[str]:
    def key(label: str) -> float:
        seconds, is_reckoned = times[label].seconds(), times[label].is_reckoned
        # A network that does not fit, even if it was only reckoned with, comes before nobody.
        is_known = seconds is not None and not (is_reckoned and seconds > allowed)
        return seconds if seconds is not None and is_known else float("inf")

    return sorted(times, key=key)


def _reason(seconds: float | None, left: float) -> str:
    if seconds is None:
        return "there was no time left to find out how long its features take"
    return (
        f"its features would take about {duration_in_words(seconds)}; there "
        f"{'were' if left > 0 else 'was'} {duration_in_words(left) if left > 0 else 'no time'} "
        "left for them"
    )
