"""`init` writes a configuration for a table without images, which `check` takes as it is."""

import csv
import random

import pytest
from openpyxl import Workbook

from bioselect.config.loading import load_config
from bioselect.exceptions import DataError
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.init import init
from bioselect.workflows.proposal.source import ColumnNames

N_ROWS = 40
NOTHING_NAMED = ColumnNames()


def rows(**more):
    """Return rows of 40 samples of two classes; `more` are further columns."""
    draw = random.Random(0)
    made = [
        {
            "sampleID": f"s{place}",
            "size": f"{draw.gauss(3 + place % 2, 1):.3f}",
            "texture": f"{draw.gauss(10, 2):.2f}",
            "sex": draw.choice("mf"),
            "diagnosis": ("benign", "malignant")[place % 2],
        }
        for place in range(N_ROWS)
    ]
    return [
        {**one, **{name: str(cell(place)) for name, cell in more.items()}}
        for place, one in enumerate(made)
    ]


def written(path, table, separator=","):
    if path.suffix == ".xlsx":
        book = Workbook()
        for line in (list(table[0]), *(one.values() for one in table)):
            book.active.append([_typed(cell) for cell in line])
        book.save(path)
        return path
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(table[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(table)
    return path


def _typed(cell):
    try:
        return float(cell)
    except ValueError:
        return cell or None


def proposed(path, columns=NOTHING_NAMED):
    """Return the words of `init`, what it wrote, and the words of `check` about that."""
    file = path.parent / "made.yaml"
    words = " ".join(init(path, file, overwrite=True, columns=columns).split())
    return words, load_config(file), check(file)


@pytest.mark.parametrize(
    ("name", "separator"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t"), ("a.xlsx", "")]
)
def test_a_table_of_classes(tmp_path, name, separator):
    words, config, checked = proposed(written(tmp_path / name, rows(), separator))
    assert CAN_BE_RUN in checked
    assert config.task == "classification"
    section = config.dataset
    assert (section.target, section.id, section.group) == ("diagnosis", "sampleID", None)
    assert section.exclude is None
    assert not config.extractor_specs
    assert "in the column 'diagnosis': it holds classes (benign 20, malignant 20)" in words
    assert "so the task is classification. Others that could be meant (--target NAME): sex" in words
    text = (tmp_path / "made.yaml").read_text(encoding="utf-8")
    assert "reads every row" in text
    assert "models of svm, knn hold rows" not in text  # few rows: neither is proposed


def test_a_table_of_numbers_with_decimal_commas_and_gaps(tmp_path):
    table = [{name: cell.replace(".", ",") for name, cell in one.items()} for one in rows()]
    for one in table:
        del one["diagnosis"], one["texture"]
    table[3]["size"] = "NA"
    words, config, checked = proposed(written(tmp_path / "a.csv", table, ";"))
    assert CAN_BE_RUN in checked
    assert (config.task, config.dataset.target) == ("regression", "size")
    assert (config.dataset.decimal, config.dataset.drop) == (",", "without_target")
    assert "it holds numbers (size from" in words
    assert "1 row without a target left out (line 5)" in words


def test_what_cannot_be_learnt_from_is_left_out_with_the_reason(tmp_path):
    table = rows(
        patient=lambda place: f"P{place // 2}",
        date=lambda place: f"2024-01-{place % 28 + 1:02d}",
        centre=lambda place: "A",
        weight=lambda place: "n.d." if place < 3 else 60 + place / 8,
        stage=lambda place: "III" if place % 2 else "I",
    )
    words, config, checked = proposed(written(tmp_path / "a.csv", table))
    assert CAN_BE_RUN in checked
    assert config.dataset.exclude == ("date", "centre", "weight")
    assert config.dataset.group == "patient"
    assert "Column 'weight' holds numbers, but text in 3 of 40 cells (line 2: 'n.d.'" in words
    assert "the column 'patient' names what belongs together: 20 in 40 rows" in words
    assert "columns that alone tell diagnosis in every row: stage" in words


def test_an_id_of_which_one_is_copied_is_no_feature(tmp_path):
    table = rows()
    table[5]["sampleID"] = table[4]["sampleID"]
    words, config, _ = proposed(written(tmp_path / "a.csv", table))
    assert (config.dataset.id, config.dataset.exclude) == (None, ("sampleID",))
    assert "'s4' stands in lines 6, 7" in words


def test_a_named_target(tmp_path):
    path = written(tmp_path / "a.csv", rows())
    words, config, checked = proposed(path, ColumnNames(target="size"))
    assert (config.task, config.dataset.target) == ("regression", "size")
    assert CAN_BE_RUN in checked
    assert "'size' (--target)" in words
    with pytest.raises(DataError, match=r"has no column 'sise' \(--target\)\. Did you mean 'size'"):
        proposed(path, ColumnNames(target="sise"))


def test_an_unclear_target_is_asked_for(tmp_path):
    table = [{name: one[name] for name in ("size", "texture")} for one in rows()]
    with pytest.raises(DataError, match=r"2 columns could be the number .* --target size"):
        proposed(written(tmp_path / "a.csv", table))


def test_names_alone_are_asked_for_images(tmp_path):
    table = [{"sampleID": one["sampleID"], "diagnosis": one["diagnosis"]} for one in rows()]
    with pytest.raises(DataError, match=r"no column holds paths of image files .* --image"):
        proposed(written(tmp_path / "a.csv", table))
