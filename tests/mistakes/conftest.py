"""A folder with two classes of drawn images, a table and a model, in which things go wrong.

Each test makes one mistake and looks at the one line that is read: what it is, and what to do.
"""

import re

import numpy as np
import pytest
import tifffile
from PIL import Image

from bioselect.cli.main import main
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import write_small_bundle

CLASSES = ("healthy", "tumour")
N_PER_CLASS = 6
N_LINES = 8  # of an error that lists several things


class Lab:
    """The folder, and what is typed in it; `images` and `table` lie in it, the model elsewhere."""

    def __init__(self, folder, model, capsys):
        self.folder, self.model, self.capsys = folder, str(model), capsys
        self.images = folder / "images"
        self.table = folder / "labels.csv"
        self.random = np.random.default_rng(3)
        self.draw_all(".png")
        self.write_table()

    def told(self, arguments, *words):
        """Assert that a command stops with an error that matches regular expressions."""
        assert main(arguments) == 1
        shown = self.capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        error = shown.err[shown.err.rindex("error: ") :]
        assert len(error.splitlines()) <= N_LINES, error
        for word in words:
            assert re.search(word, error), f"{word!r} is not in: {error}"

    def works(self, arguments, *words):
        """Assert that a command does its work, and tells what matches regular expressions."""
        assert main(arguments) == 0, self.capsys.readouterr().err
        shown = self.capsys.readouterr()
        for word in words:
            assert re.search(word, shown.out + shown.err), f"{word!r} is not in: {shown}"

    def pixels(self, *shape, dtype=np.uint8):
        return self.random.integers(0, 250, shape or (24, 24, 3)).astype(dtype)

    def draw(self, name, pixels=None):
        path = self.images / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = self.pixels() if pixels is None else pixels
        if path.suffix == ".tif":
            contiguous = {"planarconfig": "contig"} if pixels.ndim == 3 else {}
            tifffile.imwrite(path, pixels, photometric="minisblack", **contiguous)
        else:
            Image.fromarray(pixels).save(path)
        return path

    def draw_all(self, suffix, pixels=None):
        """Draw all images, in place of those that are there."""
        for path in self.images.rglob("*.*"):
            path.unlink()
        for name in CLASSES:
            for number in range(N_PER_CLASS):
                self.draw(f"{name}/{number}{suffix}", None if pixels is None else pixels())

    def rows(self):
        return [f"{c}/{n}.png,{c},p{n}" for c in CLASSES for n in range(N_PER_CLASS)]

    def write_table(self, rows=None, header="file,diagnosis,patient", encoding="utf-8"):
        lines = [header, *(self.rows() if rows is None else rows)]
        self.table.write_bytes("\n".join([*lines, ""]).encode(encoding))

    def text(
        self, dataset="{path: images}", extractors="[intensity]", classifiers="[lda]", rest=""
    ):
        return (
            f"dataset: {dataset}\nextractors: {extractors}\nclassifiers: {classifiers}\n"
            f"{rest or 'output: results'}\n"
        )

    def check(self, text=None, command="check", **parts):
        """Write a configuration and return the command that checks it."""
        config = self.folder / "config.yaml"
        data = self.text(**parts) if text is None else text
        config.write_bytes(data if isinstance(data, bytes) else data.encode())
        return [command, "config.yaml", "--jobs", "1"]

    def run(self, **parts):
        """Write a configuration and return the command that runs it, quickly."""
        # Nobody here looks at what a report shows of the images, which takes as long as the rest.
        shown = "pictures: false, explanations: false, learning_curve: false, map: false"
        rest = parts.pop("rest", "") + "\nvalidation: {folds: 3, repeats: 1}\noutput: results"
        rest += f"\nreport: {{{shown}}}"
        return self.check(command="run", rest=rest.strip(), **parts)

    def check_table(self, keys="", image="file", target="diagnosis", table="labels.csv"):
        return self.check(
            dataset=f"{{table: {table}, root: images, image: {image}, target: {target}{keys}}}"
        )


@pytest.fixture(scope="session")
def finished_model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mistakes") / "model"
    return write_small_bundle(folder, ComponentSpec("intensity"), ComponentSpec("lda"), CLASSES)


@pytest.fixture
def lab(tmp_path, finished_model, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    return Lab(tmp_path, finished_model, capsys)
