"""What is noticed about classes before an image is read."""

import pytest

from bioselect.checks.classes import class_findings
from bioselect.checks.findings import ERROR, NOTE, WARNING


def rows(**counts):
    return [(name, f"{name}/{n}.png") for name, count in counts.items() for n in range(count)]


def test_usual_classes_give_no_finding(dataset):
    assert class_findings(dataset(*rows(healthy=5, tumour=49))) == []


def test_one_class_is_an_error_that_names_it(dataset):
    (finding,) = class_findings(dataset(*rows(healthy=20)))
    assert finding.severity == ERROR
    assert finding.what == "must have at least 2 classes. Got healthy."
    assert "into a folder of their own" in finding.remedy


def test_one_folder_with_the_classes_inside_is_pointed_at(dataset):
    inside = [("plate", f"plate/{c}/{n}.png") for c in ("a", "b") for n in range(9)]
    (finding,) = class_findings(dataset(*inside, root="data"))
    assert "(a, b) are the classes, write dataset.path: data/plate." in finding.remedy


def test_one_class_in_a_table_points_at_its_column(dataset):
    (finding,) = class_findings(dataset(*[("sick", f"{n}.png") for n in range(9)]))
    assert finding.remedy == "Check the target column of the table."


@pytest.mark.parametrize(("count", "is_found"), [(4, True), (5, False)])
def test_a_class_with_too_few_images(dataset, count, is_found):
    found = class_findings(dataset(*rows(healthy=20, tumour=count)))
    assert [item.severity for item in found] == [ERROR] * is_found
    assert all("Class 'tumour' has 4" in item.what for item in found)


def test_a_slip_of_the_pen_is_proposed(dataset):
    (finding,) = class_findings(dataset(*rows(healthy=20, tumour=20, tumuor=1)))
    assert "Is 'tumuor' a slip of 'tumour'?" in finding.what


@pytest.mark.parametrize(
    ("names", "severity"),
    [
        (("Tumour", "tumour"), ERROR),
        (("T cell", "T_cell"), ERROR),
        (("Z\u00e4hler", "Za\u0308hler"), ERROR),
        (("AA", "aa"), WARNING),  # genotypes may be meant so
        (("CD4+", "CD4-"), None),
        (("stage 1", "stage 2"), None),
    ],
)
def test_names_that_differ_in_little(dataset, names, severity):
    given = dataset(*[(name, f"{name}/{n}.png") for name in names for n in range(9)])
    assert [item.severity for item in class_findings(given)] == [severity] * bool(severity)


def test_measurements_are_no_classes(dataset):
    radii = [(f"{n}.{n % 10}", f"{n}.png") for n in range(40)]
    (finding,) = class_findings(dataset(*radii))
    assert finding.severity == ERROR
    assert "Got 40 different numbers for 40 images" in finding.what
    numbered = [(str(n % 30), f"{n}.png") for n in range(300)]  # 30 plates with 10 images each
    assert class_findings(dataset(*numbered)) == []


@pytest.mark.parametrize(("most", "is_found"), [(99, False), (100, True)])
def test_a_class_that_is_far_rarer(dataset, most, is_found):
    found = class_findings(dataset(*rows(common=most, rare=10)))
    assert [item.severity for item in found] == [NOTE] * is_found
    assert all("10 images against 100" in item.what for item in found)
