"""What was noticed about the images, and what to do about it."""

from __future__ import annotations

from bioselect.report.blocks import Cell, Section, Table, Text
from bioselect.report.places import without_places
from bioselect.report.results import RunResults

COLUMNS = ("what was noticed", "what to do")
#: For sorting: the severest first.
ORDER = {"error": 0, "warning": 1, "note": 2}


def findings(results: RunResults) -> Section:
    """Return every finding, or that there is none."""
    rows = results.findings
    if not rows:
        return Section("findings", "What was noticed", [Text("Nothing that needs a look.")])
    cells: list[list[Cell | str]] = [
        [
            Cell(row["severity"], ORDER.get(row["severity"], 9), tone=row["severity"]),
            row["image"],
            without_places(row["what"]),
            without_places(row["remedy"]),
        ]
        for row in rows
    ]
    caption = (
        f"{len(rows)} finding{'s' * (len(rows) != 1)} of the look at the data before the work."
    )
    table = Table("findings", caption, ("severity", results.noun, *COLUMNS), cells, n_shown=10)
    return Section("findings", "What was noticed", [table])
