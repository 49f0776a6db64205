"""The fuzzer finds what it is for, and every reader stands a small dose of it."""

import os
import pkgutil
import random
import signal
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

if sys.platform != "linux":
    pytest.skip("processes are watched through /proc", allow_module_level=True)

from bioselect.exceptions import DataError
from tests.fuzzing import folders, targets
from tests.fuzzing.__main__ import load
from tests.fuzzing.children import (
    DIED,
    FINE,
    HANG,
    MEMORY,
    REFUSED,
    UNCAUGHT,
    Limits,
    Target,
    outcome_of,
    outcomes,
)
from tests.fuzzing.dicom_changes import changed_element
from tests.fuzzing.formats import png_chunk, zip_member
from tests.fuzzing.mutations import mutated
from tests.fuzzing.refusals import all_of

ROOT = Path(__file__).resolve().parents[2]
TARGETS = sorted(module.name for module in pkgutil.iter_modules(targets.__path__))
#: Models and runs have to be made first, which takes what many tests take.
SLOW = ("bundle", "results")
KINDS = {
    "fine": FINE,
    "refused": REFUSED,
    "colours": UNCAUGHT,
    "raises": UNCAUGHT,
    "hangs": HANG,
    "dies": DIED,
    "eats": MEMORY,
    "claims": UNCAUGHT,
    "last": FINE,
}


def _feed(name, data):
    if os.getpid() == _HERE:
        return
    if name == "refused":
        raise DataError("a.csv: is damaged.")
    if name == "colours":
        raise DataError("a.csv: \x1b[31mred.")
    if name == "raises":
        raise KeyError(name)
    if name == "dies" and _is_measured:
        os.kill(os.getpid(), signal.SIGSEGV)
    while name == "hangs" and _is_measured:
        pass
    if name == "eats" and _is_measured:
        bytearray(600 << 20)
    if name == "claims":
        bytearray(1 << 50)


_HERE, _is_measured = os.getpid(), []


def test_whatever_goes_wrong_is_found_and_told_of_its_input():
    # In a process of its own, as the fuzzer always is: this one has done much before.
    code = "from tests.fuzzing.test_fuzzing import look_at_all_kinds; look_at_all_kinds()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def look_at_all_kinds():
    """Let everything go wrong that can, and look what is told of it."""
    # Valid files are fed once before anything is measured: not then.
    calls = []

    def feed(name, data):
        calls.append(name)
        if len(calls) > len(KINDS):
            _is_measured.append(1)
        _feed(name, data)

    target = Target("mine", dict.fromkeys(KINDS, b"data"), feed)
    limits = Limits(seconds=3.0, megabytes=500)
    found = {one.seed_name: one for one in outcomes(target, 0, len(KINDS), limits, 2)}
    assert {name: one.kind for name, one in found.items()} == KINDS
    assert "in feed" not in found["raises"].what
    assert "_feed" in found["hangs"].details
    assert found["refused"].what == "DataError: is damaged."


def test_the_same_seed_gives_the_same_inputs():
    files = {"a.csv": b"a,b\n1,2\n", "b.png": bytes(range(256))}
    target = Target("mine", files, lambda name, data: None)
    inputs = [target.input(3, index) for index in range(200)]
    assert inputs == [target.input(3, index) for index in range(200)]
    assert inputs[:2] == list(files.items())
    assert len({data for _, data in inputs}) > 150
    assert inputs[2:] != [target.input(4, index) for index in range(2, 200)]


def test_changes_inside_a_png_and_a_zip_get_past_the_checksums():
    from bioselect.data.png import png_facts

    png = load("pictures").seeds["colour.png"]
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.csv", "a,b\n1,2\n")
    rng = random.Random(0)
    n_whole = 0
    for _ in range(40):
        changed = png_chunk(png, rng)
        try:
            png_facts("a.png", changed)
            n_whole += changed != png
        except Exception:
            continue
    assert n_whole > 15
    contents = set()
    for _ in range(40):
        with zipfile.ZipFile(BytesIO(zip_member(packed.getvalue(), rng))) as archive:
            assert archive.testzip() is None
            contents |= {archive.read(name) for name in archive.namelist()}
    assert len(contents) > 10


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in TARGETS],
)
def test_each_target_takes_its_valid_files_and_some_damaged_ones(name):
    target = load(name)
    assert len(target.seeds) >= 3
    found = [
        outcome_of(target, index, *target.input(0, index))
        for index in range(len(target.seeds) + 15)
    ]
    assert {one.kind for one in found[: len(target.seeds)]} <= {FINE, REFUSED}
    wrong = [one for one in found if one.kind not in (FINE, REFUSED)]
    assert wrong == []


def test_what_grows_ends():
    rng = random.Random(0)
    data = bytes(1 << 20)
    assert max(len(mutated(data, [data], rng)) for _ in range(9)) == 1 << 20


def test_a_folder_comes_back_from_its_bytes_and_never_leaves_its_place(tmp_path):
    files = {"a/1.png": b"one", "../../up.png": b"two", "/b": b"\n--- three"}
    data = folders.packed(files, link={"c": "../../../etc"}, folder={"d": ""}, pipe={"e": ""})
    root = tmp_path / "folder"
    root.mkdir()
    folders.write(data, root)
    assert {path.name for path in tmp_path.iterdir()} == {"folder"}
    found = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    assert found == {"a", "a/1.png", "up.png", "b", "c", "d", "e"}
    assert (root / "b").read_bytes() == b"\n--- three"
    assert (root / "c").readlink() == root / "etc"
    assert (root / "e").is_fifo()


def test_another_element_of_a_dicom_file_is_still_a_dicom_file():
    pydicom = pytest.importorskip("pydicom")
    data = load("dicom").seeds["places.dcm"]
    changed = {changed_element(data, random.Random(seed)) for seed in range(40)}
    assert len(changed) > 25
    for one in changed:
        pydicom.dcmread(BytesIO(one))


def test_whatever_is_done_after_a_refusal_is_done_and_the_first_is_raised():
    done = []

    def refuse(message):
        done.append(message)
        raise DataError(message)

    with pytest.raises(DataError, match="one"):
        all_of([lambda: refuse("one"), lambda: refuse("two")])
    assert done == ["one", "two"]
    with pytest.raises(AssertionError):
        all_of([lambda: refuse("\x1b[31m")])
