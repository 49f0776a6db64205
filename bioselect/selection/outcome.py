"""What a study is told, and what it answers: plain frozen records."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bioselect.selection.result_rows import DescriptiveRow, TestRow

#: Differences up to this size are of no practical importance, for scores in [0, 1].
DEFAULT_ROPE = 0.01


def joint_label(extractor: str, estimator: str) -> str:
    """Return what a candidate is called in sentences.

    Examples
    --------
    >>> joint_label("hog", "svm"), joint_label("", "unet")
    ('hog + svm', 'unet')
    """
    return f"{extractor} + {estimator}" if extractor else estimator


@dataclass(frozen=True)
class Entrant:
    """One candidate, as the study knows it.

    Attributes
    ----------
    extractor, estimator : str
        The labels that every table prints. Without an extractor the estimator stands alone.
    cost : float
        Declared operations for one image, extraction and prediction together.
    n_features : int
        Numbers per image that the estimator takes; the second line of the tie-break.
    is_baseline : bool
        It is the floor (the dummy): in the table, but neither compared in a family, nor
        selected, nor recommended.
    error : str
        Why it failed, in words; empty when every fold went through.
    dropped : str
        Why it does not have every fold, in words, because the study had a budget; else empty.
    n_folds : int or None
        On how many folds it was tried, where that was told.
    passed_over : bool
        It was dropped because it could not have been finished in time however good it was: the
        choice among the others was not one against it.
    is_ensemble : bool
        It is the mean of those that were tied with the best: its honest score repeats that choice.
    """

    extractor: str
    estimator: str
    cost: float = 0.0
    n_features: int = 0
    is_baseline: bool = False
    error: str = ""
    dropped: str = ""
    n_folds: int | None = None
    passed_over: bool = False
    is_ensemble: bool = False

    @property
    def label(self) -> str:
        """Both labels in one."""
        return joint_label(self.extractor, self.estimator)


@dataclass(frozen=True, eq=False)
class OutOfFold:
    """What every candidate said of every image while it was not trained on it.

    Where images have values, `probabilities` have one column: a number, or the image's own score.

    Attributes
    ----------
    probabilities : tuple of (array of shape (n_repeats, n_images, n_classes) or None)
        One for each candidate, float64; None for a candidate that failed or was not tried. Of one
        that was dropped, only the repeats that it has.
    class_indices : array of shape (n_images,)
        True classes, int64, in [0, n_classes). Where images may have several labels, 0 and 1
        (n_images, n_labels), see :mod:`bioselect.data.targets`.
    units : array of shape (n_images,)
        Number of the independent unit (group, or set of duplicates) of every image.
    n_classes : int
        Number of classes, or of labels.
    folds : array of shape (n_repeats, n_images), optional
        Number of the fold that tested the image, -1 where none did: of random splits some images
        are missing, and their probabilities are NaN. With it, ROC AUC compares only images that
        one model has scored.
    """

    probabilities: tuple[np.ndarray | None, ...]
    class_indices: np.ndarray
    units: np.ndarray
    n_classes: int
    folds: np.ndarray | None = None

    @property
    def arrays(self) -> list[np.ndarray]:
        """The predictions, where every candidate has some."""
        arrays = [array for array in self.probabilities if array is not None]
        if not arrays or len(arrays) != len(self.probabilities):
            raise ValueError("candidates without predictions must be left out first.")
        return arrays

    def of(self, indices: list[int]) -> OutOfFold:
        """Return the same for some of the candidates, in the order given."""
        chosen = tuple(self.probabilities[index] for index in indices)
        return replace(self, probabilities=chosen)

    def of_tested_images(self) -> OutOfFold:
        """Return the same without images that no repeat has tested."""
        if self.folds is None:
            return self
        lengths = [len(array) for array in self.probabilities if array is not None]
        n_repeats = max(lengths, default=len(self.folds))
        tested = (self.folds[:n_repeats] >= 0).any(axis=0)
        return self if tested.all() else self.of_images(np.flatnonzero(tested))

    def of_images(self, places: np.ndarray) -> OutOfFold:
        """Return the same for some of the images, in the order given."""
        return OutOfFold(
            tuple(None if array is None else array[:, places] for array in self.probabilities),
            self.class_indices[places],
            self.units[places],
            self.n_classes,
            None if self.folds is None else self.folds[:, places],
        )

    def on_shared_repeats(self) -> OutOfFold:
        """Return the same with the first repeats only, as many as every candidate has.

        All candidates have predictions.
        """
        n_shared = min(len(array) for array in self.arrays)
        return replace(self, probabilities=tuple(array[:n_shared] for array in self.arrays))


@dataclass(frozen=True)
class Context:
    """The design of a study and the rules it is judged by.

    Attributes
    ----------
    class_counts : tuple of (str, int)
        Name and number of images of each class, in the order of the class indices; or of each
        label.
    n_folds, n_repeats : int
        The design; every candidate has seen the same folds.
    seed : int
        Seed of the folds and of the resampling.
    n_groups : int or None
        Number of groups when the images are grouped; candidates are then compared by how much
        their scores differ between groups (:mod:`bioselect.selection.grouped`).
    exploratory : bool
        Too few images for claims: ranking and honest score only.
    alpha : float
        Level of the tests.
    rope : float
        Differences up to this size are of no practical importance, in units of the metric.
    rope_words : str
        Where that number comes from, if it needs saying; else empty.
    gamma : float
        Probability from which "clearly better" and "practically the same" are said.
    strict : bool
        Claims allow for the pairs of all tables together, and not for those of each table.
    excluded : tuple of str
        What was left out before the study began (images, extractors), each in words.
    test_to_train : float or None
        Images tested over images trained on, for designs other than k folds.
    budget : str
        How long the study might take, as it was written; empty for no limit.
    n_tested_groups : int or None
        Of random splits, how many groups are in some test part, where not all are.
    split_counts : tuple of 3 int or None
        Images of the training, validation and test part, where the images were divided once.
    n_labelled : int or None
        Number of images, where each may have several labels; None where each is of one class.
    n_valued : int or None
        Number of images, where they have values rather than classes; `class_counts` is empty then.
    known, noun, unit : str
        What is known of these images ("masks of nucleus") and what is compared, in words; of what
        unit the target is ("um"), where that was told.
    """

    class_counts: tuple[tuple[str, int], ...]
    n_folds: int
    n_repeats: int
    seed: int
    n_groups: int | None = None
    exploratory: bool = False
    alpha: float = 0.05
    rope: float = DEFAULT_ROPE
    gamma: float = 0.95
    excluded: tuple[str, ...] = ()
    test_to_train: float | None = None
    budget: str = ""
    rope_words: str = ""
    n_tested_groups: int | None = None
    split_counts: tuple[int, int, int] | None = None
    strict: bool = False
    n_labelled: int | None = None
    n_valued: int | None = None
    known: str = ""
    noun: str = "combination"
    unit: str = ""

    @property
    def n_images(self) -> int:
        """Number of images in the study."""
        if self.n_valued is not None:
            return self.n_valued
        if self.n_labelled is not None:
            return self.n_labelled
        return sum(count for _, count in self.class_counts)

    @property
    def tested_groups_words(self) -> str:
        """How many groups differences are tested over, in words."""
        if self.n_tested_groups is None:
            return f"{self.n_groups} groups"
        return f"{self.n_tested_groups} of {self.n_groups} groups"

    @property
    def is_one_split_of_groups(self) -> bool:
        """Whether images of groups were divided once.

        That shows how much scores differ between the groups that were tested, and not how much they
        do between models trained on other groups, which with few groups is as much.
        """
        return self.split_counts is not None and self.n_groups is not None

    @property
    def why_no_claims(self) -> str:
        """Why comparisons only describe these images; empty where claims are made."""
        if self.exploratory:
            return "too few images"
        return "one split of groups" if self.is_one_split_of_groups else ""

    @property
    def tests_are_judged(self) -> bool:
        """Whether p-values may be printed and judged."""
        return not self.why_no_claims


@dataclass(frozen=True)
class RankingRow:
    """One row of `ranking.csv`; None where a column does not apply.

    `mean`, `ci_low` and `ci_high` are the mean over the folds with its 95 % interval, corrected
    for shared training images and cut at the bounds of the metric (where all was right, the rule
    of three; none where all folds have the same score otherwise, which tells nothing of how much
    it varies). The three probabilities are against the best. `role` is `best` (also recommended,
    unless another row is), `recommended`, `tied` (not shown to be behind the best), `behind`,
    `baseline`, `failed` or `dropped (budget)`; for the last two, `reason` says why. `n_folds` is on
    how many folds it was tried, in studies with a budget.
    """

    rank: int | None
    extractor: str
    estimator: str
    mean: float | None
    ci_low: float | None
    ci_high: float | None
    stage1_p_adjusted: float | None
    stage2_p_adjusted: float | None
    p_better: float | None
    p_practically_equal: float | None
    p_worse: float | None
    cost: float | None
    role: str
    n_folds: int | None = None
    reason: str = ""

    @property
    def label(self) -> str:
        """Both labels in one, as of an entrant."""
        return joint_label(self.extractor, self.estimator)


@dataclass(frozen=True)
class ComparisonRow:
    """One row of `comparisons.csv`: two candidates of one family.

    `first` is the one with the better mean; `difference` is its mean less that of `second`, in
    units of the metric (below zero when lower is better). `t` is None when the difference was
    the same in every fold. Of groups that were divided once it has no interval.
    """

    stage: int
    family: str
    first: str
    second: str
    difference: float
    ci_low: float | None
    ci_high: float | None
    t: float | None
    p: float | None
    p_adjusted: float | None
    p_first_better: float | None
    p_practically_equal: float | None
    p_second_better: float | None
    words: str


@dataclass(frozen=True)
class HonestScore:
    """What to expect of the selected candidate on new images.

    `value` and its 95 % interval are corrected for having chosen the best of many; they are None
    when too few units make it impossible. Where all was right, the far end is the rule of three.
    `naive` is the uncorrected mean of the best; `chance` is the score of always guessing from the
    class frequencies, None where the metric has no value for it. `method` is `bbc`,
    `nested`, or `test part` where the images were divided once. `of` is the label of the candidate
    it is about: the best one, or the one that was tested. `n_draws` random draws of units and
    `n_repeats` repeats of the folds were used; `reduced` says in words why there are fewer than
    meant, and is empty otherwise.
    """

    metric: str
    value: float | None
    ci_low: float | None
    ci_high: float | None
    naive: float
    chance: float | None
    method: str = "bbc"
    of: str = ""
    n_draws: int | None = None
    n_repeats: int | None = None
    reduced: str = ""


@dataclass(frozen=True)
class Verdict:
    """The answer of a study."""

    best: Entrant
    recommended: Entrant
    tied_with_best: tuple[Entrant, ...]
    ranking: tuple[RankingRow, ...]
    comparisons: tuple[ComparisonRow, ...]
    tests: tuple[TestRow, ...]
    honest_score: HonestScore
    in_words: str
    descriptive: tuple[DescriptiveRow, ...] = ()
