"""Declared groups against what names of files say."""

from bioselect.checks.divided_names import divided_names
from bioselect.checks.findings import NOTE, WARNING

CLASSES = "ab"


def rows(form, group, n_patients=10, n_slides=2, n_images=3):
    """Images of patients with several slides each; `group` is what is declared of them."""
    return [
        (
            CLASSES[p % 2],
            f"{CLASSES[p % 2]}/{form.format(p=p, s=s, i=i)}.png",
            group.format(p=p, s=s, i=i),
        )
        for p in range(n_patients)
        for s in range(n_slides)
        for i in range(n_images)
    ]


def test_slides_that_divide_a_patient_are_warned_of(dataset):
    (found,) = divided_names(dataset(*rows("patient{p}_slide{s}_{i}", "patient{p}_slide{s}")))
    assert found.severity == WARNING
    assert "the 6 images of 'patient0' are in 2 groups" in found.what
    assert "'patient0_slide0' and 'patient0_slide1'" in found.what
    assert "group: {pattern: '(?i)(patient[_\\- ]?[0-9]+)'}" in found.remedy


def test_a_column_that_divides_a_patient_is_warned_of(dataset):
    (found,) = divided_names(dataset(*rows("mouse{p}_{s}_{i}", "day{s}")))
    assert found.severity == WARNING


def test_fields_within_a_larger_name_are_noted(dataset):
    (found,) = divided_names(dataset(*rows("Q{p}x_f{s}_{i}", "Q{p}x_f{s}")))
    assert found.severity == NOTE
    assert "'Q0x'" in found.what


def test_groups_that_keep_names_together_are_fine(dataset):
    assert divided_names(dataset(*rows("patient{p}_slide{s}_{i}", "patient{p}"))) == []
    assert divided_names(dataset(*rows("patient{p}_slide{s}_{i}", "hospital1"))) == []


def test_patients_that_are_numbered_anew_at_each_place_are_fine(dataset):
    assert divided_names(dataset(*rows("site{s}_patient{p}_{i}", "site{s}_patient{p}"))) == []


def test_a_column_of_other_things_is_fine_without_a_patient_in_the_names(dataset):
    assert divided_names(dataset(*rows("Q{p}x_f{s}_{i}", "donor{s}{p}"))) == []
