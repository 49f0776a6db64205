"""Small real commands for `faults.py`: what each reads, what is called, where its products lie."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from drawn_images import draw_folder
from PIL import Image

N_IMAGES, SIDE = 18, 24
OUTPUT = "out"

_CLASSIFICATION = """\
dataset: {path: images}
extractors: [intensity, hu_moments]
classifiers: [lda, knn]
validation: {folds: 3, repeats: 1}
report: {explanations: false, learning_curve: false}
output: out
"""
#: `mylab:Hungry` takes all the memory that there is, as long as HUNGRY says so.
_HUNGRY = """\
dataset: {path: images}
extractors: [intensity]
classifiers: [lda, "mylab:Hungry"]
validation: {folds: 3, repeats: 1}
report: {pictures: false, learning_curve: false, map: false}
output: out
"""
_MYLAB = '''\
import os, signal
import psutil
from sklearn.naive_bayes import GaussianNB

class Hungry(GaussianNB):
    """Is ended as the system ends who takes too much memory."""

    def fit(self, X, y, sample_weight=None):
        mode = os.environ.get("HUNGRY", "")
        me = psutil.Process()
        is_worker = "popen_loky" in " ".join(me.cmdline())
        others = [one for one in psutil.Process(os.getppid()).children()
                  if one.pid != me.pid and "popen_loky_posix" in " ".join(one.cmdline())]
        if is_worker and (mode == "always" or mode == "beside others" and others):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(X, y)
'''
_REGRESSION = """\
task: regression
dataset: {table: images/counts.csv, image: file, target: cells}
extractors: [intensity]
regressors: [ridge, knn]
validation: {folds: 3, repeats: 1}
report: {explanations: false}
output: out
"""
_SEGMENTATION = """\
task: segmentation
dataset: {path: fields, masks: masks}
networks: [otsu]
validation: {folds: 3, repeats: 1}
output: out
"""
_NETWORK = """\
dataset: {path: images}
extractors: [intensity]
classifiers: [lda]
networks: [{name: small_cnn, params: {epochs: 2, input_size: 16}}]
validation: {folds: 2, repeats: 1}
report: {explanations: false}
output: out
"""


def _images(folder: Path, _: Path) -> None:
    draw_folder(folder / "images", N_IMAGES, SIDE, seed=0)


def _configured(text: str) -> Callable[[Path, Path], None]:
    def make(folder: Path, finished: Path) -> None:
        _images(folder, finished)
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        (folder / "mylab.py").write_text(_MYLAB, encoding="utf-8")

    return make


def _counted(folder: Path, finished: Path) -> None:
    _configured(_REGRESSION)(folder, finished)
    paths = sorted((folder / "images").rglob("*.png"))
    with (folder / "images" / "counts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [
            [path.relative_to(folder / "images").as_posix(), n % 7] for n, path in enumerate(paths)
        ]
        csv.writer(file).writerows([["file", "cells"], *rows])


def _fields(folder: Path, _: Path) -> None:
    (folder / "config.yaml").write_text(_SEGMENTATION, encoding="utf-8")
    random = np.random.default_rng(5)
    for number in range(8):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        row, column = random.integers(0, SIDE - 8, 2)
        mask[row : row + 7, column : column + 6] = 255
        pixels = (mask // 2 + random.integers(0, 90, mask.shape)).astype(np.uint8)
        for name, drawn in (("fields", pixels), ("masks", mask)):
            (folder / name).mkdir(exist_ok=True)
            Image.fromarray(drawn).save(folder / name / f"{number:02d}.png")


def _with_model(folder: Path, finished: Path) -> None:
    _images(folder, finished)
    shutil.copytree(finished / "model", folder / "model")


def _with_run(folder: Path, finished: Path) -> None:
    _images(folder, finished)
    shutil.copytree(finished, folder / OUTPUT)


@dataclass(frozen=True)
class Scene:
    """A folder that `make` fills (it may take from a finished run), and a command in it."""

    name: str
    words: tuple[str, ...]
    make: Callable[[Path, Path], None]

    @property
    def goes_on(self) -> bool:
        """Whether the command takes up what it finds in its output."""
        return self.words[0] == "run"


_RUN = ("run", "config.yaml", "--jobs", "1")
_RUN_2 = ("run", "config.yaml", "--jobs", "2")
SCENES = {
    scene.name: scene
    for scene in (
        Scene("classification", _RUN, _configured(_CLASSIFICATION)),
        Scene("two jobs", _RUN_2, _configured(_CLASSIFICATION)),
        Scene("hungry", _RUN_2, _configured(_HUNGRY)),
        Scene("regression", _RUN, _counted),
        Scene("segmentation", _RUN, _fields),
        Scene("network", _RUN, _configured(_NETWORK)),
        Scene(
            "predict", ("predict", "model", "images", "-o", "out/p.csv", "--jobs", "1"), _with_model
        ),
        Scene("evaluate", ("evaluate", "model", "images", "-o", "out", "--jobs", "1"), _with_model),
        Scene("report", ("report", "out"), _with_run),
    )
}
