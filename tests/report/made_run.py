"""A run folder with results that were made up: what a section makes of them is known beforehand."""

import csv
import json
from pathlib import Path

import h5py
import numpy as np

from bioselect.report.results import RunResults
from bioselect.run_folder import RANKING_COLUMNS

COMPARISONS = ["stage", "family", "first", "second", "difference", "ci_low", "ci_high", "words"]
ACCURACY = {
    "metric": "accuracy",
    "in_words": "accuracy",
    "direction": "higher",
    "bounds": [0.0, 1.0],
    "response": "labels",
    "unit": "",
    "rope": 0.01,
    "alpha": 0.05,
}
#: Probabilities of a class that is chosen surely, and of the others.
SURE = 0.9


def ranked(*rows):
    """Return rows of the ranking: (extractor, estimator, mean or None, role), the best first."""
    table = []
    for rank, (extractor, estimator, mean, role) in enumerate(rows, start=1):
        has_rank = mean is not None and role != "baseline"
        scored = {} if mean is None else {"mean": mean, "ci_low": mean - 0.1, "ci_high": mean + 0.1}
        table.append(
            {
                "rank": rank if has_rank else "",
                "extractor": extractor,
                "estimator": estimator,
                **scored,
                "role": role,
            }
        )
    return table


def said(places, n_classes):
    """Return probabilities (1, n_images, n_classes): the given classes are the likeliest."""
    table = np.full((1, len(places), n_classes), (1 - SURE) / max(1, n_classes - 1))
    table[0, np.arange(len(places)), places] = SURE
    return table


def made_run(
    root,
    class_names=(),
    truth=None,
    probabilities=None,
    folds=None,
    groups=None,
    ranking=None,
    comparisons=(),
    judged_by=ACCURACY,
    study=None,
    config=None,
):
    """Write the folder, and return its results; the first of the ranking was exported."""
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    ranking = ranked(("hog", "svm", 0.9, "best")) if ranking is None else ranking
    _write(root / "ranking.csv", RANKING_COLUMNS, ranking)
    _write(root / "comparisons.csv", COMPARISONS, comparisons)
    best = {key: ranking[0][key] for key in ("extractor", "estimator")}
    facts = {
        "best": best,
        "recommended": best,
        "exported": best,
        "honest_score": {
            "metric": judged_by["metric"],
            "value": 0.8,
            "ci_low": 0.7,
            "ci_high": 0.9,
            "naive": 0.9,
            "chance": 0.5,
            "method": "bbc",
            "n_draws": 1000,
        },
        "judged_by": judged_by,
        "design": "made up",
        "tests": [],
        "in_words": "In short:\n  Use it.\n",
        **(study or {}),
    }
    (root / "study.json").write_text(json.dumps(facts), encoding="utf-8")
    machine = {"versions": {}, "platform": "none", "processors": 2, "seed": 0}
    (root / "environment.json").write_text(json.dumps(machine), encoding="utf-8")
    validation = {"folds": 2, "repeats": 1, "seed": 0}
    settings = {"task": "classification", "dataset": {"path": "cells"}, "validation": validation}
    # JSON is YAML.
    (root / "config.yaml").write_text(json.dumps({**settings, **(config or {})}), encoding="utf-8")
    if truth is not None:
        _write_predictions(root, class_names, np.asarray(truth), probabilities, folds, best)
        _write_images(root, len(truth), groups)
    return RunResults(root)


def _write(path, columns, rows):
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _write_images(root, n_images, groups):
    names = [""] * n_images if groups is None else groups
    rows = [{"image_id": f"{i}.png", "target": "a", "group": name} for i, name in enumerate(names)]
    _write(root / "dataset.csv", ["image_id", "target", "group"], rows)


def _write_predictions(root, class_names, truth, probabilities, folds, best):
    n_images = len(truth)
    folds = np.zeros((len(probabilities), n_images), dtype=int) if folds is None else folds
    kind = "labels" if truth.ndim == 2 else "class_index" if class_names else "value"
    with h5py.File(root / "out_of_fold.h5", "w") as file:
        file["image_id"] = [f"{i}.png" for i in range(n_images)]
        file["fold"] = folds
        file[kind] = truth
        if class_names:
            file["class_names"] = list(class_names)
        data = file.create_dataset("candidates/0", data=probabilities)
        data.attrs.update(best)
