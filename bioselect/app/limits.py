"""How much the page takes in: numbers in one place, so that tests can make them small."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What an upload may hold.

    Attributes
    ----------
    upload_bytes : int
        Of one upload, whatever is announced; counted while it streams in.
    kept_bytes : int
        Of all uploads that are kept until they are removed.
    n_files : int
        In one upload, those in a zip included.
    n_pixels : int
        Of one image, all its planes together, as its header says.
    unpacked_bytes : int
        What a zip may unpack to; as declared, and as it really does.
    ratio : int
        How many times smaller than its content a zip may be, if that is large.
    n_uploads : int
        Under way at a time.
    form_bytes : int
        Of a form without files.
    idle_seconds : float
        How long an upload may send nothing.
    """

    upload_bytes: int = 500_000_000
    kept_bytes: int = 4_000_000_000
    n_files: int = 2_000
    n_pixels: int = 100_000_000
    unpacked_bytes: int = 2_000_000_000
    ratio: int = 100
    n_uploads: int = 4
    form_bytes: int = 1_000_000
    idle_seconds: float = 60.0


def size_in_words(n_bytes: int) -> str:
    """Return a number of bytes as a person says it.

    Examples
    --------
    >>> size_in_words(500_000_000), size_in_words(2_000_000_000), size_in_words(1200)
    ('500 MB', '2 GB', '1.2 kB')
    """
    for size, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "kB")):
        if n_bytes >= size:
            return f"{n_bytes / size:.3g} {unit}"
    return f"{n_bytes} bytes"
