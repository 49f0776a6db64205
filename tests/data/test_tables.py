import time
import unicodedata
from pathlib import Path

import pandas
import pytest

from bioselect.data.layouts import GroupRule
from bioselect.data.table_labels import LabelColumns
from bioselect.data.tables import from_table
from bioselect.exceptions import DataError


@pytest.fixture
def folder(tmp_path):
    for name in ("x/1.png", "x/2.png", "3.tif"):
        path = tmp_path / "images" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return tmp_path


def _table(folder, text, name="labels.csv", encoding="utf-8"):
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


ROWS = "file,type,who\nimages/x/2.png,B,p1\nimages/3.tif,A,p2\nimages/x/1.png,A,p1\n"


def _as_rows(dataset):
    return [(record.image_id, record.target, record.group) for record in dataset.records]


EXPECTED = [
    ("images/3.tif", "A", "p2"),
    ("images/x/1.png", "A", "p1"),
    ("images/x/2.png", "B", "p1"),
]


def test_rows_become_images_sorted_by_id(folder):
    dataset, notes = from_table(_table(folder, ROWS), "file", "type", GroupRule(column="who"), None)
    assert _as_rows(dataset) == EXPECTED
    assert dataset.class_names == ("A", "B")
    assert dataset.root == folder
    assert dataset.name == f"{folder.name}/labels.csv"
    assert dataset.records[0].path == folder / "images/3.tif"
    assert notes == []


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_separators_marks_and_line_ends_of_all_programs(folder, delimiter, encoding, line_end):
    text = ROWS.replace(",", delimiter).replace("\n", line_end)
    table = _table(folder, text, encoding=encoding)
    dataset, _ = from_table(table, "file", "type", GroupRule(column="who"), None)
    assert _as_rows(dataset) == EXPECTED


def test_quotes_blanks_and_empty_lines_are_as_pandas_reads_them(folder):
    text = 'file , type\n\n"images/x/1.png","small, round"\n images/3.tif ,"say ""hi"""\n,\n'
    dataset, _ = from_table(_table(folder, text), "file", "type")
    assert [record.target for record in dataset.records] == ['say "hi"', "small, round"]
    frame = pandas.read_csv(folder / "labels.csv", skipinitialspace=True).dropna()
    assert sorted(frame[" type" if " type" in frame else "type"]) == list(dataset.class_names)


def test_another_separator_within_the_header_does_not_mislead(folder):
    text = "file;cell, stage, type;note\nimages/3.tif;A;x\n"
    dataset, _ = from_table(_table(folder, text), "file", "cell, stage, type")
    assert dataset.class_names == ("A",)


def test_classes_that_pandas_would_take_for_missing_are_classes(folder):
    text = "file,type\nimages/x/1.png,NA\nimages/x/2.png,None\nimages/3.tif,nan\n"
    dataset, _ = from_table(_table(folder, text), "file", "type")
    assert dataset.class_names == ("NA", "None", "nan")


def test_numbers_stay_as_they_are_written(folder):
    text = "file,type,who\nimages/x/1.png,01,1.50\nimages/x/2.png,1,1.5\n"
    dataset, _ = from_table(_table(folder, text), "file", "type", GroupRule(column="who"))
    assert dataset.class_names == ("01", "1")
    assert dataset.groups == ["1.50", "1.5"]


def test_without_a_target_the_images_have_no_labels(folder):
    dataset, _ = from_table(_table(folder, ROWS), "file", None, None, None)
    assert [record.target for record in dataset.records] == [None] * 3
    assert dataset.class_names == ()


def test_paths_may_start_elsewhere(folder):
    table = _table(folder, "file,type\n1.png,A\n../3.tif,B\n")
    dataset, _ = from_table(table, "file", "type", None, folder / "images/x")
    assert dataset.root == folder / "images/x"
    assert [record.image_id for record in dataset.records][-1] == "1.png"
    assert dataset.records[0].image_id == (folder / "images/3.tif").as_posix()


def test_absolute_and_windows_paths(folder):
    table = _table(folder, f"file,type\n{folder}/images/3.tif,A\nimages\\x\\1.png,B\n")
    dataset, _ = from_table(table, "file", "type")
    assert [record.image_id for record in dataset.records] == ["images/3.tif", "images/x/1.png"]


def test_one_image_named_in_two_ways_is_one_image(folder, monkeypatch):
    monkeypatch.chdir(folder)
    table = _table(folder, f"file,type\n{folder}/images/3.tif,A\nimages/3.tif,B\n")
    for written in (table, Path(table.name)):
        with pytest.raises(DataError, match=r"must stand in one row. Got images/3.tif in lines 2"):
            from_table(written, "file", "type")


