"""What a run leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bioselect.selection.outcome import Verdict


@dataclass(frozen=True)
class RunResult:
    """What a run leaves behind: its folder, the verdict, and the closing summary in words."""

    folder: Path
    verdict: Verdict
    summary: str
