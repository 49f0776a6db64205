"""A small model that tests may copy and damage."""

import json
import shutil

import pytest

from bioselect.bundle.manifest import MANIFEST_FILE, signed
from bioselect.registry import ComponentSpec
from bioselect.storage import sha256_of_file
from bioselect.testing.small_bundle import write_small_bundle


@pytest.fixture(scope="session")
def whole_bundle(tmp_path_factory):
    """Return a bundle of `intensity` and `lda` that nobody changes."""
    folder = tmp_path_factory.mktemp("whole") / "model"
    return write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"))


@pytest.fixture
def bundle(whole_bundle, tmp_path):
    """Return a copy of the small bundle that may be changed."""
    return shutil.copytree(whole_bundle, tmp_path / "model")


@pytest.fixture
def forge():
    """Return a function that changes fields of a manifest and signs it again, as a forger would."""

    def change(folder, **fields):
        path = folder / MANIFEST_FILE
        values = json.loads(path.read_text(encoding="utf-8"))
        files = {name: sha256_of_file(folder / name) for name in values["files"]}
        path.write_text(json.dumps(signed({**values, "files": files, **fields})), encoding="utf-8")

    return change