def test_groups_may_come_from_the_path(folder):
    table = _table(folder, "file,type\nimages/x/1.png,A\nimages/x/2.png,B\n")
    dataset, _ = from_table(table, "file", "type", GroupRule(folder_level=2))
    assert dataset.groups == ["x", "x"]
    dataset, _ = from_table(table, "file", "type", GroupRule(pattern="/([0-9])[.]"))
    assert dataset.groups == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("fil", "type"), r"labels\.csv: has no column 'fil'\. Did you mean 'file'\?"),
        (
            ("file", "TYPE"),
            r"no column 'TYPE'\. Did you mean 'type'\? Its columns: file, type, who",
        ),
        (("file", "type", GroupRule(column="whom")), r"no column 'whom'\. Did you mean 'who'"),
        (("file", "xyzzy"), r"no column 'xyzzy'\. Its columns"),
    ],
)
def test_an_unknown_column_is_an_error_with_the_nearest(folder, arguments, message):
    with pytest.raises(DataError, match=message):
        from_table(_table(folder, ROWS), *arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first line must name the columns"),
        ("\nfile,type\n", "first line must name the columns"),
        ("file,type\n", "Got only the first line"),
        (
            "file,type\nimages/3.tif,\nimages/x/1.png, \n",
            r"'type' must hold the class.*Got 2 .*line 2, 3",
        ),
        ("file,type\n,A\n", r"'file' must hold the path of an image.*line 2"),
        ("file,type\nimages/3.tif\n", r"labels\.csv:2: must have 2 columns.*Got 1"),
        ("file,type\nimages/3.tif,A,b\n", r"labels\.csv:2: .*Got 3"),
        ("file,type,type\nimages/3.tif,A,B\n", "Got 'type' twice"),
        ("file,type\nimages/3.tif,A\nimages/./3.tif,B\n", r"Got images/3\.tif in lines 2 and 3"),
        ('file,type\n"images/3.tif,A\n', r"labels\.csv:\d: is not a table"),
        ("file,type\nimages/3.tif,\0\n", "zero bytes"),
    ],
)
def test_a_damaged_table_is_an_error_that_names_the_line(folder, text, message):
    with pytest.raises(DataError, match=message) as caught:
        from_table(_table(folder, text), "file", "type")
    assert "\n" not in str(caught.value)


def test_an_empty_group_is_an_error(folder):
    text = "file,type,who\nimages/3.tif,A,\nimages/x/1.png,B,p\n"
    with pytest.raises(DataError, match=r"'who' must hold the group.*line 2\)"):
        from_table(_table(folder, text), "file", "type", GroupRule(column="who"))


def test_the_line_is_that_of_an_editor_even_after_a_cell_of_two_lines(folder):
    text = 'file,type\nimages/3.tif,"A\nB"\nimages/x/1.png,\n'
    with pytest.raises(DataError, match="line 4"):
        from_table(_table(folder, text), "file", "type")


def test_a_line_separator_within_a_cell_ends_no_row(folder):
    table = _table(folder, "file,type\nimages/3.tif,A\u2028B\n")
    dataset, _ = from_table(table, "file", "type")
    assert dataset.class_names == ("A B",)  # On a terminal it would end a line.


def test_names_of_missing_images_are_shown_as_codes_where_they_cannot_be_printed(folder):
    table = _table(folder, "file,type\nimages/3.tif,B\nc\x0epng,A\n")
    with pytest.raises(DataError, match=r"images are missing: c\\x0epng\. The paths"):
        from_table(table, "file", "type")


def test_missing_images_are_counted_and_five_are_named(folder):
    rows = "".join(f"gone{number}.png,A\n" for number in range(7))
    table = _table(folder, "file,type\nimages/3.tif,B\n" + rows)
    with pytest.raises(DataError) as caught:
        from_table(table, "file", "type")
    message = str(caught.value)
    assert "7 of 8 images are missing: gone0.png, gone1.png" in message
    assert "gone4.png and 2 more" in message
    assert "gone5.png" not in message
    assert f"start from {folder};" in message


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04rest", r"must be an Excel file \(.xlsx\) or text. Got another kind"),
        (b"\xd0\xcf\x11\xe0rest", r"an old Excel file \(.xls\).*Save it as .xlsx"),
        (b"<html><table>", "Got a web page or XML.*save it as .xlsx"),
        ("file,type\na.png,gr\u00fcn\n".encode("latin-1"), r"labels\.csv:2: must be UTF-8.*0xfc"),
        ("file,type\n".encode("utf-16-le"), "Got zero bytes"),
        ("file,type\n".encode("utf-16")[:-1], "must be UTF-8"),
    ],
)
def test_what_is_not_utf8_text_is_an_error(folder, data, message):
    (folder / "labels.csv").write_bytes(data)
    with pytest.raises(DataError, match=message):
        from_table(folder / "labels.csv", "file", "type")


