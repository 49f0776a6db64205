"""What is cited: the statistics by a table here, components by the reference in their rows."""

from __future__ import annotations

from typing import Any

from bioselect.exceptions import BioselectError
from bioselect.registry import find_row, is_import_path
from bioselect.report.results import Row, RunResults

CORRECTED_T = (
    "Nadeau C, Bengio Y (2003), Inference for the generalization error, Machine Learning 52, "
    "239-281",
    "Bouckaert RR, Frank E (2004), Evaluating the replicability of significance tests for "
    "comparing learning algorithms, PAKDD",
)
GREENHOUSE = (
    "Greenhouse SW, Geisser S (1959), On methods in the analysis of profile data, Psychometrika "
    "24, 95-112",
)
BOOTSTRAP = ("Efron B, Tibshirani RJ (1993), An introduction to the bootstrap, Chapman and Hall",)
HOLM = (
    "Holm S (1979), A simple sequentially rejective multiple test procedure, Scandinavian Journal "
    "of Statistics 6, 65-70",
)
BAYESIAN = (
    "Corani G, Benavoli A (2015), A Bayesian approach for comparing cross-validated algorithms on "
    "multiple data sets, Machine Learning 100, 285-304",
    "Benavoli A, Corani G, Demšar J, Zaffalon M (2017), Time for a change: a tutorial for "
    "comparing multiple classifiers through Bayesian analysis, Journal of Machine Learning "
    "Research 18(77)",
)
BBC = (
    "Tsamardinos I, Greasidou E, Borboudakis G (2018), Bootstrapping the out-of-sample predictions "
    "for efficient and accurate cross-validation, Machine Learning 107, 1895-1922",
)
NESTED = (
    "Varma S, Simon R (2006), Bias in error estimation when using cross-validation for model "
    "selection, BMC Bioinformatics 7, 91",
)
CALIBRATION = {
    "temperature": (
        "Guo C, Pleiss G, Sun Y, Weinberger KQ (2017), On calibration of modern neural networks, "
        "Proceedings of Machine Learning Research 70, 1321-1330",
    ),
    "sigmoid": (
        "Platt J (1999), Probabilistic outputs for support vector machines, Advances in Large "
        "Margin Classifiers",
    ),
    "isotonic": (
        "Zadrozny B, Elkan C (2002), Transforming classifier scores into accurate multiclass "
        "probability estimates, KDD",
    ),
}
INTERVALS = (
    "Lee Y, Barber RF, Willett R (2023), Distribution-free inference with hierarchical data, "
    "arXiv:2306.06342",
)
SETS = (
    "Sadinle M, Lei J, Wasserman L (2019), Least ambiguous set-valued classifiers with bounded "
    "error levels, Journal of the American Statistical Association 114, 223-234",
    *INTERVALS,
)
#: Classes with too few images or groups share a border.
SHARED_SETS = (
    "Ding T, Angelopoulos AN, Bates S, Jordan MI, Tibshirani RJ (2023), Class-conditional "
    "conformal prediction with many classes, Advances in Neural Information Processing Systems 36",
)
DOME = (
    "Walsh I, Fishman D, Garcia-Gasulla D, et al. (2021), DOME: recommendations for supervised "
    "machine learning validation in biology, Nature Methods 18, 1122-1127"
)

#: What the estimators of a task are called where they have an extractor, and where they have none.
ESTIMATORS = {
    "classification": ("classifier", "network"),
    "regression": ("regressor", "value_network"),
    "segmentation": ("segmenter", "segmenter"),
}
#: What stands for an extractor where there is none.
IMAGES, COLUMNS = "images", "columns"
#: What `ranking.csv` says of what a budget left aside.
DROPPED = "dropped (budget)"


def compared_components(results: RunResults) -> dict[str, list[str]]:
    """Return the names of what was compared, without parameters, by kind; nothing left out is in.

    The model that only guesses is not among them, nor an ensemble of them. What a budget left
    aside after some folds is: it took part in the choice.
    """
    with_rows, with_pixels = ESTIMATORS[results.task]
    found: dict[str, list[str]] = {}
    for row in results.ranking:
        if not _took_part(row) or is_ensemble(results, row):
            continue
        kind = with_pixels if row["extractor"] == IMAGES else with_rows
        names = [(kind, row["estimator"])]
        if row["extractor"] not in (IMAGES, COLUMNS):
            names.append(("extractor", row["extractor"]))
        for of_kind, label in names:
            name = label.partition("(")[0]
            if name not in found.setdefault(of_kind, []):
                found[of_kind].append(name)
    return found


def n_tried(results: RunResults) -> int:
    """Return of how many candidates there are scores, the ensemble and dropped ones among them."""
    return sum(_took_part(row) for row in results.ranking)


def _took_part(row: Row) -> bool:
    return bool(row["rank"]) or (
        row["role"] == DROPPED and row.get("n_folds", "0") not in ("", "0")
    )


def is_ensemble(results: RunResults, row: Row) -> bool:
    """Tell whether a row of the ranking is the ensemble of others."""
    found = results.study.get("ensemble") or {}
    return (row["extractor"], row["estimator"]) == (found.get("extractor"), found.get("estimator"))


def component_references(results: RunResults) -> dict[str, str]:
    """Return the reference of everything that was compared and has one, by its name."""
    kinds = compared_components(results)
    if augmentation := results.config.get("augmentation"):
        kinds["augmentation"] = [name_of(one) for one in augmentation]
    found: dict[str, str] = {}
    for kind, names in kinds.items():
        for name in names:
            reference = _reference(kind, name)
            if reference and reference != "bioselect":
                found[name] = reference
    return found


def name_of(written: Any) -> str:
    """Return the name of a component as it stands in a configuration."""
    return str(written["name"]) if isinstance(written, dict) else str(written)


def _reference(kind: str, name: str) -> str:
    """Return a reference; none of somebody's own component, whose code is not run for this."""
    if is_import_path(name):
        return ""
    try:
        return find_row(kind, name).reference
    except BioselectError:
        return ""  # Of a package that is not installed here.
