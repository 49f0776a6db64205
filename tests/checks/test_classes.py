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
        (("1", "1.0"), WARNING),
        (("007", "7"), ERROR),
        (("1", "-1"), None),
        (("1.5", "1.50"), ERROR),
        (("12345678901234567", "12345678901234568"), None),  # codes, not quantities
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


@pytest.mark.parametrize(("name", "is_found"), [("NA", True), ("nan", True), ("unknown", False)])
def test_a_class_that_looks_like_a_missing_value(dataset, name, is_found):
    given = dataset(*[(one, f"{one}/{n}.png") for one in (name, "cell") for n in range(9)])
    assert [item.severity for item in class_findings(given)] == [WARNING] * is_found


def test_the_same_folders_in_every_class_may_be_the_classes(dataset):
    names = [f"{day}/{kind}/{n}.png" for day in ("d1", "d2") for kind in "ab" for n in range(9)]
    (found,) = class_findings(dataset(*[(name[:2], name) for name in names]))
    assert found.severity == WARNING
    assert "each class folder holds the same folders: a, b." in found.what
    # Patients that come again in every class are more.
    many = [f"{day}/p{n}/1.png" for day in ("d1", "d2") for n in range(9)]
    assert class_findings(dataset(*[(name[:2], name) for name in many])) == []


def test_classes_that_are_called_like_patients(dataset):
    names = [f"patient{who}/{n}.png" for who in (1, 2) for n in range(9)]
    (found,) = class_findings(dataset(*[(name.split("/")[0], name) for name in names]))
    assert "called like patients or slides: patient1, patient2" in found.what
