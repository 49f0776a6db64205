"""The DOME checklist (Data, Optimization, Model, Evaluation), as far as the run folder knows."""

from __future__ import annotations

from bioselect.report.blocks import Section, Table, Text
from bioselect.report.candidate_label import short_label
from bioselect.report.references import COLUMNS as COLUMNS_OF_TABLE
from bioselect.report.references import DOME, IMAGES, compared_components, n_tried
from bioselect.report.results import RunResults
from bioselect.report.score_words import interval_text, judged_by, rough_score_text, share_text
from bioselect.report.target_counts import target_counts
from bioselect.selection.interval_words import percent

#: What only the authors know.
YOURS = "(to be filled in by you)"
COLUMNS = ("part", "question", "answer")
#: In what is said of copies, and of nothing else.
OF_COPIES = ("the same pixels", "the same file as", "the same as", "the same values")


def dome(results: RunResults) -> Section:
    """Return the checklist, with what was measured; what is not known is left to the authors."""
    rows = [
        *(("Data", question, answer) for question, answer in _data(results)),
        *(("Optimization", question, answer) for question, answer in _optimization(results)),
        *(("Model", question, answer) for question, answer in _model(results)),
        *(("Evaluation", question, answer) for question, answer in _evaluation(results)),
    ]
    table = Table("dome", f"{DOME}.", COLUMNS, rows, n_shown=40)
    note = Text(f"Answers are from this run; {YOURS[1:-1]} where only you know.", "note")
    return Section("dome", "DOME checklist", [note, table])


def _data(results: RunResults) -> list[tuple[str, str]]:
    rows, noun = results.images, results.noun
    groups = {row["group"] for row in rows if row.get("group")}
    target = results.study.get("target")
    if target:
        spread = f"{target['lowest']:.4g} to {target['highest']:.4g} {target['unit']}".strip()
        what = f"{len(rows)} {noun}s with {target['name']} from {spread}"
    elif results.task == "classification":
        counts, several = target_counts(results)
        shown = ", ".join(f"{name} {n}" for name, n in counts[:20])
        what = f"{len(rows)} {noun}s: {shown}{', ...' if len(counts) > 20 else ''}{several}"
    else:
        what = f"{len(rows)} images with masks"
    duplicates = sum(any(one in row["what"] for one in OF_COPIES) for row in results.findings)
    kept = (
        f"{len(groups)} groups (dataset.csv names them), each on one side of "
        "every split; copies stay together"
        if groups
        else "no groups were named; copies stay together"
    )
    return [
        ("Provenance", f"{what}. Source: {YOURS}"),
        ("Dataset splits", f"{results.study['design']}; dataset.csv has the fold of each {noun}"),
        ("Redundancy between splits", f"{kept}; findings about copies: {duplicates}"),
        ("Availability of data", YOURS),
    ]


def _optimization(results: RunResults) -> list[tuple[str, str]]:
    compared = compared_components(results)
    config = results.config
    searched = [
        f"{row['estimator']}: {row['parameter']}" for row in results.study.get("searched", [])
    ]
    features = list(compared.get("extractor", []))
    if any(row["extractor"] == COLUMNS_OF_TABLE for row in results.ranking):
        features.append("columns of the table")
    if results.task == "segmentation" or any(row["extractor"] == IMAGES for row in results.ranking):
        features.append("pixels")
    learnt = ", ".join(
        name for kind, names in compared.items() if kind != "extractor" for name in names
    )
    return [
        ("Algorithm", learnt),
        ("Meta-predictions", "an ensemble takes part" if results.study.get("ensemble") else "none"),
        ("Data encoding", ", ".join(features)),
        ("Parameters", "every value is in config.yaml (Software and settings)"),
        ("Features", "selection and scaling, if any, inside the training part of each fold"),
        (
            "Fitting",
            "hyperparameters searched inside the training part: " + "; ".join(sorted(set(searched)))
            if searched
            else "no hyperparameters were searched",
        ),
        ("Availability of configuration", f"config.yaml; seed {config['validation']['seed']}"),
    ]


def _model(results: RunResults) -> list[tuple[str, str]]:
    chosen = short_label(results, *results.exported)
    return [
        ("Interpretability", "bioselect explain shows what a prediction goes by"),
        ("Output", _output(results)),
        ("Execution time", f"{chosen}; seconds of every fold are in timings.csv"),
        (
            "Availability of software",
            f"bioselect {results.environment.get('bioselect', '')}; model/",
        ),
    ]


def _output(results: RunResults) -> str:
    if results.task == "regression":
        interval = (results.study.get("intervals") or {}).get("interval")
        return (
            f"a number with an interval ({share_text(interval['level'])})"
            if interval
            else "a number"
        )
    if results.task == "segmentation":
        return "a mask"
    predictions = results.predictions
    of_labels = predictions is not None and predictions.truth.ndim == 2
    if of_labels:
        return "any number of labels, with probabilities"
    sets = results.study.get("prediction_sets") or {}
    of_sets = f" and a prediction set ({percent(sets['level'])})" if sets.get("borders") else ""
    return f"a class with probabilities{of_sets}"


def _evaluation(results: RunResults) -> list[tuple[str, str]]:
    score, metric = results.study["honest_score"], judged_by(results)
    ends = interval_text(score["ci_low"], score["ci_high"], metric)
    guess = score.get("chance")
    tests = "paired tests adjusted for how many there are (comparisons.csv)"
    tests = tests if results.has_tests else "differences between models were not tested"
    baseline = f"guessing: {rough_score_text(guess, metric)}; " if guess is not None else ""
    return [
        ("Evaluation method", results.study["design"]),
        ("Performance measures", f"{metric.in_words}; scores.csv has all others"),
        (
            "Comparison",
            f"{baseline}{n_tried(results)} models compared",
        ),
        (
            "Confidence",
            f"{rough_score_text(score['value'], metric)} expected (95 % interval {ends}); {tests}",
        ),
        (
            "Availability of evaluation",
            "scores of every image are in per_image.csv of the run folder"
            if results.task == "segmentation"
            else "predictions of every model for what it was not trained on are in out_of_fold.h5",
        ),
        ("External validation", f"{YOURS}: bioselect evaluate on data from elsewhere"),
    ]
