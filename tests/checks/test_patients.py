"""Patients, slides and the like that nobody declared: proposed where they are, and only there."""

import pytest
import yaml

from bioselect.checks.findings import WARNING
from bioselect.checks.patients import group_proposal
from bioselect.checks.undeclared_groups import undeclared_groups
from bioselect.data.layouts import GroupRule


def named(*names):
    """One image of the class that its name begins with, for each name."""
    return [(name.split("/")[0], name) for name in names]


def several(pattern, n_groups=8, n_each=3):
    return named(
        *[
            pattern.format(c="ab"[group % 2], g=group, n=number, letter="abc"[number])
            for group in range(n_groups)
            for number in range(n_each)
        ]
    )


@pytest.mark.parametrize(
    "pattern",
    [
        "{c}/patient{g}_{n}.png",
        "{c}/Pat-{g:03d}-{n}.tif",
        "{c}/img_subject_{g}_slice{n}.png",
        "{c}/slide {g} field {n}.jpg",
        "{c}/P{g:02d}/{n}.png",  # a folder for each
        "{c}/A{g}x_{n}.png",
        "{c}/{g}{letter}.png",
        "{c}/2024-03-0{g}_mouse{g}_{n}.png",
    ],
)
def test_what_looks_like_patients_is_proposed(dataset, pattern):
    images = dataset(*several(pattern))
    proposal = group_proposal(images)
    assert proposal is not None
    assert proposal.n_groups == 8
    # What is proposed can be written, and gives the same groups.
    rule = yaml.safe_load(proposal.rule)
    rule = GroupRule(pattern=rule.get("pattern"), folder_level=rule.get("level"))
    assert tuple(rule.group_of(one.image_id) for one in images.records) == proposal.groups


@pytest.mark.parametrize(
    "names",
    [
        [f"{c}/{n}.png" for c in "ab" for n in range(20)],
        [f"{'ab'[n % 2]}/{n // 10}{n % 10}.png" for n in range(40)],
        [f"{c}/{c}_{n:03d}.png" for c in "ab" for n in range(20)],
        [f"{c}/IMG_{n:04d}.JPG" for c in "ab" for n in range(20)],
        [f"{c}/cell {n} {c}.png" for c in "ab" for n in range(20)],
        [f"{c}/20x_gfp_{n:03d}.tif" for c in "ab" for n in range(20)],
        [f"{c}/{zoom}x_{n}.tif" for c in "ab" for zoom in (10, 20, 40) for n in range(9)],
        [f"{c}/{dye}_{n}.tif" for c in "ab" for dye in ("dapi", "gfp", "rfp") for n in range(9)],
        [f"{'ab'[n % 2]}/{'x' * max(0, n - 30)}day_{n}.png" for n in range(40)],
        [f"{c}/scan_{n:03d}.png" for c in "ab" for n in range(20)],
        [f"{c}/sample {n}.png" for c in "ab" for n in range(20 if c == "a" else 12)],
        [f"{c}/{n} {c}.png" for c in ("yes", "no") for n in range(20)],
    ],
)
def test_numbered_images_are_no_patients(dataset, names):
    assert group_proposal(dataset(*named(*names))) is None


def test_the_same_patients_in_several_classes(dataset):
    # Before and after a treatment: unlike scans, patients are not numbered anew in each class.
    proposal = group_proposal(
        dataset(*named(*[f"{c}/patient{n}.png" for c in "ab" for n in range(9)]))
    )
    assert proposal.n_groups == 9


def test_groups_that_reach_over_classes(dataset):
    eyes = [f"{c}/{n}_{side}.png" for n in range(9) for c, side in (("a", "left"), ("b", "right"))]
    assert group_proposal(dataset(*named(*eyes))).n_groups == 9


def test_of_several_ways_to_group_the_one_with_enough_groups_is_proposed(dataset):
    # 3 letters in each class are too few for folds, 12 pairs of letter and number are not.
    names = [
        f"{'ab'[letter % 2]}/{'ABCDEF'[letter]}_{number}_{place}.png"
        for letter in range(6)
        for number in range(4)
        for place in range(3)
    ]
    assert group_proposal(dataset(*named(*names))).n_groups == 24


