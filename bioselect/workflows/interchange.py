"""`bioselect export`: a model -> a file that other programs open."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.addresses import is_address
from bioselect.bundle.export.bioimageio_contents import mask_package_of, package_of
from bioselect.bundle.export.bioimageio_package import write_package
from bioselect.bundle.export.keras_export import keras_mask_network, keras_network
from bioselect.bundle.export.mask_onnx import mask_onnx
from bioselect.bundle.export.onnx_file import onnx_model
from bioselect.bundle.export.packages import check_installed
from bioselect.bundle.mask_model import MaskModel, gives_masks, load_mask_bundle
from bioselect.bundle.opening import OpenBundle, explained, opened_bundle
from bioselect.bundle.reading import Model, load_bundle
from bioselect.data.expansion import expanded_sources
from bioselect.data.names import exists
from bioselect.data.preparation import Reading
from bioselect.data.reading import read_source
from bioselect.exceptions import ConfigurationError, StorageError
from bioselect.predict.files import find_images
from bioselect.progress import SILENT, Reporter
from bioselect.storage import atomic_path, write_json
from bioselect.workflows.remote_places import with_addresses

ONNX, BIOIMAGEIO, KERAS = "onnx", "bioimageio", "keras"
#: Kind of file -> how its name ends.
ENDINGS = {ONNX: ".onnx", BIOIMAGEIO: ".zip", KERAS: ".keras"}
#: Kind of file -> the modules that are needed for it.
MODULES = {
    ONNX: ("onnx", "onnxruntime", "tf2onnx"),
    BIOIMAGEIO: ("bioimageio.spec", "bioimageio.core", "onnx", "onnxruntime", "tf2onnx"),
    KERAS: (),
}
#: They lie in memory at once; more would show nothing new.
MOST_IMAGES = 1000


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
        Images on which the file is compared with the model, beside those of the check sample; of
        more than a thousand a thousand, evenly spread.
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
    ConfigurationError
        If the file's name does not end as it must or is an address, or images are named for a model
        of columns.
    StorageError
        If something lies there already.
    UnavailableError
        If a package of the extra is missing.
    """
    if is_address(output):
        raise ConfigurationError(
            "export: -o must be a file on this computer, as other files lie beside it. Got an "
            "address. Write it here, and copy it there."
        )
    return _exported(model_path, kind, output, images, components_dir, reporter)


@with_addresses(reads=("model_path", "images"))
def _exported(
    model_path: Path,
    kind: str,
    output: Path,
    images: Sequence[Path],
    components_dir: Path | None,
    reporter: Reporter,
) -> str:
    output, model_path = Path(output), Path(model_path)
    beside = output.with_suffix(".json")
    _check_place(output, kind, [output] if kind == BIOIMAGEIO else [output, beside])
    check_installed(MODULES[kind])
    with opened_bundle(model_path) as bundle, explained(bundle.path):
        model = _opened(bundle, components_dir)
        _check_images(model, images)
        shown, where = _read(model.reading, images, reporter)
        reporter.say("translating, and comparing with the model")
        words, facts = _write(model, kind, bundle.folder, output, shown, where)
        if not images and _takes_images_alone(model):
            words = f"{words}\n{_DRAWN}"
    if kind == BIOIMAGEIO:
        return f"{output}: written. {words}"
    try:
        write_json(beside, facts)
    except BaseException:
        output.unlink(missing_ok=True)
        raise
    return f"{output}: written. {words}\n{beside}: the same for programs."


def _opened(bundle: OpenBundle, components_dir: Path | None) -> Model | MaskModel:
    if gives_masks(bundle):
        return load_mask_bundle(bundle)
    return load_bundle(bundle, components_dir)


def _write(
    model: Model | MaskModel,
    kind: str,
    folder: Path,
    output: Path,
    images: Sequence[np.ndarray],
    where: Sequence[str],
) -> tuple[str, dict[str, Any]]:
    """Write the file; return what a person should know of it, and the same for programs."""
    if kind == BIOIMAGEIO:
        if isinstance(model, MaskModel):
            package, made = mask_package_of(model, folder, images, where)
        else:
            package, made = package_of(model, folder, images, where)
        version = write_package(output, package)
        return f"{made.words}\n{_PACKAGED.format(version=version)}", made.facts
    if kind == KERAS:
        if isinstance(model, MaskModel):
            found = keras_mask_network(model, folder, images, where)
        else:
            found = keras_network(model, folder, images, where)
        with atomic_path(output) as unfinished:
            shutil.copyfile(found.source, unfinished)
        return found.words, found.facts
    if isinstance(model, MaskModel):
        made = mask_onnx(model, folder, images, where)
    else:
        made = onnx_model(model, folder, images, where)
    with atomic_path(output) as unfinished:
        unfinished.write_bytes(made.whole.SerializeToString(deterministic=True))
    return made.words, made.facts


_DRAWN = (
    "What it was checked on is drawn, and a model may be sure of all of that: name some of your "
    "own images with --images to compare on them too."
)
_PACKAGED = (
    "Packaged: the package takes images as they lie in files, of that size; its description says "
    "how values become 0 to 1. bioimage.io's validator passed it (format {version}). Authors, "
    "licence and citation are not known here: add them to rdf.yaml before you upload it."
)


def _check_place(output: Path, kind: str, places: Sequence[Path]) -> None:
    ending = ENDINGS[kind]
    if output.suffix.lower() != ending:
        raise ConfigurationError(
            f"export: -o must be a file that ends with {ending}. Got {output}. Write for example "
            f"-o {output.with_suffix(ending)}."
        )
    for place in places:
        if exists(place):
            raise StorageError(
                f"{place}: lies there already, and nothing is written over. Take it away, or give "
                "another name with -o."
            )


def _check_images(model: Model | MaskModel, images: Sequence[Path]) -> None:
    """Refuse images for a model that takes columns of a table, of which they have none."""
    if images and not _takes_images_alone(model):
        raise ConfigurationError(
            "--images: must go with a model that takes images alone. Got one that takes columns of "
            "a table. Leave it out: the check sample of the model has columns."
        )


def _takes_images_alone(model: Model | MaskModel) -> bool:
    return isinstance(model, MaskModel) or model.manifest.columns is None


def _read(
    reading: Reading, images: Sequence[Path], reporter: Reporter
) -> tuple[list[np.ndarray], list[str]]:
    """Return images as they lie in files, and what to call each."""
    if not images:
        return [], []
    files, notes = find_images(images, None)
    for note in notes:
        reporter.say(note)
    sources = expanded_sources(files, reading, reporter)
    if len(sources) > MOST_IMAGES:
        reporter.say(f"comparing on {MOST_IMAGES} of {len(sources)} images, evenly spread")
        places = np.linspace(0, len(sources) - 1, MOST_IMAGES).round().astype(int)
        sources = [sources[place] for place in places]
    return [read_source(one, reading.stack) for one in sources], [str(one) for one in sources]
