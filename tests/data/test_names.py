"""Names of files as bytes and as text."""

import os

import pytest

from bioselect.data.names import as_text, composed, exists, is_text, stored_path, trimmed

COMPOSED, DECOMPOSED = "\u00e9t\u00e9.png", "e\u0301te\u0301.png"
LATIN1 = os.fsdecode(b"z\xe4hler.png")
posix_only = pytest.mark.skipif(os.name != "posix", reason="other systems have no such names")


@posix_only
def test_bytes_that_are_no_text_are_shown_as_codes():
    assert not is_text(LATIN1)
    assert as_text(LATIN1) == r"z\xe4hler.png"
    as_text(LATIN1).encode("utf-8")  # can be saved


@pytest.mark.parametrize("name", ["cell.png", COMPOSED, "\u7d30\u80de.tif", "\U0001f52c"])
def test_all_other_names_stay_as_they_are(name):
    assert is_text(name)
    assert as_text(name) == name


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\u202egnp.exe", "a\tb", "a\x9bb"])
def test_names_that_a_terminal_would_obey_stand_in_codes(name):
    assert not is_text(name)
    assert as_text(name).isprintable()
    assert as_text(name).encode().decode("unicode_escape") == name
    assert composed(name).isprintable()


def test_what_cannot_be_seen_at_the_ends_goes_and_inside_stays():
    assert trimmed("\ufeff\u200bT cell\xa0\n") == "T cell"
    assert trimmed("a\u200db") == "a\u200db"  # joins letters of some scripts


def test_both_forms_of_accents_are_one():
    assert COMPOSED != DECOMPOSED
    assert composed(DECOMPOSED) == composed(COMPOSED) == COMPOSED


@pytest.mark.parametrize("stored", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("written", [COMPOSED, DECOMPOSED])
def test_a_file_is_found_whichever_form_was_written(tmp_path, stored, written):
    (tmp_path / stored).touch()
    assert stored_path(tmp_path, written).is_file()


def test_folders_and_files_may_differ_in_form(tmp_path):
    (tmp_path / DECOMPOSED).mkdir()
    (tmp_path / DECOMPOSED / COMPOSED).touch()
    assert stored_path(tmp_path, f"{COMPOSED}/{COMPOSED}").is_file()
    assert stored_path(tmp_path / "elsewhere", f"{tmp_path}/{COMPOSED}/{DECOMPOSED}").is_file()


def test_where_both_forms_are_there_the_written_one_is_taken(tmp_path):
    (tmp_path / COMPOSED).touch()
    (tmp_path / DECOMPOSED).touch()
    if len(os.listdir(tmp_path)) < 2:
        pytest.skip("this file system takes both for one")
    for name in (COMPOSED, DECOMPOSED):
        assert stored_path(tmp_path, name) == tmp_path / name


def test_what_is_not_there_keeps_the_written_form(tmp_path):
    assert stored_path(tmp_path, f"{DECOMPOSED}/x") == tmp_path / DECOMPOSED / "x"


@pytest.mark.parametrize("name", ["gone", "x" * 300, "y/" * 3000, "nul\0"])
def test_impossible_names_do_not_exist(tmp_path, name):
    assert not exists(tmp_path / name)


def test_what_may_not_be_looked_at_exists(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "stat", refuse)
    assert exists(tmp_path / "a")
