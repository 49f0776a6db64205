"""Cross-validation against `cross_val_predict` on plain pipelines of scikit-learn.

    python benchmarks/cross_validation.py                  # one repeat of ten folds, 1,000 x 2,048
    python benchmarks/cross_validation.py --whole          # and all five extractors and repeats
    python benchmarks/cross_validation.py --search         # with the searches of the table

Each classifier has a pipeline of the same parameters (no probabilities from a support vector
machine, the same tolerance of logistic regression) and the same folds and processes, one thread in
each. Both sides are timed one after the other, classifier by classifier: in seconds of processor
time, as other work may share the machine. What a search chose is not compared: its inner folds are
drawn differently.
"""

from __future__ import annotations

import argparse
import platform
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from figures import print_figure
from joblib import parallel_config
from processor_time import Spent, timed
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    ExtraTreesClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from bioselect.data.splitting import draw_folds
from bioselect.estimators.builtin import CLASSIFIERS
from bioselect.execution import one_thread
from bioselect.features.learning import Features
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec
from bioselect.selection.candidates import Candidate
from bioselect.selection.cross_validation import Problem, cross_validate
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal

N_CLASSES = 4
EXTRACTOR = ComponentSpec("hog")
TREES = ("random_forest", "extra_trees", "gradient_boosting")

#: The same parameters as `estimators/classifiers.py`; the trees get the seed of their fold, which
#: is why each fold is a pipeline of its own below.
MODELS: dict[str, Callable[[int], Any]] = {
    "logistic_regression": lambda seed: LogisticRegression(
        solver="newton-cg", tol=1e-8, max_iter=1000
    ),
    "svm": lambda seed: SVC(break_ties=True, cache_size=500),
    "linear_svm": lambda seed: SVC(kernel="linear", break_ties=True, cache_size=500),
    "lda": lambda seed: LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto"),
    "knn": lambda seed: KNeighborsClassifier(algorithm="brute"),
    "naive_bayes": lambda seed: GaussianNB(),
    "random_forest": lambda seed: RandomForestClassifier(200, random_state=seed),
    "extra_trees": lambda seed: ExtraTreesClassifier(200, random_state=seed),
    "gradient_boosting": lambda seed: HistGradientBoostingClassifier(
        max_iter=50,
        learning_rate=0.2,
        max_leaf_nodes=4,
        min_samples_leaf=5,
        max_bins=32,
        early_stopping=False,
        random_state=seed,
    ),
}
EIGHT = [name for name in MODELS if name != "linear_svm"]
#: A probability may differ by so much: that of scikit-learn's logistic regression is no closer to
#: the optimum than 2e-5.
MOST_DIFFERENT = 1e-4


class SeededFolds(Pipeline):
    """A pipeline whose model gets the seed of the fold that its training images belong to."""

    def __init__(self, steps: Any, seeds: dict[bytes, int] | None = None) -> None:
        super().__init__(steps)
        self.seeds = seeds

    def fit(self, X: Any, y: Any = None) -> Any:
        """Set the seed, then fit."""
        if self.seeds and "random_state" in self.steps[-1][1].get_params():
            self.steps[-1][1].set_params(random_state=self.seeds[X[:, 0].tobytes()])
        return super().fit(X, y)


