"""Which kinds of model files there are, and which files a model consists of."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bioselect.backbones.onnx_files import external_files
from bioselect.backbones.weights import cached_sha256
from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.storage import digest_of

NAME = "model_file"


@dataclass(frozen=True)
class ModelKind:
    """One kind of model file; `frontend` is what reads it in OpenVINO, "" where Keras does."""

    name: str
    suffixes: tuple[str, ...]
    frontend: str = ""


KERAS_FILE = ModelKind("Keras", (".keras", ".h5", ".hdf5"))
ONNX = ModelKind("ONNX", (".onnx",), "onnx")
OPENVINO_IR = ModelKind("OpenVINO IR", (".xml",), "ir")
LITERT = ModelKind("LiteRT", (".tflite",), "tflite")
KINDS = (KERAS_FILE, ONNX, OPENVINO_IR, LITERT)

#: What is often given instead, and what to do with it.
_REMEDIES = {
    **dict.fromkeys(
        (".pt", ".pth", ".ckpt", ".safetensors"),
        "Export the model as ONNX where it was made (torch.onnx.export in PyTorch).",
    ),
    ".bin": "Name the .xml file of the model, beside which it lies.",
    ".pb": "Save it with Keras as .keras, or export it as ONNX.",
}


def kind_of(path: str) -> ModelKind | None:
    """Return the kind of a model file, by how its name ends; None for other files.

    Examples
    --------
    >>> kind_of("models/uni.onnx").name, kind_of("uni.pth")
    ('ONNX', None)
    """
    suffix = Path(path).suffix.lower()
    return next((kind for kind in KINDS if suffix in kind.suffixes), None)


def known_kind(path: str) -> ModelKind:
    """Return the kind of a model file.

    Raises
    ------
    ComponentError
        If its name does not end as that of a model.
    """
    kind = kind_of(path)
    if kind is None:
        remedy = _REMEDIES.get(Path(path).suffix.lower(), "Name the file of a model.")
        raise ComponentError(
            f"{NAME}: params.path must be a model file ({_endings()}). Got {path}. {remedy}"
        )
    return kind


def is_foreign(path: str) -> bool:
    """Tell whether a model file is of another program than Keras."""
    kind = kind_of(path)
    return kind is not None and kind is not KERAS_FILE


def existing_model(path: str) -> Path:
    """Return the model file, or say that it is not there or no model.

    Raises
    ------
    UnavailableError
        If it is not there.
    ComponentError
        If it is a folder, or its name does not end as that of a model.
    """
    file = Path(os.path.expanduser(path))  # Path.expanduser raises on unknown users
    if file.is_dir():
        what = "a folder" + " (a SavedModel)" * (file / "saved_model.pb").is_file()
        raise ComponentError(
            f"{NAME}: params.path must be a model file ({_endings()}). Got {path}, which is "
            f"{what}. Name the file in it, or save the model as one: with Keras as .keras, or as "
            "ONNX."
        )
    if not file.is_file():
        raise UnavailableError(
            f"{NAME}: params.path must be a model file ({_endings()}). Got {path}, which is not "
            "there. Put it there, or name another."
        )
    known_kind(path)
    return file


@contextmanager
def small_ending(file: Path) -> Iterator[Path]:
    """Give a model of one file by a name that ends in small letters: some programs know no others.

    Examples
    --------
    >>> with small_ending(Path("own.keras")) as named:
    ...     print(named)
    own.keras
    """
    if file.suffix.islower():
        yield file
        return
    # On some systems a file that is still being read cannot go.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        named = Path(folder) / f"model{file.suffix.lower()}"
        shutil.copyfile(file, named)
        yield named


def files_of(path: str) -> tuple[Path, ...]:
    """Return all the files that a model consists of, the named one first.

    The graph of an OpenVINO model lies in an `.xml` and its weights in a `.bin`; an ONNX model may
    keep its weights in files beside it (those of more than 2 GB must).

    Raises
    ------
    UnavailableError
        If one is not there.
    ComponentError
        If the file is damaged, or none of the kinds.
    """
    file = existing_model(path)
    kind = kind_of(path)
    beside: list[Path] = []
    if kind is OPENVINO_IR:
        beside = [file.with_suffix(".bin")]
    elif kind is ONNX:
        beside = _named_in_onnx(file)
    for other in beside:
        if not other.is_file():
            raise UnavailableError(
                f"{NAME}: {path} needs the file {other.name} beside it, which holds its weights "
                "and is not there. Put it there."
            )
    return (file, *beside)


def identity_of(files: tuple[Path, ...]) -> str:
    """Return a SHA-256 of the content of a model: of its file, or of those of all its files."""
    digests = [cached_sha256(file) for file in files]
    return digests[0] if len(digests) == 1 else digest_of(digests)


def _named_in_onnx(file: Path) -> list[Path]:
    try:
        names = external_files(file)
    except ValueError as error:
        raise ComponentError(
            f"{NAME}: params.path must be a whole ONNX model. Got {file}, which is damaged or "
            f"something else ({error}). Use another copy."
        ) from error
    for name in names:
        # A file from elsewhere must not make us read, and take along, whatever it names.
        if Path(name).is_absolute() or ".." in Path(name).parts or "\\" in name:
            raise ComponentError(
                f"{NAME}: the weights of {file} must lie beside it. Got {name!r}. Save the model "
                "as one file."
            )
    return [file.parent / name for name in names]


def _endings() -> str:
    return ", ".join(f"{kind.name}: {' or '.join(kind.suffixes[:2])}" for kind in KINDS)
