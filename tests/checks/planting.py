"""Drawn images on disk in which defects are planted, and a look at what the doctor finds."""

import numpy as np
from PIL import Image

from bioselect.config.loading import load_config
from bioselect.exceptions import DataError
from bioselect.progress import SILENT
from bioselect.workflows.study_inputs import read_study_inputs

CLASSES = ("few", "many")
N_OF_CLASS = 40
SIDE = 48


def cells(random):
    """Bright cells on a grey background with noise: what images of the set look like."""
    rows, columns = np.mgrid[:SIDE, :SIDE]
    image = random.normal(60, 6, (SIDE, SIDE, 3))
    for _ in range(4):
        row, column = random.integers(0, SIDE, 2)
        disc = (rows - row) ** 2 + (columns - column) ** 2 < random.integers(9, 50)
        image[disc] += random.uniform(40, 130, 3)
    return np.clip(image, 0, 250).astype(np.uint8)


def pixels_of(path):
    return np.asarray(Image.open(path))


def overwrite(path, pixels):
    Image.fromarray(np.asarray(pixels, dtype=np.uint8)).save(path)
    return path


def drawn(folder, seed):
    random = np.random.default_rng(seed)
    for name in CLASSES:
        (folder / name).mkdir(parents=True)
        for number in range(N_OF_CLASS):
            overwrite(folder / name / f"{number:02d}.png", cells(random))
    return random


def findings_of(folder, dataset="", folds="auto"):
    """Return what the doctor finds, and whether the data set is refused."""
    config = folder.parent / "config.yaml"
    config.write_text(
        f"dataset: {{path: {folder.name}{dataset}}}\n"
        "extractors: [intensity]\nclassifiers: [lda]\noutput: run\n"
        f"validation: {{folds: {folds}}}\n"
    )
    findings = []
    try:
        read_study_inputs(load_config(config), folder.parent / "cache", 2, SILENT, findings)
    except DataError:
        return findings, True
    return findings, False


def check_found(found, expected):
    """Check that each expected finding is there once, and nothing else."""
    rest = list(found)
    for severity, image, words in expected:
        same = [one for one in rest if (one.severity, one.image) == (severity, image)]
        matching = [one for one in same if words in one.what]
        assert len(matching) == 1, (severity, image, words, found)
        rest.remove(matching[0])
    assert rest == []


def one_more_class(folder, random, name, count):
    (folder / name).mkdir()
    for number in range(count):
        overwrite(folder / name / f"{number:02d}.png", cells(random))


def as_patients(folder, patient_of):
    """Put the patient of each image, by its class and number, into the names of the files."""
    for name in CLASSES:
        for number in range(N_OF_CLASS):
            path = folder / name / f"{number:02d}.png"
            path.rename(path.with_name(f"{patient_of(name, number)}_{path.name}"))
