"""Which files a component of one's own depends on."""

from pathlib import Path

import pytest

from bioselect.own_modules import imported_beside, imported_packages


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("import helper", ["helper.py"]),
        ("import lab.deep as d", ["lab/__init__.py", "lab/deep.py", "lab/sibling.py"]),
        ("from lab import deep", ["lab/__init__.py", "lab/deep.py", "lab/sibling.py"]),
        ("from helper import VALUE", ["helper.py"]),
        ("def f():\n    import helper", ["helper.py"]),
        ("import numpy, json, nowhere", []),
        ("from .. import outside", []),
        ("this is no Python", []),
    ],
)
def test_imports_are_followed(tmp_path: Path, line: str, files: list[str]) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "own.py").write_text(line + "\n")
    (tmp_path / "helper.py").write_text("import own\nVALUE = 1\n")
    (tmp_path / "lab" / "__init__.py").write_text("")
    (tmp_path / "lab" / "deep.py").write_text("from . import sibling\n")
    (tmp_path / "lab" / "sibling.py").write_text("from .deep import nothing\n")
    found = imported_beside(tmp_path / "own.py", tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found] == files


def test_packages_are_named_once_and_without_what_comes_with_python(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "import json, xgboost.core\nfrom skimage.feature import hog\nfrom . import beside\n"
    )
    (tmp_path / "other.py").write_text("def f():\n    import xgboost\n")
    (tmp_path / "broken.py").write_text("this is no Python\n")
    files = [tmp_path / name for name in ("own.py", "other.py", "broken.py")]
    assert imported_packages(files) == {"xgboost", "skimage"}
