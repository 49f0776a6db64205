import os

import pytest

from bioselect.data.layouts import GroupRule, from_class_folders, list_images
from bioselect.exceptions import DataError


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
    (tmp_path / "empty").mkdir()
    dataset, notes = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a/1.png", "b/1.png"]
    assert notes == [
        "files that are no images were left aside: 2 x .czi, 1 x .txt, 1 x no ending.",
        "the folder 'empty' holds no image and is not a class.",
    ]


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
    assert list_images(tmp_path) == [
        tmp_path / "a/1.tiff",
        tmp_path / "a/2.JPG",
        tmp_path / "b.png",
    ]
    assert list_images(tmp_path / "b.png") == [tmp_path / "b.png"]
    with pytest.raises(DataError, match="There is none"):
        list_images(tmp_path / "gone")


def test_images_of_all_kinds_are_listed(tmp_path):
    names = ["a.png", "b.jpg", "c.jpeg", "d.jfif", "e.bmp", "f.gif", "g.webp", "h.tif", "i.tiff"]
    names += ["j.btf", "k.npy", "l.dcm", "m.dicom", "n.nii", "o.NII.GZ", "p.ome.tif"]
    _touch(tmp_path, *names, "q.gz", "r.npz", "s.csv", "nii.gz", "gif")
    assert [path.name for path in list_images(tmp_path)] == names


def test_dicom_files_without_a_suffix_are_listed_by_their_content(tmp_path):
    for name in ("IM000001", "1.2.840.113619.2", "notes", "DICOMDIR", "c.tmp"):
        (tmp_path / "a").mkdir(exist_ok=True)
        mark = b"text" if name == "notes" else b"DICM"
        (tmp_path / "a" / name).write_bytes(bytes(128) + mark)
    assert [path.name for path in list_images(tmp_path)] == ["1.2.840.113619.2", "IM000001"]
    dataset, notes = from_class_folders(tmp_path)
    assert [record.image_id for record in dataset.records] == ["a/1.2.840.113619.2", "a/IM000001"]
    assert notes == ["files that are no images were left aside: 1 x .tmp, 1 x no ending."]


def test_links_to_folders_are_followed(tmp_path):
    _touch(tmp_path, "elsewhere/1.png", "data/b/1.png")
    (tmp_path / "data/a").symlink_to(tmp_path / "elsewhere")
    dataset, _ = from_class_folders(tmp_path / "data")
    assert [record.image_id for record in dataset.records] == ["a/1.png", "b/1.png"]


def test_links_round_in_circles_are_errors(tmp_path):
    _touch(tmp_path, "a/1.png")
    (tmp_path / "a/again").symlink_to(tmp_path / "a")
    with pytest.raises(DataError, match=r"again: is a link to a folder that contains it"):
        list_images(tmp_path)


def test_a_broken_link_is_listed_so_that_reading_it_fails_in_words(tmp_path):
    _touch(tmp_path, "a/1.png")
    (tmp_path / "a/2.png").symlink_to(tmp_path / "gone.png")
    assert [path.name for path in list_images(tmp_path)] == ["1.png", "2.png"]


@pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")
def test_a_name_that_is_no_text_is_an_error(tmp_path):
    try:
        with open(os.fsencode(tmp_path) + b"/z\xe4hler.png", "wb"):
            pass
    except OSError:
        pytest.skip("this file system refuses such names")
    with pytest.raises(DataError, match="must be valid UTF-8") as caught:
        list_images(tmp_path)
    str(caught.value).encode("utf-8")
