"""What somebody reads about percentages."""

import re

import pytest

from bioselect.estimators.calibration import Calibration
from bioselect.selection.calibrating import CalibratedModel
from bioselect.selection.calibration_words import reliability_words
from bioselect.selection.reliability import Reliability, ReliabilityBin


def reliability(said, right, sure=None, figures=(1.7, 0.13, 0.31)):
    found = None if sure is None else ReliabilityBin(0.9, 1.0, *sure)
    return Reliability(said, right, found, *figures, bins=())


BEFORE = reliability(0.93, 0.8, (150.0, 0.98, 0.84))
AFTER = reliability(0.81, 0.8, (60.0, 0.94, 0.93), (0.45, 0.02, 0.25))


def words(tried="temperature", used="temperature", before=BEFORE, after=AFTER):
    model = CalibratedModel(tried, Calibration(used), before, after, 253)
    return reliability_words(model, "hog + lda")


def test_before_and_after():
    text = words()
    assert "(hog + lda)" in text
    assert "gave the class it chose 93 % on average, and 80 % of the images were right" in text
    assert "Of the 150 images given 90 % or more (98 % on average), 84 % were right." in text
    assert "After calibration it gives 81 % on average; of the 60 images given 90 %" in text
    assert "log loss 1.700, then 0.450" in text
    assert "changes no predicted class" in text


def test_what_did_not_help_is_said():
    text = words(used="none", after=reliability(0.9, 0.8, None, (1.9, 0.2, 0.4)))
    assert "left as they are: calibration (temperature) was tried, and did not improve" in text
    assert "(log loss 1.90)" in text
    assert "then" not in text


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tried": "none", "used": "none", "after": None}, "not calibrated (bundle.calibration"),
        ({"used": "none", "after": None}, "from 10 independent images or groups of each class on"),
        ({"after": reliability(0.7, 0.8)}, "and no image 90 % or more."),
        ({"after": reliability(0.7, 0.8, (3.0, 0.9, 1.0))}, "and hardly any image 90 % or more."),
        ({"before": reliability(0.999, 1.0)}, "over 99 % on average, and 100 % of"),
        ({"before": reliability(0.9, 0.001)}, "under 1 % of the images"),
    ],
)
def test_other_cases(changes, expected):
    assert expected in words(**changes)


def test_a_few_sure_images_are_not_told_of():
    assert "given 90 %" not in words(
        before=reliability(0.6, 0.6, (4.0, 0.95, 0.5)), after=reliability(0.6, 0.6)
    )


def test_forbidden_words():
    for text in (words(), words(used="none"), words("none", "none", after=None)):
        assert not re.search(r"\b(prove[sn]?|equal|accept|guarantee|perfect)\b", text)
