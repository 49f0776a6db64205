"""What a model of another program takes and gives, as its file says: nothing is guessed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bioselect.backbones.engines import AUTO
from bioselect.backbones.model_kinds import LITERT, NAME, ModelKind, small_ending
from bioselect.backbones.model_options import CHANNELS_FIRST, CHANNELS_LAST
from bioselect.backbones.openvino_import import import_frontends
from bioselect.exceptions import ComponentError

#: Images have so many channels at most where the two layouts are told apart by their number.
_USUAL_CHANNELS = 4
#: What OpenVINO says beside the reason: where in its own source it noticed.
_WHERE = re.compile(
    r"(Check '.*?' failed at|Exception from) \S+:\d+: |FrontEnd API failed with "
    r"|While validating node '.*?' with friendly_name '.*?': "
)

Sides = tuple[int | None, ...]


def read_network(path: Path, kind: ModelKind) -> Any:
    """Return the network of a file as OpenVINO has it, as its file says.

    Raises
    ------
    ComponentError
        If OpenVINO cannot read it, or knows one of its operations not.
    """
    frontends = import_frontends()
    try:
        reader = frontends.FrontEndManager().load_by_framework(kind.frontend)
        if kind is not LITERT:
            return reader.convert(reader.load(str(path)))
        with small_ending(path) as named:
            return reader.convert(reader.load(str(named)))
    except Exception as error:  # OpenVINO raises whatever the file happens to cause.
        raise ComponentError(
            f"{NAME}: {path} must be a whole {kind.name} model of operations that OpenVINO knows. "
            f"Got: {reason_of(error)}. Use another copy, or export it anew without them."
        ) from error


def reason_of(error: Exception) -> str:
    r"""Return what OpenVINO says of an error, in one line.

    Examples
    --------
    >>> reason_of(RuntimeError("Check 'false' failed at src/a.cpp:1:\nNo weights\n"))
    'No weights'
    """
    text = _WHERE.sub("", " ".join(str(error).split()))
    return text[:300].rstrip(" .") or type(error).__name__


def image_input(network: Any, path: Path) -> Sides:
    """Return the shape of the one input, without the images: three sides, None where open.

    Raises
    ------
    ComponentError
        If the model takes anything but images, float32, one at a time.
    """
    if len(network.inputs) != 1:
        names = ", ".join(name_of(port) for port in network.inputs) or "none"
        raise ComponentError(
            f"{NAME}: a model must have one input, the images. {path} has {len(network.inputs)} "
            f"({names}). Export the part of it that takes the images."
        )
    taken = network.input(0)
    shape = taken.get_partial_shape()
    if shape.rank.is_dynamic or len(shape) != 4:
        raise ComponentError(
            f"{NAME}: a model must take images, four axes with that of the batch. {path} takes "
            f"{shape}. Export it anew with an image as example."
        )
    kind = taken.get_element_type().get_type_name()
    if kind != "f32":
        raise ComponentError(
            f"{NAME}: a model must take float32. {path} takes {kind}. Export it with float32 "
            "inputs, and not quantised."
        )
    n_images, *sides = sides_of(shape)
    if n_images not in (None, 1):
        raise ComponentError(
            f"{NAME}: a model must take one image at a time, or any number. {path} takes "
            f"{n_images}. Export it with a batch of 1."
        )
    return tuple(sides)


def layout_of(sides: Sides, written: str, path: Path) -> str:
    """Return which axis holds the channels: the first or last, if shorter than all others.

    Parameters
    ----------
    sides : tuple of int or None
        The three sides that the input has; None where it takes any.
    written : str
        "channels_first", "channels_last", or "auto".
    path : Path
        What to call the model in an error.

    Raises
    ------
    ComponentError
        If the shape does not tell, or tells the opposite of what was written.

    Examples
    --------
    >>> layout_of((3, 224, 224), "auto", Path("uni.onnx"))
    'channels_first'
    >>> layout_of((None, None, 3), "auto", Path("m.tflite"))
    'channels_last'
    """
    if written != AUTO:
        _check_layout(sides, written, path)
        return written
    first, middle, last = (float("inf") if side is None else side for side in sides)
    if first < min(middle, last):
        return CHANNELS_FIRST
    if last < min(first, middle):
        return CHANNELS_LAST
    raise ComponentError(
        f"{NAME}: params.layout must be given, because the input {shape_text(sides)} of {path} "
        f"does not tell which axis holds the channels. Write {CHANNELS_FIRST} (usual in PyTorch) "
        f"or {CHANNELS_LAST} (usual in TensorFlow)."
    )


def _check_layout(sides: Sides, written: str, path: Path) -> None:
    """Refuse a layout by which an image would be a stack of rows, 48 channels of 3 x 48 pixels."""
    first, _, last = sides
    is_first = written == CHANNELS_FIRST
    channels, other = (first, last) if is_first else (last, first)
    if channels is None or other is None or not other <= _USUAL_CHANNELS < channels:
        return
    raise ComponentError(
        f"{NAME}: params.layout {written} contradicts the shape {shape_text((None, *sides))} of "
        f"the input of {path}: it would have {channels} channels. Write "
        f"{CHANNELS_LAST if is_first else CHANNELS_FIRST}, or leave layout out."
    )


def image_shape_of(sides: Sides, layout: str) -> tuple[int | None, int | None, int | None]:
    """Return (height, width, n_channels) out of the sides in the order of the file.

    Examples
    --------
    >>> image_shape_of((3, 224, None), "channels_first")
    (224, None, 3)
    """
    first, middle, last = sides
    return (middle, last, first) if layout == CHANNELS_FIRST else (first, middle, last)


def chosen_output(network: Any, written: str | int | None, path: Path) -> int:
    """Return the number of the output to take.

    Raises
    ------
    ComponentError
        If there are several and none was named, or there is none of this name or number; the
        message lists them.
    """
    outputs = network.outputs
    if written is None and len(outputs) == 1:
        return 0
    if isinstance(written, int) and 0 <= written < len(outputs):
        return written
    for number, output in enumerate(outputs):
        if isinstance(written, str) and written in output.get_names():
            return number
    listed = ", ".join(
        f"{number}: {name_of(output)} {shape_text(sides_of(output.get_partial_shape()))}"
        for number, output in enumerate(outputs)
    )
    rule = f"must be given, because {path} has several outputs"
    if written is not None:
        rule = f"must be an output of {path}. Got {written!r}"
    raise ComponentError(
        f"{NAME}: params.output {rule}. Write the name or number of one of them: "
        f"{listed or 'none'}."
    )


def name_of(port: Any) -> str:
    """Return what a file calls an input or output."""
    return min(port.get_names(), default="(no name)")


def sides_of(shape: Any) -> Sides:
    """Return the sides of a shape of OpenVINO, None where open; of one of any rank, none."""
    if shape.rank.is_dynamic:
        return ()
    return tuple(side.get_length() if side.is_static else None for side in shape)


def shape_text(sides: Sides) -> str:
    """Return sides as they stand in a message.

    Examples
    --------
    >>> shape_text((3, None, 224))
    '[3, ?, 224]'
    """
    return f"[{', '.join('?' if side is None else str(side) for side in sides)}]"
