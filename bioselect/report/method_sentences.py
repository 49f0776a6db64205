"""What a run did, as sentences for the methods of a paper."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bioselect.report import references
from bioselect.report.references import compared_components, name_of
from bioselect.report.results import RunResults
from bioselect.report.score_words import (
    interval_text,
    judged_by,
    rough_score_text,
)
from bioselect.report.short_names import short_names
from bioselect.selection.phrases import difference_words


@dataclass(frozen=True)
class Sentence:
    """A sentence without its full stop, and what it cites."""

    written: str
    references: tuple[str, ...] = ()


def sentences(results: RunResults) -> list[Sentence]:
    """Return what was compared, on what, how it was judged, and what came of it."""
    return [
        _compared(results),
        _data(results),
        _design(results),
        *_tests(results),
        *_expected(results),
        *_probabilities(results),
        _software(results),
    ]


def _compared(results: RunResults) -> Sentence:
    compared = compared_components(results)
    parts = [
        f"{what} ({', '.join(compared[kind])})" for kind, what in KINDS.items() if kind in compared
    ]
    n_tried = sum(row["rank"] != "" for row in results.ranking)
    augmentation = [name_of(one) for one in results.config.get("augmentation") or []]
    augmented = f"; training images were augmented ({', '.join(augmentation)})"
    several = "s" * (n_tried != 1)
    return Sentence(
        f"We compared {n_tried} model{several} made of {', '.join(parts)}"
        + (augmented if augmentation else "")
    )


def _data(results: RunResults) -> Sentence:
    rows = results.images
    noun = results.noun
    groups = {row["group"] for row in rows if row.get("group")}
    of_groups = (
        f" from {len(groups)} groups; all {noun}s of a group were kept on the same side of every "
        "split"
        if groups
        else ""
    )
    target = results.study.get("target")
    if target:
        unit = f" {target['unit']}" if target["unit"] else ""
        what = (
            f", with {target['name']} between {target['lowest']:.4g} and {target['highest']:.4g}"
            f"{unit} (mean {target['mean']:.4g}, SD {target['sd']:.4g})"
        )
    elif results.task == "classification":
        counts = Counter(row["target"] for row in rows).most_common()
        what = f" ({', '.join(f'{name}: {n}' for name, n in counts)})" if len(counts) <= 20 else ""
    else:
        what = " with masks"
    return Sentence(f"The data were {len(rows)} {noun}s{what}{of_groups}")


def _design(results: RunResults) -> Sentence:
    metric = judged_by(results)
    validation = results.config["validation"]
    if validation.get("split"):
        how = "divided once into training, validation and test part"
    elif validation.get("splits"):
        how = f"divided {validation['splits']} times at random into training and test part"
    else:
        folds, repeats = validation["folds"], validation["repeats"]
        times = f", repeated {repeats} times with new folds" if repeats != 1 else ""
        how = f"tested by {folds}-fold cross-validation{times}"
    return Sentence(
        f"They were {how} (seed {validation['seed']}), the same for all models; whatever is "
        f"learnt from data was learnt inside the training part; models were judged by "
        f"{metric.in_words}"
    )


def _tests(results: RunResults) -> list[Sentence]:
    names = [test["name"] for test in results.study["tests"]]
    metric, facts = judged_by(results), results.study["judged_by"]
    judged = any(test["p"] is not None for test in results.study["tests"])
    said: list[Sentence] = []
    if not judged:
        return [Sentence("With this design no differences between models were tested")]
    if any("Greenhouse-Geisser" in name for name in names):
        said.append(
            Sentence(
                "That models differ at all was tested by a repeated-measures F test with the "
                "Greenhouse-Geisser correction, its variance corrected for shared training data",
                references.GREENHOUSE,
            )
        )
    over_groups = any(name.startswith("t over groups") for name in names)
    variance = (
        "the sum of the jackknife variance between groups and the corrected variance between folds"
        if over_groups
        else "corrected for shared training data (corrected resampled t test)"
    )
    said.append(
        Sentence(f"Pairs were compared by a t test with a variance {variance}")
        if over_groups
        else Sentence(
            f"Pairs were compared by a t test with a variance {variance}", references.CORRECTED_T
        )
    )
    said.append(
        Sentence(
            f"p-values were adjusted by Holm's procedure (level {facts['alpha']:g})",
            references.HOLM,
        )
    )
    said.append(
        Sentence(
            "How probable it is that one is practically better was computed by the Bayesian "
            f"correlated t test, with differences up to {difference_words(facts['rope'], metric)} "
            "regarded as unimportant",
            references.BAYESIAN,
        )
    )
    return said


def _expected(results: RunResults) -> list[Sentence]:
    score, metric = results.study["honest_score"], judged_by(results)
    names = short_names(results)
    chosen = " + ".join(names.get(part, part) for part in results.exported)
    said = [Sentence(f"The selected model was {chosen}, trained again on all data")]
    if score["value"] is None:
        return said
    ends = interval_text(score["ci_low"], score["ci_high"], metric)
    value = rough_score_text(score["value"], metric)
    how = {
        "bbc": (
            f"by bootstrap bias corrected cross-validation ({score['n_draws']} draws)",
            references.BBC,
        ),
        "nested": ("by nested cross-validation", references.NESTED),
    }.get(score["method"], ("on the test part, which was opened once, after the choice", ()))
    said.append(
        Sentence(
            f"Its {metric.in_words} on new data was estimated {how[0]}: {value}"
            + (f" (95 % interval {ends})" if score["ci_low"] is not None else ""),
            how[1],
        )
    )
    return said


def _probabilities(results: RunResults) -> list[Sentence]:
    used = results.study.get("calibration", {}).get("used", "none")
    said = []
    if used in references.CALIBRATION:
        said.append(
            Sentence(
                f"Its probabilities were calibrated on out-of-fold predictions ({used})",
                references.CALIBRATION[used],
            )
        )
    interval = (results.study.get("intervals") or {}).get("interval")
    if interval:
        said.append(
            Sentence(
                f"Prediction intervals ({interval['level']:.0%}) are conformal quantiles of its "
                "out-of-fold errors".replace("%", " %"),
                references.INTERVALS,
            )
        )
    return said


def _software(results: RunResults) -> Sentence:
    versions = results.environment["versions"]
    shown = [f"{name} {versions[name]}" for name in SOFTWARE if versions.get(name)]
    version = results.environment.get("bioselect", "")
    return Sentence(f"bioselect {version}".strip() + f" was used ({', '.join(shown)})")


#: What the kinds of components are called in a paper.
KINDS = {
    "extractor": "feature extractors",
    "classifier": "classifiers",
    "regressor": "regressors",
    "network": "networks trained from pixels",
    "value_network": "networks trained from pixels",
    "segmenter": "segmentation models",
}
SOFTWARE = ("python", "scikit-learn", "tensorflow", "keras", "openvino", "numpy", "scipy")
