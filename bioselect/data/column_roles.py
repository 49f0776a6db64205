"""Which column of a table is what: target, group, name of the row, or one to learn from."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from bioselect.data.column_words import POINT
from bioselect.data.names import composed
from bioselect.exceptions import DataError


@dataclass(frozen=True)
class ColumnChoice:
    """Which columns of a table are looked at, and as what.

    `features` are the columns to learn from; None for all that are nothing else, but for those in
    `exclude`. The numbers in the columns of `categorical` are codes. `id` names the rows. `drop`
    says which rows are left out, `decimal` what stands before the fraction of a number.
    """

    features: tuple[str, ...] | None = None
    exclude: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    id: str | None = None
    drop: str | None = None
    decimal: str = POINT

    def composed(self) -> ColumnChoice:
        """Return the same with names as :func:`bioselect.data.table_rows.read_rows` gives them."""
        return ColumnChoice(
            None if self.features is None else tuple(map(composed, self.features)),
            tuple(map(composed, self.exclude)),
            tuple(map(composed, self.categorical)),
            None if self.id is None else composed(self.id),
            self.drop,
            self.decimal,
        )


#: Everything but the target.
ALL_COLUMNS = ColumnChoice()


def check_known(
    table: Path,
    header: Sequence[str],
    wanted: Sequence[str],
    group: str | None,
    choice: ColumnChoice,
    features_key: str = "features",
) -> None:
    """Stop where a key names a column that there is not.

    Raises
    ------
    DataError
        With the nearest name.
    """
    listed = {
        "target": wanted,
        "group": () if group is None else (group,),
        "id": () if choice.id is None else (choice.id,),
        features_key: choice.features or (),
        "exclude": choice.exclude,
        "categorical": choice.categorical,
    }
    for key, names in listed.items():
        for name in names:
            if name not in header:
                raise DataError(f"{table}: {unknown_column(name, header, f'dataset.{key}')}")


def unknown_column(
    name: str, header: Sequence[str], where: str, taken: Collection[str] = ()
) -> str:
    """Say that there is no column of a name, and which of those not `taken` is called nearly so.

    Examples
    --------
    >>> unknown_column("raduis", ["radius", "texture"], "dataset.target")
    "has no column 'raduis' (dataset.target). Did you mean 'radius'? Its columns: radius, texture."
    """
    lower = {known.lower(): known for known in header if known not in taken}
    near = difflib.get_close_matches(name.lower(), list(lower), n=1, cutoff=0.6)
    hint = f"Did you mean {lower[near[0]]!r}? " if near else ""
    return f"has no column {name!r} ({where}). {hint}Its columns: {', '.join(header)}."


def feature_names(
    table: Path,
    header: Sequence[str],
    wanted: Sequence[str],
    group: str | None,
    choice: ColumnChoice,
) -> list[str]:
    """Return the columns to learn from, in the order of the table or of `choice.features`.

    Raises
    ------
    DataError
        If none is left, or one column stands for two things.
    """
    roles = {**dict.fromkeys(wanted, "target")}
    for name, role in ((group, "group"), (choice.id, "id")):
        if name is not None and name in roles:
            raise DataError(
                f"{table}: {role} and {roles[name]} must be different columns. Got {name!r} for "
                "both. Name another, or leave one out."
            )
        if name is not None:
            roles[name] = role
    for name in choice.features or ():
        if name in roles:
            raise DataError(
                f"{table}: dataset.features must not hold the {roles[name]}. Got {name!r}. Leave "
                "it out."
            )
        if name in choice.exclude:
            raise DataError(
                f"{table}: {name!r} stands in dataset.features and in dataset.exclude. Leave it "
                "out of one of them."
            )
    listed = header if choice.features is None else choice.features
    names = [name for name in listed if name not in roles and name not in choice.exclude]
    if not names:
        raise DataError(
            f"{table}: must have a column to learn from beside the {', '.join(roles.values())}. "
            "Got none. Add one, or list fewer under dataset.exclude."
        )
    for name in choice.categorical:
        if name not in names:
            raise DataError(
                f"{table}: dataset.categorical must list columns that are learnt from. Got "
                f"{name!r}, which is {roles.get(name, 'left out')}. Leave it out there."
            )
    return names
