"""A network chosen to fit the images and the memory: a pure function, with its reasons.

In the spirit of nnU-Net (Isensee et al. 2021, doi:10.1038/s41592-020-01008-z), for a laptop: the
patch is as large as things need, the network as deep as the patch allows and as wide as the number
of images, the batch as large as memory allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bioselect.networks.masks.fingerprint import MaskFingerprint
from bioselect.networks.parameters import AUTO

#: What a training may take beside Python and TensorFlow themselves; stated, not measured, so that
#: the same images give the same plan on every machine. A laptop with 8 GB has as much to spare.
MEMORY_BYTES = 3 * 1024**3
#: A patch shows a thing with what lies around it.
EXTENTS_A_PATCH = 8
SMALLEST_PATCH, LARGEST_PATCH = 128, 512
#: A map is not made smaller than this a side.
SMALLEST_MAP = 8
MOST_DEPTH, LEAST_DEPTH = 5, 2
#: Fewer images teach a wide network nothing but themselves.
FEW_IMAGES, MANY_IMAGES = 40, 400
#: (fewer images than, width)
NARROW, USUAL_WIDTH, WIDE = 16, 32, 48
LARGEST_BATCH, LEAST_FOR_BATCH_NORM = 8, 4
#: Values kept of each pixel and channel of the top level for the way back through a U-Net: counted
#: over its levels (two convolutions, normalised and cut off, down and up) it is 28; and one more
#: for what convolutions need to work.
VALUES_A_CHANNEL = 32
BYTES_A_VALUE = 4


@dataclass(frozen=True)
class PlanStep:
    """A parameter that was chosen, and why."""

    parameter: str
    value: Any
    reason: str


def chosen_plan(
    fingerprint: MaskFingerprint,
    written: Mapping[str, Any],
    known: tuple[str, ...] = ("patch_size", "depth", "width", "batch_size", "norm"),
    memory_bytes: int = MEMORY_BYTES,
) -> tuple[PlanStep, ...]:
    """Return what `plan: auto` chooses, in its order; what is written stays as it is.

    Parameters
    ----------
    fingerprint : MaskFingerprint
        Of all images.
    written : mapping
        The parameters of the configuration.
    known : tuple of str
        The parameters that the network has.
    memory_bytes : int
        What a training may take.

    Examples
    --------
    >>> small = MaskFingerprint(90, 3, 2, (256, 256), (360, 360), 20.0)
    >>> [(step.parameter, step.value) for step in chosen_plan(small, {})]
    [('patch_size', [160, 160]), ('depth', 4), ('width', 32), ('batch_size', 8), ('norm', 'batch')]
    """
    values = {name: value for name, value in written.items() if value != AUTO}
    steps: list[PlanStep] = []
    for parameter, choose in _CHOICES.items():
        if parameter in values or parameter not in known:
            continue
        value, reason = choose(fingerprint, values, memory_bytes)
        values[parameter] = value
        steps.append(PlanStep(parameter, value, reason))
    return tuple(steps)


def training_bytes(patch: tuple[int, int], width: int, batch_size: int) -> int:
    """Return about how much memory the training of a U-Net takes for what lies between layers.

    Examples
    --------
    >>> training_bytes((256, 256), 16, 8) / 1024**2
    1024.0
    """
    return batch_size * patch[0] * patch[1] * width * VALUES_A_CHANNEL * BYTES_A_VALUE


Chosen = tuple[Any, str]


def _patch(fingerprint: MaskFingerprint, values: Mapping[str, Any], memory: int) -> Chosen:
    multiple = 2 ** int(values.get("depth", MOST_DEPTH))
    extent = fingerprint.object_extent
    wanted = LARGEST_PATCH if extent == 0 else extent * EXTENTS_A_PATCH
    wanted = min(max(wanted, SMALLEST_PATCH), LARGEST_PATCH)
    sides = [
        max(-(-int(min(wanted, side)) // multiple), 1) * multiple
        for side in fingerprint.middle_size
    ]
    height, width = fingerprint.middle_size
    things = f"things are about {extent:.0f} px wide" if extent else "masks show no things"
    return sides, (
        f"{things} and the middle image is {height} x {width} px: {EXTENTS_A_PATCH} times a thing, "
        f"{SMALLEST_PATCH} to {LARGEST_PATCH} px and not beyond the image, as a multiple of "
        f"{multiple}"
    )


def _depth(fingerprint: MaskFingerprint, values: Mapping[str, Any], memory: int) -> Chosen:
    patch = _pair(values["patch_size"])
    depth = LEAST_DEPTH
    while (
        depth < MOST_DEPTH
        and min(patch) // 2 ** (depth + 1) >= SMALLEST_MAP
        and all(side % 2 ** (depth + 1) == 0 for side in patch)
    ):
        depth += 1
    lowest = [side // 2**depth for side in patch]
    return depth, (
        f"as often as {patch[0]} x {patch[1]} px can be halved down to {SMALLEST_MAP} px a side, "
        f"{LEAST_DEPTH} to {MOST_DEPTH} times: the lowest map is {lowest[0]} x {lowest[1]}"
    )


def _width(fingerprint: MaskFingerprint, values: Mapping[str, Any], memory: int) -> Chosen:
    n_images = fingerprint.n_images
    width = NARROW if n_images < FEW_IMAGES else USUAL_WIDTH if n_images < MANY_IMAGES else WIDE
    patch = _pair(values["patch_size"])
    reason = f"{n_images} images: {NARROW} below {FEW_IMAGES}, {WIDE} from {MANY_IMAGES} on"
    smallest = int(values.get("batch_size", 2))
    while width > 8 and training_bytes(patch, width, smallest) > memory:
        width //= 2
        reason = f"as wide as memory allows with batches of {smallest}"
    return width, reason


def _batch_size(fingerprint: MaskFingerprint, values: Mapping[str, Any], memory: int) -> Chosen:
    patch, width = _pair(values["patch_size"]), int(values.get("width", USUAL_WIDTH))
    size = LARGEST_BATCH
    while size > 1 and training_bytes(patch, width, size) > memory:
        size //= 2
    taken = training_bytes(patch, width, size) / 1024**3
    return size, (
        f"about {taken:.1f} GB for what lies between layers, of {memory / 1024**3:.1f} GB that are "
        f"planned with; at most {LARGEST_BATCH}"
    )


def _norm(fingerprint: MaskFingerprint, values: Mapping[str, Any], memory: int) -> Chosen:
    size = int(values.get("batch_size", LARGEST_BATCH))
    if size < LEAST_FOR_BATCH_NORM:
        return "group", f"statistics of {size} patches are too few for batch normalisation"
    return "batch", f"batches have at least {LEAST_FOR_BATCH_NORM} patches"


def _pair(size: Any) -> tuple[int, int]:
    if isinstance(size, int):
        return size, size
    height, width = size
    return int(height), int(width)


_CHOICES = {
    "patch_size": _patch,
    "depth": _depth,
    "width": _width,
    "batch_size": _batch_size,
    "norm": _norm,
}
