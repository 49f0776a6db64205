import pytest

from bioselect.data.layouts import GroupRule
from bioselect.data.table_labels import LabelCell, LabelColumns
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError

COLUMNS = "file,who,effusion,nodule,mass\nb.png,p1,0,1,1\na.png,p1,0,0,0\nc.png,p2,1,0,0\n"
CELLS = "file,findings\nb.png,Nodule | Mass\na.png,No Finding\nc.png,Effusion\n"
IN_COLUMNS = LabelColumns(("nodule", "effusion", "mass"))
IN_CELLS = LabelCell("findings", "|", "No Finding")


@pytest.fixture
def write(tmp_path):
    """Return a function that writes a table beside three files."""
    for name in "abc":
        (tmp_path / f"{name}.png").write_bytes(b"")

    def table(text):
        path = tmp_path / "labels.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return table


def targets(dataset):
    return {record.image_id: record.target for record in dataset.records}


def error_of(table, target):
    with pytest.raises(DataError) as caught:
        from_table(table, "file", target)
    return str(caught.value).replace(str(table), "labels.csv")


def test_columns_of_zero_and_one(write):
    dataset, notes = from_table(write(COLUMNS), "file", IN_COLUMNS, GroupRule(column="who"))
    assert targets(dataset) == {"a.png": (), "b.png": ("mass", "nodule"), "c.png": ("effusion",)}
    # The labels keep the order in which they are written in the configuration.
    assert dataset.class_names == ("nodule", "effusion", "mass")
    assert dataset.label_matrix().tolist() == [[0, 0, 0], [1, 0, 1], [0, 1, 0]]
    assert dataset.groups == ["p1", "p1", "p2"]
    assert notes == []


def test_columns_agree_with_pandas(write):
    import pandas

    table = write(COLUMNS)
    frame = pandas.read_csv(table).sort_values("file")[list(IN_COLUMNS.names)]
    dataset, _ = from_table(table, "file", IN_COLUMNS)
    assert dataset.label_matrix().tolist() == frame.to_numpy().tolist()


def test_numbers_of_an_excel_sheet(write, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    workbook = openpyxl.Workbook()
    for row in (["file", "effusion", "mass"], ["a.png", 1, 0], ["b.png", 0.0, 1.0]):
        workbook.active.append(row)
    workbook.save(tmp_path / "labels.xlsx")
    write(COLUMNS)
    dataset, _ = from_table(tmp_path / "labels.xlsx", "file", LabelColumns(("effusion", "mass")))
    assert targets(dataset) == {"a.png": ("effusion",), "b.png": ("mass",)}


@pytest.mark.parametrize(
    ("no", "yes"), [("0.0", "1.0"), ("FALSE", "TRUE"), ("False", "True"), ("no", "yes")]
)
def test_a_column_that_keeps_to_another_way_of_saying_yes(write, no, yes):
    text = "file,effusion,mass\na.png,0,NO\nb.png,1,YES\nc.png,1,NO\n"
    labels = LabelColumns(("effusion", "mass"))
    dataset, _ = from_table(write(text.replace("NO", no).replace("YES", yes)), "file", labels)
    assert targets(dataset) == {
        "a.png": (),
        "b.png": ("effusion", "mass"),
        "c.png": ("effusion",),
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("yes", "'yes'"),
        ("true", "'true'"),
        ("1.0", "'1.0'"),
        ("-1", "'-1'"),
        ("2", "'2'"),
        ("", "an empty cell"),
    ],
)
def test_anything_but_zero_and_one_is_named_with_its_place(write, value, shown):
    text = COLUMNS.replace("a.png,p1,0,0", f"a.png,p1,0,{value}")
    error = error_of(write(text), IN_COLUMNS)
    assert error.startswith("labels.csv:3: column 'nodule' must hold 1 (the image has this label)")
    assert f"Got {shown}. Write 0 or 1" in error


def test_two_ways_of_saying_yes_in_one_column_are_told(write):
    text = "file,effusion,mass\na.png,0,FALSE\nb.png,1,true\nc.png,1,TRUE\n"
    error = error_of(write(text), LabelColumns(("effusion", "mass")))
    assert "column 'mass' must write yes and no in one way. Got 'FALSE', 'TRUE', 'true'." in error


