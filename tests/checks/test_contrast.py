"""Images that use little of the common scale, among which a network learns badly."""

import pytest

from bioselect.checks.contrast import contrast_findings
from bioselect.data.fingerprint import ImageFingerprint
from bioselect.data.intensities import Intensity

DTYPE = Intensity("dtype")


def images(*spreads, dtype="uint8"):
    return [ImageFingerprint(f"{n}.png", "", dtype=dtype, spread=s) for n, s in enumerate(spreads)]


def test_half_of_the_images_decide():
    # Medians of 11: 51 of 255 is 20 %, 153 of 255 is 60 %.
    (found,) = contrast_findings(images(*[51.0] * 6, *[255.0] * 5), DTYPE)
    assert found.severity == "warning"
    assert "less than 20 % of the scale (0 to 255)" in found.what
    assert "intensity: percentile" in found.remedy
    assert contrast_findings(images(*[51.0] * 5, *[153.0] * 6), DTYPE) == []


@pytest.mark.parametrize(
    ("marks", "intensity", "part"),
    [
        (images(*[600.0] * 12, dtype="uint16"), Intensity("range", 0, 4000), "15 % of the scale"),
        (images(*[600.0] * 12, dtype="uint16"), DTYPE, "1 % of the scale (0 to 65535)"),
        (images(*[600.0] * 12, dtype="uint16"), Intensity("range", 0, 700), ""),
        (images(*[9.0] * 12), Intensity("percentile"), ""),
        (images(*[9.0] * 3), DTYPE, ""),
    ],
)
def test_the_scale_is_the_one_that_was_chosen(marks, intensity, part):
    found = contrast_findings(marks, intensity)
    assert bool(found) == bool(part)
    assert all(part in one.what for one in found)