def test_a_table_whose_name_is_too_long_is_an_error(folder):
    with pytest.raises(
        DataError, match=r"x\.csv: the system cannot read it \(File name too long\)"
    ):
        from_table(folder / ("x" * 300 + ".csv"), "file", "type")


def test_a_missing_table_and_a_folder_are_errors(folder):
    with pytest.raises(DataError, match="there is no such file"):
        from_table(folder / "gone.csv", "file", "type")
    with pytest.raises(DataError, match="Got a folder"):
        from_table(folder / "images", "file", "type")


def test_paths_that_do_not_look_like_images_are_noted(folder):
    (folder / "a.dat").write_bytes(b"")
    _, notes = from_table(_table(folder, "file,type\na.dat,A\n"), "file", "type")
    assert notes == ["1 paths do not end like images, for example a.dat."]


def test_the_separator_that_excel_is_told_of_in_the_first_line(folder):
    table = _table(folder, "sep=;\n" + ROWS.replace(",", ";"))
    dataset, _ = from_table(table, "file", "type", GroupRule(column="who"))
    assert _as_rows(dataset) == EXPECTED


def test_columns_without_a_name_count_only_if_they_hold_something(folder):
    table = _table(folder, "file,type,,\nimages/3.tif,A,,\n")
    assert from_table(table, "file", "type")[0].n_images == 1
    table = _table(folder, "file,type,,\nimages/3.tif,A,x,y\n")
    with pytest.raises(DataError, match=r"Got several without a name. Name them"):
        from_table(table, "file", "type")


def test_a_decimal_comma_is_text_like_any_other(folder):
    table = _table(folder, "file;type;dose\nimages/3.tif;A;0,5\nimages/x/1.png;B;1,5\n")
    dataset, _ = from_table(table, "file", "dose")
    assert dataset.class_names == ("0,5", "1,5")
    table = _table(folder, "file,dose\nimages/3.tif,0,5\n")
    with pytest.raises(DataError, match=r"labels\.csv:2: must have 2 columns.*Got 3.*in quotes"):
        from_table(table, "file", "dose")


def test_swapped_columns_are_told_with_what_to_write(folder):
    # Five images of two classes: read as paths, the classes would be said to stand in two rows.
    text = "file,type\nA,images/3.tif\nA,images/x/1.png\nB,images/x/2.png\n"
    with pytest.raises(DataError) as caught:
        from_table(_table(folder, text), "file", "type")
    assert str(caught.value).endswith(
        "labels.csv: the columns look swapped. Column 'type', given as the target, holds files "
        "(images/3.tif), and column 'file', given as the image, does not (A). Write image: type "
        "and target: file."
    )


def test_classes_that_are_called_like_images_are_no_swap(folder):
    dataset, _ = from_table(_table(folder, "file,type\nimages/3.tif,a.png\n"), "file", "type")
    assert dataset.class_names == ("a.png",)


@pytest.mark.parametrize("place", ["images/x", "."])
def test_images_in_a_folder_nearby_are_told_with_the_root_to_write(folder, place):
    tables = folder / "tables"
    tables.mkdir()
    cells = ("1.png", "2.png") if place == "images/x" else ("x/1.png", "x/2.png")
    root = folder / "images/x" if place == "images/x" else folder / "images"
    table = tables / "labels.csv"
    table.write_text(f"file,type\n{cells[0]},A\n{cells[1]},B\n")
    with pytest.raises(DataError) as caught:
        from_table(table, "file", "type", None, folder)
    hint = f"they lie in {root}: write it as dataset.root, or put the table there."
    assert f"start from {folder}; {hint}" in str(caught.value)
    dataset, _ = from_table(table, "file", "type", None, root)
    assert dataset.n_images == 2


def test_images_whose_ending_the_table_leaves_out_are_told(folder):
    table = _table(folder, "file,type\nimages/x/1,A\nimages/x/2,B\n")
    with pytest.raises(
        DataError, match=r"there they end in .png: add it to the paths in the table"
    ):
        from_table(table, "file", "type")


