"""Does the declared scaling of values suit the images: nothing outside, enough of it used."""

from __future__ import annotations

import numpy as np

from bioselect.checks.findings import ERROR, WARNING, Finding
from bioselect.checks.readable import Readable
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.intensities import Intensity

#: Told of if even the brightest image uses less than this part of the scale.
LEAST_USED = 0.1
_REMEDY = "Write intensity: auto, or percentile."


def scaling_findings(readable: Readable, intensity: Intensity) -> list[Finding]:
    """Return what is lost when values become 0 to 1 as the configuration says.

    Parameters
    ----------
    readable : sequence of records and fingerprints
        The images of the study.
    intensity : Intensity
        As it is declared; ``auto`` is chosen to suit and needs no look.
    """
    if intensity.mode == "percentile" or not readable:
        return []
    if intensity.mode == "dtype" and (refused := _refused(readable)):
        return refused
    ends = [ends_of(mark, intensity) for _, mark in readable]
    flat = [
        (record, mark)
        for (record, mark), (low, high) in zip(readable, ends, strict=True)
        if not mark.is_constant and (mark.maximum <= low or mark.minimum >= high)
    ]
    if flat:
        record, mark = flat[0]
        what = (
            f"dataset.intensity: {_shown(intensity)} makes {len(flat)} of {len(readable)} images "
            f"all black or all white, such as {record.image_id} (values {mark.minimum:g} to "
            f"{mark.maximum:g})."
        )
        severity = ERROR if 2 * len(flat) > len(readable) else WARNING
        return [Finding(severity, "", what, _REMEDY)]
    return [*_cut_off(readable, intensity), *_hardly_used(readable, intensity, ends)]


def _refused(readable: Readable) -> list[Finding]:
    wrong = [
        (record, mark)
        for record, mark in readable
        if np.dtype(mark.dtype).kind != "u"
        and not (np.dtype(mark.dtype).kind == "f" and 0 <= mark.minimum <= mark.maximum <= 1)
    ]
    if not wrong:
        return []
    record, mark = wrong[0]
    what = (
        "dataset.intensity: dtype accepts unsigned integers, and real numbers from 0 to 1. Got "
        f"{mark.dtype} with values from {mark.minimum:g} to {mark.maximum:g} ({record.image_id}) "
        f"and as much in {len(wrong)} of {len(readable)} images."
    )
    return [Finding(ERROR, "", what, _REMEDY)]


def ends_of(mark: ImageFingerprint, intensity: Intensity) -> tuple[float, float]:
    """Return the values of an image that become 0 and 1."""
    if intensity.minimum is not None and intensity.maximum is not None:
        return intensity.minimum, intensity.maximum
    kind = np.dtype(mark.dtype)
    return 0.0, float(np.iinfo(kind).max) if kind.kind == "u" else 1.0


def _cut_off(readable: Readable, intensity: Intensity) -> list[Finding]:
    """Warn where most images reach further above the range than the range is wide."""
    if intensity.minimum is None or intensity.maximum is None:
        return []
    usual = float(np.median([mark.maximum for _, mark in readable]))
    if usual < 2 * intensity.maximum - intensity.minimum:
        return []
    what = (
        f"dataset.intensity: {_shown(intensity)} makes every value above {intensity.maximum:g} "
        f"white, but half of the images reach {usual:g} and more."
    )
    return [Finding(WARNING, "", what, _REMEDY)]


def _hardly_used(
    readable: Readable, intensity: Intensity, ends: list[tuple[float, float]]
) -> list[Finding]:
    used = max(
        (mark.maximum - low) / (high - low)
        for (_, mark), (low, high) in zip(readable, ends, strict=True)
    )
    if used >= LEAST_USED:
        return []
    brightest = max(mark.maximum for _, mark in readable)
    what = (
        f"dataset.intensity: {_shown(intensity)} leaves the images dark: they use {100 * used:.0f} "
        f"% of the scale (their largest value is {brightest:g})."
    )
    return [Finding(WARNING, "", what, _REMEDY)]


def _shown(intensity: Intensity) -> str:
    written = intensity.as_config()
    if isinstance(written, str):
        return written
    return f"{{min: {written['min']:g}, max: {written['max']:g}}}"
