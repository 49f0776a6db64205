"""A finished run of which one file is damaged: its report, and what the page shows of it."""

import os
import tempfile
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from PIL import Image

from bioselect.app.results import results_of
from bioselect.report.writing import write_report
from tests.fuzzing.files import folder_until_the_end, in_memory
from tests.fuzzing.trees import changed_json

#: What a report reads; the rest of a run folder lies there whole.
SUFFIXES = (".csv", ".json", ".yaml", ".h5")
COVERED = ("report/*.py", "report/sections/*.py", "app/results.py")
_made = {}


def seeds():
    root = folder_until_the_end("results")
    maker = get_context("spawn").Process(target=_run, args=(root,))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise RuntimeError("The run could not be made: see above.")
    _made["run"] = run = root / "run"
    files = [*run.glob("*.*"), *(run / "evidence").glob("*.*")]
    return {
        path.relative_to(run).as_posix(): path.read_bytes()
        for path in sorted(files)
        if path.suffix in SUFFIXES
    }


def _run(root):
    from bioselect.workflows.run import run

    random = np.random.default_rng(0)
    for place, name in enumerate(("dark", "bright")):
        (root / "images" / name).mkdir(parents=True)
        for number in range(8):
            grey = random.normal(80 + 90 * place, 20, (16, 16)).clip(0, 255).astype(np.uint8)
            Image.fromarray(grey).save(root / "images" / name / f"{number}.png")
    (root / "config.yaml").write_text(
        "dataset: {path: images}\nextractors: [intensity]\nclassifiers: [lda, knn]\n"
        "validation: {folds: 2, repeats: 2}\noutput: run\n"
    )
    run(root / "config.yaml", jobs=1)


def mutated(data, random):
    """Return another tree in place of JSON; of a table the cells of another row or column."""
    if data[:1] in (b"{", b"["):
        return changed_json(data, random)
    if data.startswith(b"\x89HDF"):
        return data
    lines = data.split(b"\n")
    place = random.randrange(len(lines))
    cells = lines[place].split(b",")
    some = (b"", b"nan", b"-1", b"inf", b"1e400", b"x", b"=1", b'"', b"\xc3\xa4", b"0", b"9" * 30)
    cells[random.randrange(len(cells))] = random.choice((*some, *random.choice(lines).split(b",")))
    if random.random() < 0.2:
        del cells[random.randrange(len(cells))]
    lines[place] = b",".join(cells)
    if random.random() < 0.2:
        del lines[random.randrange(len(lines))]
    return b"\n".join(lines)


def feed(name, data):
    with tempfile.TemporaryDirectory(dir=in_memory()) as here:
        folder = Path(here) / "run"
        for path in _made["run"].rglob("*"):
            inside = path.relative_to(_made["run"])
            if path.is_file() and inside.parts[0] not in (
                "features",
                "model",
                "report",
                ".journal",
            ):
                (folder / inside).parent.mkdir(parents=True, exist_ok=True)
                os.link(path, folder / inside)
        (folder / name).unlink()
        (folder / name).write_bytes(data)
        (folder / "report.html").unlink(missing_ok=True)
        try:
            results_of(folder)
        finally:
            write_report(folder)
