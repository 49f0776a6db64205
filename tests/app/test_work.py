"""What a child does for the page stays on this computer, whatever a table says."""

import io
import shutil
from pathlib import Path

import pytest

from bioselect.addresses import place_of
from bioselect.app import work
from bioselect.app.child import Events
from bioselect.exceptions import ConfigurationError
from bioselect.remote import stores

TEXT = "dataset: {{{dataset}}}\nextractors: [hog]\nclassifiers: [lda]\noutput: {output}\n"
TABLE = "table: table.csv, image: file, target: kind"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Return what the network is asked for."""
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    addresses = []

    def ask(self, address):
        addresses.append(address)
        raise AssertionError("the network was asked")

    monkeypatch.setattr(stores.Store, "__init__", ask)
    return addresses


def table_of(folder: Path, images: Path, cell: str) -> Path:
    """Write a table of drawn images, of which one cell is another one."""
    shutil.copytree(images, folder / "images")
    files = sorted((folder / "images").rglob("*.png"))
    rows = [f"{file.relative_to(folder).as_posix()},{file.parent.name}" for file in files]
    rows[0] = f"{cell},{files[0].parent.name}"
    table = folder / "table.csv"
    table.write_text("\n".join(["file,kind", *rows]) + "\n")
    return table


def ask_for(job: str, file: Path, text: str = "") -> None:
    """Do one job of the page as its process does."""
    file.write_text(text)
    columns = {"image": "file", "target": "kind", "group": None}
    request = {"path": str(file.parent / "table.csv"), "file": str(file), "columns": columns}
    work.WORK[job]({**request, "config": str(file), "text": text}, Events(io.StringIO()))


@pytest.mark.parametrize("job", ["propose", "check", "run"])
def test_an_address_in_a_cell_is_refused_before_anybody_is_asked(
    job, tmp_path, drawn_images, asked
):
    table_of(tmp_path, drawn_images, "s3://lab/a.png")
    with pytest.raises(ConfigurationError) as told:
        ask_for(job, tmp_path / "study.yaml", TEXT.format(dataset=TABLE, output="run"))
    assert str(told.value) == (
        "s3://lab/a.png: must lie on this computer on the page, which would read and write at an "
        "address with your rights. Use `bioselect run` on the command line, or copy the files here."
    )
    assert asked == []


@pytest.mark.parametrize("job", ["check", "run"])
@pytest.mark.parametrize("key", ["dataset", "output"])
def test_the_place_of_an_address_is_no_way_around(job, key, tmp_path, drawn_images, asked):
    place = place_of("s3://lab/cells", results=key == "output").as_posix()
    dataset = f"path: {place if key == 'dataset' else drawn_images.as_posix()}"
    text = TEXT.format(dataset=dataset, output=place if key == "output" else "run")
    with pytest.raises(ConfigurationError, match=r"^s3://lab/cells: must lie on this computer"):
        ask_for(job, tmp_path / "study.yaml", text)
    assert asked == []
