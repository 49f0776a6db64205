"""Somebody's own modules reach a worker that does not see their folder, and only they."""

import importlib
import sys

import pytest

from bioselect.cluster.own_code import OwnCode, importable_there, own_code
from bioselect.exceptions import ConfigurationError
from bioselect.registry import importable


@pytest.fixture
def mine(tmp_path):
    folder = tmp_path / "study"
    (folder / "mylabx").mkdir(parents=True)
    (folder / "mylabx" / "__init__.py").write_text("from mylabx.inner import VALUE\n")
    (folder / "mylabx" / "inner.py").write_text("VALUE = 41\n")
    (folder / "never_imported.py").write_text("raise RuntimeError\n")
    with importable(folder):
        importlib.import_module("mylabx")
    yield folder
    for name in ("mylabx", "mylabx.inner"):
        sys.modules.pop(name, None)


def test_what_was_imported_there_is_sent(mine, tmp_path):
    sent = own_code(mine)
    assert [name for name, _ in sent.files] == ["mylabx/__init__.py", "mylabx/inner.py"]
    assert own_code(tmp_path / "elsewhere") is None
    assert own_code(None) is None


def test_a_copy_takes_the_place_of_a_folder_that_is_not_seen(mine, tmp_path):
    sent = own_code(mine)
    for name in ("mylabx", "mylabx.inner"):
        del sys.modules[name]
    unseen = OwnCode(str(tmp_path / "not" / "here"), sent.files)
    with importable_there(unseen, tmp_path / "scratch"):
        assert importlib.import_module("mylabx").VALUE == 41
        assert str(tmp_path / "scratch") in sys.modules["mylabx"].__file__


def test_another_file_in_the_folder_is_refused_by_its_name(mine, tmp_path):
    sent = own_code(mine)
    (mine / "mylabx" / "inner.py").write_text("VALUE = 42\n")
    assert own_code(mine).digest != sent.digest
    with (
        pytest.raises(ConfigurationError, match=r"inner\.py: must be the same file"),
        importable_there(sent, tmp_path / "scratch"),
    ):
        pass


def test_what_a_function_will_import_is_sent_too(mine):
    """Nobody has imported it yet: here it is a worker that calls the function first."""
    (mine / "late.py").write_text("import numpy\nfrom mylabx import deep\n")
    (mine / "mylabx" / "deep").mkdir()
    (mine / "mylabx" / "deep" / "__init__.py").write_text("from ..beside import one as other\n")
    (mine / "mylabx" / "beside.py").write_text("one = 1\n")
    (mine / "mylabx" / "inner.py").write_text("VALUE = 41\ndef f():\n    import late\n")
    sent = own_code(mine)
    assert [name for name, _ in sent.files] == [
        "late.py",
        "mylabx/__init__.py",
        "mylabx/beside.py",
        "mylabx/deep/__init__.py",
        "mylabx/inner.py",
    ]


def test_a_module_that_cannot_be_parsed_is_sent_as_it_is(mine):
    (mine / "broken.py").write_text("def f(:\n")
    (mine / "mylabx" / "inner.py").write_text("VALUE = 41\ndef f():\n    import broken\n")
    assert "broken.py" in [name for name, _ in own_code(mine).files]
