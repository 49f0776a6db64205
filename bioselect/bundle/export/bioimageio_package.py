"""A package of the BioImage Model Zoo: an ONNX graph, described, with tensors that try it.

Written and validated by the Zoo's own libraries (bioimageio.spec and bioimageio.core).
"""

from __future__ import annotations

import io
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bioselect.bundle.export.cover import as_png, cover
from bioselect.bundle.export.graph import OPSET
from bioselect.bundle.export.onnx_graph import VALUE
from bioselect.bundle.export.packages import needed
from bioselect.bundle.export.trial import TOLERANCE
from bioselect.data.intensities import Intensity
from bioselect.exceptions import BioselectError, BundleError
from bioselect.storage import atomic_path

#: What a name may not hold, and how long it and a description may be.
_FORBIDDEN = re.compile(r"[^A-Za-z0-9_+() -]+")
LONGEST_NAME, LONGEST_DESCRIPTION = 64, 1000
#: Kinds of numbers that a tensor may have; images of others are given as float32.
KINDS = ("uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "float64")
IMAGE_AXES = ("y", "x", "channel")
#: Bounds of the Zoo: the absolute tolerance in parts of the highest number (0.01 there, which it
#: computes in float32), and the relative one.
_MOST_OF_HIGHEST, _MOST_RELATIVE = 0.0099, 0.01


@dataclass(frozen=True, eq=False)
class Package:
    """What goes into a package.

    Attributes
    ----------
    name, description : str
        For people.
    document : str
        Markdown.
    graph : onnx.ModelProto
        From images in [0, 1] to one output.
    test_input : np.ndarray
        ``(1, height, width, n_channels)``, as an image lies in a file of the right size.
    test_output : np.ndarray
        float32, what the model says of it.
    intensity : Intensity
        How values become 0 to 1.
    columns : sequence of str
        What the last axis of the output is: the classes, or the number.
    output : str
        The name of the output of the graph.
    overlap : int or None
        Of a model of masks, by how many pixels tiles overlap; None: one row an image.
    pixel_size : float or None
        Micrometres a pixel, if known.
    tags : sequence of str
        By which the package is found.
    facts : dict
        The same for programs; it becomes `config.bioselect`.
    allowed : float
        How far the output may be from `test_output`.
    keras : Path or None
        A Keras file that says the same, where there is one.
    versions : mapping
        Of Keras and TensorFlow, with which that was written.
    """

    name: str
    description: str
    document: str
    graph: Any
    test_input: np.ndarray
    test_output: np.ndarray
    intensity: Intensity
    columns: Sequence[str]
    output: str
    facts: dict[str, Any]
    overlap: int | None = None
    pixel_size: float | None = None
    tags: Sequence[str] = ()
    allowed: float = TOLERANCE
    keras: Path | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_value(self) -> bool:
        """Whether the output is a number, and no probabilities."""
        return self.output == VALUE


def write_package(path: Path, package: Package) -> str:
    """Write a package that the official validator has passed; return its format, as ``0.5.4``.

    Raises
    ------
    BundleError
        If the validator does not pass it.
    UnavailableError
        If a package is missing.
    """
    spec = needed("bioimageio.spec")
    # Its own progress and notes: what is wrong is in the summary.
    needed("loguru").logger.disable("bioimageio")
    with tempfile.TemporaryDirectory() as temporary:
        written = Path(temporary) / "package.zip"
        with _refusals_told():
            described = _described(Path(temporary), package)
            spec.save_bioimageio_package(described, output_path=written)
            problems = _problems(written)
        if problems:
            raise _refused(problems)
        with atomic_path(Path(path)) as unfinished:
            unfinished.write_bytes(written.read_bytes())
    return str(described.format_version)


def _problems(path: Path) -> str:
    """Return what the validator has against a package; nothing if it passes."""
    test = needed("bioimageio.core").test_description
    # Of what it prints (bars of Keras) the summary says all.
    with _environment_kept(), redirect_stdout(io.StringIO()):
        summary = test(path)
    if summary.status == "passed":
        return ""
    told = [
        f"{'.'.join(map(str, error.loc))}: {error.msg}"
        for detail in summary.details
        for error in detail.errors
    ]
    return "; ".join(told) or str(summary.status)


@contextmanager
def _refusals_told() -> Iterator[None]:
    """Turn what the libraries of the Zoo raise where they should report into one line."""
    try:
        yield
    except (BioselectError, OSError, MemoryError):
        raise
    except Exception as error:  # Of theirs, or of pydantic and what else they are made of.
        raise _refused(f"{type(error).__name__}: {error}") from error


def _refused(why: str) -> BundleError:
    return BundleError(
        "export: the validator of the BioImage Model Zoo must pass the package. It says: "
        f"{' '.join(why.split())[:500]} The file is not written."
    )


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Take back what the validator writes into the environment (which backend Keras has)."""
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _described(folder: Path, package: Package) -> Any:
    """Write the files of a package and return what describes them."""
    v05 = needed("bioimageio.spec.model.v0_5")
    (folder / "weights.onnx").write_bytes(package.graph.SerializeToString(deterministic=True))
    np.save(folder / "test_input.npy", package.test_input)
    np.save(folder / "test_output.npy", package.test_output)
    (folder / "README.md").write_text(package.document, encoding="utf-8")
    picture = cover(package.test_input[0], package.test_output[0])
    (folder / "cover.png").write_bytes(as_png(picture))
    relative, absolute = _tolerances(package)
    tolerance = v05.ReproducibilityTolerance(
        relative_tolerance=relative, absolute_tolerance=absolute
    )
    return v05.ModelDescr(
        name=_name(package.name),
        description=package.description[:LONGEST_DESCRIPTION],
        documentation=_file(folder / "README.md"),
        covers=[_file(folder / "cover.png")],
        tags=["bioselect", *package.tags],
        inputs=[_input(v05, folder, package)],
        outputs=[_output(v05, folder, package)],
        weights=_weights(v05, folder, package),
        config=v05.Config(
            bioimageio=v05.BioimageioConfig(reproducibility_tolerance=[tolerance]),
            bioselect=package.facts,
        ),
    )


def _tolerances(package: Package) -> tuple[float, float]:
    """Return the relative and the absolute tolerance that come nearest to what is allowed.

    The Zoo takes no absolute one over a hundredth of the highest number of the test: of a number
    below zero none. What is missing then is relative to the number itself, as far as it may be.
    """
    highest = float(np.max(package.test_output))
    absolute = min(package.allowed, max(0.0, _MOST_OF_HIGHEST * highest))
    if not package.is_value:
        return 1e-3, absolute
    size = float(np.min(np.abs(package.test_output)))
    missing = (package.allowed - absolute) / size if size else 0.0
    return min(max(1e-4, missing), _MOST_RELATIVE), absolute


def _weights(v05: Any, folder: Path, package: Package) -> Any:
    """Return the graph, and the Keras file that it was made from where it says the same."""
    graph = folder / "weights.onnx"
    if package.keras is None:
        return v05.WeightsDescr(onnx=v05.OnnxWeightsDescr(source=graph, opset_version=OPSET))
    shutil.copyfile(package.keras, folder / "weights.keras")
    return v05.WeightsDescr(
        keras_v3=v05.KerasV3WeightsDescr(
            source=folder / "weights.keras",
            keras_version=package.versions["keras"],
            backend=("tensorflow", package.versions["tensorflow"]),
        ),
        onnx=v05.OnnxWeightsDescr(source=graph, opset_version=OPSET, parent="keras_v3"),
    )


def _file(path: Path) -> Any:
    return needed("bioimageio.spec.common").FileDescr(source=path)


def _input(v05: Any, folder: Path, package: Package) -> Any:
    _, height, width, n_channels = package.test_input.shape
    kind = str(package.test_input.dtype)
    axes = [v05.BatchAxis(), *_space(v05.SpaceInputAxis, package, height, width)]
    axes.append(v05.ChannelAxis(channel_names=channel_names(n_channels)))
    return v05.InputTensorDescr(
        id=v05.TensorId("image"),
        description="An image as it lies in its file, of this size",
        axes=axes,
        test_tensor=_file(folder / "test_input.npy"),
        data=v05.IntervalOrRatioDataDescr(type=kind),
        preprocessing=_preprocessing(v05, package.intensity, package.test_input.dtype),
    )


def _space(kind: Any, package: Package, height: Any, width: Any, **more: Any) -> list[Any]:
    if package.pixel_size is not None:
        more |= {"unit": "micrometer", "scale": package.pixel_size}
    return [kind(id="y", size=height, **more), kind(id="x", size=width, **more)]


def channel_names(n_channels: int) -> list[str]:
    """Return what channels are called.

    Examples
    --------
    >>> channel_names(3), channel_names(2)
    (['red', 'green', 'blue'], ['channel0', 'channel1'])
    """
    if n_channels == 3:
        return ["red", "green", "blue"]
    return [f"channel{place}" for place in range(n_channels)]


def _preprocessing(v05: Any, intensity: Intensity, dtype: np.dtype[Any]) -> list[Any]:
    """Return the steps from the values of a file to 0 to 1."""
    as_float = v05.EnsureDtypeDescr(kwargs=v05.EnsureDtypeKwargs(dtype="float32"))
    clipped = v05.ClipDescr(kwargs=v05.ClipKwargs(min=0.0, max=1.0))
    steps: list[Any] = []
    if intensity.minimum is not None and intensity.maximum is not None:
        gain = 1.0 / (intensity.maximum - intensity.minimum)
        scaling = v05.ScaleLinearKwargs(gain=gain, offset=-intensity.minimum * gain)
        steps = [v05.ScaleLinearDescr(kwargs=scaling), clipped]
    elif intensity.mode == "percentile":
        percentiles = v05.ScaleRangeKwargs(
            axes=list(IMAGE_AXES), min_percentile=0.1, max_percentile=99.9
        )
        steps = [v05.ScaleRangeDescr(kwargs=percentiles), clipped]
    elif dtype.kind == "u":
        gain = 1.0 / float(np.iinfo(dtype).max)
        steps = [v05.ScaleLinearDescr(kwargs=v05.ScaleLinearKwargs(gain=gain))]
    return [as_float, *steps, as_float]


def _output(v05: Any, folder: Path, package: Package) -> Any:
    axes = [v05.BatchAxis()]
    if package.overlap is not None:
        y, x = (
            v05.SizeReference(tensor_id=v05.TensorId("image"), axis_id=v05.AxisId(one))
            for one in IMAGE_AXES[:2]
        )
        halo = package.overlap // 2
        kind, more = v05.SpaceOutputAxis, {}
        if halo:
            kind, more = v05.SpaceOutputAxisWithHalo, {"halo": halo}
        axes += _space(kind, package, y, x, **more)
    axes.append(v05.ChannelAxis(channel_names=list(package.columns)))
    is_value = package.is_value
    data = v05.IntervalOrRatioDataDescr(
        type="float32", range=(None, None) if is_value else (0.0, 1.0)
    )
    return v05.OutputTensorDescr(
        id=v05.TensorId(package.output),
        description="A number" if is_value else "The probability of each class",
        axes=axes,
        test_tensor=_file(folder / "test_output.npy"),
        data=data,
    )


def _name(text: str) -> str:
    """Return a name of the signs that are allowed.

    Examples
    --------
    >>> _name("blood: mobilenet_v2 + svm"), _name("é")
    ('blood mobilenet_v2 + svm', 'bioselect model')
    """
    plain = " ".join(_FORBIDDEN.sub(" ", text).split())[:LONGEST_NAME].strip()
    return plain if len(plain) >= 5 else f"bioselect model {plain}".strip()
