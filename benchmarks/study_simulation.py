"""Is what a study claims true: the whole two-stage procedure on studies whose truth is known.

    python benchmarks/study_simulation.py [--draws 100] [--keep FOLDER] [--only WORD ...]

Draws studies (`drawn_studies.py`), runs four classifiers on the folds that bioselect draws, has
`bioselect.selection.verdict.decide` judge them, and counts what a reader would take for a claim:
"clearly better", "significantly better", "practically the same", the role "behind", an omnibus test
that says "some candidates differ". The expected score is compared with that on 4,000 new images.

- *equal*: all pipelines are exactly equal, so every claim of a difference is false;
- *spread*: pipelines differ by chance, as in life;
- *gap*: one pipeline of four is better by a known amount;
- *donors*: images come in groups, all pipelines equal;
- *splits*: the same, divided by 50 random splits that test a fifth;
- *no signal*: images, and donors, with nothing to be learnt, so that 0.5 is the truth.

With `--keep` finished studies are kept, and another start goes on from there. The SVM, which takes
nearly all of the time, gets a fifth of the draws.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from drawn_studies import (
    Images,
    Pipelines,
    balanced_fold_scores,
    features,
    fold_numbers,
    images_of_donors,
    independent_images,
    planned_folds,
    planned_splits,
    unequal_sizes,
)
from figures import print_figure
from light_classifiers import (
    CLASSIFIERS,
    check_against_scikit_learn,
    new_labels,
    out_of_fold_labels,
)
from study_tables import print_tables

from bioselect.data.splitting import SplitPlan
from bioselect.execution import one_thread
from bioselect.metrics.base import get_metric
from bioselect.selection.honest import bbc_cv
from bioselect.selection.outcome import Context, Entrant, OutOfFold, Verdict
from bioselect.selection.verdict import decide

STRENGTH, DONOR_EFFECT = 1.6, 1.0
#: Standard deviations of strengths in the studies of pipelines that differ.
OF_EXTRACTORS, OF_PIPELINES = 0.4, 0.2
N_NEW = 4000
N_SPLITS = 50
GUESSING = "NOT SHOWN TO BE BETTER THAN GUESSING"
SVM_SHARE = 0.2
#: Of fewer studies the worst share is luck.
ENOUGH_DRAWS = 50
CLAIMS = {"clearly better": "clearly", "significantly better": "significantly"}


@dataclass(frozen=True)
class Scenario:
    """One kind of study; `gap` is the lead in strength of the first pipeline.

    With `n_splits` images are divided by random splits in place of folds.
    """

    kind: str
    classifier: str
    n_images: int = 0
    gap: float = 0.0
    n_donors: int = 0
    unequal: bool = False
    mixed: bool = False
    n_splits: int = 0

    @property
    def name(self) -> str:
        """The scenario in words, without commas."""
        if self.n_donors:
            sizes = "1 to 60" if self.unequal else "20"
            classes = "both classes" if self.mixed else "one class"
            what = "no signal; " if self.kind == "no signal" else ""
            what = f"{self.n_splits} splits; " if self.n_splits else what
            of_what = f"{self.n_donors} donors of {sizes} images of {classes}"
            return f"{what}{of_what}; {self.classifier}"
        what = f"gap {self.gap:g}" if self.gap else self.kind
        return f"{what}; n = {self.n_images}; {self.classifier}"

    @property
    def shape(self) -> tuple[int, int]:
        """How many extractors, and pipelines of each."""
        return (2, 3) if self.n_donors else (2, 2) if self.gap else (4, 4)

    def images(self, generator: np.random.Generator) -> Images:
        """Draw the labels and donors."""
        if not self.n_donors:
            return independent_images(generator, self.n_images)
        sizes = np.full(self.n_donors, 20)
        if self.unequal:
            sizes = unequal_sizes(generator, self.n_donors)
        return images_of_donors(generator, sizes, self.mixed)

    def pipelines(self, generator: np.random.Generator) -> Pipelines:
        """Draw the strengths."""
        n_extractors, each = self.shape
        strength = 0.0 if self.kind == "no signal" else STRENGTH
        strengths = np.full((n_extractors, each), strength)
        if self.kind == "spread":
            strengths += OF_EXTRACTORS * generator.standard_normal((n_extractors, 1))
            strengths += OF_PIPELINES * generator.standard_normal((n_extractors, each))
        strengths[0, 0] += self.gap
        extractors = np.repeat(np.arange(n_extractors), each)
        return Pipelines(
            tuple(np.maximum(strengths, 0).ravel().tolist()), tuple(extractors.tolist())
        )


def scenarios() -> list[Scenario]:
    """Return all scenarios, those of one kind together."""
    found = []
    for kind, n_images, classifier in product(("equal", "spread"), (50, 100, 300), CLASSIFIERS):
        found.append(Scenario(kind, classifier, n_images))
    for gap, classifier in product((0.2, 0.4, 0.7), CLASSIFIERS):
        found.append(Scenario("gap", classifier, 500, gap))
    for n_images, classifier in product((50, 100, 300), CLASSIFIERS):
        found.append(Scenario("no signal", classifier, n_images))
    for mixed, classifier in product((False, True), CLASSIFIERS):
        found.append(Scenario("no signal", classifier, n_donors=20, mixed=mixed))
    for n, unequal, mixed, classifier in product(
        (20, 60), (False, True), (False, True), CLASSIFIERS
    ):
        found.append(Scenario("donors", classifier, n_donors=n, unequal=unequal, mixed=mixed))
    for n, mixed, classifier in product((20, 60), (False, True), CLASSIFIERS):
        found.append(Scenario("splits", classifier, n_donors=n, mixed=mixed, n_splits=N_SPLITS))
    return found


def one_study(scenario: Scenario, seed: int) -> dict[str, float]:
    """Draw a study, decide it, and compare what is claimed with the truth."""
    generator = np.random.default_rng([seed, zlib.crc32(scenario.name.encode())])
    images, pipelines = scenario.images(generator), scenario.pipelines(generator)
    donor_effect = DONOR_EFFECT if scenario.n_donors else 0.0
    plan = planned_folds(images, seed)
    if scenario.n_splits:
        plan = planned_splits(images, seed, scenario.n_splits)
    folds = fold_numbers(plan, len(images.labels))
    seen = features(generator, images, pipelines, donor_effect)
    labels = [out_of_fold_labels(scenario.classifier, X, images.labels, folds) for X in seen]
    scores = np.array([balanced_fold_scores(one, images.labels, folds) for one in labels])
    costs = generator.permutation(len(seen)) + 1.0
    entrants = [
        Entrant(f"extractor {extractor}", f"pipeline {place}", cost=float(costs[place]))
        for place, extractor in enumerate(pipelines.extractors)
    ]
    said = tuple(np.where(folds[..., None] >= 0, np.eye(2)[one], np.nan) for one in labels)
    out_of_fold = OutOfFold(said, images.labels, images.donors, 2, folds)
    zeros, ones = np.bincount(images.labels).tolist()
    context = Context(
        class_counts=(("0", zeros), ("1", ones)),
        n_folds=plan.n_folds,
        n_repeats=plan.n_repeats,
        seed=seed,
        n_groups=scenario.n_donors or None,
        test_to_train=_test_to_train(plan) if scenario.n_splits else None,
    )
    metric = get_metric("balanced_accuracy")
    verdict = decide(entrants, scores, out_of_fold, metric, context)
    strengths = {entrant.label: s for entrant, s in zip(entrants, pipelines.strengths, strict=True)}
    values = claims_of(verdict, strengths)
    places = {"best": entrants.index(verdict.best), "chosen": entrants.index(verdict.recommended)}
    if scenario.gap:
        places |= {"stronger": 0, "weaker": 1}
    truth = {
        what: true_score(scenario, generator, images, seen[place], pipelines.strengths[place])
        for what, place in places.items()
    }
    if scenario.gap:
        values["true gap"] = truth["stronger"] - truth["weaker"]
    honest = verdict.honest_score
    values["naive less truth"] = honest.naive - truth["best"]
    for what in ("best", "chosen"):
        values[f"honest less truth, {what}"] = honest.value - truth[what]
        values[f"covered, {what}"] = honest.ci_low <= truth[what] <= honest.ci_high
    # What it would be if nothing, or all of the part, were taken off for shared training images.
    for what, part in (("nothing off", 0.0), ("all off", _test_to_train(plan))):
        other = bbc_cv(out_of_fold, metric, seed, shared_training=part)
        values[f"{what} less truth"] = other.value - truth["best"]
        values[f"covered, {what}"] = other.ci_low <= truth["best"] <= other.ci_high
    values["width"] = honest.ci_high - honest.ci_low
    values["honest"] = honest.value
    values["said to be guessing"] = GUESSING in " ".join(verdict.in_words.split())
    return {name: float(value) for name, value in values.items()}


def _test_to_train(plan: SplitPlan) -> float:
    return float(np.mean([len(fold.test) / len(fold.train) for fold in plan.folds]))


def claims_of(verdict: Verdict, strengths: dict[str, float]) -> dict[str, float]:
    """Return which claims a study makes: 1 or 0, or a share of its families."""
    values: dict[str, float] = {}
    for stage in (1, 2):
        rows = [row for row in verdict.comparisons if row.stage == stage]
        families = sorted({row.family for row in rows})
        for words, name in CLAIMS.items():
            said = [any(words in row.words for row in rows if row.family == f) for f in families]
            values[f"{name}, stage {stage}"] = float(np.mean(said)) if said else 0.0
        omnibus = [
            test.decision == "some candidates differ"
            for test in verdict.tests
            if test.stage == stage and "Greenhouse" in test.name
        ]
        values[f"omnibus, stage {stage}"] = float(np.mean(omnibus)) if omnibus else 0.0
    words = [row.words for row in verdict.comparisons]
    claimed = [row for row in verdict.comparisons if any(claim in row.words for claim in CLAIMS)]
    behind = any(row.role == "behind" for row in verdict.ranking)
    values["behind"] = behind
    values["the best is called so"] = "As far as these data can tell, yes." in verdict.in_words
    values["practically the same"] = any("practically the same" in one for one in words)
    values["any claim"] = bool(claimed) or behind
    values["any claim or omnibus"] = (
        values["any claim"] or values["omnibus, stage 1"] > 0 or values["omnibus, stage 2"] > 0
    )
    values["the weaker is called better"] = any(
        strengths[row.first] < strengths[row.second] for row in claimed
    )
    true_pairs = [row for row in verdict.comparisons if row.stage < 3]
    true_pairs = [row for row in true_pairs if strengths[row.first] != strengths[row.second]]
    top = max(strengths, key=lambda label: strengths[label])
    values["the strongest is best"] = strengths[verdict.best.label] == strengths[top]
    right = [row in claimed and strengths[row.first] > strengths[row.second] for row in true_pairs]
    values["true differences claimed"] = float(np.mean(right)) if right else 0.0
    return values


def true_score(
    scenario: Scenario,
    generator: np.random.Generator,
    images: Images,
    X: np.ndarray,
    strength: float,
) -> float:
    """Return the balanced accuracy on new images (of new donors) of a pipeline trained on all."""
    new = independent_images(generator, N_NEW)
    effect = DONOR_EFFECT if scenario.n_donors else 0.0
    X_new = features(generator, new, Pipelines((strength,), (0,)), effect)[0]
    guessed = new_labels(scenario.classifier, X, images.labels, X_new)
    return float(np.mean([np.mean(guessed[new.labels == label] == label) for label in (0, 1)]))


def studies(scenario: Scenario, n_draws: int, keep: Path | None) -> Iterator[dict[str, float]]:
    """Yield the values of each study, from the file where they were kept as far as they are."""
    file = keep / f"{scenario.name.replace(' ', '_')}.jsonl" if keep else None
    done = file.read_text().splitlines() if file and file.exists() else []
    for seed in range(n_draws):
        if seed < len(done):
            yield json.loads(done[seed])
            continue
        values = one_study(scenario, seed)
        if file:
            with file.open("a") as lines:
                lines.write(json.dumps(values) + "\n")
        yield values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--keep", type=Path, help="folder for what is done, to go on another time")
    parser.add_argument("--only", nargs="+", default=[], help="words that a scenario's name holds")
    parser.add_argument("--quick", action="store_true", help="3 draws, to see that it works")
    options = parser.parse_args()
    check_against_scikit_learn()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    found: dict[Scenario, dict[str, np.ndarray]] = {}
    for scenario in scenarios():
        if not all(word in scenario.name for word in options.only):
            continue
        share = SVM_SHARE if scenario.classifier == "SVM" else 1.0
        n_draws = 3 if options.quick else max(3, round(share * options.draws))
        rows = list(studies(scenario, n_draws, options.keep))
        found[scenario] = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        claims = found[scenario]["any claim"].mean()
        print(f"{scenario.name}: {n_draws} studies, any claim {100 * claims:.1f} %", flush=True)
    print_tables(found)
    print_worst(found)


def print_worst(found: dict[Scenario, dict[str, np.ndarray]]) -> None:
    """Print the worst figures of equal pipelines, of scenarios with enough draws."""
    equal = [
        values
        for scenario, values in found.items()
        if scenario.kind in ("equal", "donors", "splits") and len(values["honest"]) >= ENOUGH_DRAWS
    ]
    if not equal:
        return
    claims = [f"{what}, stage {stage}" for what in CLAIMS.values() for stage in (1, 2)]
    worst = max(values[name].mean() for values in equal for name in claims)
    print_figure("simulation: false claims, largest share of tables", worst)
    off = max(abs(values["honest less truth, best"].mean()) for values in equal)
    print_figure("simulation: honest less truth, largest mean", off)


if __name__ == "__main__":
    with one_thread():
        main()