def test_accents_of_labels_may_be_stored_in_two_ways(write):
    write(COLUMNS)
    text = "file,found\na.png,\u00d6dem;b\nb.png,O\u0308dem\nc.png,b\n"
    dataset, _ = from_table(write(text), "file", LabelCell("found", ";"))
    assert dataset.class_names == ("b", "\u00d6dem")


def test_further_wrong_cells_are_counted(write):
    error = error_of(write(COLUMNS.replace(",0", ",no")), IN_COLUMNS)
    # Of the nine cells six hold 0; the first in the file is `effusion` in line 2, but labels
    # are looked at in the order of the configuration, and b.png has a nodule.
    assert error.startswith("labels.csv:2: column 'effusion'")
    assert "Got 'no', and 5 more such cells." in error


def test_unknown_column_is_named_with_the_nearest(write):
    error = error_of(write(COLUMNS), LabelColumns(("effusion", "Nodul")))
    assert "has no column 'Nodul'. Did you mean 'nodule'?" in error


def test_labels_in_one_cell(write):
    dataset, _ = from_table(write(CELLS), "file", IN_CELLS)
    assert targets(dataset) == {"a.png": (), "b.png": ("Mass", "Nodule"), "c.png": ("Effusion",)}
    assert dataset.class_names == ("Effusion", "Mass", "Nodule")


def test_without_none_label_every_text_is_a_label(write):
    dataset, _ = from_table(write(CELLS), "file", LabelCell("findings", "|"))
    assert targets(dataset)["a.png"] == ("No Finding",)
    assert "No Finding" in dataset.class_names


def test_an_empty_cell_counts_only_if_it_is_said_what_it_means(write):
    table = write(CELLS.replace("No Finding", ""))
    error = error_of(table, LabelCell("findings", "|"))
    assert error.startswith("labels.csv:3: column 'findings' must hold labels with '|'")
    assert "Got an empty cell, which names no label." in error
    assert "none_label: ''" in error
    dataset, _ = from_table(table, "file", LabelCell("findings", "|", ""))
    assert targets(dataset)["a.png"] == ()


def test_nothing_said_by_an_empty_cell_need_not_occur(write):
    dataset, _ = from_table(write(CELLS), "file", LabelCell("findings", "|", ""))
    assert () not in targets(dataset).values()


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("Mass|", "'Mass|', which has nothing before or after a separator"),
        ("Mass||Nodule", "'Mass||Nodule', which has nothing before or after a separator"),
        ("Mass|Nodule|Mass", "'Mass|Nodule|Mass', which names a label twice"),
        (
            "Mass|No Finding",
            "'Mass|No Finding', which says 'No Finding', which means no label, beside labels",
        ),
        ("", "an empty cell, which names no label"),
    ],
)
def test_cells_that_cannot_be_meant(write, cell, problem):
    error = error_of(write(CELLS.replace("Effusion", cell)), IN_CELLS)
    assert error.startswith("labels.csv:4: column 'findings' must hold labels with '|' between")
    assert f"Got {problem}." in error


def test_another_separator_is_recognised(write):
    error = error_of(write(CELLS.replace("|", ";")), IN_CELLS)
    assert "must hold several labels in some cells, with '|' between them" in error
    assert "'Nodule ; Mass' (line 2) (1 cells hold ';': is it the separator?)" in error
    assert "write target: findings" in error


def test_a_none_label_that_never_occurs_may_be_misspelt(write):
    error = error_of(write(CELLS), LabelCell("findings", "|", "no findings"))
    assert "Got 'no findings', which stands in none. Did you mean 'No Finding'?" in error


def test_a_label_cannot_hold_the_separator_of_the_results(write):
    table = write(CELLS.replace("|", ";").replace("Effusion", "Effusion|left"))
    assert "Got 'Effusion|left'. Rename it" in error_of(table, LabelCell("findings", ";"))
    table = write(COLUMNS.replace("nodule", "nod|ule"))
    assert "Got 'nod|ule'" in error_of(table, LabelColumns(("effusion", "nod|ule")))


def test_long_cells_are_cut(write):
    cell = "|".join(["Mass"] * 30)
    error = error_of(write(CELLS.replace("Effusion", cell)), IN_CELLS)
    assert f"Got '{cell[:57]}...'" in error
