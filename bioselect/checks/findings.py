"""What a finding is, and how many are told in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"
NOTE = "note"
SEVERITIES = (ERROR, WARNING, NOTE)

#: So many findings of one kind are told; a table in the run folder holds all.
N_TOLD_ALIKE = 5
N_TOLD_NOTES = 10
_ALL = "a run lists all in findings.csv"


@dataclass(frozen=True)
class Finding:
    """Something noticed about one image or, with an empty `image`, about the whole data set.

    `kind` is equal for findings that say the same of different images; `other` is the image that
    it is a copy of, or looks like. `guess` is the share of an average class that is told
    without a look, where that is what was noticed.
    """

    severity: str
    image: str
    what: str
    remedy: str
    kind: str = ""
    other: str = ""
    guess: float | None = None

    def in_words(self) -> str:
        """Return the finding as one line."""
        # An error of reading begins with the path of the file.
        named = f"{self.image}: ".replace("\\", "/") in self.what.replace("\\", "/")
        where = f"{self.image}: " if self.image and not named else ""
        return f"{self.severity}: {where}{self.what} {self.remedy}".strip()


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings: the severest first, then by image."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.image, f.what))


def in_words(findings: Sequence[Finding]) -> list[str]:
    """Return a line for each finding, but of many alike and of many notes only the first.

    Parameters
    ----------
    findings : sequence of Finding
        In any order; they are told in that of :func:`in_order`.
    """
    alike: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in in_order(findings):
        kind = finding.kind or f"{finding.image} {finding.what}"
        alike[(finding.severity, kind)].append(finding)
    lines, notes, n_untold_notes = [], [], 0
    for (severity, _), found in alike.items():
        told = [finding.in_words() for finding in found[:N_TOLD_ALIKE]]
        n_more = len(found) - len(told)
        if severity != NOTE:
            lines += told
            if n_more:
                lines.append(
                    f"... and {n_more} more such {severity}s; a run lists all in findings.csv"
                )
            continue
        notes += told
        n_untold_notes += n_more
    n_untold_notes += max(0, len(notes) - N_TOLD_NOTES)
    lines += notes[:N_TOLD_NOTES]
    if n_untold_notes:
        lines.append(f"... and {n_untold_notes} more notes; {_ALL}")
    return lines
