"""The calibration that is tried: as written, or by the number of independent units."""

import numpy as np
import pytest

from bioselect.config.bundle_section import CALIBRATIONS, BundleSection
from bioselect.estimators.calibration import METHODS, NONE
from bioselect.workflows.calibration_choice import choose_calibration


def test_auto_goes_by_units_and_not_by_images():
    # 3,000 images of 250 patients.
    method, [why] = choose_calibration(BundleSection(), np.arange(3000) // 12)
    assert method == "temperature"
    assert "250 independent images or groups; isotonic from 1000 on" in why
    assert choose_calibration(BundleSection(), np.arange(3000))[0] == "isotonic"


def test_of_labels_no_number_for_each_class_is_named():
    # The answers to all labels are calibrated together, a rare one among them too.
    _, [of_classes] = choose_calibration(BundleSection(), np.arange(96))
    assert of_classes.endswith("used only where it helps, and with 10 or more of each class")
    _, [of_labels] = choose_calibration(BundleSection(), np.arange(96), of_labels=True)
    assert of_labels.endswith("one for the answers to all labels, used only where it helps")


@pytest.mark.parametrize("written", CALIBRATIONS[1:])
def test_what_is_written_is_taken(written):
    assert choose_calibration(BundleSection(calibration=written), np.arange(3000)) == (written, [])


def test_every_method_can_be_written():
    assert set(CALIBRATIONS) == {"auto", NONE, *METHODS}
