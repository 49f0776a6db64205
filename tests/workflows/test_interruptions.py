"""A run that is killed again and again ends in the same bytes as one that is left alone."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

DRIVER = """
import os, signal, sys
place, count, config, output = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]

def killing(function):
    calls = [0]
    def wrapped(*args, **kwargs):
        calls[0] += 1
        if calls[0] == count:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return wrapped

if place == "hdf5":
    import h5py
    original = h5py.Group.create_dataset
    def halfway(self, *args, **kwargs):
        made = original(self, *args, **kwargs)
        self.file.flush()
        return made
    h5py.Group.create_dataset = killing(halfway)
elif place == "journal":
    import bioselect.selection.journal as journal
    journal.Journal.put = killing(journal.Journal.put)
from bioselect.workflows.run import run
run(config, output=output, jobs=1)
"""


def start(driver, place, count, config, output):
    arguments = [sys.executable, str(driver), place, str(count), str(config), str(output)]
    return subprocess.Popen(arguments, stderr=subprocess.PIPE)


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("honest", ["bbc", "nested"])
def test_ten_kills_end_in_the_same_ranking(write_config, tmp_path, honest):
    driver = tmp_path / "driver.py"
    driver.write_text(DRIVER)
    config = write_config(
        extractors="[intensity, lbp, hog]",
        classifiers="[lda, knn, random_forest]",
        validation=f"{{folds: 3, repeats: 2, honest: {honest}}}",
    )
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    assert start(driver, "nowhere", 0, config, undisturbed).wait() == 0
    places = [("hdf5", 2), ("journal", 5), ("hdf5", 3), ("journal", 9), ("hdf5", 4)]
    places += [("journal", 20), ("hdf5", 5), ("journal", 30)]
    kills = 0
    for place, count in places:
        process = start(driver, place, count, config, disturbed)
        if process.wait() == -signal.SIGKILL:
            kills += 1
    while kills < 10:
        process = start(driver, "nowhere", 0, config, disturbed)
        time.sleep(random.uniform(1.0, 4.0))
        process.kill()
        process.wait()
        kills += 1
    assert start(driver, "nowhere", 0, config, disturbed).wait() == 0
    for name in ("ranking.csv", "scores.csv", "study.json", "out_of_fold.h5"):
        assert (disturbed / name).read_bytes() == (undisturbed / name).read_bytes()
    assert not list(Path(disturbed).rglob("*.damaged"))
