"""What is missing is named with the extra that brings it."""

import logging

import pytest

from bioselect.bundle.export.packages import EXTRAS, check_installed, needed, quiet
from bioselect.exceptions import UnavailableError


@pytest.mark.parametrize(
    ("module", "package"), [("onnx.helper", "onnx"), ("bioimageio.spec.common", "bioimageio.spec")]
)
def test_a_missing_package(module, package, monkeypatch):
    def missing(name):
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr("bioselect.bundle.export.packages.import_module", missing)
    with pytest.raises(UnavailableError) as told:
        needed(module)
    assert str(told.value).startswith(f"export needs the package {package}, which cannot be")
    assert str(told.value).endswith(f'`pip install "bioselect[{EXTRAS[package]}]"`.')


def test_a_package_that_does_not_go_with_another_one(monkeypatch):
    def failing(name):
        raise AttributeError("module 'onnx' has no attribute 'mapping'")

    monkeypatch.setattr("bioselect.bundle.export.packages.import_module", failing)
    with pytest.raises(UnavailableError, match=r"\(AttributeError: module 'onnx' has no attribute"):
        needed("tf2onnx")


@pytest.mark.parametrize("found", [lambda name: None, lambda name: __import__("no_such_package")])
def test_it_is_found_out_before(found, monkeypatch):
    check_installed(["onnx", "bioimageio.core"])
    monkeypatch.setattr("bioselect.extras.find_spec", found)
    with pytest.raises(UnavailableError, match=r"bioimageio\.core and onnx, .*\[bioimageio,onnx\]"):
        check_installed(["bioimageio.core", "onnx"])


def test_logs_are_quiet_for_a_while_only():
    logger = logging.getLogger("some.package")
    logger.setLevel(logging.INFO)
    with quiet("some.package"):
        assert not logger.isEnabledFor(logging.ERROR)
    assert logger.level == logging.INFO
