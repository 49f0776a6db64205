import os

import pytest

from bioselect.data.layouts import GroupRule, from_class_folders, list_images
from bioselect.data.reading import read_image
from bioselect.exceptions import DataError, UnreadableImageError


def _touch(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def test_each_folder_is_a_class_whatever_lies_deeper(tmp_path):
    _touch(tmp_path, "tumour/p1/day2/b.TIF", "tumour/a.jpeg", "healthy/z.png", "healthy/k.Bmp")
    dataset, notes = from_class_folders(tmp_path, None)
    assert dataset.name == tmp_path.name
    assert dataset.class_names == ("healthy", "tumour")
    assert [(record.image_id, record.target, record.group) for record in dataset.records] == [
        ("healthy/k.Bmp", "healthy", None),
        ("healthy/z.png", "healthy", None),
        ("tumour/a.jpeg", "tumour", None),
        ("tumour/p1/day2/b.TIF", "tumour", None),
    ]
    assert all(record.path.is_file() for record in dataset.records)
    assert dataset.class_indices().tolist() == [0, 0, 1, 1]
    assert notes == []


def test_image_ids_are_sorted_as_text_not_by_folder(tmp_path):
    # As paths "a/x.png" comes before "a b/x.png", as text after it: a blank precedes a slash.
    _touch(tmp_path, "a/x.png", "a b/x.png")
    dataset, _ = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a b/x.png", "a/x.png"]


def test_what_is_left_aside_is_said_and_the_systems_own_files_are_not(tmp_path):
    _touch(tmp_path, "a/1.png", "b/1.png", "a/notes.txt", "b/x.CZI", "b/y.czi", "README")
    _touch(tmp_path, "a/._1.png", "a/Thumbs.db", ".git/1.png", "__MACOSX/a/1.png", "a/.DS_Store")
    _touch(tmp_path, "a/.hidden.png")
    (tmp_path / "empty").mkdir()
    dataset, notes = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a/1.png", "b/1.png"]
    assert notes == [
        "2 files end in .czi, a format that is not read: export them as OME-TIFF (Fiji with "
        "Bio-Formats does, or the microscope's program).",
        "files that are no images were left aside: 1 x .txt, 1 x no ending.",
        "hidden files and folders (their names begin with a dot) were left aside: 2, for example "
        ".git.",
        "files and folders of the system or the disk were left aside: 4, for example __MACOSX.",
        "the folder 'empty' holds no image and is not a class.",
    ]


def test_folders_in_other_formats_are_told_of_as_one_image(tmp_path):
    _touch(tmp_path, "a/1.png", "b/1.png", "b/x.ome.zarr/0/0", "b/x.ome.zarr/0/1")
    _, notes = from_class_folders(tmp_path)
    assert notes == [
        "1 file ends in .zarr, a format that is not read: export them as OME-TIFF (Fiji with "
        "Bio-Formats does, or the microscope's program)."
    ]


def test_the_folder_of_a_class_must_be_open_and_one_inside_it_may_be_left_out(
    tmp_path, monkeypatch
):
    _touch(tmp_path, "a/1.png", "a/inside/2.png", "b/1.png")
    scan, closed = os.scandir, "inside"

    def refusing(path):
        if str(path).endswith(closed):
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refusing)
    dataset, _ = from_class_folders(tmp_path, GroupRule(pattern="([0-9])"))
    assert [(one.image_id, one.group) for one in dataset.records] == [
        ("a/1.png", "1"),
        ("a/inside", None),  # what reading says of it is in test_closed_folders.py
        ("b/1.png", "1"),
    ]
    assert list_images(tmp_path)[0][1] == tmp_path / "a/inside"
    closed = "a"
    with pytest.raises(DataError, match="/a: cannot look into this folder"):
        from_class_folders(tmp_path)


def test_a_folder_that_nobody_may_see_is_not_called_missing(tmp_path, monkeypatch):
    look = os.stat

    def refusing(path, **options):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **options)

    monkeypatch.setattr(os, "stat", refusing)
    for function in (from_class_folders, list_images):
        with pytest.raises(DataError, match="you have no right to look at it"):
            function(tmp_path / "closed")