@pytest.mark.parametrize(
    ("beginning", "removed"),
    [
        ("C:\\Users\\me\\", "C:/Users/me/"),
        ("/media/disk/", "/media/disk/"),
        ("old/", "old/"),
        ("\\\\server\\share\\", "//server/share/"),
    ],
)
def test_paths_of_another_computer_are_told_with_what_to_take_out(folder, beginning, removed):
    cells = [f"{beginning}images/x/1.png", f"{beginning}images/3.tif"]
    table = _table(folder, "file,type\n" + "".join(f"{cell},A\n" for cell in cells))
    with pytest.raises(DataError) as caught:
        from_table(table, "file", "type")
    hint = f"there they are without {removed}: take it out of the paths in the table."
    assert str(caught.value).endswith(hint)


def test_other_capitals_are_told(folder):
    with pytest.raises(DataError, match=r"there it is 1\.png, with other capitals"):
        from_table(
            _table(folder, "file,type\nimages/x/1.PNG,A\nimages/x/2.Png,B\n"), "file", "type"
        )


def test_a_link_that_leads_nowhere_is_told(folder):
    (folder / "images/4.png").symlink_to(folder / "gone.png")
    with pytest.raises(DataError, match=r"there 4\.png is a link that leads nowhere"):
        from_table(_table(folder, "file,type\nimages/4.png,A\nimages/x/2.png,B\n"), "file", "type")


def test_names_of_columns_may_store_accents_in_another_way(folder):
    table = _table(folder, "pr\u00e4p,art,p\u00e4t\nimages/3.tif,A,1\nimages/x/1.png,B,2\n")
    group = GroupRule(column="pa\u0308t", folder_level=None, pattern=None)
    dataset, _ = from_table(table, "pra\u0308p", "art", group)
    assert _as_rows(dataset) == [("images/3.tif", "A", "1"), ("images/x/1.png", "B", "2")]


def test_marks_that_nobody_sees_make_no_other_class(folder):
    table = _table(folder, "file,type\nimages/3.tif,A\nimages/x/1.png,A\u200b\nimages/x/2.png,B\n")
    assert from_table(table, "file", "type")[0].class_names == ("A", "B")


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_may_be_stored_in_another_way_than_the_table_writes_them(folder, form):
    stored = unicodedata.normalize("NFD" if form == "NFC" else "NFC", "Größe é.png")
    (folder / stored).write_bytes(b"")
    written = unicodedata.normalize(form, "Größe é.png")
    kind = unicodedata.normalize("NFD", "Gé")
    dataset, _ = from_table(_table(folder, f"file,type\n{written},{kind}\n"), "file", "type")
    assert dataset.records[0].path.is_file()
    assert dataset.class_names == (unicodedata.normalize("NFC", "Gé"),)


def test_nothing_is_said_of_folders_that_hold_some_of_the_images_only(folder):
    table = _table(folder, "file,type\n1.png,A\n9.png,B\n")
    with pytest.raises(DataError, match=r"choose another folder with dataset\.root"):
        from_table(table, "file", "type")


def test_names_of_columns_below_a_title_are_told_with_their_line(folder):
    for above in ("Study\n", "Study;\n;\n", "\n"):
        table = _table(folder, f"{above}file;type\nimages/3.tif;A\n")
        line = above.count("\n") + 1
        with pytest.raises(DataError, match=rf"Got their names in line {line}\. Remove the lines"):
            from_table(table, "file", "type")


def test_one_column_for_two_things_is_an_error(folder):
    table = _table(folder, "file,type\nimages/3.tif,A\n")
    with pytest.raises(DataError, match=r"image and target must be different columns\. Got 'file'"):
        from_table(table, "file", "file")
    with pytest.raises(DataError, match=r"image and target must be different columns\. Got 'file'"):
        from_table(table, "file", LabelColumns(("type", "file")))
    with pytest.raises(DataError, match=r"group and target must be different columns\. Got 'type'"):
        from_table(table, "file", "type", GroupRule(column="type"))


def test_hints_take_no_longer_than_the_work(folder):
    for number in range(3000):
        (folder / "images" / f"{number}.png").touch()
    rows = "".join(f"images/{number}.PNG,A\n" for number in range(3000))
    started = time.monotonic()
    with pytest.raises(DataError, match="with other capitals"):
        from_table(_table(folder, f"file,type\n{rows}"), "file", "type")
    assert time.monotonic() - started < 5  # 0.4 s where nothing else runs


def test_several_columns_in_one_text_are_a_list(folder):
    table = _table(folder, "file,spot,ring\nimages/3.tif,1,0\n")
    with pytest.raises(DataError, match=r"in brackets: target: \[spot, ring\]\."):
        from_table(table, "file", "spot, ring")
    with pytest.raises(DataError, match="has no column 'spot, rang'"):
        from_table(table, "file", "spot, rang")
