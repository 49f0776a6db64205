"""The predictions of one job: what was told of each image, corrections, and the table."""

from __future__ import annotations

import io
import math
import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioselect.app.children import Event
from bioselect.app.notes import note_of_class, note_of_labels, note_of_set, percent
from bioselect.app.progress_state import ProgressState
from bioselect.app.refusal import RefusedError
from bioselect.app.uploads import Item
from bioselect.data.plain_cells import PlainWriter

_LONGEST_CORRECTION = 200


@dataclass(frozen=True)
class ModelFacts:
    """What the page knows of the model; see :func:`bioselect.app.predicting.describe_model`."""

    classes: tuple[str, ...]
    labels: bool
    number: str | None
    masks: bool
    scores: Mapping[str, Any]
    n_images: int | None
    made_of: str
    level: float | None = None

    @classmethod
    def of(cls, event: Event) -> ModelFacts:
        """Return the facts in an event."""
        names = ("labels", "number", "masks", "scores", "n_images", "made_of")
        values = {name: event[name] for name in names}
        return cls(tuple(event["classes"]), level=event.get("level"), **values)


@dataclass
class Row:
    """One image of a job, as it is shown.

    `novelty` says how unlike the training images it is, `is_unlike` if too much, `quality` what is
    unusual in it. `at` is its number among the images that the model was given, `source` what it
    was called there; `bars` are pairs of a class and its probability, the most probable first; of
    masks the share of the pixels.
    """

    place: int
    name: str
    said: str = ""
    bars: list[tuple[str, float]] = field(default_factory=list)
    note: str = ""
    detail: str = ""
    error: str = ""
    cells: list[str] = field(default_factory=list)
    picture: Path | None = None
    correction: str = ""
    at: int = -1
    source: str = ""
    novelty: float | None = None
    is_unlike: bool = False
    quality: str = ""

    @property
    def reason(self) -> str:
        """The error, for where the name stands already."""
        return self.error.removeprefix(f"{self.name}: ")


class PredictJob:
    """Images that are predicted: files of an upload, or a folder of this machine."""

    def __init__(
        self,
        number: str,
        model: Path,
        title: str,
        folder: Path,
        paths: list[Path],
        items: list[Item],
        is_ours: bool,
    ) -> None:
        self.number, self.model, self.title = number, model, title
        self.folder, self.paths, self.is_ours = folder, paths, is_ours
        self.progress = ProgressState()
        self.facts: ModelFacts | None = None
        self.columns: list[str] = []
        self.names = {str(one.path): one.name for one in items if one.path is not None}
        refused = [item for item in items if item.path is None]
        self.rows = [Row(n, item.name, error=item.error) for n, item in enumerate(refused)]
        self._n_refused = len(self.rows)
        self.n_images = len(items)

    def take(self, event: Event, pictures: Path) -> None:
        """Take an event of the child into account."""
        kind = event["event"]
        if kind == "model":
            self.facts = ModelFacts.of(event)
        elif kind == "columns":
            self.columns = event["columns"]
            self.n_images = self._n_refused + event["n_images"]
        elif kind == "prediction":
            self.rows.append(self._row(event, pictures))
        elif kind in ("failed", "say", "warn"):
            self.progress.take({**event, "text": self.renamed(event["text"])})
        else:
            self.progress.take(event)

    def renamed(self, text: str) -> str:
        """Return text in which files have the names that the person knows, and no places."""
        if str(self.folder) in text:
            for path, name in self.names.items():
                text = text.replace(path, name)
        return text.replace(f"{self.folder}{os.sep}", "")

    def _row(self, event: Event, pictures: Path) -> Row:
        path = event["path"]
        row = Row(
            len(self.rows),
            self.names.get(path) or self.renamed(path),
            error=self.renamed(event["error"]),
            at=event["place"],
            source=path,
        )
        row.cells = [*event["cells"][:-1], row.error]
        row.said = ", ".join(event["names"])
        row.novelty = event.get("novelty")
        row.is_unlike = bool(event.get("unlike"))
        row.quality = "; ".join(event.get("quality", ()))
        facts = self.facts
        if facts is not None and facts.number is not None and not row.error:
            row.said = f"{float(event['cells'][0]):.4g}"
            if event["interval"] is not None:
                low, high = event["interval"]
                row.detail = f"The truth lies between {low:.3g} and {high:.3g}"
                row.detail += (
                    "." if facts.level is None else f" in {percent(facts.level)} of images."
                )
        elif facts is not None and facts.masks:
            row.bars = list(zip(facts.classes, event["probabilities"] or (), strict=False))
        elif facts is not None and event["probabilities"] is not None:
            pairs = zip(facts.classes, event["probabilities"], strict=True)
            row.bars = sorted(pairs, key=lambda pair: -pair[1])
            words = note_of_labels if facts.labels else note_of_class
            row.note = words(facts.classes, event["probabilities"])
            if facts.level is not None:
                # It says more than that the most probable class is none too probable.
                row.note = note_of_set(event.get("possible", ()), facts.level) or row.note
            row.said = row.said or "none of these"
        if event["has_picture"]:
            row.picture = pictures / f"{event['place']}.jpg"
        return row

    def correct(self, place: int, value: str) -> None:
        """Keep what a person says that an image shows.

        Raises
        ------
        RefusedError
            If there is no such image, or it is none of the classes, or no number.
        """
        if not 0 <= place < len(self.rows) or self.facts is None or self.facts.masks:
            raise RefusedError("There is no such image.", 404)
        value = value.strip()
        if value and self.facts.number is not None:
            value = value.replace(",", ".") if value.count(",") == 1 and "." not in value else value
            try:
                is_number = math.isfinite(float(value))
            except ValueError:
                is_number = False
            if not is_number:
                raise RefusedError("A correction must be a number, for example 3.5.")
        elif value and self.facts.labels:
            value = value[:_LONGEST_CORRECTION]
        elif value and value not in self.facts.classes:
            raise RefusedError(f"A correction must be one of {', '.join(self.facts.classes)}.")
        self.rows[place].correction = value

    def table(self) -> str:
        """Return the table of `bioselect predict`, with the corrections as a further column."""
        columns = self.columns or ["path", "prediction", "error"]
        empty = [""] * (len(columns) - 2)
        buffer = io.StringIO()
        writer = PlainWriter(buffer)
        writer.writerow([*columns, "correction"])
        for row in sorted(self.rows, key=lambda one: one.name):
            cells = row.cells or [*empty, row.error]
            writer.writerow([row.name, *cells, row.correction])
        return buffer.getvalue()

    def in_words(self) -> str:
        """Say what came out."""
        used = [row for row in self.rows if not row.error]
        n_failed = len(self.rows) - len(used)
        counted = Counter(row.said for row in used)
        n_used = len(used)
        words = f"{n_used:,} image{'s' * (n_used != 1)} predicted"
        facts = self.facts
        if used and facts is not None and facts.number is None and not facts.masks:
            kinds = ", ".join(f"{count:,} {said}" for said, count in counted.most_common(8))
            words += f": {kinds}"
        n_novel = sum(row.is_unlike for row in used)
        if n_novel:
            words += f"; {n_novel:,} unlike the training images"
        if n_failed:
            words += f"; {n_failed:,} could not be used"
        n_corrected = sum(bool(row.correction) for row in self.rows)
        return f"{words}; {n_corrected:,} corrected" if n_corrected else words