def test_names_of_folders_are_found_and_compared_in_either_form_of_accents(tmp_path):
    decomposed = "Za\u0308hler"
    _touch(tmp_path, f"{decomposed}/{decomposed}/1.png", f"{decomposed}/Z\u00e4hler/2.png")
    _touch(tmp_path, f"{decomposed}/b/3.png")
    group = GroupRule(pattern=f"^({decomposed}|b)/")
    dataset, notes = from_class_folders(tmp_path / "Z\u00e4hler", group)
    assert dataset.class_names == ("Z\u00e4hler", "b")
    assert dataset.groups == ["Z\u00e4hler", "Z\u00e4hler", "b"]
    assert notes == [
        "2 folders are called 'Z\u00e4hler', their accents stored in different ways; they are one "
        "class."
    ]
    assert len(list_images(tmp_path / "Z\u00e4hler")[0]) == 3


def test_a_name_that_is_too_long_is_no_folder(tmp_path):
    with pytest.raises(DataError, match="There is none"):
        from_class_folders(tmp_path / ("x" * 5000))


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ([], "must hold one folder per class.*Got no image"),
        (["a/notes.txt"], "Got no image"),
        (["1.png", "2.png"], "Got 2 images without a class folder"),
        (["a/1.png", "b/1.png", "stray.tif"], r"Got 1 beside the class folders \(stray\.tif\)"),
    ],
)
def test_folders_that_are_no_classes_are_errors(tmp_path, names, message):
    _touch(tmp_path, *names)
    with pytest.raises(DataError, match=message) as caught:
        from_class_folders(tmp_path)
    assert str(tmp_path) in str(caught.value)


def test_a_missing_folder_and_a_file_in_its_place_are_errors(tmp_path):
    with pytest.raises(DataError, match=r"must be a folder with images\. There is none"):
        from_class_folders(tmp_path / "gone")
    _touch(tmp_path, "labels.csv")
    with pytest.raises(DataError, match="It is a file"):
        from_class_folders(tmp_path / "labels.csv")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (GroupRule(folder_level=1), ["a", "b"]),
        (GroupRule(folder_level=2), ["p1", "p1"]),
        (GroupRule(pattern=r"_s([0-9]+)\."), ["07", "8"]),
        (GroupRule(pattern=r"(cell)_s(?P<group>[0-9])"), ["0", "8"]),
        (GroupRule(pattern=r"^[ab]/(p[0-9])"), ["p1", "p1"]),
    ],
)
def test_groups_come_from_folders_and_names(tmp_path, rule, expected):
    _touch(tmp_path, "a/p1/cell_s07.png", "b/p1/cell_s8.png")
    dataset, _ = from_class_folders(tmp_path, rule)
    assert dataset.groups == expected


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (GroupRule(folder_level=3), r"a/p1/x\.png: must lie in 3 folders.*Got 2"),
        (GroupRule(pattern="_([0-9]+)"), r"a/p1/x\.png: must match the group pattern"),
        (GroupRule(pattern="x([0-9]*)"), "not empty"),
        (GroupRule(pattern="x([0-9])?"), "not empty"),
        (GroupRule(column="patient"), "'patient' can only be read from a table"),
    ],
)
def test_an_image_without_a_group_is_an_error(tmp_path, rule, message):
    _touch(tmp_path, "a/p1/x.png")
    with pytest.raises(DataError, match=message):
        from_class_folders(tmp_path, rule)


@pytest.mark.parametrize("image_id", ["/disk/b/x.png", "../b/x.png", "C:/b/x.png"])
def test_folders_are_not_counted_outside_of_the_data_set(image_id):
    # A table may name such images; their first "folder" would be one group for all of them.
    with pytest.raises(DataError, match=r"must lie below the data set's folder.*level: 1"):
        GroupRule(folder_level=1).group_of(image_id)
    assert GroupRule(folder_level=1).group_of("..hidden/x.png") == "..hidden"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "exactly one of.*Got 0"),
        ({"column": "a", "pattern": "(b)"}, "exactly one of.*Got 2"),
        ({"folder_level": 0}, "level must be at least 1. Got 0"),
        ({"pattern": "(a"}, r"regular expression. Got '\(a'"),
        ({"pattern": "abc"}, "in parentheses"),
    ],
)
def test_a_wrong_rule_is_an_error(values, message):
    with pytest.raises(DataError, match=message):
        GroupRule(**values)


def test_list_images_is_recursive_sorted_and_takes_a_file(tmp_path):
    _touch(tmp_path, "b.png", "a/2.JPG", "a/1.tiff", "a/x.txt", ".hidden.png", ".d/1.png")
    assert list_images(tmp_path)[0] == [
        tmp_path / "a/1.tiff",
        tmp_path / "a/2.JPG",
        tmp_path / "b.png",
    ]
    assert list_images(tmp_path / "b.png")[0] == [tmp_path / "b.png"]
    with pytest.raises(DataError, match="There is none"):
        list_images(tmp_path / "gone")


