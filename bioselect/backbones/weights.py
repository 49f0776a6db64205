"""Where a network's weights come from, decided before any work starts and without TensorFlow."""

from __future__ import annotations

import functools
import hashlib
import http.client
import os
import shutil
import urllib.request
from pathlib import Path

from bioselect.backbones.row import BackboneRow
from bioselect.backbones.table import ROWS
from bioselect.backbones.weights_file import check_fit, is_scaled_after_normalization
from bioselect.exceptions import ComponentError, StorageError, UnavailableError
from bioselect.registry import unknown_name_message
from bioselect.storage import BLOCK_BYTES, atomic_path, sha256_of_file

IMAGENET = "imagenet"
RANDOM = "none"
RANDOM_IDENTITY = "random-seed-0"
DOWNLOAD_TIMEOUT_SECONDS = 10.0


def check_weights(
    architecture: str, weights: str, alpha: float = 1.0, input_size: tuple[int, int] | None = None
) -> str:
    """Make sure that a network's weights can be had, and say which ones they are.

    Parameters
    ----------
    architecture : str
        A name of the table.
    weights : str
        "imagenet" (from Keras's cache folder, or downloaded into it), "none" (random, always the
        same) or the path of a file of Keras weights.
    alpha : float
        How wide the network is, where there is something to choose.
    input_size : tuple of int, optional
        (height, width); some networks have ImageNet weights of their own for some sizes.

    Returns
    -------
    str
        The SHA-256 of the weights file, or "random-seed-0".

    Raises
    ------
    UnavailableError
        If the weights cannot be had; the message names the missing file, where to put it, and the
        parameter that names another file.
    ComponentError
        If the architecture or alpha is unknown, or the file holds the weights of something else.

    Examples
    --------
    >>> check_weights("mobilenet_v2", "none", alpha=0.35)
    'random-seed-0'
    """
    path = find_weights(architecture, weights, alpha, input_size)
    return RANDOM_IDENTITY if path is None else cached_sha256(path)


def find_weights(
    architecture: str, weights: str, alpha: float, input_size: tuple[int, int] | None
) -> Path | None:
    """Return the weights file, checked to fit; None for random weights.

    Raises the errors of :func:`check_weights`.
    """
    row = row_of(architecture)
    row.width(alpha)
    if weights == RANDOM:
        return None
    if weights == IMAGENET:
        return _imagenet_file(row, alpha, input_size or row.input_size)
    path = Path(os.path.expanduser(weights))  # Path.expanduser raises on unknown users
    if not path.is_file():
        raise UnavailableError(
            f"{architecture}: params.weights must be imagenet, none, or an existing file of Keras "
            f"weights. Got {path}, which is not there. Put it there, or name another."
        )
    check_fit(path, row, alpha)
    is_made_for_imagenet_pixels(path, row, alpha)
    return path


def is_made_for_imagenet_pixels(path: Path | None, row: BackboneRow, alpha: float) -> bool:
    """Tell whether weights take their pixels as Keras scales them for the ImageNet weights.

    That differs in EfficientNet (v1) only. Its ImageNet weights are known by Keras's checksum,
    wherever the file lies, and what was trained on from them by the layers in the file.

    Raises
    ------
    ComponentError
        If the file does not tell.
    """
    if path is None or not row.is_scaled_twice:
        return False
    checksum = row.width(alpha).checksum
    if _checksum(*_state_of(path), len(checksum)) == checksum:
        return True
    return is_scaled_after_normalization(path, row.name)


def row_of(architecture: str) -> BackboneRow:
    """Return a network's row; an unknown name is an error with the nearest one."""
    if architecture not in ROWS:
        raise ComponentError(unknown_name_message("architecture", architecture, list(ROWS)))
    return ROWS[architecture]


def cache_folder() -> Path:
    """Return the folder in which Keras keeps downloaded weights (`KERAS_HOME` is obeyed)."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models"


def _imagenet_file(row: BackboneRow, alpha: float, input_size: tuple[int, int]) -> Path:
    path = cache_folder() / row.weights_name(alpha, input_size)
    checksum = row.width(alpha).checksum
    if not path.is_file():
        _download(row, row.weights_url(alpha, input_size), path, checksum)
    elif checksum and _checksum(*_state_of(path), len(checksum)) != checksum:
        raise UnavailableError(
            f"{row.name}: the ImageNet weights in {path} are damaged or not Keras's (their "
            "checksum is another). Delete the file to have it downloaded again, or name your own "
            "with params: {weights: FILE}."
        )
    try:
        check_fit(path, row, alpha)
    except ComponentError as error:
        raise UnavailableError(
            f"{error} Delete that file from Keras's cache folder to have it downloaded again, or "
            "name another with params: {weights: FILE}."
        ) from error
    return path


def _download(row: BackboneRow, url: str, path: Path, checksum: str) -> None:
    try:
        with atomic_path(path) as unfinished:
            with (
                urllib.request.urlopen(url, timeout=DOWNLOAD_TIMEOUT_SECONDS) as answer,
                open(unfinished, "wb") as file,
            ):
                shutil.copyfileobj(answer, file, BLOCK_BYTES)
            if checksum and _hexdigest(unfinished, len(checksum)) != checksum:
                raise OSError("what came has another checksum")
    except (OSError, http.client.HTTPException, StorageError) as error:
        raise UnavailableError(
            f"{row.name}: the ImageNet weights cannot be had: {path.name} is not in {path.parent}, "
            f"and downloading it failed ({' '.join(str(error).split())}). Put the file there (it "
            f"comes from {url}), or name a weights file with params: {{weights: FILE}}."
        ) from error


def cached_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; an unchanged file is read once in the life of the program."""
    return _sha256(*_state_of(path))


def _state_of(path: Path) -> tuple[Path, int, int]:
    state = path.stat()
    return path, state.st_size, state.st_mtime_ns


@functools.lru_cache(maxsize=64)
def _sha256(path: Path, size: int, modified: int) -> str:
    return sha256_of_file(path)


@functools.lru_cache(maxsize=64)
def _checksum(path: Path, size: int, modified: int, n_digits: int) -> str:
    return _hexdigest(path, n_digits)


def _hexdigest(path: Path, n_digits: int) -> str:
    """Return MD5 (32 digits) or SHA-256 (64), whichever Keras states for a file."""
    digest = hashlib.md5(usedforsecurity=False) if n_digits == 32 else hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()
