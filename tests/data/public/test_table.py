"""What is known of public sets: whole rows, nothing invented."""

import hashlib
import re
from pathlib import Path

import pytest
import yaml

from bioselect.config.loading import load_config
from bioselect.data.public.medmnist import MEDMNIST
from bioselect.data.public.sets import SEE_PAGE, TASKS
from bioselect.data.public.table import ROWS, find, listed
from bioselect.exceptions import DataError

IDS = [row.name for row in ROWS]


def test_which_sets_there_are():
    names = {row.name for row in listed()}
    assert len(IDS) == len(set(IDS)) == 12 * 4 + 4 + 12 + 10
    assert len([row for row in MEDMNIST if not row.variant_of]) == 12
    assert {"pathmnist", "nct_crc_he_100k", "kather2016", "bbbc002", "bbbc039"} <= names
    assert {"dsb2018", "isbi2012", "malaria_cells", "ham10000", "bioimage_archive"} <= names


@pytest.mark.parametrize("row", ROWS, ids=IDS)
def test_a_row_is_whole(row):
    assert re.fullmatch(r"[a-z0-9_]+", row.name)
    assert row.task in TASKS
    assert row.page.startswith("https://")
    assert row.licence
    assert row.is_pointer or (row.citation and row.doi and row.next_steps)
    assert row.is_pointer or row.n_images > 0
    assert not row.doi or re.fullmatch(r"10\.\d{4,}/\S+", row.doi)
    names = [file.name for file in row.files]
    assert len(set(names)) == len(names)
    for file in row.files:
        assert re.fullmatch(r"[\w.-]+\.(npz|zip|csv|txt)", file.name)
        assert file.address.startswith("https://")
        assert (file.checksum is None) == (file.source == "")
        if file.checksum is not None:
            algorithm, digits = file.checksum.split(":")
            assert re.fullmatch(r"[0-9a-f]+", digits)
            assert len(digits) == hashlib.new(algorithm).digest_size * 2


def test_no_checksum_stands_for_two_files():
    sums = [file.checksum for row in ROWS for file in row.files if file.checksum]
    assert len(set(sums)) == len(sums) == 48 + 6 + 10


def test_what_licences_do_not_allow_is_known():
    restricted = {row.name for row in listed() if row.warning and row.licence != SEE_PAGE}
    assert restricted == {"dermamnist", "ham10000", "bbbc001", "bbbc008", "isbi2012"}
    unknown = {row.name for row in listed() if row.licence == SEE_PAGE}
    assert unknown == {"bbbc002", "bbbc020", "malaria_cells"}


STEPS = [(row.name, step) for row in listed() for step in row.next_steps if "dataset: {" in step]


@pytest.mark.parametrize(("name", "step"), STEPS, ids=[name for name, _ in STEPS])
def test_keys_of_a_configuration_are_ones(name, step, tmp_path):
    written = yaml.safe_load(f"{{{step}}}")
    for key in ("path", "masks"):
        if key in written["dataset"]:
            (tmp_path / written["dataset"][key]).mkdir()
    if find(name).task == "segmentation":
        rest = {"networks": ["otsu", "pixel_forest"]}
    else:
        regressing = written.get("task") == "regression"
        some = {"regressors": ["ridge"]} if regressing else {"classifiers": ["lda"]}
        rest = {"extractors": ["hog"], **some}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({**written, **rest, "output": "results"}))
    assert load_config(config).task == find(name).task


def test_sets_to_learn_from_have_such_keys():
    without = {row.name for row in listed() if not row.is_pointer} - {name for name, _ in STEPS}
    # Their folders need none, or their masks have to be made first.
    assert without == {"nct_crc_he_100k", "crc_val_he_7k", "bbbc007", "bbbc020"}


@pytest.mark.parametrize(
    ("name", "file", "group"),
    [
        # Names that others show; those of healthy people hold no P.
        ("malaria_cells", "C100P61ThinF_IMG_20150918_144104_cell_162.png", "C100"),
        ("malaria_cells", "C37BP2_thinF_IMG_20150620_132847a_cell_76.png", "C37"),
        ("malaria_cells", "C1_thinF_IMG_20150604_104722_cell_9.png", "C1"),
        ("malaria_cells", "C5NThinF_IMG_20150609_122006_cell_179.png", "C5"),
        ("kather2016", "1A11_CRC-Prim-HE-07_022.tif_Row_601_Col_151.tif", "CRC-Prim-HE-07"),
        ("kather2016", "10062_CRC-Prim-HE-02_003b.tif_Row_1_Col_301.tif", "CRC-Prim-HE-02"),
    ],
)
def test_groups_are_found_in_real_file_names(name, file, group):
    (step,) = [step for set_name, step in STEPS if set_name == name]
    pattern = yaml.safe_load(f"{{{step}}}")["dataset"]["group"]["pattern"]
    assert re.search(pattern, file).group(1) == group


def test_what_the_authors_of_a_set_want_cited_is_cited():
    # Terms of the challenge: "you must cite TrakEM2 and the following publication: Cardona A ...".
    assert find("isbi2012").doi == "10.1371/journal.pbio.1000502"
    assert "TrakEM2" in find("isbi2012").warning


def test_lengths_are_told_only_where_all_are_known():
    assert find("bbbc007").n_bytes == 6_435_776 + 652_531
    assert find("bbbc006").n_bytes is None
    assert find("ham10000").n_bytes == 1_366_522_108 + 1_403_566_547 + 690_218
    assert find("idr").n_bytes is None


@pytest.mark.parametrize("name", ["PathMNIST", "pathmnist"])
def test_capitals_do_not_matter(name):
    # 89,996 + 10,004 + 7,180, as the authors of the set say.
    assert find(name).n_images == 107_180


def test_the_page_for_people_has_every_row():
    text = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")
    for row in listed():
        (line,) = re.findall(rf"^\| `{row.name}` \| .*$", text, re.MULTILINE)
        if row.is_pointer:
            assert row.page in line
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        assert cells[1:5] == [row.title, row.task, f"{row.n_images:,}", row.licence]
        unknown = [file.name for file in row.files if file.checksum is None]
        assert ("unknown" in cells[5]) == bool(unknown)
        if len(unknown) < len(row.files):
            by_publisher = next(file.source for file in row.files if file.checksum)
            assert cells[5].startswith("publisher") == by_publisher.startswith("publisher")
            assert all(name in cells[5] for name in unknown)


def test_unknown_name_tells_the_nearest():
    with pytest.raises(DataError, match="Did you mean 'bloodmnist'"):
        find("bloodmist")
