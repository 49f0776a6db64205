"""What each row of a table holds, in the form that is said of images: digests, and what is a copy.

Rows with equal features are kept on one side of every division, as copies of an image are, but
only where chance would not make them equal: of age and sex alone many people have the same.
"""

from __future__ import annotations

import hashlib

import numpy as np

from bioselect.data.feature_table import FeatureTable
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageDataset
from bioselect.storage import digest_of

#: Equal rows are copies if chance would make fewer pairs of them than this.
CHANCE = 0.01


def row_marks(dataset: ImageDataset, table: FeatureTable) -> list[ImageFingerprint]:
    """Return a fingerprint for each row; a row in which nothing is known is like a blank image.

    Parameters
    ----------
    dataset : ImageDataset
        The names and targets of the rows.
    table : FeatureTable
        The rows, in the same order.
    """
    are_copies = chance_pairs(table.rows) < CHANCE
    names = [[one.name, one.categories] for one in table.columns]
    of_columns = digest_of(names)
    marks = []
    for record, row in zip(dataset.records, table.rows, strict=True):
        values = hashlib.sha256(of_columns.encode() + row.astype("<f8").tobytes()).hexdigest()
        whole = digest_of([values, record.image_id, record.target, record.group])
        marks.append(
            ImageFingerprint(
                record.image_id,
                sha256=values,
                pixels_sha256=values,
                picture_sha256=values if are_copies else whole,
                n_channels=len(row),
                dtype="float64",
                minimum=0.0,
                maximum=0.0 if np.isnan(row).all() else 1.0,
            )
        )
    return marks


def chance_pairs(rows: np.ndarray) -> float:
    """Return about how many pairs of rows would be equal by chance, were columns independent.

    Parameters
    ----------
    rows : np.ndarray
        float64 ``(n_rows, n_columns)`` with NaN where nothing is known.

    Examples
    --------
    >>> chance_pairs(np.array([[0.0], [0.0], [1.0], [1.0]]))  # 6 pairs, one half of them equal
    3.0
    """
    n_rows = len(rows)
    share = 1.0
    for column in rows.T:
        counts = np.unique(column, return_counts=True)[1]
        share *= float(np.sum((counts / n_rows) ** 2))
    return n_rows * (n_rows - 1) / 2 * share
