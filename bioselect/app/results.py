"""What a run folder says, for the page: verdict, ranking, classes, findings."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioselect.app.refusal import RefusedError
from bioselect.run_folder import RunFolder

#: Beside the tables of a run folder, where a report lies if there is one.
REPORT_FILE = "report.html"
REPORT_FOLDER = "report"
_MOST_FINDINGS = 100


@dataclass(frozen=True)
class Words:
    """A piece of the verdict: a heading with what belongs to it, or a list."""

    title: str
    paragraphs: tuple[str, ...] = ()
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunResults:
    """A finished run as it is shown."""

    folder: Path
    words: list[Words]
    score: dict[str, Any]
    ranking: list[dict[str, str]]
    classes: list[dict[str, str]]
    findings: list[dict[str, str]]
    n_findings: int
    has_report: bool
    has_model: bool
    best: str = ""
    drawings: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """How the run is called on the page."""
        return self.folder.name


def results_of(folder: Path) -> RunResults:
    """Read what a run has left behind.

    Raises
    ------
    RefusedError
        If it is no run folder, or the run has not ended.
    """
    run = RunFolder(folder)
    if not run.study.is_file():
        raise RefusedError(
            "This is no run folder, or its study has not ended: there is no study.json in it. "
            "Choose the folder that a run wrote (`output:` in its configuration)."
        )
    try:
        return _read(folder, run)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, csv.Error) as error:
        raise RefusedError(
            "The results in this folder are damaged. Run the study again."
        ) from error


def _read(folder: Path, run: RunFolder) -> RunResults:
    study = json.loads(run.study.read_text(encoding="utf-8"))
    ranking = _rows(run.ranking)
    findings = _rows(run.findings)
    exported = study.get("exported") or study.get("best") or {}
    plots = sorted(path.name for path in run.plots.glob("*.svg")) if run.plots.is_dir() else []
    return RunResults(
        folder=folder,
        words=verdict_words(str(study.get("in_words", ""))),
        score=study.get("honest_score") or {},
        ranking=ranking,
        classes=_of_classes(_rows(run.per_class), exported),
        findings=findings[:_MOST_FINDINGS],
        n_findings=len(findings),
        has_report=(folder / REPORT_FILE).is_file(),
        has_model=(run.model / "manifest.json").is_file(),
        best=" + ".join(filter(None, (exported.get("extractor"), exported.get("estimator")))),
        drawings=plots,
    )


def verdict_words(text: str) -> list[Words]:
    r"""Return the words of a verdict, as they are wrapped for a terminal, in pieces.

    Examples
    --------
    >>> told = "In short:\n  Use hog\n    + svm.\n  Expect 0.8.\n\nLeft out: nothing\n  at all."
    >>> found = verdict_words(told)
    >>> found[0].title, found[0].items
    ('In short', ('Use hog + svm.', 'Expect 0.8.'))
    >>> found[1].title, found[1].paragraphs
    ('Left out', ('Nothing at all.',))
    """
    pieces: list[list[str]] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if line[0] != " ":
            pieces.append([line])
        elif pieces:
            pieces[-1].append(line)
    return [_piece(lines) for lines in pieces]


def _piece(lines: list[str]) -> Words:
    first = lines[0].rstrip()
    if first.endswith(":") and len(lines) > 1:
        items: list[str] = []
        for line in lines[1:]:
            if line.startswith("    ") and items:
                items[-1] += f" {line.strip()}"
            else:
                items.append(line.strip())
        return Words(first[:-1], items=tuple(items))
    joined = " ".join(line.strip() for line in lines)
    for mark in (": ", "? "):
        title, found, rest = joined.partition(mark)
        if found and len(title) < 60 and ". " not in title:
            return Words(title + mark.strip(" :"), (rest[:1].upper() + rest[1:],))
    return Words("", (joined,))


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _of_classes(rows: list[dict[str, str]], exported: dict[str, str]) -> list[dict[str, str]]:
    """Return a row a class of the exported combination: name, images, and each measure."""
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        names = (row.get("extractor"), row.get("estimator"))
        if names != (exported.get("extractor"), exported.get("estimator")):
            continue
        one = found.setdefault(row["class"], {"class": row["class"], "n_images": row["n_images"]})
        one[row["metric"]] = row["mean"]
    return list(found.values())
