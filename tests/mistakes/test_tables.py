"""Mistakes in a table of images, and in what the configuration says of it."""

import numpy as np
import openpyxl
import pytest


def write_excel(name, **sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(name)


def cells(lab):
    return [["file", "diagnosis", "patient"], *(row.split(",") for row in lab.rows())]


def test_the_table_misspelt(lab):
    lab.told(
        lab.check(dataset="{table: lables.csv, image: file, target: diagnosis}"),
        r"lables\.csv",
        "no such file",
    )


def test_a_folder_instead_of_the_table(lab):
    lab.told(
        lab.check(dataset="{table: images, image: file, target: diagnosis}"),
        "Got a folder",
        "dataset.path",
    )


def test_a_table_without_its_columns(lab):
    lab.told(
        lab.check(dataset="{table: labels.csv, target: diagnosis}"),
        "image",
        "column with the image paths",
    )


def test_images_missing_from_the_table(lab):
    lab.write_table([*lab.rows(), "tumour/77.png,tumour,p1", "tumour/78.png,tumour,p1"])
    lab.told(lab.check_table(), "2 of 14 images are missing", r"tumour/77\.png", "dataset.root")


def test_the_root_forgotten(lab):
    lab.told(
        lab.check(dataset="{table: labels.csv, image: file, target: diagnosis}"),
        "images are missing",
        "they lie in .*images",
        "dataset.root",
    )


def test_endings_forgotten(lab):
    lab.write_table([row.replace(".png", "") for row in lab.rows()])
    lab.told(lab.check_table(), "images are missing", r"\.png: add it")


def test_endings_in_capitals(lab):
    lab.write_table([row.replace(".png", ".PNG") for row in lab.rows()])
    lab.told(lab.check_table(), "images are missing", "other capitals", r"0\.png")


def test_columns_swapped(lab):
    lab.told(
        lab.check_table(image="diagnosis", target="file"),
        "look swapped",
        "image: file and target: diagnosis",
    )


def test_decimal_commas_between_commas(lab):
    lab.write_table([row.replace(",p", ",1,5") for row in lab.rows()])
    lab.told(lab.check_table(), r"labels\.csv:2", "must have 3 columns", "Got 4", "quotes")


def test_decimal_commas_as_target(lab):
    rows = [f"tumour/{n % 6}.png;{n // 2},5;p" for n in range(6)]
    for number in range(24):
        lab.draw(f"more/{number}.png")
    rows += [f"more/{n}.png;{n},5;p" for n in range(24)]
    lab.write_table(rows, header="file;diagnosis;patient")
    lab.told(lab.check_table(), "must have classes", "measurements", "0,5")


def test_no_header(lab):
    lab.write_table(lab.rows()[1:], header=lab.rows()[0])
    lab.told(
        lab.check_table(),
        "first line must name the columns",
        "'file'",
        r"healthy/0\.png",
        "Write a line",
    )


def test_the_target_column_misspelt(lab):
    lab.told(
        lab.check_table(target="Diagnose"), "has no column 'Diagnose'", "Did you mean 'diagnosis'"
    )


def test_the_group_column_misspelt(lab):
    lab.told(
        lab.check_table(keys=", group: patients"),
        "has no column 'patients'",
        "Did you mean 'patient'",
    )


def test_empty_cells_in_the_target(lab):
    rows = lab.rows()
    rows[:2] = ["healthy/0.png,,p0", "healthy/1.png, ,p1"]
    lab.write_table(rows)
    lab.told(lab.check_table(), "'diagnosis' must hold the class", "2 empty cells", "line 2, 3")


def test_empty_cells_in_the_group(lab):
    lab.write_table([lab.rows()[0].replace("p0", ""), *lab.rows()[1:]])
    lab.told(
        lab.check_table(keys=", group: patient"), "'patient' must hold the group", "1 empty cell"
    )


def test_an_image_in_two_rows(lab):
    lab.write_table([*lab.rows(), "healthy/0.png,tumour,p0"])
    lab.told(
        lab.check_table(), "each image must stand in one row", r"healthy/0\.png", "lines 2 and 14"
    )


def test_a_table_in_another_encoding(lab):
    lab.write_table([row.replace("tumour", "Geschwür") for row in lab.rows()], encoding="cp1252")
    lab.table.write_bytes(lab.table.read_bytes().replace(b"\xfc", b"\xe4"))
    lab.told(lab.check_table(), "UTF-8", "0xe4", "CSV")


def test_a_class_with_and_without_a_capital(lab):
    rows = lab.rows()
    lab.write_table([*rows[:-2], *(row.replace(",tumour", ",Tumour ") for row in rows[-2:])])
    lab.told(lab.check_table(), "'Tumour' \\(2\\), 'tumour' \\(4\\)", "capitals")


def test_a_class_with_a_slip(lab):
    rows = lab.rows()
    lab.write_table([*rows[:-1], rows[-1].replace(",tumour", ",tumuor")])
    lab.told(lab.check_table(), "at least 5 images", "'tumuor' has 1", "slip of 'tumour'")


def test_a_target_with_one_value(lab):
    lab.write_table([f"{row.split(',')[0]},yes,p" for row in lab.rows()])
    lab.told(lab.check_table(), "at least 2 classes", "Got yes", "target column")


def test_a_group_that_all_share(lab):
    lab.write_table([f"{','.join(row.split(',')[:2])},clinic" for row in lab.rows()])
    lab.told(lab.check_table(keys=", group: patient"), "several groups", "'clinic'")


def test_two_columns_of_one_name(lab):
    lab.write_table(header="file,diagnosis,file")
    lab.told(lab.check_table(), "column must have its own name", "'file' twice")


def test_a_table_with_nothing_but_its_header(lab):
    lab.write_table([])
    lab.told(lab.check_table(), "only the first line")


@pytest.mark.parametrize("beginning", ["C:\\Users\\me\\", "/Volumes/USB/", "old/"])
def test_paths_of_another_computer(lab, beginning):
    lab.write_table([f"{beginning}{row}" for row in lab.rows()])
    without = beginning.replace("\\", "/")
    lab.told(
        lab.check_table(),
        "12 of 12 images are missing",
        f"there they are without {without}: take it out of the paths",
    )


def test_paths_that_were_never_here(lab):
    lab.write_table([row.replace("/", "/gone/") for row in lab.rows()])
    lab.told(lab.check_table(), "images are missing", "dataset.root, or correct the table")


@pytest.mark.parametrize("above", ["Study of 2024,,\n", "Study of 2024\n\n", "\n\n", ",,\n"])
def test_a_title_above_the_names_of_the_columns(lab, above):
    lab.table.write_text(above + lab.table.read_text())
    lab.told(lab.check_table(), "first line must name the columns", "in line [23]", "Remove")


def test_a_title_above_the_names_in_excel(lab):
    write_excel("labels.xlsx", Labels=[["Study of 2024"], [], *cells(lab)])
    lab.told(lab.check_table(table="labels.xlsx"), "Got their names in line 3", "Remove")


@pytest.mark.parametrize("separator", ["|", " "])
def test_other_separators(lab, separator):
    lab.table.write_text(lab.table.read_text().replace(",", separator))
    lab.told(lab.check_table(), "separated by commas, semicolons or tabs", "Got one column")


def test_a_header_with_other_separators_than_the_rows(lab):
    lab.write_table([row.replace(",", ";") for row in lab.rows()])
    lab.told(lab.check_table(), r"labels\.csv:2", "must have 3 columns", "Got 1")


def test_a_quote_left_open(lab):
    lab.write_table([f'"{row}' for row in lab.rows()])
    lab.told(lab.check_table(), "is not a table", "Save the table as CSV")


def test_the_image_column_as_target(lab):
    lab.told(
        lab.check_table(target="file"), "image and target must be different", "'file' for both"
    )


def test_the_target_as_group(lab):
    lab.told(lab.check_table(keys=", group: diagnosis"), "group and target must be different")


def test_the_patient_as_target(lab):
    lab.told(lab.check_table(target="patient"), "at least 5 images of each class", "'p0' has 2")


def test_several_sheets(lab):
    write_excel("labels.xlsx", **{"Plate 1": cells(lab), "Plate 2": cells(lab)})
    lab.told(
        lab.check_table(table="labels.xlsx"), "must hold one sheet", r"Write labels.xlsx#Plate 1"
    )


def test_a_sheet_misspelt(lab):
    write_excel("labels.xlsx", Labels=cells(lab))
    lab.told(lab.check_table(table="'labels.xlsx#Labls'"), "has no sheet 'Labls'", "sheets: Labels")


def test_formulas_that_excel_never_saved(lab):
    write_excel(
        "labels.xlsx", Labels=[cells(lab)[0], *([r[0], "=A1", "p"] for r in cells(lab)[1:])]
    )
    lab.told(lab.check_table(table="labels.xlsx"), "cell B2 holds a formula", "save it")


def test_the_file_that_excel_keeps_beside_an_open_table(lab):
    (lab.folder / "~$labels.xlsx").write_bytes(b"\x05Me" + bytes(160))
    lab.told(lab.check_table(table="'~$labels.xlsx'"), "Write labels.xlsx instead")


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("labels.xls", b"\xd0\xcf\x11\xe0" + bytes(99), ("old Excel file", "Save it as .xlsx")),
        ("labels.pdf", b"%PDF-1.4\n%\xe2\xe3", ("must be UTF-8 text", "Save the table as CSV")),
        ("labels.csv", b"<html><table>", ("a web page or XML", "save it as .xlsx")),
        ("labels.csv", b"", ("first line must name the columns", "Got an empty one")),
    ],
)
def test_a_file_that_is_no_table(lab, name, data, words):
    (lab.folder / name).write_bytes(data)
    lab.told(lab.check_table(table=name), *words)