def main() -> int:
    """Measure, compare, print; return 1 if predictions differ."""
    options = _parser().parse_args()
    X, labels = drawn_rows(options.images, options.features, seed=0)
    plan = draw_folds(labels, np.arange(len(labels)), options.folds, 1, 0)
    problem = Problem(labels, N_CLASSES, np.arange(len(labels)), plan, "balanced_accuracy", 0)
    names = options.classifiers.split(",")
    print(
        f"Python {platform.python_version()}, scikit-learn {version('scikit-learn')}, numpy "
        f"{version('numpy')}; {options.images} x {options.features}, {options.folds} folds, "
        f"{options.jobs} processes{', with searches' if options.search else ''}"
    )
    ours(problem, X, ["dummy"], False, options.jobs)  # starts the processes
    plain_spent: dict[str, Spent] = {}
    n_wrong = 0
    print(f"{'':20} {'plain':>8} {'ours':>8} {'ratio':>6}   largest difference, other classes")
    for name in names:
        theirs, plain_spent[name] = plain(problem, X, name, options.search, options.jobs)
        probabilities, spent = ours(problem, X, [name], options.search, options.jobs)
        difference = np.abs(probabilities[name] - theirs).max()
        n_others = int((probabilities[name].argmax(axis=1) != theirs.argmax(axis=1)).sum())
        if not options.search:
            n_wrong += n_others + (not difference <= MOST_DIFFERENT)
        _print_line(name, plain_spent[name], spent, f"   {difference:.0e}, {n_others}")
    linear = [name for name in names if name not in TREES]
    for what, chosen in (("all but the trees", linear), ("all together", names)):
        ratio, by_the_clock = _print_total(what, problem, X, chosen, plain_spent, options)
        print_figure(f"cross-validation, {what}: times as fast", ratio)
        print_figure(f"cross-validation, {what}: by the clock", by_the_clock)
    if options.whole:
        _run_whole(options, names, plain_spent)
    print_figure("cross-validation: other classes or probabilities", n_wrong)
    return int(n_wrong > 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--images", type=int, default=1000)
    parser.add_argument("--features", type=int, default=2048)
    parser.add_argument("--folds", type=int, default=10)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--classifiers", default=",".join(EIGHT))
    parser.add_argument("--search", action="store_true", help="search what the table suggests")
    parser.add_argument("--whole", action="store_true", help="run all extractors and repeats too")
    parser.add_argument("--extractors", type=int, default=5, help="of --whole")
    parser.add_argument("--repeats", type=int, default=5, help="of --whole")
    return parser


def drawn_rows(n_images: int, n_features: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rows like those of a network, correlated and often 0, and classes that overlap."""
    random = np.random.default_rng(seed)
    labels = np.arange(n_images) % N_CLASSES
    hidden = random.normal(size=(N_CLASSES, 20))[labels] + 1.5 * random.normal(size=(n_images, 20))
    rows = 0.3 * hidden @ random.normal(size=(20, n_features))
    rows += random.normal(size=rows.shape) - 0.3
    return np.maximum(rows, 0.0).astype(np.float32), labels


def plain(
    problem: Problem, X: np.ndarray, name: str, search: bool, n_jobs: int
) -> tuple[np.ndarray, Spent]:
    """Return out-of-fold probabilities of `cross_val_predict`, and what they took."""
    folds = problem.plan.folds
    rows = X.astype(np.float64)
    seeds = {
        rows[fold.train, 0].tobytes(): derived_seed(problem.seed, fold.repeat, fold.index)
        for fold in folds
    }
    scale = [] if name == "gradient_boosting" else [("scale", StandardScaler())]
    steps = [*scale, ("model", MODELS[name](0))]
    estimator: Any = SeededFolds(steps, seeds)
    values = dict(CLASSIFIERS[name].search)
    if search and values:
        grid = {f"model__{key}": list(listed) for key, listed in values.items()}
        estimator = GridSearchCV(Pipeline(steps), grid, cv=3, scoring="balanced_accuracy")
    method = "decision_function" if "svm" in name else "predict_proba"
    with one_thread(), parallel_config("loky", inner_max_num_threads=1), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        response, spent = timed(
            lambda: cross_val_predict(
                estimator,
                rows,
                problem.class_indices,
                cv=[(fold.train, fold.test) for fold in folds],
                n_jobs=n_jobs,
                method=method,
            )
        )
    if method == "decision_function":
        powers = np.exp(response - response.max(axis=1, keepdims=True))
        response = powers / powers.sum(axis=1, keepdims=True)
    return response, spent


def ours(
    problem: Problem, X: np.ndarray, names: list[str], search: bool, n_jobs: int
) -> tuple[dict[str, np.ndarray], Spent]:
    """Return the probabilities of the last repeat by classifier, and what all folds took."""
    specs = [
        ComponentSpec.of(name, {}, {k: list(v) for k, v in dict(CLASSIFIERS[name].search).items()})
        if search
        else ComponentSpec(name)
        for name in names
    ]
    candidates = [Candidate(EXTRACTOR, spec) for spec in specs]
    with (
        tempfile.TemporaryDirectory(prefix="bioselect-benchmark-") as folder,
        Journal(Path(folder) / "journal") as journal,
    ):
        features = Features(EXTRACTOR, X)
        results, spent = timed(
            lambda: cross_validate(problem, features, "rows", candidates, journal, SILENT, n_jobs)
        )
    tables = {name: np.zeros((len(X), problem.n_classes)) for name in names}
    folds = {(fold.repeat, fold.index): fold for fold in problem.plan.folds}
    for result in results:
        if result.error:
            raise SystemExit(f"{result.candidate.label}: {result.error}")
        test = folds[result.repeat, result.fold].test
        tables[result.candidate.estimator.name][test] = result.probabilities
    return tables, spent


def _print_line(what: str, theirs: Spent, mine: Spent, more: str = "") -> None:
    ratio = theirs.processor / mine.processor
    print(f"{what:20} {theirs.processor:8.1f} {mine.processor:8.1f} {ratio:6.1f}{more}", flush=True)


def _print_total(
    what: str,
    problem: Problem,
    X: np.ndarray,
    names: list[str],
    plain_spent: dict[str, Spent],
    options: argparse.Namespace,
) -> tuple[float, float]:
    """Run the classifiers together, print them and return them against the sum of pipelines."""
    theirs = _sum([plain_spent[name] for name in names])
    _, mine = ours(problem, X, names, options.search, options.jobs)
    by_the_clock = theirs.passed / mine.passed
    _print_line(what, theirs, mine, f"   ({by_the_clock:.1f} by the clock)")
    return theirs.processor / mine.processor, by_the_clock


def _run_whole(
    options: argparse.Namespace, names: list[str], plain_spent: dict[str, Spent]
) -> None:
    times = options.extractors * options.repeats
    total = Spent(0.0, 0.0)
    for extractor in range(options.extractors):
        X, labels = drawn_rows(options.images, options.features, seed=extractor)
        units = np.arange(len(labels))
        plan = draw_folds(labels, units, options.folds, options.repeats, 0)
        problem = Problem(labels, N_CLASSES, units, plan, "balanced_accuracy", 0)
        total = _sum([total, ours(problem, X, names, options.search, options.jobs)[1]])
    once = _sum([plain_spent[name] for name in names])
    expected = Spent(once.processor * times, once.passed * times)
    what = f"{options.extractors} x {len(names)}, {options.repeats} x {options.folds}"
    _print_line(what, expected, total, f"   (plain: {times} times the sample; ours all measured)")


def _sum(parts: list[Spent]) -> Spent:
    return Spent(sum(part.processor for part in parts), sum(part.passed for part in parts))


if __name__ == "__main__":
    raise SystemExit(main())
