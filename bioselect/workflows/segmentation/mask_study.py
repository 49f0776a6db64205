"""Every segmenter on every fold of a study, and the selected one on the test part of one split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from bioselect.data.pair_file import PairFile, pair_file
from bioselect.data.splitting import Fold
from bioselect.predict.output_names import output_names
from bioselect.progress import Reporter
from bioselect.run_folder import RunFolder
from bioselect.selection.candidates import IMAGES, Candidate
from bioselect.selection.fitting import derived_seed
from bioselect.selection.journal import Journal
from bioselect.selection.mask_problem import (
    TEST,
    VALIDATION,
    ComparedSegmenter,
    MaskFold,
    MaskFoldResult,
    MaskProblem,
)
from bioselect.selection.segmenter_folds import segment_folds
from bioselect.selection.tested_masks import MaskRules
from bioselect.workflows.openings import tell_opening
from bioselect.workflows.segmentation.inputs import SegmentationInputs
from bioselect.workflows.segmentation.kept_masks import OutOfFoldMasks
from bioselect.workflows.segmentation.usable_segmenters import UsableSegmenter


@dataclass(eq=False)
class MaskStudy:
    """A study of masks with the places that its work goes to.

    Parameters
    ----------
    inputs : SegmentationInputs
        Images, masks, folds and segmenters.
    cache_folder : Path
        Where the prepared pairs lie.
    folder : RunFolder
        The run folder.
    reporter : Reporter
        Shows the progress.
    """

    inputs: SegmentationInputs
    cache_folder: Path
    folder: RunFolder
    reporter: Reporter
    _pairs: PairFile | None = field(default=None, init=False)

    def pairs(self) -> PairFile:
        """Return images and masks, prepared when they are first asked for."""
        if self._pairs is None:
            self._pairs = pair_file(
                self.inputs.demand(), self.cache_folder, self.reporter, self.inputs.n_jobs
            )
        return self._pairs

    @cached_property
    def masks(self) -> OutOfFoldMasks:
        """Where the predicted masks lie."""
        dataset = self.inputs.dataset
        names = tuple(map(str, output_names(dataset.sources, [dataset.root])))
        return OutOfFoldMasks(self.folder.out_of_fold_masks, names, self.inputs.codes)

    @property
    def rules(self) -> MaskRules:
        """How masks are scored."""
        codes = self.inputs.codes
        return MaskRules(codes.n_classes, codes.background, self.inputs.config.dataset.pixel_size)

    def problem(self, folds: tuple[MaskFold, ...]) -> MaskProblem:
        """Return what segmenters are tried on."""
        return MaskProblem(folds, self.inputs.units, self.rules, self._fold_in_words)

    def compared(self, usable: UsableSegmenter) -> ComparedSegmenter:
        """Return a segmenter as the folds take it."""
        return ComparedSegmenter(
            candidate=Candidate(IMAGES, usable.spec),
            segmenter=usable.segmenter,
            pairs=self.pairs,
            facts={"segmenter": usable.segmenter.identity(), "pairs": self.inputs.demand().key},
            shape=self.typical_shape,
            name=usable.short_name,
        )

    @property
    def typical_shape(self) -> tuple[int, int, int]:
        """The commonest (height, width) of the images with the channels of all."""
        sizes = Counter((mark.height, mark.width) for mark in self.inputs.fingerprints)
        height, width = min(size for size in sizes if sizes[size] == max(sizes.values()))
        return height, width, self.inputs.n_channels

    def all_folds(self, journal: Journal) -> list[MaskFoldResult]:
        """Train and test every segmenter on every fold; what is kept is not done again."""
        folds = tuple(self._fold(fold) for fold in self.inputs.plan.folds)
        results: list[MaskFoldResult] = []
        for number, usable in enumerate(self.inputs.segmenters, start=1):
            if len(self.inputs.segmenters) > 1:
                n_all = len(self.inputs.segmenters)
                self.reporter.say(f"segmenter {number} of {n_all}: {usable.short_name}")
            results += self._results(usable, folds, journal)
        return results

    def test_part(self, selected: Candidate, journal: Journal) -> MaskFoldResult:
        """Test the selected segmenter, as it was trained for its validation part, on the test part.

        Its training is the one that was compared: the same images, seed and epochs. Where another
        one met the test part before, a warning says so.
        """
        if self.inputs.holdout is None:
            raise ValueError("there is no test part.")
        [compared_on] = self.inputs.plan.folds
        fold = MaskFold(
            repeat=0,
            index=self.inputs.holdout.index,
            train=compared_on.train,
            test=self.inputs.holdout.test,
            seed=derived_seed(self.inputs.plan.seed, compared_on.repeat, compared_on.index),
            validation=compared_on.test,
        )
        marks = self.inputs.fingerprints
        tested = [marks[int(place)].pixels_sha256 for place in self.inputs.holdout.test]
        tell_opening(journal, tested, selected.estimator.label, self.reporter)
        usable = next(one for one in self.inputs.segmenters if one.spec == selected.estimator)
        [result] = self._results(usable, (fold,), journal)
        return result

    def remove_other_masks(self, results: Sequence[MaskFoldResult]) -> None:
        """Leave the masks of these results only: those of an earlier run tell another story."""
        names = {one.spec: one.short_name for one in self.inputs.segmenters}
        self.masks.remove_others(
            (names[result.candidate.estimator], result.repeat, int(place))
            for result in results
            for place in (result.parts[0].places if result.parts else ())
        )

    def _results(
        self, usable: UsableSegmenter, folds: tuple[MaskFold, ...], journal: Journal
    ) -> list[MaskFoldResult]:
        return segment_folds(
            self.problem(folds),
            self.compared(usable),
            journal,
            self.masks,
            self.reporter,
            self.folder.training,
        )

    def _fold(self, fold: Fold) -> MaskFold:
        is_one_split = self.inputs.holdout is not None
        return MaskFold(
            repeat=fold.repeat,
            index=fold.index,
            train=np.asarray(fold.train),
            test=np.asarray(fold.test),
            seed=derived_seed(self.inputs.plan.seed, fold.repeat, fold.index),
            validation=np.asarray(fold.test) if is_one_split else None,
            judged=VALIDATION if is_one_split else TEST,
        )

    def _fold_in_words(self, fold: MaskFold) -> str:
        plan, rounds = self.inputs.plan, []
        if plan.n_repeats > 1:
            rounds.append(f"repeat {fold.repeat + 1} of {plan.n_repeats}")
        if self.inputs.holdout is not None:
            rounds.append("test part" if fold.judged == TEST else "validation part")
        elif plan.n_folds > 1:
            rounds.append(f"fold {fold.index + 1} of {plan.n_folds}")
        return f"{', '.join(rounds)}: " if rounds else ""