def test_splits_of_a_table(lab):
    lab.told(lab.check_table(keys=", splits: [train]"), "splits goes with path only")


@pytest.mark.parametrize(
    ("splits", "words"),
    [
        ("", ("holds several splits: train .12 images., test", "dataset.splits")),
        (", splits: [training]", ("must be among train .12 images., test", "Got 'training'")),
    ],
)
def test_splits_of_an_npz_file(lab, splits, words):
    arrays = {}
    for split in ("train", "test"):
        arrays[f"{split}_images"] = lab.pixels(12, 8, 8)
        arrays[f"{split}_labels"] = np.array([[0], [1]] * 6)
    np.savez(lab.folder / "set.npz", **arrays)
    lab.told(lab.check(dataset=f"{{path: set.npz{splits}}}"), *words)


def test_another_npz_file(lab):
    np.savez(lab.folder / "set.npz", counts=np.arange(3))
    lab.told(lab.check(dataset="{path: set.npz}"), "named train_images and train_labels", "counts")


# --- what works anyway ---------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_tables_as_excel_saves_them(lab, separator, encoding, line_end):
    text = lab.table.read_text().replace(",", separator).replace("\n", line_end)
    lab.table.write_bytes(text.encode(encoding))
    lab.works(lab.check_table(keys=", group: patient"), "12 images .healthy 6, tumour 6., 6 groups")


