"""What a model of masks says of its training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bioselect.metrics.masks import SCORES
from bioselect.workflows.evaluated_metrics import DECIDED_BY


@dataclass(frozen=True)
class TrainedOn:
    """What a model says of its training: checksums of its images, and what decided."""

    sha256: Sequence[str] = ()
    scores: Mapping[str, Any] = field(default_factory=dict)

    @property
    def deciding(self) -> str:
        """The score by which the model was chosen, if images have it; else Dice."""
        written = self.scores.get(DECIDED_BY)
        name = written.get("name") if isinstance(written, dict) else None
        return name if name in SCORES else SCORES[0]
