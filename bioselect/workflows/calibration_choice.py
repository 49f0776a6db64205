"""Which calibration is tried on the exported model; known before the work."""

from __future__ import annotations

import numpy as np

from bioselect.config.bundle_section import BundleSection
from bioselect.selection.calibrating import ENOUGH_FOR_CURVES, FEWEST_OF_CLASS, method_for


def choose_calibration(
    bundle: BundleSection,
    units: np.ndarray,
    of_labels: bool = False,
    of_numbers: bool = False,
) -> tuple[str, list[str]]:
    """Return the method, and in words why `auto` became it.

    Parameters
    ----------
    bundle : BundleSection
        Of the configuration.
    units : np.ndarray
        int ``(n_images,)``, the independent units.
    of_numbers : bool
        Whether a number is predicted: there is nothing to calibrate then, and no method.
    of_labels : bool
        Whether images may have several labels: one calibration is then for the answers to all.

    Examples
    --------
    >>> choose_calibration(BundleSection(calibration="sigmoid"), np.arange(50))
    ('sigmoid', [])
    """
    if of_numbers:
        return "", []
    if bundle.calibration != "auto":
        return bundle.calibration, []
    n_units = len(np.unique(units))
    method = method_for(n_units)
    words = (
        f"calibration: {method} ({n_units} independent images or groups; isotonic from "
        f"{ENOUGH_FOR_CURVES} on), "
    )
    if of_labels:
        return method, [f"{words}one for the answers to all labels, used only where it helps"]
    rule = f"used only where it helps, and with {FEWEST_OF_CLASS} or more of each class"
    return method, [words + rule]
