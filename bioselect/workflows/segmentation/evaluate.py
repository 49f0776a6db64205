"""`bioselect evaluate` with a model of masks: judged on images with masks that it never saw."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np

from bioselect.data.mask_codes import BACKGROUND, MaskCodes, code_in_words
from bioselect.data.pair_file import check_same_size
from bioselect.data.reading import read_image, read_source
from bioselect.data.records import ImageRecord
from bioselect.exceptions import BioselectError, DataError
from bioselect.metrics.masks import MaskScores, image_scores
from bioselect.predict.claimed_folder import ClaimedFolder, check_claimable, claimed
from bioselect.predict.familiarity import doubts_about
from bioselect.predict.mask_model import AnyMaskModel
from bioselect.predict.mask_prediction import OVERLAYS, PredictedMask, Wanted, predict_masks
from bioselect.predict.mask_tables import SUMMARY, MaskCounts, mask_tables
from bioselect.predict.output_names import output_names
from bioselect.progress import SILENT, Reporter
from bioselect.run_folder import write_table
from bioselect.workflows.segmentation.example_sheet import Example, chosen_examples, write_examples
from bioselect.workflows.segmentation.judged_masks import (
    IMAGE_COLUMNS,
    SCORE_COLUMNS,
    JudgedMasks,
    ScoreRow,
    mask_metric,
)
from bioselect.workflows.segmentation.labelled_pairs import (
    MaskPlaces,
    labelled_pairs,
    unpaired_in_words,
)
from bioselect.workflows.segmentation.trained_on import TrainedOn
from bioselect.workflows.training_overlap import training_overlap

METRICS_TABLE, IMAGES_TABLE, EXAMPLES = "metrics.csv", "per_image.csv", "examples.png"
_ALL_EMPTY = (
    "all masks are background from end to end, so there was nothing to be found. Check that they "
    "are the right files and were saved with their contents."
)
#: How the remedy for unknown codes begins, which only a configuration can follow.
_ADD_CODES = " Add them to dataset.classes"


def evaluate_masks(
    model: AnyMaskModel,
    trained_on: TrainedOn,
    dataset_path: Path,
    places: MaskPlaces,
    output: Path,
    seed: int = 0,
    reporter: Reporter = SILENT,
) -> str:
    """Predict the masks of images whose masks are known; write the scores, say them in words.

    Written are `metrics.csv` (means with intervals), `per_image.csv`, `summary.csv` and
    `objects.csv` of the predicted masks, the masks, and a sheet of the best and worst images; on
    request all images with their predicted classes outlined.

    Parameters
    ----------
    model : AnyMaskModel
        The model.
    trained_on : TrainedOn
        What is known of its training.
    dataset_path : Path
        A folder of images, or a table.
    places : MaskPlaces
        Where the true masks are.
    output : Path
        A new or empty folder.
    seed : int
        Of the bootstrap.
    reporter : Reporter
        Shows the progress.

    Raises
    ------
    DataError
        If nothing pairs, or not one pair could be used.
    StorageError
        If something lies in the folder, or it cannot be written.
    """
    pairs = labelled_pairs(dataset_path, places)
    dataset, output = pairs.dataset, Path(output)
    inputs = [path for path in (dataset_path, places.folder) if path is not None]
    check_claimable(output, inputs)
    left_out = unpaired_in_words(pairs)
    for note in [*pairs.notes, *left_out]:
        reporter.say(note)
    warnings = [
        *training_overlap(trained_on.sha256, dataset),
        *doubts_about(model.reading, model.image_dtype, dataset.sources),
    ]
    names = output_names(dataset.sources, [dataset_path])
    counts, judged = MaskCounts(), _Judged(model.codes, model.pixel_size)
    with ExitStack() as until_written:
        results = until_written.enter_context(claimed(output))
        with mask_tables(model, model.pixel_size, results, counts) as write:
            wanted = Wanted(overlays=places.overlays, pixel_size=model.pixel_size)
            found = predict_masks(model, dataset.sources, names, results, wanted, None, reporter)
            known = zip(dataset.records, pairs.masks, strict=True)
            # Not in one zip, which keeps an image and its mask while the next are predicted.
            for one in found:
                write(judged.taken(*next(known), one))
                del one
        if not judged.scores:
            raise DataError(
                f"{dataset_path}: none of the {counts.n_failed} pairs could be used; the column "
                f"`error` of {output / SUMMARY} says why for each. The first: "
                f"{counts.first_error}"
            )
        rows = judged.all().rows(seed)
        write_table(results.file(METRICS_TABLE), SCORE_COLUMNS, [row.cells() for row in rows])
        write_table(results.file(IMAGES_TABLE), IMAGE_COLUMNS, judged.all().image_rows())
        _write_sheet(results, model, judged, trained_on.deciding)
    unit = "px" if model.pixel_size is None else "um"
    said = [row for row in rows if _is_said(row, model.codes, trained_on.deciding)]
    if not judged.shows_anything:
        warnings.append(_ALL_EMPTY)
    lines = [
        _evaluated_in_words(len(judged.scores), counts.n_failed),
        *left_out,
        *(f"  {row.in_words(unit)}" for row in said),
        *(f"warning: {warning}" for warning in warnings),
        *([f"overlays: {output / OVERLAYS}"] if places.overlays else []),
        f"best, median and worst images: {output / EXAMPLES}",
        f"tables: {output}",
    ]
    return "\n".join(lines)


class _Judged:
    """Collects the scores of images one by one; keeps no pixels."""

    def __init__(self, codes: MaskCodes, pixel_size: float | None) -> None:
        self.codes = codes
        self.pixel_size = pixel_size
        self.records: list[ImageRecord] = []
        self.masks: list[Path] = []
        self.predicted: list[str] = []
        self.scores: list[MaskScores] = []
        self.shows_anything = codes.background is None

    def taken(self, record: ImageRecord, mask: Path, found: PredictedMask) -> PredictedMask:
        """Judge a predicted mask; where the true one cannot be used, return the reason instead."""
        if found.places is None:
            return found
        try:
            true = self.true_places(mask)
            check_same_size(true.shape, found.places.shape, str(mask))
        except BioselectError as error:
            return PredictedMask(found.source, error=str(error))
        codes = self.codes
        self.shows_anything = self.shows_anything or bool(np.any(true != codes.background))
        self.scores.append(
            image_scores(true, found.places, codes.n_classes, codes.background, self.pixel_size)
        )
        self.records.append(record)
        self.masks.append(mask)
        self.predicted.append(found.mask)
        return found

    def true_places(self, mask: Path) -> np.ndarray:
        try:
            return self.codes.places(read_image(mask), str(mask))
        except DataError as error:
            # Codes are given by the model; nobody can add any here.
            before, found, _ = str(error).partition(_ADD_CODES)
            if not found:
                raise
            raise DataError(f"{before} {self._codes_in_words()}") from error

    def _codes_in_words(self) -> str:
        codes = self.codes.values_of_places()
        named = zip(codes, self.codes.class_names, strict=True)
        listed = ", ".join(f"{code_in_words(code)} {name}" for code, name in named)
        return f"Save the mask in the codes that the model was trained with: {listed}."

    def all(self) -> JudgedMasks:
        return JudgedMasks(self.records, self.scores, self.codes)


def _is_said(row: ScoreRow, codes: MaskCodes, deciding: str) -> bool:
    """Tell whether a row is printed: of classes one score, where several can be told apart."""
    if not row.class_name:
        return True
    counted = codes.n_classes - (codes.background is not None)
    return row.metric == deciding and counted > 1 and row.class_name != BACKGROUND


def _write_sheet(
    results: ClaimedFolder, model: AnyMaskModel, judged: _Judged, deciding: str
) -> None:
    """Draw the images that scored best, in the middle, and worst; read again, as none was kept."""
    metric = mask_metric(deciding)
    scores = judged.all().of_images(deciding)
    examples = [
        Example(
            role,
            judged.records[place].image_id,
            float(scores[place]),
            read_source(judged.records[place].source, model.reading.stack),
            judged.true_places(judged.masks[place]),
            model.codes.places(read_image(results.root / judged.predicted[place])),
        )
        for role, place in chosen_examples(scores, metric.higher_is_better)
    ]
    if examples:
        codes = model.codes
        write_examples(
            results.file(EXAMPLES),
            "Evaluation: best, median and worst images",
            examples,
            codes.class_names,
            codes.background,
            metric.in_words,
        )


def _evaluated_in_words(n_judged: int, n_failed: int) -> str:
    line = f"{n_judged} image{'s' * (n_judged != 1)} evaluated"
    return line + (f", {n_failed} could not be used (see {SUMMARY})" if n_failed else "")
