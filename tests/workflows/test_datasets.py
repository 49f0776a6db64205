"""`bioselect datasets`, as a person types it."""

import hashlib
import io
import json
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from bioselect.cli.main import main
from bioselect.data.public import table
from bioselect.data.public.sets import PublicFile, PublicSet
from tests.file_server import serving


def medmnist_like():
    """Return the bytes of an .npz file in the form of MedMNIST: 2 classes, 60 images."""
    random = np.random.default_rng(0)
    arrays = {}
    for split, n_images in (("train", 40), ("val", 10), ("test", 10)):
        labels = np.arange(n_images) % 2
        noise = random.integers(0, 120, (n_images, 28, 28))
        arrays[f"{split}_images"] = (noise + 100 * labels[:, None, None]).astype(np.uint8)
        arrays[f"{split}_labels"] = labels[:, None]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


CONTENT = medmnist_like()


def tiny(address):
    return PublicSet(
        "tinymnist",
        "two classes of noise",
        "classification",
        "https://a.org",
        "CC BY 4.0",
        "Somebody (2020)",
        "10.1000/1",
        (
            PublicFile(
                "tinymnist.npz",
                f"{address}/tinymnist.npz",
                len(CONTENT),
                f"md5:{hashlib.md5(CONTENT).hexdigest()}",
                "its author",
            ),
        ),
        60,
        next_steps=("bioselect init tinymnist.npz",),
    )


@pytest.fixture
def served(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with serving() as served:
        served.files["/tinymnist.npz"] = CONTENT
        monkeypatch.setattr(table, "ROWS", (*table.ROWS, tiny(served.address)))
        yield served


def test_the_list_names_each_set_once_with_its_licence(capsys):
    assert main(["datasets", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = {line.split()[0]: line for line in lines if line}
    assert len([line for line in lines[: lines.index("")] if line]) == 1 + 12 + 4 + 12 + 10
    assert "11,690 MB" in rows["nct_crc_he_100k"]
    assert "CC BY-NC 4.0" in rows["dermamnist"]
    assert "unknown" in rows["isbi2012"]
    assert "about" in rows["bloodmnist"]


def test_one_set_is_told_with_what_is_not_known(capsys):
    assert main(["datasets", "list", "BBBC006"]) == 0
    told = capsys.readouterr().out
    assert told.count("checksum  unknown") == 2
    assert "sha256:6e1515d0" in told
    assert "https://data.broadinstitute.org/bbbc/BBBC006/BBBC006_v1_labels.zip" in told
    assert "doi:10.1038/nmeth.2083" in told
    assert main(["datasets", "list", "idr"]) == 0
    assert "idr.openmicroscopy.org" in capsys.readouterr().out


def test_the_list_as_data(capsys):
    assert main(["datasets", "list", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)["datasets"]
    assert len(rows) == len(table.ROWS)
    assert main(["datasets", "list", "pathmnist_64", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["files"][0]["checksum"] == "md5:55aa9c1e0525abe5a6b9d8343a507616"


def test_a_set_is_downloaded_and_init_takes_it_as_it_is(served, capsys, tmp_path):
    from bioselect.config.loading import load_config

    assert main(["datasets", "get", "tinymnist"]) == 0
    told = capsys.readouterr()
    assert "tinymnist lies in tinymnist." in told.out
    assert "Cite: Somebody (2020), doi:10.1000/1" in told.out
    assert "tinymnist.npz (MB): 1 of 1" in told.err
    assert main(["init", "tinymnist/tinymnist.npz", "-o", "tiny.yaml"]) == 0
    config = load_config(tmp_path / "tiny.yaml")
    assert config.dataset.path == tmp_path / "tinymnist" / "tinymnist.npz"
    capsys.readouterr()
    assert main(["datasets", "get", "tinymnist", "--json"]) == 0
    again = json.loads(capsys.readouterr().out)
    assert again["fetched"] == []
    assert again["files"][0]["n_bytes"] == len(CONTENT)


def test_another_folder_and_a_file_by_hand(served, capsys, tmp_path):
    (tmp_path / "mine").write_bytes(CONTENT)
    assert main(["datasets", "get", "tinymnist", "-o", "here/it", "--file", "mine"]) == 0
    assert (tmp_path / "here" / "it" / "tinymnist.npz").read_bytes() == CONTENT
    assert served.asked == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["get"], "needs the NAME"),
        (["get", "tinymist"], "Did you mean 'tinymnist'"),
        (["get", "tcia"], "Look for yours at"),
        (["list", "nothing"], "no public set of this name"),
        (["list", "--file", "a"], "belong to get"),
        (["get", "tinymnist", "--file", "nowhere"], "nowhere: no such file"),
    ],
)
def test_errors_are_one_line(served, capsys, words, told):
    assert main(["datasets", *words]) == 1
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert told in error


def test_an_address_that_is_gone_says_how_to_go_on(served, capsys, tmp_path):
    served.files.clear()
    assert main(["datasets", "get", "tinymnist"]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "404" in error
    assert "bioselect datasets get tinymnist --file FILE" in error
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "mine").mkdir()
    assert main(["datasets", "get", "tinymnist", "-o", "mine"]) == 1
    assert list(tmp_path.rglob("*")) == [tmp_path / "mine"]


def test_a_download_that_is_stopped_goes_on(served, tmp_path):
    served.files["/tinymnist.npz"] = CONTENT
    served.breaks = [len(CONTENT) // 2]
    served.hang = threading.Event()
    code = (
        "from bioselect.cli.entry import entry\n"
        "from bioselect.data.public import table\n"
        "from tests.workflows.test_datasets import tiny\n"
        f"table.ROWS = (*table.ROWS, tiny({served.address!r}))\n"
        "raise SystemExit(entry())"
    )
    command = [sys.executable, "-c", code, "datasets", "get", "tinymnist", "-o", str(tmp_path)]
    root = __file__.split("tests")[0]
    downloading = subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, text=True)
    part = tmp_path / ".download" / "tinymnist.npz.part.json"
    ends = time.monotonic() + 60
    while not part.exists() and time.monotonic() < ends:
        time.sleep(0.05)
    downloading.send_signal(signal.SIGINT)
    _, error = downloading.communicate(timeout=60)
    served.hang.set()
    assert downloading.returncode == 128 + signal.SIGINT
    assert "the same command goes on from here" in error
    assert not (tmp_path / "tinymnist.npz").exists()
    assert main(["datasets", "get", "tinymnist", "-o", str(tmp_path)]) == 0
    assert (tmp_path / "tinymnist.npz").read_bytes() == CONTENT