def test_images_of_all_kinds_are_listed(tmp_path):
    names = ["a.png", "b.jpg", "c.jpeg", "d.jfif", "e.bmp", "f.gif", "g.webp", "h.tif", "i.tiff"]
    names += ["j.btf", "k.npy", "l.dcm", "m.dicom", "n.nii", "o.NII.GZ", "p.ome.tif"]
    _touch(tmp_path, *names, "q.gz", "r.npz", "s.csv", "nii.gz", "gif")
    assert [path.name for path in list_images(tmp_path)[0]] == names


def test_dicom_files_without_a_suffix_are_listed_by_their_content(tmp_path):
    for name in ("IM000001", "1.2.840.113619.2", "notes", "DICOMDIR", "c.tmp"):
        (tmp_path / "a").mkdir(exist_ok=True)
        mark = b"text" if name == "notes" else b"DICM"
        (tmp_path / "a" / name).write_bytes(bytes(128) + mark)
    assert [path.name for path in list_images(tmp_path)[0]] == ["1.2.840.113619.2", "IM000001"]
    dataset, notes = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a/1.2.840.113619.2", "a/IM000001"]
    assert notes == [
        "files that are no images were left aside: 1 x .tmp, 1 x no ending.",
        "files and folders of the system or the disk were left aside: 1, for example DICOMDIR.",
    ]


def test_a_folder_with_nothing_but_another_format_says_what_to_do(tmp_path):
    _touch(tmp_path, "a/1.nd2", "b/1.ND2")
    with pytest.raises(DataError, match=r"2 files end in .nd2, .* export them as OME-TIFF"):
        from_class_folders(tmp_path)


def test_links_to_folders_are_followed(tmp_path):
    _touch(tmp_path, "elsewhere/1.png", "data/b/1.png")
    (tmp_path / "data/a").symlink_to(tmp_path / "elsewhere")
    dataset, _ = from_class_folders(tmp_path / "data")
    assert [record.image_id for record in dataset.records] == ["a/1.png", "b/1.png"]


def test_a_link_round_in_a_circle_is_left_aside_and_told_of(tmp_path):
    _touch(tmp_path, "a/1.png", "b/1.png")
    (tmp_path / "a/again").symlink_to(tmp_path / "a")
    (tmp_path / "b/all").symlink_to(tmp_path)
    assert list_images(tmp_path)[0] == [tmp_path / "a/1.png", tmp_path / "b/1.png"]
    dataset, notes = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a/1.png", "b/1.png"]
    assert notes == [
        "the link a/again leads to a folder that contains it and was left aside.",
        "the link b/all leads to a folder that contains it and was left aside.",
    ]


def test_a_class_that_is_a_link_to_another_class_or_to_all_is_left_aside(tmp_path):
    _touch(tmp_path, "normal/1.png", "tumour/1.png")
    (tmp_path / "control").symlink_to(tmp_path / "normal")
    (tmp_path / "extra").symlink_to(tmp_path)
    dataset, notes = from_class_folders(tmp_path)
    assert dataset.class_names == ("normal", "tumour")
    assert notes == [
        "control is by a link the same folder as normal and was left aside.",
        "the link extra leads to a folder that contains it and was left aside.",
    ]


def test_a_broken_link_is_listed_so_that_reading_it_fails_in_words(tmp_path):
    _touch(tmp_path, "a/1.png")
    (tmp_path / "a/2.png").symlink_to(tmp_path / "gone.png")
    assert [path.name for path in list_images(tmp_path)[0]] == ["1.png", "2.png"]


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_listed_so_that_reading_it_fails_in_words(tmp_path):
    _touch(tmp_path, "a/1.png", "b/1.png")
    try:
        with open(os.fsencode(tmp_path) + b"/a/z\xe4hler.png", "wb"):
            pass
    except OSError:
        pytest.skip("this file system refuses such names")
    assert len(list_images(tmp_path)[0]) == 3
    dataset, _ = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == [
        "a/1.png",
        "a/z\\xe4hler.png",
        "b/1.png",
    ]
    with pytest.raises(UnreadableImageError, match=r"z\\xe4hler.png: its name must be valid UTF-8"):
        read_image(dataset.records[1].path)
