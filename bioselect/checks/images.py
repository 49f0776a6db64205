"""All findings about the images themselves: each check in a file of its own."""

from __future__ import annotations

from collections.abc import Sequence

from bioselect.checks.blank import blank_images
from bioselect.checks.copies import copied_images
from bioselect.checks.findings import Finding
from bioselect.checks.group_drift import group_drift
from bioselect.checks.kinds import mixed_kinds
from bioselect.checks.names import similar_names
from bioselect.checks.near_copies import near_copies
from bioselect.checks.readable import readable_images
from bioselect.checks.saturation import saturated_images
from bioselect.checks.shortcuts import shortcuts
from bioselect.checks.unreadable import unreadable_images
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.records import ImageRecord
from bioselect.progress import SILENT, Reporter


def image_findings(
    records: Sequence[ImageRecord],
    fingerprints: Sequence[ImageFingerprint],
    excluding: bool = False,
    reporter: Reporter = SILENT,
) -> list[Finding]:
    """Return everything noticed about the images.

    Parameters
    ----------
    records : sequence of ImageRecord
        The images.
    fingerprints : sequence of ImageFingerprint
        One for each record, in the same order.
    excluding : bool
        Whether unreadable images are left out rather than stop the work.
    reporter : Reporter
        Shows the progress of what takes long.
    """
    readable = readable_images(records, fingerprints)
    return [
        *unreadable_images(fingerprints, excluding),
        *blank_images(readable),
        *copied_images(readable),
        *near_copies(readable, reporter),
        *similar_names(readable),
        *mixed_kinds(readable),
        *saturated_images(readable),
        *shortcuts(readable),
        *group_drift(readable),
    ]
