"""What can be done about a column, by keys that go with a table alone, or with joined columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.data.column_words import as_yaml

N_LISTED = 5


@dataclass(frozen=True)
class ColumnRemedies:
    """How columns are left out; `are_joined` says that they stand beside images.

    Examples
    --------
    >>> ColumnRemedies().leave_out(["size", "Unnamed: 0"])
    "dataset.exclude: [size, 'Unnamed: 0']"
    >>> ColumnRemedies(are_joined=True).leave_out(["size", "age"])
    'take size, age out of dataset.columns'
    """

    are_joined: bool = False

    def leave_out(self, names: Sequence[str]) -> str:
        """Return what leaves columns out, within a sentence."""
        listed = ", ".join(map(as_yaml, names))
        if self.are_joined:
            return f"take {listed} out of dataset.columns"
        return f"dataset.exclude: [{listed}]"

    def to_leave_out(self, names: Sequence[str]) -> str:
        """Return a sentence that says how columns are left out."""
        return f"To leave out: {self.leave_out(names)}."

    def of_incomplete_rows(self) -> str:
        """Return a sentence on rows in which something is missing; nothing beside images."""
        return "" if self.are_joined else " dataset.drop: incomplete leaves such rows out."

    def of_names_of_rows(self, name: str) -> str:
        """Return what to write of a column that names rows, within a sentence."""
        if self.are_joined:
            return self.leave_out([name])
        return f"write dataset.id: {as_yaml(name)}, or leave it out with {self.leave_out([name])}"


#: Of a table without images.
OF_TABLE = ColumnRemedies()


def listed_names(names: Sequence[str]) -> str:
    """Return the first few names, and how many more there are.

    Examples
    --------
    >>> listed_names(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d, e and 1 more'
    """
    more = f" and {len(names) - N_LISTED} more" if len(names) > N_LISTED else ""
    return ", ".join(names[:N_LISTED]) + more
