"""How many images of a prediction are unlike those of the training, and which, in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from bioselect.bundle.novelty import UNLIKE, reason_of
from bioselect.data.names import as_text

#: So many are named.
_N_NAMED = 3


class _Predicted(Protocol):
    @property
    def path(self) -> object:
        """The image."""

    @property
    def novelty(self) -> float | None:
        """How unlike the training images it is."""

    @property
    def quality(self) -> tuple[str, ...]:
        """What is unusual in it."""


@dataclass
class Unusual:
    """Told of one image after the other; keeps a few names and counts, whatever their number."""

    n_novel: int = 0
    named: list[tuple[float, str]] = field(default_factory=list)
    flags: Counter[str] = field(default_factory=Counter)
    n_flagged: int = 0

    def add(self, item: _Predicted) -> None:
        """Take an image into account."""
        if item.novelty is not None and reason_of(item.novelty):
            self.n_novel += 1
            self.named.append((-item.novelty, as_text(Path(str(item.path)).name)))
            self.named = sorted(self.named)[:_N_NAMED]
        self.n_flagged += bool(item.quality)
        # What stands in brackets is about this image alone.
        self.flags.update(flag.split(" (")[0] for flag in item.quality)

    def in_words(self, n_predicted: int) -> list[str]:
        """Return a line about novelty and one about quality, each if there is something to say.

        Examples
        --------
        >>> from bioselect.predict.files import Prediction
        >>> seen = Unusual()
        >>> seen.add(Prediction("a.png", "RBC", None, "", novelty=1.7, quality=("blurred",)))
        >>> print(*seen.in_words(9), sep=chr(10))
        1 of 9 images is unlike the training images: a.png (novelty 1.7); look at them before \
you believe what is predicted
        quality: 1 of 9 images differs from the training images: blurred 1
        """
        lines = []
        if self.n_novel:
            listed = ", ".join(f"{name} (novelty {-minus:.2g})" for minus, name in self.named)
            more = f" and {self.n_novel - _N_NAMED} more" if self.n_novel > _N_NAMED else ""
            is_are = "is" if self.n_novel == 1 else "are"
            lines.append(
                f"{self.n_novel} of {n_predicted} image{'s' * (n_predicted != 1)} {is_are} "
                f"{UNLIKE}: {listed}{more}; look at them before you believe what is predicted"
            )
        if self.n_flagged:
            listed = ", ".join(f"{flag} {count}" for flag, count in self.flags.most_common())
            verb = "differs" if self.n_flagged == 1 else "differ"
            lines.append(
                f"quality: {self.n_flagged} of {n_predicted} image{'s' * (n_predicted != 1)} "
                f"{verb} from the training images: {listed}"
            )
        return lines
