"""Each thing that needs an extra says so in the same form, with its own way out."""

import pytest

from bioselect import extras
from bioselect.exceptions import UnavailableError


def test_what_is_missing_is_named_with_the_command(monkeypatch):
    there = {"a": object(), "b": None, "c": None}
    monkeypatch.setattr(extras, "find_spec", there.get)
    extras.check_installed("key", ["a"], "extra")
    with pytest.raises(UnavailableError) as told:
        extras.check_installed("key", ["a", "b"], "extra")
    assert str(told.value) == (
        "key needs the package b, which is not installed. Install it with "
        '`pip install "bioselect[extra]"`.'
    )
    with pytest.raises(UnavailableError) as told:
        extras.check_installed("key: x", list("abc"), "extra", ", or leave it out")
    assert str(told.value) == (
        "key: x needs the packages b and c, which are not installed. Install them with "
        '`pip install "bioselect[extra]"`, or leave it out.'
    )


def test_a_package_that_is_there_may_still_not_be_imported():
    told = extras.not_installed("s3://lab", (), "cloud", why="Install s3fs")
    assert str(told) == (
        "s3://lab needs a package, which cannot be imported (Install s3fs). Install it with "
        '`pip install "bioselect[cloud]"`.'
    )


@pytest.mark.parametrize("module", ["no_such_package", "no_such_package.part", "json.no_part"])
def test_what_lies_in_something_missing_is_missing_too(module):
    assert not extras.is_installed(module)