def test_a_column_that_is_called_so_is_proposed(dataset):
    images = dataset(*[("ab"[n % 2], f"{n:02d}.png") for n in range(20)])
    columns = {"age": [str(n) for n in range(20)], "Patient_ID": [f"x{n // 2}" for n in range(20)]}
    (finding,) = undeclared_groups(images, columns)
    assert finding.severity == WARNING
    assert "10 patients, slides or the like (such as 'x0' with 2 images)" in finding.what
    assert finding.remedy == "Write under `dataset:`  group: Patient_ID"
    # One image each: nothing would change.
    assert undeclared_groups(images, {"patient": [f"x{n}" for n in range(20)]}) == []


@pytest.mark.parametrize("gap", ["", "NA"])
def test_gaps_in_a_column_of_patients_are_to_be_filled(dataset, gap):
    images = dataset(*[("ab"[n % 2], f"{n:02d}.png") for n in range(20)])
    cells = [gap, *(f"x{n // 2}" for n in range(1, 20))]
    (finding,) = undeclared_groups(images, {"patient": cells})
    assert "11 patients, slides or the like" in finding.what
    assert finding.remedy.startswith("Fill its 1 empty cells, then write")


@pytest.mark.parametrize("order", [("slide", "patient"), ("patient", "slide")])
def test_of_slides_within_patients_the_patient_is_proposed(dataset, order):
    images = dataset(*[("ab"[n // 4 % 2], f"{n:02d}.png") for n in range(80)])
    cells = {
        "slide": [f"s{n // 2}" for n in range(80)],
        "patient": [f"p{n // 4}" for n in range(80)],
    }
    (finding,) = undeclared_groups(images, {name: cells[name] for name in order})
    assert finding.remedy == "Write under `dataset:`  group: patient"


def test_plates_that_hold_parts_of_patients_are_not_the_coarser(dataset):
    images = dataset(*[("ab"[n // 4 % 2], f"{n:02d}.png") for n in range(80)])
    cells = {
        "patient": [f"p{n // 4}" for n in range(80)],
        "plate": [f"q{n % 5}" for n in range(80)],
    }
    (finding,) = undeclared_groups(images, cells)
    assert finding.remedy == "Write under `dataset:`  group: patient"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("slide{s}_patient{p}_{n}.png", r"{pattern: '(?i)(patient[_\- ]?[0-9]+)'}"),
        ("P0{p}img{n}.png", "{pattern: '(?:^|/)([A-Za-z]+[0-9]+)[A-Za-z][^/]*$'}"),
        ("mouse#{p}_{n}.png", "{pattern: '(?:^|/)([^/_]+)_[^/]*$'}"),
        (
            "TCGA-2{k}-{p}-01A-{n}.png",
            "{pattern: '(?:^|/)([^/-]+-[^/-]+-[^/-]+)-[^/]*$'}",
        ),
    ],
)
def test_more_ways_to_name_patients(dataset, name, rule):
    images = [
        ("ab"[p % 2], "ab"[p % 2] + "/" + name.format(p=p, s=2 * p + n // 2, n=n, k=p // 10))
        for p in range(20)
        for n in range(4)
    ]
    (finding,) = undeclared_groups(dataset(*images))
    assert finding.remedy.endswith(f"group: {rule}")


def test_columns_of_other_things_are_not_proposed(dataset):
    images = dataset(*[("ab"[n % 2], f"{n:02d}.png") for n in range(20)])
    columns = {
        "stain": [f"s{n // 2}" for n in range(20)],
        "wellness": [str(n // 2) for n in range(20)],
    }
    assert undeclared_groups(images, columns) == []


def test_what_is_together_already_is_not_proposed(dataset):
    names = several("{c}/patient{g}_{n}.png")
    assert len(undeclared_groups(dataset(*names))) == 1
    # As the headers of DICOM files group them: each patient, or two patients, as one.
    for size in (3, 6):
        owned = [(*name, f"patient {place // size}") for place, name in enumerate(names)]
        assert undeclared_groups(dataset(*owned)) == []
    # One image of each patient stands alone.
    owned = [(*name, f"patient {place // 3}") for place, name in enumerate(names)]
    owned[::3] = names[::3]
    assert len(undeclared_groups(dataset(*owned))) == 1
