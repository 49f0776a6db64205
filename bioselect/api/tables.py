"""The tables that a study writes as data frames: numbers are numbers, names are text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bioselect.addresses import named
from bioselect.data.plain_cells import read_plain
from bioselect.exceptions import DataError

if TYPE_CHECKING:
    import pandas as pd

#: Columns with whole numbers, whatever table they stand in, and how the names of others begin. All
#: that is not listed here is text, also where it looks like a number: a patient called 007.
WHOLE = frozenset(
    ("rank", "repeat", "fold", "epoch", "stage", "n_images", "n_repeats", "n_folds", "n_correct")
)
FOLD_OF_REPEAT = "fold_of_repeat_"
NUMBERS = frozenset(
    (
        "mean", "sd", "score", "value", "expected", "ci_low", "ci_high", "difference", "t", "p",
        "p_adjusted", "p_first_better", "p_practically_equal", "p_second_better", "p_better",
        "p_worse", "stage1_p_adjusted", "stage2_p_adjusted", "cost", "fit_seconds",
        "predict_seconds", "accuracy", "mae", "rmse", "mean_error", "within_interval",
        "interval_level", "largest_drop", "probability",
    )
)  # fmt: skip


def frame(
    rows: Sequence[dict[str, str]],
    columns: Iterable[str] = (),
    numbers: Iterable[str] = (),
    texts: Iterable[str] = (),
) -> pd.DataFrame:
    """Return rows of texts as a data frame.

    Parameters
    ----------
    rows : sequence of dict
        From :func:`bioselect.data.plain_cells.read_plain`.
    columns : iterable of str
        Those of a table without rows.
    numbers : iterable of str
        Further columns with numbers.
    texts : iterable of str
        Columns with texts, whatever such columns hold in other tables.

    Returns
    -------
    pandas.DataFrame
        Whole numbers are int64 (Int64 where some are missing), other numbers float64 with NaN
        where there is none, texts as they are.

    Examples
    --------
    >>> table = frame([{"rank": "1", "mean": "0.5", "group": "007"}, {"rank": "", "mean": ""}])
    >>> table.dtypes.astype(str).tolist()[:2], table["group"][0]
    (['Int64', 'float64'], '007')
    """
    import pandas as pd

    made = pd.DataFrame(rows, columns=list(rows[0]) if rows else list(columns), dtype=object)
    further, never = set(numbers), set(texts)
    for name in made.columns:
        if name in never:
            continue
        is_whole = name in WHOLE or name.startswith(FOLD_OF_REPEAT)
        if is_whole or name in NUMBERS or name in further:
            made[name] = _numbers(made[name], is_whole)
    return made


def frame_of_file(
    path: Path,
    columns: Iterable[str] = (),
    numbers: Iterable[str] = (),
    may_be_missing: bool = False,
) -> pd.DataFrame:
    """Return a table that bioselect wrote.

    Raises
    ------
    DataError
        If there is no such file; unless it `may_be_missing`, and is a table without rows then.
    """
    if may_be_missing and not path.is_file():
        return frame([], columns)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return frame(read_plain(file), columns, numbers)
    except FileNotFoundError as error:
        raise DataError(
            f"{named(str(path))}: no such file. It was written with this result, and was moved or "
            "removed since. Do it again."
        ) from error


def _numbers(column: Any, is_whole: bool) -> Any:
    import pandas as pd

    numbers = pd.to_numeric(column.where(column != ""), errors="coerce").astype("float64")
    if not is_whole:
        return numbers
    return numbers.astype("Int64" if numbers.isna().any() else "int64")
