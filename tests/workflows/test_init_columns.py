"""Which columns of a table `init` takes: the one that says so; what is unclear is asked for."""

import csv
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from bioselect.exceptions import DataError
from bioselect.workflows.proposal.cells import why_no_class
from bioselect.workflows.proposal.column_source import find_columns
from bioselect.workflows.proposal.image_column import choose_images
from bioselect.workflows.proposal.source import ColumnNames
from bioselect.workflows.proposal.sources import find_source
from bioselect.workflows.proposal.target_column import choose_target, several_labels

N_ROWS = 24
CLASSES = ["tumour", "normal"] * 12
SEX = ["f", "m", "m"] * 8


@pytest.fixture
def images(tmp_path):
    """Return a folder `pictures` beside a folder `lists`, and the names of its images."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "lists").mkdir()
    names = [f"cell {number:02d}.png" for number in range(N_ROWS)]
    for name in names:
        Image.fromarray(np.zeros((4, 4), dtype=np.uint8)).save(tmp_path / "pictures" / name)
    return names


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        (CLASSES, ""),
        (["0", "1", "1"] * 8, ""),
        (["1", "2", "3", "4"] * 6, ""),  # grades
        (["x"] * N_ROWS, "one value only"),
        ([""] * N_ROWS, "nothing"),
        ([f"{number / 7:.2f}" for number in range(N_ROWS)], "measurements"),
        (["0,5", "1,5"] * 12, "measurements"),  # decimal commas
        ([str(number) for number in range(N_ROWS)], "numbers"),
        ([f"2024-03-{number + 1:02d}" for number in range(N_ROWS)], "dates"),
        (["1.3.2024", "12.3.24"] * 12, "dates"),
        (["a.png", "b.tif"] * 12, "paths"),
        (["plate1/a", "plate2/b"] * 12, "paths"),
        (["no cells to be seen in this one", "ok"] * 12, "free text"),
        ([f"id{number}" for number in range(N_ROWS)], "nearly everywhere another value"),
        ([f"c{number}" for number in range(101)] * 3, "too many different values"),
    ],
)
def test_what_cells_can_be_classes(cells, why):
    assert why_no_class(cells) == why


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"sex": SEX, "diagnosis": CLASSES}, "diagnosis"),
        ({"Class Name": CLASSES, "stage": SEX}, "Class Name"),
        ({"cellType": CLASSES, "sex": SEX}, "cellType"),  # type: likely
        ({"where": CLASSES, "sex": SEX, "split": SEX}, "where"),  # the others are never the class
        ({"label_id": ["1", "0"] * 12, "label": CLASSES}, "label"),  # the same: the readable one
        ({"target": ["0.1", "0.7", "0.9"] * 8, "type": CLASSES}, "type"),  # a measurement is none
        ({"slide": [f"s{number // 4}" for number in range(N_ROWS)], "what": CLASSES}, "what"),
    ],
)
def test_the_class_is_the_column_that_says_so(tmp_path, columns, chosen):
    assert choose_target(tmp_path / "labels.csv", columns).name == chosen


def test_columns_that_could_also_be_meant_are_named(tmp_path):
    found = choose_target(tmp_path / "a.csv", {"sex": SEX, "patient": SEX, "diagnosis": CLASSES})
    assert found.others == ("sex",)


def test_several_possible_classes_are_asked_for(tmp_path):
    with pytest.raises(DataError) as raised:
        choose_target(tmp_path / "labels.csv", {"tissue": CLASSES, "stage": SEX})
    message = str(raised.value)
    assert "tissue (normal 12, tumour 12); stage (m 16, f 8)" in message
    assert "--target tissue" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("columns", "parts"),
    [
        ({"area": ["0.1", "0.7", "0.9"] * 8}, ["area (measurements)", "--target COLUMN"]),
        ({"sex": SEX}, ["could be one: sex (m 16, f 8)", "--target sex"]),
    ],
)
def test_no_class_is_told_with_what_the_columns_hold(tmp_path, columns, parts):
    with pytest.raises(DataError) as raised:
        choose_target(tmp_path / "labels.csv", columns)
    assert all(part in str(raised.value) for part in parts)
    assert "\n" not in str(raised.value)


MEASURED = [f"{number / 7:.2f}" for number in range(N_ROWS)]


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"radius (um)": MEASURED}, "radius (um)"),
        ({"radius": MEASURED, "age": MEASURED[::-1], "sex": SEX}, "radius"),  # age tells of others
        ({"target": MEASURED, "radius": MEASURED[::-1]}, "target"),
        ({"age": MEASURED}, "age"),  # nothing else can be meant
        ({"width": [str(number) for number in range(N_ROWS)], "score": MEASURED}, "score"),
    ],
)
def test_a_column_of_numbers_is_predicted_where_no_class_is(tmp_path, columns, chosen):
    found = choose_target(tmp_path / "labels.csv", columns)
    assert (found.name, found.is_number) == (chosen, True)


def test_a_class_goes_before_a_number(tmp_path):
    found = choose_target(tmp_path / "a.csv", {"radius": MEASURED, "what": CLASSES})
    assert (found.name, found.is_number) == ("what", False)


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ({"radius": MEASURED, "length": MEASURED[::-1]}, "2 columns could be the number to be"),
        ({"sex": SEX, "age": MEASURED}, "could be one: sex"),
        ({"radius": [cell.replace(".", ",") for cell in MEASURED]}, "radius (measurements)"),
    ],
)
def test_an_unclear_number_is_asked_for(tmp_path, columns, part):
    with pytest.raises(DataError) as raised:
        choose_target(tmp_path / "labels.csv", columns)
    assert part in str(raised.value)
    assert "--target" in str(raised.value)


ZEROS_AND_ONES = {"nodule": ["0", "1"] * 12, "mass": ["0", "0", "1"] * 8}


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        (ZEROS_AND_ONES, "target: [nodule, mass]"),
        ({"a": ["0", "1"] * 12, "b": ["1", "0"] * 12}, "hold one 1 in each row"),
        ({"findings": ["mass", "nodule", "mass|nodule"] * 8}, "separator: '|'"),
        ({"diagnosis": CLASSES}, None),
        ({"name": ["Smith, J", "Wu, L"] * 12}, None),  # no part of it stands alone
    ],
)
def test_several_labels_an_image_are_told_of(columns, part):
    remark = several_labels(columns)
    assert remark == "" if part is None else part in remark


def test_several_labels_are_told_of_where_the_class_is_unclear(tmp_path):
    with pytest.raises(DataError, match=r"target: \[nodule, mass\]"):
        choose_target(tmp_path / "labels.csv", ZEROS_AND_ONES)


def test_images_are_found_in_the_folder_of_the_table(tmp_path, images):
    found = choose_images(tmp_path / "pictures" / "a.csv", {"x": CLASSES, "y": images})
    assert (found.name, found.root) == ("y", None)


def test_images_are_found_in_a_folder_beside_that_of_the_table(tmp_path, images):
    found = choose_images(tmp_path / "lists" / "a.csv", {"x": CLASSES, "y": images})
    assert found.name == "y"
    assert found.root.samefile(tmp_path / "pictures")


@pytest.mark.parametrize(
    ("names", "chosen"), [(("stain", "mask file"), "stain"), (("left", "file name"), "file name")]
)
def test_of_two_columns_with_files_the_name_tells(tmp_path, images, names, chosen):
    columns = dict.fromkeys(names, images)
    assert choose_images(tmp_path / "pictures" / "a.csv", columns).name == chosen


def test_two_columns_with_files_that_are_called_alike_are_asked_for(tmp_path, images):
    with pytest.raises(DataError, match=r"2 columns hold image files: left, right.*--image left"):
        choose_images(tmp_path / "pictures" / "a.csv", {"left": images, "right": images})


def test_names_of_files_that_are_nowhere_are_still_the_images(tmp_path):
    table = tmp_path / "a.csv"
    gone = [f"gone{number}.png" for number in range(N_ROWS)]
    assert choose_images(table, {"x": CLASSES, "y": gone}).name == "y"


def test_without_any_column_of_images_all_are_listed(tmp_path):
    with pytest.raises(DataError, match=r"no column holds paths of image files.*x.*--image"):
        choose_images(tmp_path / "a.csv", {"x": CLASSES})


def test_a_named_column_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match=r"has no column 'file'\. Its columns: x"):
        choose_images(tmp_path / "a.csv", {"x": CLASSES}, "file")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_whole_table_is_read_whatever_its_separator(tmp_path, images, delimiter):
    table = tmp_path / "lists" / "cells of 2024.csv"
    with table.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["image", "kind", "age"])
        writer.writerows(zip(images, CLASSES, range(N_ROWS), strict=True))
    source = find_source(table, ColumnNames())
    keys = {choice.key: choice.value for choice in source.keys}
    assert (keys["image"], keys["target"]) == ("image", "kind")
    assert keys["root"].samefile(tmp_path / "pictures")
    assert source.dataset.class_names == ("normal", "tumour")
    assert source.name == "cells of 2024"
    assert dict(source.unused) == {"age": [str(number) for number in range(N_ROWS)]}


def test_a_table_without_a_first_line_of_names_is_told(tmp_path, images):
    table = tmp_path / "pictures" / "labels.csv"
    rows = zip(images, CLASSES, strict=True)
    table.write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    with pytest.raises(DataError, match=r"the first line must name the columns.*cell 00\.png"):
        find_source(table, ColumnNames())


@pytest.mark.parametrize(
    ("marred", "rule"),
    [
        (lambda place, number: f"{number} mm", "and nothing beside it"),
        (lambda place, number: f"{number} mm".replace(".", ","), "and nothing beside it"),
        (lambda place, number: "n.d." if place == 3 else number, "Got 'n.d.'.*Correct the cell"),
    ],
)
def test_a_named_target_of_numbers_that_are_no_plain_ones_is_told_of(tmp_path, marred, rule):
    table = tmp_path / "sizes.csv"
    sizes = [marred(place, str((place + 1) / 8)) for place in range(N_ROWS)]
    rows = [f"{place % 7};{sex};{sizes[place]}" for place, sex in enumerate(SEX)]
    table.write_text("\n".join(["a;sex;size", *rows]), encoding="utf-8")
    with pytest.raises(DataError, match=f"column 'size' must hold a number.*{rule}"):
        find_columns(table, ColumnNames(target="size"))


def test_a_column_of_dates_is_called_so_where_each_row_has_its_own(tmp_path):
    table = tmp_path / "days.csv"
    rows = [f"{place},2024-01-{place + 1:02d},{CLASSES[place]}" for place in range(N_ROWS)]
    table.write_text("\n".join(["a,day,class", *rows]), encoding="utf-8")
    assert "holds dates" in find_columns(table, ColumnNames()).excluded["day"]


def test_a_word_that_a_file_nearby_is_called_is_no_image(tmp_path):
    """Files called b and 3, without an ending, lie beside the table and in a folder near it."""
    table = tmp_path / "cells.csv"
    rows = [f"{place % 7},{CLASSES[place]}" for place in range(N_ROWS)]
    table.write_text("\n".join(["a,class", *rows]), encoding="utf-8")
    (tmp_path / "near").mkdir()
    for name in {*map(str, range(7)), *CLASSES}:
        (tmp_path / name).write_text("")
        (tmp_path / "near" / name).write_text("")
    assert find_columns(table, ColumnNames()).target.name == "class"


@pytest.mark.parametrize("cell", ["1e999", "-1e400", "9" * 400])
def test_a_number_beyond_all_numbers_is_measured_and_no_id(tmp_path, cell):
    rows = [f"{n},{n % 5 + n / 7:.3f},{'xy'[n % 2]},{n % 3}" for n in range(N_ROWS)]
    rows[3] = f"{cell},{rows[3].split(',', 1)[1]}"
    table = tmp_path / "columns.csv"
    table.write_text("\n".join(["id,area,sex,diagnosis", *rows]), encoding="utf-8")
    with suppress(DataError):
        find_columns(table, ColumnNames(None, "diagnosis", None))
