"""What a run folder says, for the page: verdict, ranking, classes, findings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from bioselect.app.refusal import RefusedError
from bioselect.data.plain_cells import read_plain
from bioselect.report import results as report
from bioselect.report.score_words import (
    interval_text,
    judged_by,
    number,
    rough_score_text,
    score_text,
)
from bioselect.report.short_names import short_names, with_short_names
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
class Expected:
    """What to expect of new images, as the report of the run says it; empty where not known."""

    metric: str
    unit: str
    value: str
    low: str
    high: str
    guess: str


@dataclass(frozen=True)
class RunResults:
    """A finished run as it is shown; `ranking` has scores as texts and names without parameters."""

    folder: Path
    words: list[Words]
    expected: Expected
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
    except Exception as error:  # Words for a person name no places of this machine.
        raise RefusedError(
            "The results in this folder are damaged, or an older version wrote them. Run the study "
            "again: finished work is kept."
        ) from error


def _read(folder: Path, run: RunFolder) -> RunResults:
    told = report.RunResults(folder)
    study, names = told.study, short_names(told)
    findings = _rows(run.findings)
    exported = study.get("exported") or study.get("best") or {}
    plots = sorted(path.name for path in run.plots.glob("*.svg")) if run.plots.is_dir() else []
    return RunResults(
        folder=folder,
        words=verdict_words(with_short_names(joined_lines(str(study.get("in_words", ""))), names)),
        expected=_expected(told),
        ranking=_ranking(told, names),
        classes=_of_classes(_rows(run.per_class), exported),
        findings=findings[:_MOST_FINDINGS],
        n_findings=len(findings),
        has_report=(folder / REPORT_FILE).is_file(),
        has_model=(run.model / "manifest.json").is_file(),
        best=" + ".join(names.get(part, part) for part in told.exported if part),
        drawings=plots,
    )


def _expected(told: report.RunResults) -> Expected:
    score, metric = told.study["honest_score"], judged_by(told)

    def written(key: str) -> str:
        value = score.get(key)
        return "" if value is None else rough_score_text(value, metric)

    return Expected(
        metric.in_words,
        metric.unit,
        *(written(key) for key in ("value", "ci_low", "ci_high", "chance")),
    )


def _ranking(told: report.RunResults, names: dict[str, str]) -> list[dict[str, str]]:
    metric = replace(judged_by(told), unit="")
    rows = []
    for row in told.ranking:
        mean, low, high = (number(row.get(key, "")) for key in ("mean", "ci_low", "ci_high"))
        ends = "" if low is None or high is None else interval_text(low, high, metric)
        shown = {key: names.get(row[key], row[key]) for key in ("extractor", "estimator")}
        rows.append({**row, **shown, "mean": score_text(mean, metric), "interval": ends})
    return rows


def joined_lines(text: str) -> str:
    r"""Return a text in which no item or paragraph is broken into lines, as long names may be.

    Examples
    --------
    >>> joined_lines("In short:\n  Use hog\n    + svm(C=1,\n    gamma=2).\n\nBest: hog\n  + svm.")
    'In short:\n  Use hog + svm(C=1, gamma=2).\n\nBest: hog + svm.'
    """
    lines: list[str] = []
    in_list = False
    for line in text.splitlines():
        is_item = in_list and line.startswith("  ") and not line.startswith("    ")
        if not line.startswith(" ") or is_item or not lines:
            in_list = is_item or line.endswith(":")
            lines.append(line)
        else:
            lines[-1] += f" {line.strip()}"
    return "\n".join(lines)


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
        return read_plain(file)


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
