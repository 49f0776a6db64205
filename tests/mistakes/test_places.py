"""Mistakes with the places of results: not ours, not empty, not writable, full."""

import csv
import errno
import io
import os
from pathlib import Path

import pytest
from filelock import FileLock

#: In the order in which a run writes them.
PRODUCTS = (
    "images.jsonl",
    "config.yaml",
    "dataset.csv",
    "findings.csv",
    "environment.json",
    "features",
    "scores.csv",
    "timings.csv",
    "out_of_fold.h5",
    "ranking.csv",
    "comparisons.csv",
    "study.json",
    "model/manifest.json",
)
DISK_IS_FULL = ("cannot be written: the disk is full", "Free some space and start again")


def refusing(number, real=None, name=""):
    """Return a function that fails as the system does, where the name of a file is among its own.

    Without a name it always fails.
    """

    def refuse(*arguments, **options):
        if name and not any(name in str(argument) for argument in arguments):
            return real(*arguments, **options)
        raise OSError(number, os.strerror(number), str(arguments[0]))

    return refuse


def full_files(name):
    """Return a class of files that find the disk full, where `name` is in their path."""

    class FullFile(io.FileIO):
        def write(self, data):
            if name in str(self.name) and self.tell() > 60:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return super().write(data)

    return FullFile


def test_a_file_where_results_should_go(lab):
    lab.told(lab.check(rest="output: labels.csv"), "must be a folder", "Got the file", "labels.csv")


def test_results_over_the_configuration(lab):
    lab.told(lab.check(rest="output: .", command="run"), "write over your own files", "config.yaml")


def test_a_cache_among_the_images(lab):
    rest = "cache: images/cache\noutput: results"
    lab.told(lab.check(rest=rest), "images/cache: must not lie in the folder of images")


def test_no_permission_to_write(lab, monkeypatch):
    monkeypatch.setattr(os, "mkdir", refusing(errno.EACCES))
    lab.told(
        lab.check(command="run"),
        "results/.lock: cannot be locked",
        "no permission",
        "Choose another",
    )


def test_a_read_only_disk(lab, monkeypatch):
    monkeypatch.setattr(os, "open", refusing(errno.EROFS, os.open, "results"))
    lab.told(lab.check(command="run"), "cannot be locked: no permission", "Choose another")


def test_a_name_that_is_too_long(lab):
    arguments = lab.check(rest=f"output: {'r' * 300}", command="run")
    lab.told(arguments, "cannot be locked: its name is too long", "Choose another name")
    arguments = ["predict", lab.model, "images", "-o", f"{'p' * 300}.csv"]
    lab.told(arguments, "cannot be written: its name is too long")


def test_a_second_run_in_the_same_folder(lab):
    (lab.folder / "results").mkdir()
    with FileLock(lab.folder / "results/.lock"):
        lab.told(lab.run(), "results: another run writes here", "Wait for it, or choose another")


def test_folders_where_files_should_be(lab):
    (lab.folder / "results/.journal").mkdir(parents=True)
    lab.told(lab.run(), r"\.journal: cannot be written: a folder stands where the file shall lie")


def test_a_full_disk(lab, monkeypatch):
    """Each run goes on from what the one before has kept, and fails one product later."""
    # Each file takes its place by `os.replace`; a full disk shows there at the latest.
    real = os.replace
    for product in PRODUCTS:
        with monkeypatch.context() as patch:
            refuse = refusing(errno.ENOSPC, real, os.path.basename(product))
            patch.setattr(os, "replace", refuse)
            lab.told(lab.run(), *DISK_IS_FULL)
        assert not list((lab.folder / "results").rglob(".unfinished*")), product
    lab.works(lab.run(), "Best combination")


@pytest.mark.parametrize(
    ("module", "place", "named"),
    [
        ("bioselect.selection.journal", "FileIO", ".journal"),
        ("bioselect.features.patient_file", "io.FileIO", f"features{os.sep}"),
        # HDF5 itself ends the process with a segmentation fault here.
        ("bioselect.features.patient_file", "io.FileIO", f"results{os.sep}.unfinished"),
    ],
)
def test_a_full_disk_in_the_middle_of_a_file(lab, module, place, named, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(f"{module}.{place}", full_files(named))
        lab.told(lab.run(), *DISK_IS_FULL)
    lab.works(lab.run(), "Best combination")


def test_a_full_disk_for_predictions(lab, monkeypatch):
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    lab.told(["predict", lab.model, "images", "-o", "p.csv"], *DISK_IS_FULL)
    assert not Path("p.csv").exists()


def test_a_failing_disk(lab, monkeypatch):
    monkeypatch.setattr(os, "replace", refusing(errno.EIO))
    lab.told(
        lab.run(), "the disk or the network drive does not answer", "Look whether it is connected"
    )


# --- what works anyway ---------------------------------------------------------------------------


def test_a_terminal_that_cannot_show_the_names(lab, monkeypatch):
    (lab.images / "tumour").rename(lab.images / "\u7d30\u80de")
    shown = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", shown)
    lab.works(lab.run())
    shown.seek(0)
    assert r"\u7d30\u80de" in shown.read()
    with open("results/dataset.csv", newline="", encoding="utf-8") as file:
        assert "\u7d30\u80de" in {row["target"] for row in csv.DictReader(file)}


def test_places_with_blanks_and_accents(lab):
    lab.works(lab.check(command="run", rest="output: 'Größe 1/my results'"), "Größe 1/my results")
