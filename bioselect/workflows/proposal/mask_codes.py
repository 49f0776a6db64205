"""What the masks of a proposed study hold: which code is which class, and what cannot be used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bioselect.checks.findings import Finding
from bioselect.checks.mask_contents import shares_in_words
from bioselect.checks.mask_files import unusable_masks
from bioselect.data.found_codes import found_codes
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.mask_facts import MaskFacts, read_mask_facts
from bioselect.exceptions import DataError
from bioselect.progress import Reporter
from bioselect.workflows.proposal.choices import Choice, counted, listed, plain
from bioselect.workflows.proposal.looking import Looks
from bioselect.workflows.proposal.mask_source import MaskSource
from bioselect.workflows.proposal.reading_choices import FEW_BAD
from bioselect.workflows.segmentation.codes import as_written

_N_LISTED = 5


@dataclass(frozen=True)
class MaskLooks:
    """What was found in the masks that were read: their codes, and the keys that say so."""

    facts: tuple[MaskFacts, ...]
    codes: MaskCodes
    classes: tuple[Choice, ...]
    bad: tuple[Finding, ...]

    @property
    def shares(self) -> str:
        """Which part of the pixels each class has."""
        return shares_in_words(self.facts, self.codes)


def look_at_masks(found: MaskSource, looks: Looks, n_jobs: int, reporter: Reporter) -> MaskLooks:
    """Read the masks of the images that were read.

    Raises
    ------
    DataError
        If many cannot be used, or it is not clear what their values stand for.
    """
    records = found.source.dataset.records
    pairs = zip((one.image_id for one in records), found.pairs.masks, strict=True)
    mask_of: dict[str, Path] = dict(pairs)
    marks = looks.readable
    names = [mark.image_id for mark in marks]
    facts = read_mask_facts(names, [mask_of[name] for name in names], None, reporter, n_jobs)
    bad = unusable_masks(marks, facts)
    _check_few(found, len(marks), bad)
    gone = {one.image for one in bad}
    usable = [one for one in facts if one.mask_id not in gone]
    try:
        codes, _ = found_codes(usable)
    except DataError as error:
        raise DataError(
            f"{found.masks}: {error} A configuration in which dataset.classes can be written is "
            "configs/segmentation.yaml."
        ) from error
    return MaskLooks(tuple(usable), codes, (_classes(codes, looks), *_STILL_OFF), tuple(bad))


def on_bad_image(found: MaskSource, masks: MaskLooks, chosen: Choice) -> Choice:
    """Return what becomes of images without a mask that can be used, beside unreadable ones."""
    lacking = [f"{plain(name)} has no mask" for name in found.pairs.without_mask]
    lacking += [f"{plain(one.image)}: {plain(one.what).removesuffix('.')}" for one in masks.bad]
    if not lacking:
        return chosen
    words = (
        f"{counted(len(lacking), 'image')} cannot be used for want of a fitting mask and "
        f"{'is' if len(lacking) == 1 else 'are'} left out: {listed(lacking, _N_LISTED)}."
    )
    if chosen.value == "exclude":
        words = f"{chosen.in_words} {words}"
    why = f"{words} With stop, the study stops before the work if there is such a file."
    return replace(chosen, value="exclude", why=why, in_words=words, to_look_at=True)


def _check_few(found: MaskSource, n_read: int, bad: Sequence[Finding]) -> None:
    """Stop where many images have no mask that can be used."""
    lacking = [f"  {name}: has no mask" for name in found.pairs.without_mask]
    lacking += [f"  {one.image}: {one.what}" for one in bad]
    n_images = n_read + len(found.pairs.without_mask)
    if len(lacking) <= max(1, FEW_BAD * n_images) and len(bad) < n_read:
        return
    errors = "\n".join(lacking[:_N_LISTED])
    more = f"\n  ... and {len(lacking) - _N_LISTED} more" if len(lacking) > _N_LISTED else ""
    raise DataError(
        f"{found.masks}: {len(lacking)} of {counted(n_images, 'image')} have no mask that can be "
        f"used, too many to leave them out. Repair, add or remove them.\n{errors}{more}"
    )


def _classes(codes: MaskCodes, looks: Looks) -> Choice:
    written = as_written(codes)
    extent = "" if looks.is_complete else f" ({looks.extent} read)"
    if codes.instances:
        words = f"each object has a number of its own in the masks{extent}; all of them are learnt "
        words += "as one class against the background"
        why = f"{words[0].upper()}{words[1:]}. Call the class as you like."
    else:
        codes_found = ", ".join(map(str, written))
        words = f"the masks hold the codes {codes_found}{extent}"
        why = (
            f"{words[0].upper()}{words[1:]}: write what each is. Several codes may be one class; "
            "the one that is called background counts in no mean over classes."
        )
    return Choice("classes", written, why, f"classes: {words}.", to_look_at=True)


_STILL_OFF = (
    Choice(
        "ignore",
        [128],
        "Codes of pixels that nobody could decide about: they count neither in training nor in "
        "scores.",
        is_active=False,
    ),
    Choice(
        "pixel_size",
        0.65,
        "Micrometres a pixel: areas and distances are then told in micrometres too.",
        is_active=False,
    ),
)
