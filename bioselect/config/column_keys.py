"""The keys of `dataset` that are about columns of a table which are learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from bioselect.config.rules import allowed, checked_by, one_of, rule_error, shown
from bioselect.config.section import Section
from bioselect.data.column_words import COMMA, DROPS, POINT

if TYPE_CHECKING:
    from bioselect.data.column_roles import ColumnChoice


def check_columns(value: Any) -> tuple[str, ...] | None:
    """Check a list of columns.

    Examples
    --------
    >>> check_columns(["age", "sex"])
    ('age', 'sex')
    """
    if value is None:
        return None
    is_list = isinstance(value, list) and all(isinstance(name, str) and name for name in value)
    if not is_list or not value:
        raise rule_error(
            f"must be null or a list of columns, for example [age, sex]. Got {shown(value)}."
        )
    if repeated := [name for name in value if value.count(name) > 1]:
        raise rule_error(f"must name each column once. Got {repeated[0]!r} twice.")
    return tuple(value)


COLUMNS_SCHEMA = {
    "anyOf": [
        {"type": "null"},
        {
            "type": "array",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "uniqueItems": True,
        },
    ],
    "examples": [["age", "sex"]],
}
Columns = Annotated[tuple[str, ...] | None, checked_by(check_columns, COLUMNS_SCHEMA)]


class ColumnKeys(Section):
    """What is learnt from a table without images, and what is joined to images."""

    features: Columns = Field(
        default=None,
        description="With a table without image: the columns to learn from. null: all but target, "
        "group, id and those of exclude.",
    )
    exclude: Columns = Field(
        default=None,
        description="With a table without image: columns not to learn from, for example those that "
        "are computed from the target.",
    )
    id: Annotated[str | None, allowed("str", "null")] = Field(
        default=None,
        description="With a table without image: the column that names each row once. null: rows "
        "are called by their line.",
    )
    drop: Annotated[str | None, allowed("null", choices=DROPS)] = Field(
        default=None,
        description="With a table without image: which rows are left out: without_target, or "
        "incomplete, in which anything is missing. null: none; what is missing is filled in "
        "inside the folds, and a row without a target is an error.",
    )
    columns: Columns = Field(
        default=None,
        description="With a table and images: columns that are joined to the row of each "
        "extractor, for example [age, sex].",
    )
    categorical: Columns = Field(
        default=None,
        description="Columns to learn from whose numbers are codes of categories (1 = smoker). "
        "null: text is categories, numbers are numbers.",
    )
    decimal: Annotated[str, one_of(POINT, COMMA)] = Field(
        default=POINT,
        description="What stands before the fraction of the numbers in the columns to learn from, "
        "and in the target beside them: '.' or ','.",
    )

    @property
    def column_choice(self) -> ColumnChoice:
        """Which columns are learnt from, and as what."""
        from bioselect.data.column_roles import ColumnChoice

        return ColumnChoice(
            self.features if self.columns is None else self.columns,
            self.exclude or (),
            self.categorical or (),
            self.id,
            self.drop,
            self.decimal,
        )
