"""How the networks of a study were trained, epoch by epoch, as one data frame."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bioselect.api.tables import frame
from bioselect.report.results import RunResults
from bioselect.workflows.training_histories import (
    EPOCH_COLUMNS,
    FOLDS_FILE,
    REFIT_FILE,
    folder_name,
)

if TYPE_CHECKING:
    import pandas as pd

_PLACE = ("estimator", "repeat", "fold")


def histories(results: RunResults) -> pd.DataFrame:
    """Return a row for each network, training and epoch; none where no network was trained."""
    rows = []
    for estimator in dict.fromkeys(row["estimator"] for row in results.ranking):
        place = results.folder.networks / folder_name(estimator)
        for name in (FOLDS_FILE, REFIT_FILE):
            for row in results.table(place / name):
                rows.append({**dict.fromkeys(_PLACE, ""), **row, "estimator": estimator})
    columns = list(dict.fromkeys(key for row in rows for key in row))
    columns = columns or [*_PLACE, *EPOCH_COLUMNS]
    # Networks of one study may tell different things.
    told = [{key: row.get(key, "") for key in columns} for row in rows]
    return frame(told, columns, numbers=set(columns) - set(_PLACE))
