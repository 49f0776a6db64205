"""What the exported model goes by in some images: maps for the report, in `evidence/heat`.

Each takes hundreds of predictions. Whether that is too much is decided by declared operations and
not by the clock, so that every machine makes the same report.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bioselect.bundle.manifest import MANIFEST_FILE
from bioselect.data.reading import forget_scan, read_source
from bioselect.exceptions import DataError
from bioselect.execution import one_thread
from bioselect.explain.explained_images import Chosen, explained_images
from bioselect.explain.explainer import Explainer, open_explainer
from bioselect.explain.heat_picture import under_heat
from bioselect.explain.occlusion import N_PREDICTIONS
from bioselect.explain.shown_images import shown_images
from bioselect.predict.as_picture import as_picture
from bioselect.progress import Reporter
from bioselect.run_folder import EXPLANATION_COLUMNS, RunFolder, write_table
from bioselect.selection.journal import Journal, JournalEntry
from bioselect.storage import atomic_write_bytes, digest_of, sha256_of_file, write_json
from bioselect.workflows.columns.contents import image_of_joined
from bioselect.workflows.evidence_pictures import predictions
from bioselect.workflows.explained_files import Explained, occlusion_caption
from bioselect.workflows.judgement import Judged
from bioselect.workflows.study_inputs import StudyInputs

#: Raised when the same model and image would give another map.
EXPLANATION_VERSION = 1
#: Operations for all maps together: six by MobileNetV2 (0.6 billion an image) take half of it, one
#: by ResNet50 would take more.
MOST_OPERATIONS = 2e12
#: Hiding a part and preparing the image take about so many operations per pixel and channel.
_OPERATIONS_PER_VALUE = 50
#: The longer side of a map, in pixels.
LONGEST_SIDE = 320


def write_explanations(
    folder: RunFolder, inputs: StudyInputs, judged: Judged, journal: Journal, reporter: Reporter
) -> None:
    """Write the maps and their table, or why there are none."""
    exported, _, targets = predictions(judged)
    wanted = explained_images(shown_images(exported, exported, targets), exported, targets)
    if not wanted:  # Nothing was predicted of any image.
        return
    why_not = _why_not(inputs, judged)
    if why_not is None:
        chosen = wanted[: _n_affordable(inputs, judged, wanted)]
        if not chosen:
            why_not = "they would take too long with this model"
    if why_not is not None:
        write_json(folder.explanations_facts, {"why_not": why_not})
        return
    rows = _rows(folder, inputs, chosen, journal, reporter)
    write_table(folder.explanations, EXPLANATION_COLUMNS, rows)
    write_json(folder.explanations_facts, {"n_images": len(chosen), "n_wanted": len(wanted)})


def _why_not(inputs: StudyInputs, judged: Judged) -> str | None:
    if judged.exported.estimator.name == "dummy":
        return "the model guesses, whatever an image shows"
    if inputs.config.budget is not None:
        return "the study had a budget, which is not exceeded for them"
    if image_of_joined(inputs) is not None:
        return "the model takes columns of the table beside the images"
    return None


def _n_affordable(inputs: StudyInputs, judged: Judged, wanted: Sequence[Chosen]) -> int:
    """Return of how many of the images there may be maps."""
    names = (judged.exported.extractor.label, judged.exported.estimator.label)
    cost = next(
        (row.cost for row in judged.verdict.ranking if (row.extractor, row.estimator) == names),
        None,
    )
    if cost is None or not math.isfinite(cost):
        return 0
    marks = [inputs.fingerprints[one.image] for one in wanted]
    values = max((one.height * one.width * one.n_channels for one in marks), default=0)
    return int(MOST_OPERATIONS // (N_PREDICTIONS * (cost + _OPERATIONS_PER_VALUE * values)))


def _rows(
    folder: RunFolder,
    inputs: StudyInputs,
    chosen: Sequence[Chosen],
    journal: Journal,
    reporter: Reporter,
) -> list[Sequence[object]]:
    model = sha256_of_file(folder.model / MANIFEST_FILE)
    names = inputs.dataset.class_names
    opened: list[Explainer] = []
    rows: list[Sequence[object]] = []
    with reporter.task("what predictions go by", N_PREDICTIONS * len(chosen)) as bar:
        for number, one in enumerate(chosen, start=1):
            record = inputs.dataset.records[one.image]
            mark = inputs.fingerprints[one.image].sha256
            key = digest_of(
                {
                    "explanation": EXPLANATION_VERSION,
                    "model": model,
                    "image": [mark, record.part],
                    "column": one.column,
                }
            )
            about = names[one.column] if names else inputs.dataset.target_name
            told = [one.kind, record.image_id, *_said(one, inputs), about]
            left = [N_PREDICTIONS]

            def advance(n_done: int, left: list[int] = left) -> None:
                left[0] -= n_done
                bar.advance(n_done)

            entry = journal.get(key)
            if entry is None:
                try:
                    if not opened:
                        opened.append(open_explainer(folder.model, inputs.config.base_dir))
                    entry = _explained(opened[0], inputs, one, advance)
                except (DataError, OSError) as error:
                    reporter.warn(f"the report does not explain {record.image_id}: {error}")
                    rows.append((*told, None, None, "", "could not be read any more"))
                    bar.advance(left[0])
                    continue
                journal.put(key, entry)
            bar.advance(left[0])
            name = f"{number}.png"
            atomic_write_bytes(folder.heat / name, base64.b64decode(entry.values["png"]))
            rows.append((*told, entry.values["said"], entry.values["drop"], name, ""))
    forget_scan()
    return rows


def _explained(
    explainer: Explainer, inputs: StudyInputs, one: Chosen, advance: Callable[[int], None]
) -> JournalEntry:
    record = inputs.dataset.records[one.image]
    image = read_source(record.source, explainer.model.reading.stack)
    names = explainer.model.class_names
    with one_thread():
        found = explainer.explain(
            image,
            str(record.source),
            (names[one.column],) if names else (),
            advance=advance,
        )
    [place] = found.occlusion.places
    full = occlusion_caption(explainer, Explained(record.source, image, found), place).full
    values: dict[str, Any] = {
        "said": float(found.said[place]),
        "drop": float(found.occlusion.largest[0]),
        "png": base64.b64encode(_png(as_picture(image), found.occlusion.of(place), full)).decode(),
    }
    return JournalEntry(values)


def _png(picture: np.ndarray, heat: np.ndarray, full: float) -> bytes:
    from PIL import Image

    longest = max(picture.shape[:2])
    # Small images become large pixels, so that the map over them is seen.
    factor = LONGEST_SIDE / longest if longest > LONGEST_SIDE else LONGEST_SIDE // longest
    size = [max(1, round(side * factor)) for side in (picture.shape[1], picture.shape[0])]
    method = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    shown = np.asarray(Image.fromarray(picture).resize((size[0], size[1]), method))
    buffer = io.BytesIO()
    Image.fromarray(under_heat(shown, heat, full)).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def _said(one: Chosen, inputs: StudyInputs) -> tuple[object, object]:
    """Return what is given and what was predicted, as it is written."""
    dataset = inputs.dataset
    if dataset.is_values:
        return one.given, one.predicted
    if dataset.is_multilabel:
        return ("yes" if one.given else "no", "yes" if one.predicted else "no")
    return dataset.class_names[int(one.given)], dataset.class_names[int(one.predicted)]
