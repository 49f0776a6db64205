"""Each notebook runs from top to bottom, and what it says of its results is true."""

import shutil
from pathlib import Path

import nbformat
import pytest

from tests.examples.notebooks import FACTS, FOLDER, NAMES, ROOT, read

nbclient = pytest.importorskip("nbclient", reason="pip install 'bioselect[notebooks]'")


def shown(notebook):
    """Return all that stands below the cells of a notebook, with the name of the stream."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "stream":
                yield output.name, output.text
            elif output.output_type != "error":
                yield "result", output.data.get("text/plain", "")


@pytest.fixture
def folder(tmp_path):
    """A copy of what a reader has: notebooks and images, and no results."""
    for part in ("examples", "datasets"):
        ignored = shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignored)
    return tmp_path


@pytest.mark.notebooks
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_from_top_to_bottom(name, folder, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    before = {path: path.stat().st_mtime_ns for path in FOLDER.rglob("*")}
    notebook = read(name)
    facts = [f"assert {truth}, {words!r}" for words, truth in FACTS[name]]
    notebook.cells += [nbformat.v4.new_code_cell(fact) for fact in facts]
    place = {"metadata": {"path": str(folder / "examples")}}
    nbclient.NotebookClient(
        notebook, timeout=1500, kernel_name="python3", resources=place
    ).execute()
    told = list(shown(notebook))
    assert len(told) >= 6
    assert [text for stream, text in told if stream == "stderr"] == []
    assert [text for _, text in told if "warning:" in text.casefold()] == []
    written = {path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file()}
    assert written == {"examples", "datasets", "results"}
    assert {path: path.stat().st_mtime_ns for path in FOLDER.rglob("*")} == before
    assert not Path(folder / "examples" / "results").exists()
