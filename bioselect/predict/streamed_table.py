"""A CSV table that is written row by row: whole or not at all, and never in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bioselect.data.plain_cells import PlainWriter
from bioselect.run_folder import as_text
from bioselect.storage import atomic_path


@contextmanager
def streamed_table(path: Path, columns: Sequence[str]) -> Iterator[Callable[[Sequence[Any]], None]]:
    r"""Give a function that writes a row.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "t.csv"
    >>> with streamed_table(path, ("name", "area")) as write:
    ...     write(("a", 1.5))
    >>> path.read_text()
    'name,area\na,1.5\n'
    """
    with (
        atomic_path(path) as unfinished,
        unfinished.open("w", newline="", encoding="utf-8") as file,
    ):
        writer = PlainWriter(file)
        writer.writerow(columns)

        def write(row: Sequence[Any]) -> None:
            writer.writerow([as_text(value) for value in row])

        yield write
