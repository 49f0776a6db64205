"""What a finding is."""

from __future__ import annotations

from dataclasses import dataclass

ERROR = "error"
WARNING = "warning"
NOTE = "note"
SEVERITIES = (ERROR, WARNING, NOTE)


@dataclass(frozen=True)
class Finding:
    """Something noticed about one image or, with an empty `image`, about the whole data set."""

    severity: str
    image: str
    what: str
    remedy: str

    def in_words(self) -> str:
        """Return the finding as one line."""
        # An error of reading begins with the path of the file.
        named = f"{self.image}: " in self.what.replace("\\", "/")
        where = f"{self.image}: " if self.image and not named else ""
        return f"{self.severity}: {where}{self.what} {self.remedy}".strip()


def in_order(findings: list[Finding]) -> list[Finding]:
    """Sort findings: the severest first, then by image."""
    return sorted(findings, key=lambda f: (SEVERITIES.index(f.severity), f.image, f.what))
