"""Images without a mask, and masks without an image."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.checks.findings import ERROR, WARNING, Finding


def partner_findings(
    without_mask: Sequence[str], without_image: Sequence[str], excluding: bool
) -> list[Finding]:
    """Return a finding for each file whose partner is missing.

    Parameters
    ----------
    without_mask, without_image : sequence of str
        Images and masks, named as in their folders.
    excluding : bool
        Whether images without a mask are left out rather than stop the work.
    """
    severity = WARNING if excluding else ERROR
    remedy = (
        "It is left out."
        if excluding
        else "Add its mask, remove it, or write `on_bad_image: exclude` under `dataset:`."
    )
    images = [
        Finding(severity, name, "has no mask: there is none of its name.", remedy, "no mask")
        for name in without_mask
    ]
    masks = [
        Finding(
            WARNING,
            name,
            "is a mask without an image: there is none of its name.",
            "It is not used. Look whether the image is missing, or called otherwise.",
            "no image",
        )
        for name in without_image
    ]
    return [*images, *masks]
