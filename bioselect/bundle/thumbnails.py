"""Small pictures of training images in a bundle: only where its configuration asks for them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np

from bioselect.bundle.opening import ModelPlace, explained, opened_bundle
from bioselect.bundle.reading import read_manifest
from bioselect.exceptions import BundleError
from bioselect.steady_archives import zip_bytes
from bioselect.storage import atomic_write_bytes

THUMBNAILS_FILE = "thumbnails.zip"
#: The longer side of a picture, in pixels.
LONGEST_SIDE = 64
#: Its bytes at most: four times those of noise.
LARGEST = 64 * 64 * 3 * 4


def as_thumbnail(picture: np.ndarray) -> bytes:
    """Return a picture, uint8 ``(height, width, 3)``, as a small PNG without any note in it.

    Examples
    --------
    >>> as_thumbnail(np.zeros((200, 100, 3), dtype=np.uint8))[1:4]
    b'PNG'
    """
    from PIL import Image

    is_grey = bool((picture == picture[:, :, :1]).all())
    small = Image.fromarray(picture[:, :, 0] if is_grey else picture)
    small.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BOX)
    buffer = io.BytesIO()
    small.save(buffer, format="PNG", optimize=False)
    return buffer.getvalue()


def write_thumbnails(path: Path, pictures: Mapping[int, bytes]) -> None:
    """Write pictures by the running numbers of their images; the same ones give the same bytes."""
    named = {f"{number}.png": pictures[number] for number in sorted(pictures)}
    atomic_write_bytes(path, zip_bytes(named))


def read_thumbnails(place: ModelPlace, numbers: Iterable[int]) -> dict[int, bytes]:
    """Return the pictures (PNG) of some training images of a model, as far as it has them.

    Parameters
    ----------
    place : Path or OpenBundle
        A bundle, its zip or a run folder, which was opened before.
    numbers : iterable of int
        Running numbers, of :class:`bioselect.bundle.reference.Reference`.

    Raises
    ------
    BundleError
        If the file is damaged.
    """
    with opened_bundle(place) as bundle, explained(bundle.path):
        folder, path = bundle.folder, bundle.path
        if THUMBNAILS_FILE not in read_manifest(folder, path).files:
            return {}
        try:
            with zipfile.ZipFile(folder / THUMBNAILS_FILE) as archive:
                sizes = {info.filename: info.file_size for info in archive.infolist()}
                asked = [number for number in dict.fromkeys(numbers) if f"{number}.png" in sizes]
                if any(sizes[f"{number}.png"] > LARGEST for number in asked):
                    raise ValueError(f"a picture must have at most {LARGEST:,} bytes")
                return {number: archive.read(f"{number}.png") for number in asked}
        except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError) as error:
            reason = " ".join(str(error).split())
            raise BundleError(
                f"{path}: {THUMBNAILS_FILE} is damaged ({reason}). Use another copy of the model."
            ) from error
