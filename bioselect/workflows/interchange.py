"""`bioselect export`: a model -> a file that other programs open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bioselect.bundle.export.onnx_file import onnx_model, write_onnx
from bioselect.bundle.reading import Model, bundle_folder, explained, load_bundle
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import exists
from bioselect.data.reading import read_source
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.predict.files import find_images
from bioselect.progress import SILENT, Reporter

ONNX, BIOIMAGEIO, KERAS = "onnx", "bioimageio", "keras"
#: Kind of file -> how its name ends.
ENDINGS = {ONNX: ".onnx", BIOIMAGEIO: ".zip", KERAS: ".keras"}


def export(
    model_path: Path,
    kind: str,
    output: Path,
    images: Sequence[Path] = (),
    components_dir: Path | None = None,
    reporter: Reporter = SILENT,
) -> str:
    """Write a model for other programs, and say in words what is in the file and how exact it is.

    Parameters
    ----------
    model_path : Path
        A bundle, its zip or a run folder.
    kind : {"onnx", "bioimageio", "keras"}
        What is written.
    output : Path
        The file; nothing may lie there.
    images : sequence of Path
        Images on which the file is compared with the model, beside those of the check sample.
    components_dir : Path, optional
        Where the user's own components lie, if the model uses any.
    reporter : Reporter
        Shows the progress.

    Raises
    ------
    BundleError
        If there is no model, or the file would not say what the model says.
    ComponentError
        If a part of the model cannot be written.
    StorageError
        If something lies there already.
    UnavailableError
        If a package of the extra is missing.
    """
    output = Path(output)
    _check_place(output, kind)
    model_path = Path(model_path)
    with explained(model_path), bundle_folder(model_path) as folder:
        model = load_bundle(folder, components_dir)
        shown, where = _read(model, images, reporter)
        reporter.say("translating, and comparing with the model")
        made = onnx_model(model, folder, shown, where)
        beside = write_onnx(output, made)
        return f"{output}: written. {made.words}\n{beside}: the same for programs."


def _check_place(output: Path, kind: str) -> None:
    ending = ENDINGS[kind]
    if output.suffix.lower() != ending:
        raise ConfigurationError(
            f"export: -o must be a file that ends with {ending}. Got {output}. Write for example "
            f"-o {output.with_suffix(ending)}."
        )
    beside = [output.with_suffix(".json")] if kind == ONNX else []
    for place in (output, *beside):
        if exists(place):
            raise StorageError(
                f"{place}: lies there already, and nothing is written over. Take it away, or give "
                "another name with -o."
            )


def _read(
    model: Model, images: Sequence[Path], reporter: Reporter
) -> tuple[list[np.ndarray], list[str]]:
    if not images:
        return [], []
    files, notes = find_images(images, None)
    for note in notes:
        reporter.say(note)
    sources = expanded_sources(files, model.reading, reporter)
    return [read_source(one, model.reading.stack) for one in sources], list(map(str, sources))
