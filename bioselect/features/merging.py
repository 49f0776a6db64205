"""Several sorted files of rows -> one, block by block, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from bioselect.features.row_files import Rows, rows_per_block


def merged_hashes(sources: Sequence[Rows]) -> np.ndarray:
    """Return every hash of the sources once, sorted: bytes ``(n_images,)``."""
    return np.unique(np.concatenate([rows.hashes for rows in sources]))


def merged_blocks(
    sources: Sequence[Rows], hashes: np.ndarray, n_features: int
) -> Iterator[np.ndarray]:
    """Yield the rows of all sources in the order of `hashes`, float32 ``(n, n_features)``.

    Parameters
    ----------
    sources : sequence of Rows
        Each sorted by hash, all with rows of `n_features`. Where two hold the same image the
        later one counts.
    hashes : np.ndarray
        From :func:`merged_hashes`.
    n_features : int
        The length of a row.
    """
    step = rows_per_block(n_features)
    for start in range(0, len(hashes), step):
        span = hashes[start : start + step]
        block = np.empty((len(span), n_features), dtype=np.float32)
        for rows in sources:
            # The sources are sorted, so what each gives to this block lies in one stretch.
            first = int(np.searchsorted(rows.hashes, span[0], side="left"))
            last = int(np.searchsorted(rows.hashes, span[-1], side="right"))
            if first < last:
                block[np.searchsorted(span, rows.hashes[first:last])] = rows.block(first, last)
        yield block