def test_decimal_commas_in_another_column(lab):
    rows = [f"{row.replace(',', ';')};{number},5" for number, row in enumerate(lab.rows())]
    lab.write_table(rows, header="file;diagnosis;patient;area")
    lab.works(lab.check_table(), "12 images .healthy 6, tumour 6.")


def test_blanks_around_cells_and_names(lab):
    rows = [row.replace(",", "  ,  ") + " " for row in lab.rows()]
    lab.write_table(rows, header=" file , diagnosis ,patient ")
    lab.works(lab.check_table(), "12 images .healthy 6, tumour 6.")


def test_backslashes_between_folders(lab):
    lab.write_table([row.replace("/", "\\") for row in lab.rows()])
    lab.works(lab.check_table(), "12 images")


def test_empty_lines_and_columns_at_the_end(lab):
    lab.write_table(
        [*(f"{row},," for row in lab.rows()), ",,,,", "", ""], "file,diagnosis,patient,,"
    )
    lab.works(lab.check_table(), "12 images")


def test_an_excel_file_with_an_empty_second_sheet(lab):
    write_excel("labels.xlsx", Labels=cells(lab), Sheet2=[])
    lab.works(lab.check_table(table="labels.xlsx"), "12 images")


def test_a_title_above_the_table(lab):
    for title in ("My study 2024", "My study 2024,,"):
        lab.write_table(["file,diagnosis,patient", *lab.rows()], header=title)
        lab.told(["init", "labels.csv"], "must name the columns", "'My study 2024'", "Remove")


def test_gaps_in_columns_that_nobody_needs(lab):
    rows = [f"{row}," for row in lab.rows()]
    lab.write_table(rows, header="file,diagnosis,patient,comment")
    lab.works(["init", "labels.csv"], "the class is in the column 'diagnosis'")


def test_an_empty_class_is_told_by_init_as_by_check(lab):
    rows = lab.rows()
    rows[2] = rows[2].replace("healthy,", ",")
    lab.write_table(rows)
    lab.told(["init", "labels.csv"], "column 'diagnosis' must hold the class", r"line 4")


def test_numbers_to_predict(lab):
    rows = [f"{row.split(',')[0]},{n + 0.5}" for n, row in enumerate(lab.rows())]
    lab.write_table(rows, header="file,label")
    lab.works(["init", "labels.csv", "-o", "made.yaml"])
    assert "\ntask: regression" in (lab.folder / "made.yaml").read_text(encoding="utf-8")


def test_paths_without_folder_and_ending(lab):
    rows = [row.replace("healthy/", "").replace(".png", "") for row in lab.rows()[:6]]
    lab.write_table([f"{row}" for row in rows])
    lab.told(["init", "labels.csv"], "seems to name the images", r"end in \.png")
