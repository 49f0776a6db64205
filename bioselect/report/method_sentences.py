"""What a run did, as sentences for the methods of a paper."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.report import references
from bioselect.report.candidate_label import candidate_label, short_label
from bioselect.report.references import DROPPED, compared_components, n_tried, name_of
from bioselect.report.results import RunResults
from bioselect.report.score_words import (
    interval_text,
    judged_by,
    rough_score_text,
    share_text,
)
from bioselect.report.short_names import short_names, with_short_names
from bioselect.report.target_counts import target_counts
from bioselect.selection.families import (
    GROUPED_OMNIBUS_NAME,
    GROUPED_PAIRWISE_NAME,
    OMNIBUS_NAME,
    PAIRWISE_NAME,
)
from bioselect.selection.interval_words import percent
from bioselect.selection.phrases import difference_words
from bioselect.selection.split_table import BOOTSTRAP_NAME


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
        *_failed(results),
        *_budget(results),
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
    tried = n_tried(results)
    if results.study.get("ensemble"):
        parts.append("an ensemble of those that could not be told from the best")
    augmentation = [name_of(one) for one in results.config.get("augmentation") or []]
    augmented = f"; training images were augmented ({', '.join(augmentation)})"
    several = "s" * (tried != 1)
    return Sentence(
        f"We compared {tried} model{several} made of {', '.join(parts)}"
        + (augmented if augmentation else "")
    )


def _failed(results: RunResults) -> list[Sentence]:
    """Say how many models could not be trained: a comparison is of those that could."""
    n_failed = sum(row["role"] == "failed" for row in results.ranking)
    if not n_failed:
        return []
    several = "s" * (n_failed != 1)
    return [Sentence(f"Training failed for {n_failed} further model{several}, left out here")]


def _budget(results: RunResults) -> list[Sentence]:
    """Say what a budget left aside: whoever reads of a comparison has to know."""
    budget = results.study.get("budget")
    if not budget:
        return []
    dropped = sum(row["role"] == DROPPED for row in results.ranking)
    tried = n_tried(results) - sum(bool(row["rank"]) for row in results.ranking)
    words = f"The study had a budget of {budget['duration']}"
    if not dropped:
        return [Sentence(f"{words}, for which nothing was left out")]
    return [
        Sentence(
            f"{words}; given up after some of the folds: {tried} of these models; not tried at "
            f"all: {dropped - tried} more"
        )
    ]


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
        counts, several = target_counts(results)
        shown = ", ".join(f"{name}: {n}" for name, n in counts)
        what = f" ({shown}{several})" if len(counts) <= 20 else f" of {len(counts)} classes"
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
    # A name goes on behind a colon, with who was compared.
    names = {
        test["name"].partition(":")[0] for test in results.study["tests"] if test["p"] is not None
    }
    metric, facts = judged_by(results), results.study["judged_by"]
    if not names & PAIRS.keys():
        return [Sentence("No differences between models were tested")]
    strict = (results.config.get("statistics") or {}).get("strict")
    together = "all comparisons together" if strict else "each family of comparisons"
    return [
        *(sentence for name, sentence in OMNIBUS.items() if name in names),
        *(sentence for name, sentence in PAIRS.items() if name in names),
        Sentence(
            f"p-values were adjusted by Holm's procedure within {together} (level "
            f"{facts['alpha']:g})",
            references.HOLM,
        ),
        Sentence(
            "How probable it is that one is practically better was computed "
            + (
                "by the Bayesian correlated t test"
                if PAIRWISE_NAME in names
                else "from a t distribution around the difference, with the error of that "
                "comparison (after the Bayesian correlated t test)"
            )
            + f"; differences up to {difference_words(facts['rope'], metric)} were regarded as "
            "unimportant",
            references.BAYESIAN,
        ),
    ]


def _expected(results: RunResults) -> list[Sentence]:
    score, metric = results.study["honest_score"], judged_by(results)
    names = short_names(results)
    chosen = short_label(results, *results.exported)
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
    # The choice is what is judged: the best of it may not be what was taken.
    of = score.get("of", "")
    is_its = of == candidate_label(results, *results.exported) or score["method"] == "nested"
    of = "" if is_its else with_short_names(of, names)
    said.append(
        Sentence(
            f"The {metric.in_words} to expect on new data was estimated {how[0]}: {value}"
            + (f" (95 % interval {ends})" if score["ci_low"] is not None else "")
            + (f", which is the figure of {of}" if of else ""),
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
                "The probabilities of the model were calibrated on predictions for what it was not "
                f"trained on ({used})",
                references.CALIBRATION[used],
            )
        )
    interval = (results.study.get("intervals") or {}).get("interval")
    if interval:
        said.append(
            Sentence(
                f"Prediction intervals ({share_text(interval['level'])}) are conformal quantiles "
                "of errors on what the model was not trained on",
                references.INTERVALS,
            )
        )
    sets = results.study.get("prediction_sets") or {}
    if sets.get("borders"):
        together = "; classes with few images or groups shared a border" if sets["shared"] else ""
        said.append(
            Sentence(
                f"Prediction sets ({percent(sets['level'])}) are conformal, class by class, from "
                f"probabilities of what the model was not trained on{together}",
                references.SETS + (references.SHARED_SETS if together else ()),
            )
        )
    return said


def _software(results: RunResults) -> Sentence:
    versions = results.environment["versions"]
    shown = [f"{name} {versions[name]}" for name in SOFTWARE if versions.get(name)]
    version = results.environment.get("bioselect", "")
    return Sentence(f"bioselect {version}".strip() + f" was used ({', '.join(shown)})")


_F_TEST = (
    "That models differ at all was tested by a repeated-measures F test with the "
    "Greenhouse-Geisser correction"
)
#: What is said of tests of all together, and of pairs, by their names in `study.json`.
OMNIBUS = {
    OMNIBUS_NAME: Sentence(
        f"{_F_TEST}, its variance corrected for shared training data", references.GREENHOUSE
    ),
    GROUPED_OMNIBUS_NAME: Sentence(f"{_F_TEST}, over groups and folds", references.GREENHOUSE),
}
PAIRS = {
    PAIRWISE_NAME: Sentence(
        "Pairs were compared by a t test with a variance corrected for shared training data "
        "(corrected resampled t test)",
        references.CORRECTED_T,
    ),
    GROUPED_PAIRWISE_NAME: Sentence(
        "Pairs were compared by a t test with the sum of the jackknife variance between groups and "
        "the corrected variance between folds"
    ),
    BOOTSTRAP_NAME: Sentence(
        "Pairs were compared by a paired bootstrap over the independent images or groups of the "
        "validation part",
        references.BOOTSTRAP,
    ),
}
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
