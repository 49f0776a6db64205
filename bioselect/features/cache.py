"""Rows of features that were computed once, found again by the content of the image.

Every extractor has one file (one for each length of its rows). Work that is under way lies in
parts, each written beside its place and renamed, so that a kill at any moment leaves whole files
only; at the end the parts are merged into the one file. Nothing is ever changed in place, so
readers need no lock, and any number of processes may use one folder.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioselect.features.cache_folder import CacheFolder, remove_if_empty
from bioselect.features.damage import DAMAGED_SUFFIX, open_or_set_aside
from bioselect.features.merging import merged_blocks, merged_hashes
from bioselect.features.row_files import (
    DamagedRowsError,
    Rows,
    read_header,
    rows_per_block,
    write_rows,
)
from bioselect.progress import Reporter
from bioselect.storage import explained_storage_errors

#: So many parts are merged at once: each is an open file, and systems allow 256 and more.
PARTS_PER_MERGE = 64
#: Another process that has finished may remove a folder between its making and its use.
WRITE_ATTEMPTS = 5


@dataclass(frozen=True)
class CacheEntry:
    """What the cache holds of one extractor, in its file and in parts."""

    name: str
    key: str
    n_images: int
    n_features: int
    n_bytes: int


class FeatureCache:
    """A folder with the features of any number of extractors and data sets.

    Parameters
    ----------
    folder : Path
        Made when something is written.
    reporter : Reporter, optional
        Is told of damaged files. Without one, Python's `warnings` are used.

    Examples
    --------
    >>> import tempfile
    >>> cache = FeatureCache(Path(tempfile.mkdtemp()))
    >>> key = "0" * 64
    >>> cache.add_part("hog", key, ["b", "a"], np.float32([[2, 2], [1, 1]]))
    >>> cache.consolidate("hog", key)
    >>> rows, have = cache.load("hog", key, ["a", "c"])
    >>> rows.tolist(), have.tolist()
    ([[1.0, 1.0], [0.0, 0.0]], [True, False])
    """

    def __init__(self, folder: Path, reporter: Reporter | None = None) -> None:
        self.folder = Path(folder)
        self.reporter = reporter

    @property
    def _files(self) -> CacheFolder:
        return CacheFolder(self.folder)

    def load(
        self, name: str, key: str, pixel_hashes: Sequence[str]
    ) -> tuple[np.ndarray | None, np.ndarray]:
        """Return the rows that are there.

        Parameters
        ----------
        name, key : str
            The extractor and its :func:`bioselect.features.keys.feature_key`.
        pixel_hashes : sequence of str
            The images, by the digest of their pixels.

        Returns
        -------
        rows : np.ndarray or None
            float32 ``(n_images, n_features)`` in the order of `pixel_hashes`, zeros where there
            is none; None if there is none at all.
        have : np.ndarray
            bool ``(n_images,)``. Rows of another length than the first found count as missing:
            computing them again gives the error that names the images.

        Raises
        ------
        StorageError
            If a file must not be read, or the system cannot read it.
        """
        have = np.zeros(len(pixel_hashes), dtype=bool)
        found: np.ndarray | None = None
        for rows, sources, places in self._found(name, key, pixel_hashes, have):
            if found is None:
                found = np.zeros((len(have), rows.header.n_features), dtype=np.float32)
            _copy_rows(rows, sources, found, places)
        return found, have

    def lacks(self, name: str, key: str, pixel_hashes: Sequence[str]) -> np.ndarray:
        """Return which images have no row here: bool ``(n_images,)``; no row is read.

        Parameters and errors are those of :meth:`load`.
        """
        have = np.zeros(len(pixel_hashes), dtype=bool)
        for _ in self._found(name, key, pixel_hashes, have):
            pass
        return ~have

    def add_part(
        self, name: str, key: str, pixel_hashes: Sequence[str], features: np.ndarray
    ) -> None:
        """Keep rows for good, in a part of their own.

        Parameters
        ----------
        name, key : str
            The extractor and its key.
        pixel_hashes : sequence of str
            One per row.
        features : np.ndarray
            float32 ``(n_images, n_features)``, finite.

        Raises
        ------
        StorageError
            If the disk is full or the folder may not be written to; what was kept stays.
        """
        if not pixel_hashes:
            return
        hashes, places = np.unique(np.array(pixel_hashes, dtype=np.bytes_), return_index=True)
        rows = np.asarray(features, dtype=np.float32)[places]
        # Named by content: two processes that compute the same write the same file.
        digest = hashlib.sha256(b"\n".join(hashes.tolist()) + rows.tobytes()).hexdigest()[:32]
        path = self._files.parts_folder(name, key) / f"{digest}.h5"
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            try:
                write_rows(path, name, key, hashes, rows.shape[1], [rows])
                return
            except FileNotFoundError:
                if attempt == WRITE_ATTEMPTS:
                    raise

    def consolidate(self, name: str, key: str) -> None:
        """Merge the parts into the one file, rows sorted by hash; without parts do nothing.

        Raises
        ------
        StorageError
            If the disk is full (the parts stay as they are then) or the folder is held too long.
        """
        self._files.tidy()
        while self._files.parts(name, key):
            with self._files.locked():
                self._merge_some(name, key)
        remove_if_empty(self._files.parts_folder(name, key))

    def info(self) -> list[CacheEntry]:
        """Return what is kept, sorted by name; files that are not ours are left out."""
        sums: dict[tuple[str, str, int], tuple[int, int]] = {}
        for path in self._files.our_files():
            try:
                header = read_header(path)
                n_bytes = path.stat().st_size
            except (OSError, DamagedRowsError):
                continue
            group = (header.name, header.key, header.n_features)
            n_images, n_bytes_before = sums.get(group, (0, 0))
            sums[group] = (n_images + header.n_images, n_bytes_before + n_bytes)
        return [
            CacheEntry(name, key, n_images, n_features, n_bytes)
            for (name, key, n_features), (n_images, n_bytes) in sorted(sums.items())
        ]

    def clear(self) -> None:
        """Remove all that is kept, parts and damaged files too; foreign files stay."""
        if not self.folder.is_dir():
            return
        with self._files.locked():
            for path in self._files.our_files():
                if path.suffix == DAMAGED_SUFFIX or _begins_as_ours(path):
                    with explained_storage_errors(path, "removed"):
                        path.unlink(missing_ok=True)
            self._files.tidy()

    def _found(
        self, name: str, key: str, pixel_hashes: Sequence[str], have: np.ndarray
    ) -> Iterator[tuple[Rows, np.ndarray, np.ndarray]]:
        """Yield open files, which of their rows are wanted, and the places of those; mark `have`.

        All files have rows of one length, that of the first.
        """
        wanted = np.array(pixel_hashes, dtype=np.bytes_)
        n_features = None
        for path in self._paths_to_search(name, key):
            if have.all():
                return
            with ExitStack() as stack:
                rows = open_or_set_aside(stack, path, key, self.reporter)
                if rows is None:
                    continue
                places, sources = _matches(rows.hashes, wanted, have)
                if len(places) == 0 or n_features not in (None, rows.header.n_features):
                    continue
                n_features = rows.header.n_features
                yield rows, sources, places
                have[places] = True

    def _paths_to_search(self, name: str, key: str) -> Iterator[Path]:
        # Parts first, and the merged files looked up only after the parts have been read: rows
        # that another process merges meanwhile are then found in one place or the other.
        yield from self._files.parts(name, key)
        yield from self._files.all_merged(name, key)

    def _merge_some(self, name: str, key: str) -> None:
        """Merge some parts into the files of their length, then remove them."""
        parts = self._files.parts(name, key)[:PARTS_PER_MERGE]
        with ExitStack() as stack:
            opened = {
                part: rows
                for part in parts
                if (rows := open_or_set_aside(stack, part, key, self.reporter)) is not None
            }
            for n_features in sorted({rows.header.n_features for rows in opened.values()}):
                same = [rows for rows in opened.values() if rows.header.n_features == n_features]
                self._merge(name, key, same, n_features)
        # Only what was merged: a damaged part may have been replaced by a whole one meanwhile.
        for part in opened:
            with explained_storage_errors(part, "removed"):
                part.unlink(missing_ok=True)

    def _merge(self, name: str, key: str, parts: Sequence[Rows], n_features: int) -> None:
        path = self._files.merged(name, key, n_features)
        with ExitStack() as stack:
            before = open_or_set_aside(stack, path, key, self.reporter)
            # What was merged before comes last, so it counts: rows in use do not change.
            sources = [*parts, *([] if before is None else [before])]
            hashes = merged_hashes(sources)
            blocks = merged_blocks(sources, hashes, n_features)
            write_rows(path, name, key, hashes, n_features, _then_close(blocks, stack))


def _then_close(blocks: Iterable[np.ndarray], stack: ExitStack) -> Iterator[np.ndarray]:
    """Yield the blocks, then close what they came from: Windows replaces no file that is open."""
    yield from blocks
    stack.close()


def _matches(
    hashes: np.ndarray, wanted: np.ndarray, have: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the places in `wanted` that are missing and found, and where in `hashes` they are."""
    sources = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    places = np.flatnonzero((hashes[sources] == wanted) & ~have)
    return places, sources[places]


def _copy_rows(rows: Rows, sources: np.ndarray, target: np.ndarray, places: np.ndarray) -> None:
    """Copy rows `sources` of a file to rows `places`, block by block to bound the memory."""
    step = rows_per_block(rows.header.n_features)
    for first in range(0, rows.header.n_images, step):
        inside = (sources >= first) & (sources < first + step)
        if inside.any():
            target[places[inside]] = rows.block(first, first + step)[sources[inside] - first]


def _begins_as_ours(path: Path) -> bool:
    try:
        read_header(path)
    except (OSError, DamagedRowsError):
        return False
    return True
