"""What a declared scaling makes of the images."""

import pytest

from bioselect.checks.findings import ERROR, WARNING
from bioselect.checks.scaling import scaling_findings
from bioselect.data.intensities import Intensity


@pytest.mark.parametrize(
    ("intensity", "facts", "severity", "words"),
    [
        ("dtype", {}, None, ""),
        ("percentile", {"dtype": "uint16", "maximum": 300.0}, None, ""),
        ({"min": 0, "max": 255}, {}, None, ""),
        # 12 bits in 16: the brightest value is 6 % of the scale.
        ("dtype", {"dtype": "uint16", "maximum": 4000.0}, WARNING, "use 6 % of the scale"),
        ("dtype", {"dtype": "float32", "maximum": 3.5}, ERROR, "Got float32 with values from 0 to"),
        ("dtype", {"dtype": "int16", "minimum": -9.0}, ERROR, "Got int16 with values from -9 to"),
        ({"min": 0, "max": 100}, {}, WARNING, "every value above 100 white"),
        ({"min": 0, "max": 4095}, {"maximum": 250.0}, WARNING, "leaves the images dark"),
        ({"min": 300, "max": 900}, {}, ERROR, "5 of 5 images all black or all white"),
    ],
)
def test_scalings(image, intensity, facts, severity, words):
    readable = [image(f"{n}.png", **facts) for n in range(5)]
    found = scaling_findings(readable, Intensity.from_config(intensity))
    assert [item.severity for item in found] == [severity] * bool(severity)
    assert all(words in item.what for item in found)


def test_some_images_that_become_black_are_a_warning(image):
    readable = [image(f"{n}.png", maximum=250.0 if n else 90.0) for n in range(5)]
    (finding,) = scaling_findings(readable, Intensity.from_config({"min": 100, "max": 255}))
    assert finding.severity == WARNING
    assert "1 of 5 images all black or all white, such as 0.png (values 0 to 90)" in finding.what
