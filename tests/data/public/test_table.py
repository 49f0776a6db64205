"""What is known of public sets: whole rows, nothing invented."""

import hashlib
import re

import pytest

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


def test_lengths_are_told_only_where_all_are_known():
    assert find("bbbc007").n_bytes == 6_435_776 + 652_531
    assert find("bbbc006").n_bytes is None
    assert find("idr").n_bytes is None


@pytest.mark.parametrize("name", ["PathMNIST", "pathmnist"])
def test_capitals_do_not_matter(name):
    # 89,996 + 10,004 + 7,180, as the authors of the set say.
    assert find(name).n_images == 107_180


def test_unknown_name_tells_the_nearest():
    with pytest.raises(DataError, match="Did you mean 'bloodmnist'"):
        find("bloodmist")
