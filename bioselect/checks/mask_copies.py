"""Images that are equal while their masks differ, and masks that are equal while images differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from bioselect.checks.findings import WARNING, Finding
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.mask_facts import MaskFacts


def copied_masks(marks: Sequence[ImageFingerprint], facts: Sequence[MaskFacts]) -> list[Finding]:
    """Return a warning for each pair of images of which one seems to have a wrong mask.

    Masks of one value say nothing: empty ones are all alike.
    """
    pairs = list(zip(marks, facts, strict=True))
    findings = []
    for (mark, one), (first, other) in _repeated(pairs, of_masks=False):
        if one.pixels_sha256 != other.pixels_sha256:
            what = f"has the same pixels as {first.image_id}, but another mask."
            remedy = "One of the two masks is wrong, or both are drawn differently; keep one."
            findings.append(Finding(WARNING, mark.image_id, what, remedy, "two masks"))
    for (mark, one), (first, _) in _repeated(pairs, of_masks=True):
        if one.n_values > 1 and mark.picture_sha256 != first.picture_sha256:
            what = f"has the same mask as {first.image_id}, though the images differ."
            remedy = "Look whether one of the two has the mask of the other."
            findings.append(Finding(WARNING, mark.image_id, what, remedy, "same mask"))
    return findings


_Pair = tuple[ImageFingerprint, MaskFacts]


def _repeated(pairs: Sequence[_Pair], of_masks: bool) -> list[tuple[_Pair, _Pair]]:
    """Return each pair whose image, or mask, was there before, beside the first such pair."""
    alike: dict[str, list[_Pair]] = defaultdict(list)
    for mark, facts in pairs:
        if of_masks or not mark.is_constant:
            key = facts.pixels_sha256 if of_masks else mark.picture_sha256
            alike[key].append((mark, facts))
    return [(pair, first) for first, *others in alike.values() for pair in others]
