"""The DOME checklist (Data, Optimization, Model, Evaluation), as far as the run folder knows."""

from __future__ import annotations

from collections import Counter

from bioselect.report.blocks import Section, Table, Text
from bioselect.report.references import DOME, compared_components
from bioselect.report.results import RunResults
from bioselect.report.score_words import interval_text, judged_by, rough_score_text
from bioselect.report.short_names import short_names

#: What only the authors know.
YOURS = "(to be filled in by you)"
COLUMNS = ("part", "question", "answer")


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
        counts = Counter(row["target"] for row in rows).most_common()
        shown = ", ".join(f"{name} {n}" for name, n in counts[:20])
        what = f"{len(rows)} {noun}s: {shown}" + (", ..." if len(counts) > 20 else "")
    else:
        what = f"{len(rows)} images with masks"
    duplicates = sum("same" in row["what"] or "cop" in row["what"] for row in results.findings)
    kept = (
        f"{len(groups)} groups (dataset.csv names them), each on one side of "
        "every split; exact copies stay together"
        if groups
        else "no groups were named; exact copies stay together"
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
    columns = config["dataset"].get("columns") or []
    features = compared.get("extractor") or (["columns of the table"] if columns else [])
    learnt = ", ".join(
        name for kind, names in compared.items() if kind != "extractor" for name in names
    )
    return [
        ("Algorithm", learnt),
        ("Meta-predictions", "an ensemble takes part" if results.study.get("ensemble") else "none"),
        ("Data encoding", ", ".join(features) or "pixels"),
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
    names = short_names(results)
    chosen = " + ".join(names.get(part, part) for part in results.exported)
    return [
        ("Interpretability", "bioselect explain shows what a prediction goes by"),
        (
            "Output",
            {"classification": "a class with probabilities", "regression": "a number"}.get(
                results.task, "a mask"
            ),
        ),
        ("Execution time", f"{chosen}; seconds of every fold are in timings.csv"),
        (
            "Availability of software",
            f"bioselect {results.environment.get('bioselect', '')}; model/",
        ),
    ]


def _evaluation(results: RunResults) -> list[tuple[str, str]]:
    score, metric = results.study["honest_score"], judged_by(results)
    ends = interval_text(score["ci_low"], score["ci_high"], metric)
    guess = score.get("chance")
    baseline = f"guessing: {rough_score_text(guess, metric)}; " if guess is not None else ""
    return [
        ("Evaluation method", results.study["design"]),
        ("Performance measures", f"{metric.in_words}; scores.csv has all others"),
        (
            "Comparison",
            f"{baseline}{sum(row['rank'] != '' for row in results.ranking)} models compared",
        ),
        (
            "Confidence",
            f"{rough_score_text(score['value'], metric)} expected (95 % interval {ends}); paired "
            "tests adjusted for how many there are (comparisons.csv)",
        ),
        (
            "Availability of evaluation",
            "out-of-fold predictions of every model are in the run folder",
        ),
        ("External validation", f"{YOURS}: bioselect evaluate on data from elsewhere"),
    ]
