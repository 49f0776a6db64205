"""How images are read: what is bad, several planes, channels, the scale of the values."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bioselect.data.intensities import resolve_auto
from bioselect.data.preparation import N_COLOURS
from bioselect.data.stacks import MIDDLE
from bioselect.exceptions import DataError
from bioselect.workflows.proposal.choices import Choice, counted, plain, sentence
from bioselect.workflows.proposal.looking import Looks

#: Up to this part of the images may be left out because they cannot be read.
FEW_BAD = 0.05
_N_LISTED = 5


def reading_choices(looks: Looks, where: Path) -> list[Choice]:
    """Return the keys of `dataset` that say how images are read.

    Parameters
    ----------
    looks : Looks
        What was found.
    where : Path
        Named in errors.

    Raises
    ------
    DataError
        If many images cannot be read, or they differ in their channels.
    """
    bad = _on_bad_image(looks, where)
    return [_channels(looks, where), _stack(looks), _intensity(looks), bad]


def _on_bad_image(looks: Looks, where: Path) -> Choice:
    bad = [mark for mark in looks.marks if mark.error]
    if not bad:
        why = f"{sentence(looks.extent)} were read, and each can be used. "
        why += "If a file cannot: stop before the work, or exclude it (and say so)."
        return Choice("on_bad_image", "stop", why)
    errors = "\n".join(f"  {mark.error}" for mark in bad[:_N_LISTED])
    more = f"\n  ... and {len(bad) - _N_LISTED} more" if len(bad) > _N_LISTED else ""
    found = f"{len(bad)} of the {len(looks.marks)} images that were read cannot be used"
    if len(bad) == len(looks.marks) or len(bad) > max(1, FEW_BAD * len(looks.marks)):
        raise DataError(
            f"{where}: {found}, too many to leave them out. Repair or remove them, and start "
            f"again.\n{errors}{more}"
        )
    reasons = " ".join(plain(mark.error) for mark in bad[:_N_LISTED])
    if len(bad) > _N_LISTED:
        reasons += f" And {len(bad) - _N_LISTED} more."
    words = (
        f"{counted(len(bad), 'image')} cannot be used and {'is' if len(bad) == 1 else 'are'} left "
        f"out. {reasons}"
    )
    why = f"{words} With stop, the study stops before the work if there is such a file."
    return Choice("on_bad_image", "exclude", why, words, to_look_at=True)


def _channels(looks: Looks, where: Path) -> Choice:
    found = Counter(mark.n_channels for mark in looks.readable)
    if set(found) <= {1, N_COLOURS}:
        why = "Networks take three channels, which the images have."
        if set(found) == {1, N_COLOURS}:
            why = "Networks take three channels: grey images get three equal ones."
        elif N_COLOURS not in found:
            why = "Networks take three channels: these grey images get three equal ones."
        return Choice("channels", None, f"{why} Descriptors look at every channel.")
    if len(found) > 1:
        example = {mark.n_channels: mark.image_id for mark in reversed(looks.readable)}
        counts = ", ".join(
            f"{number} ({count} images, such as {plain(example[number])})"
            for number, count in found.most_common()
        )
        raise DataError(
            f"{where}: all images must have the same number of channels (grey and colour may be "
            f"mixed). Got {counts}. Save them alike, or leave those of one kind out."
        )
    (number,) = found
    if number == 2:
        which = "both, the second one twice"
        channels = [0, 1, 1]
    else:
        which = f"the first three of {number}"
        channels = [0, 1, 2]
    words = f"networks take three channels: they get {which}. Descriptors look at all {number}."
    why = f"{sentence(words)} Choose the three that show most; channels are counted from 0."
    return Choice("channels", channels, why, f"channels: {words}", to_look_at=True)


def _stack(looks: Looks) -> Choice:
    if looks.stack is None:
        few = "" if looks.is_complete else " that was read"
        why = f"No file{few} has several planes (slices, pages); null makes such a file an error."
        return Choice("stack", None, why)
    value = looks.stack.as_config()
    if looks.stack.lists_planes:
        done = "each plane is an image of its own, and those of one file are never divided"
    elif looks.stack.mode == MIDDLE:
        done = "the plane in the middle of each file is the image"
    else:
        done = "the largest value of each pixel over the planes makes one image"
    words = f"{looks.planes}: {done}."
    why = (
        f"{plain(words)} Instead: {{projection: max}}, {{projection: mean}}, middle, all or "
        "{every: 5}; or channels, if the planes are the channels of one image."
    )
    return Choice("stack", value, why, f"stack: {words}", to_look_at=True)


def _intensity(looks: Looks) -> Choice:
    marks = looks.readable
    intensity, reason = resolve_auto(
        {mark.dtype for mark in marks},
        min(mark.minimum for mark in marks),
        max(mark.maximum for mark in marks),
    )
    value = intensity.as_config()
    if looks.is_complete:
        why = f"How pixel values become 0 to 1: {reason}."
        return Choice("intensity", value, why, f"intensity: {reason}.")
    # From a part of the images a range would clip what is brighter in the others.
    why = (
        f"How pixel values become 0 to 1. {sentence(looks.extent)} were read; for these, auto "
        f"would be {_in_yaml(value)} ({reason}). `bioselect check` reads all and says what it is."
    )
    return Choice("intensity", "auto", why, f"intensity: auto ({reason}; {looks.extent} read).")


def _in_yaml(value: str | dict[str, float]) -> str:
    if isinstance(value, str):
        return value
    return f"{{{', '.join(f'{key}: {number}' for key, number in value.items())}}}"
