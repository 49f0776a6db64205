"""What is missing is named with the extra that brings it."""

import builtins
import logging
import sys

import pytest

from bioselect.bundle.export.packages import EXTRAS, check_installed, needed, quiet
from bioselect.exceptions import UnavailableError


@pytest.mark.parametrize(
    ("module", "package"), [("onnx.helper", "onnx"), ("bioimageio.spec.common", "bioimageio.spec")]
)
def test_a_missing_package(module, package, monkeypatch):
    real = builtins.__import__

    def without(name, *rest, **more):
        if name.split(".")[0] == package.split(".")[0]:
            raise ImportError(f"No module named {name!r}")
        return real(name, *rest, **more)

    for name in list(sys.modules):
        if name.split(".")[0] == package.split(".")[0]:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr("bioselect.bundle.export.packages.import_module", without)
    with pytest.raises(UnavailableError) as told:
        needed(module)
    extra = EXTRAS[package]
    assert str(told.value).startswith(f"export needs the package {package}, which cannot be")
    assert str(told.value).endswith(f'`pip install "bioselect[{extra}]"`.')
    with pytest.raises(UnavailableError):
        check_installed([module])


def test_logs_are_quiet_for_a_while_only():
    logger = logging.getLogger("some.package")
    logger.setLevel(logging.INFO)
    with quiet("some.package"):
        assert not logger.isEnabledFor(logging.ERROR)
    assert logger.level == logging.INFO
