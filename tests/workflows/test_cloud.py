"""A study whose images, weights, results and models lie in a bucket: the same as on the disk.

The bucket is that of a server on this machine that answers as S3 does.
"""

import json
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import s3fs
from moto.server import ThreadedMotoServer

import bioselect
from bioselect.addresses import named, root_of_copies, root_of_results
from bioselect.cli.main import main
from bioselect.exceptions import BioselectError, ConfigurationError, DataError
from bioselect.workflows.check import check
from bioselect.workflows.run import run

KEY, SECRET = "AKIAOFTHETESTS", "wordthatnobodymaysee"
#: Where the run in the cloud and the one on the disk may differ: in the place of the images.
SAME = ("findings.csv", "scores.csv", "ranking.csv", "comparisons.csv", "study.json")

CONFIG = """\
dataset: {{{dataset}}}
extractors: [intensity, lbp]
classifiers: [lda, knn]
validation: {{folds: 3, repeats: 2}}
output: {output}
report: {{pictures: false, explanations: false, learning_curve: false, map: false}}
"""


@pytest.fixture(scope="module")
def bucket(tmp_path_factory, drawn_images):
    """Start the server, put the drawn images there, and tell this process where it is."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    change = pytest.MonkeyPatch()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "BIOSELECT_CACHE": str(tmp_path_factory.mktemp("cache")),
    }.items():
        change.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    system = s3fs.S3FileSystem()
    system.mkdir("lab")
    system.put(str(drawn_images), "lab/images", recursive=True)
    yield system
    change.undo()
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def write_config(folder, dataset, output, name="config.yaml"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(CONFIG.format(dataset=dataset, output=output), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def studies(bucket, drawn_images, tmp_path_factory):
    """Run the same study on the disk and in the bucket; return the folder of both."""
    folder = tmp_path_factory.mktemp("studies")
    run(write_config(folder, f"path: {drawn_images.as_posix()}", "local", "local.yaml"), jobs=1)
    config = write_config(folder, "path: s3://lab/images", "s3://lab/runs/cells")
    result = run(config, jobs=1)
    assert "s3://lab/runs/cells" in result.summary
    assert str(root_of_results()) not in result.summary
    return folder


def contents(bucket, address):
    return {key.removeprefix(f"{address}/"): bucket.cat(key) for key in bucket.find(address)}


def test_results_are_those_of_the_disk(studies, bucket):
    there = contents(bucket, "lab/runs/cells")
    for name in SAME:
        assert there[name] == (studies / "local" / name).read_bytes(), name
    manifest = json.loads(there["model/manifest.json"])
    assert (
        manifest["dataset"]
        == json.loads((studies / "local" / "model" / "manifest.json").read_text())["dataset"]
    )
    assert not [name for name in there if name.startswith(("features/", ".lock"))]


def test_products_name_addresses_and_no_secret(studies, bucket):
    there = contents(bucket, "lab/runs/cells")
    assert b"path: s3://lab/images" in there["config.yaml"]
    assert b",s3://lab/images/bars/00.png," in there["dataset.csv"]
    hidden = [str(root_of_copies().parent), KEY, SECRET, "127.0.0.1"]
    for name, data in there.items():
        assert not [word for word in hidden if word.encode() in data], name
    # A model is passed on: it says nothing of where its images lay, or where it lies.
    for name, data in there.items():
        assert b"s3://" not in data or not name.startswith("model/"), name


def test_a_second_run_repeats_nothing_and_goes_on_on_another_computer(
    studies, bucket, tmp_path, monkeypatch
):
    before = bucket.info("lab/runs/cells/scores.csv")["LastModified"]
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path))
    time.sleep(1.1)  # Dates in a bucket are seconds.
    run(studies / "config.yaml", jobs=1)
    log = bucket.cat("lab/runs/cells/run.log").decode()
    assert "all tests of 2 of 2 extractors are kept from before" in log
    assert bucket.info("lab/runs/cells/scores.csv")["LastModified"] > before
    assert bucket.cat("lab/runs/cells/scores.csv") == (studies / "local/scores.csv").read_bytes()


def test_predictions_are_those_of_the_disk(studies, bucket, drawn_images, capsys):
    """Model, images and table are in the bucket; only the model's files are fetched."""
    arguments = ["s3://lab/runs/cells", "s3://lab/images/bars", "-o", "s3://lab/predictions.csv"]
    assert main(["predict", *arguments, "--jobs", "1"]) == 0
    assert "table: s3://lab/predictions.csv" in capsys.readouterr().out
    local = studies / "predictions.csv"
    images = drawn_images / "bars"
    assert main(["predict", str(studies / "local"), str(images), "-o", str(local)]) == 0
    remote = bucket.cat("lab/predictions.csv").decode()
    assert "s3://lab/images/bars/00.png,bars," in remote
    text = local.read_text(encoding="utf-8").replace(drawn_images.as_posix(), "s3://lab/images")
    assert remote == text
    kept = root_of_copies() / "s3" / "lab" / "runs" / "cells"
    assert {path.name for path in kept.iterdir()} == {"model"}


def test_evaluation_lies_in_the_bucket(studies, bucket, capsys):
    arguments = ["s3://lab/runs/cells", "s3://lab/images", "-o", "s3://lab/evaluation", "--json"]
    for _ in range(2):  # The second writes over the first, as on the disk.
        assert main(["evaluate", *arguments, "--jobs", "1"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told["folder"] == "s3://lab/evaluation"
        assert {row["metric"] for row in told["metrics"]} >= {"balanced_accuracy"}
    assert "predictions.csv" in contents(bucket, "lab/evaluation")


def test_python_takes_addresses_too(studies, bucket):
    table = bioselect.load("s3://lab/runs/cells/model").predict("s3://lab/images/dots")
    assert len(table) == 12
    assert set(table["path"].str.rpartition("/")[0]) == {"s3://lab/images/dots"}


def test_init_writes_the_address(bucket, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["init", "s3://lab/images", "-o", "mine.yaml"]) == 0
    assert "  path: s3://lab/images\n" in (tmp_path / "mine.yaml").read_text(encoding="utf-8")
    assert str(root_of_copies()) not in "".join(capsys.readouterr())


def test_tables_there_and_here_name_files_there(bucket, tmp_path, drawn_images):
    """A table in the bucket names files beside it; one on the disk names addresses."""
    images = [one.relative_to(drawn_images).as_posix() for one in drawn_images.rglob("*.png")]
    rows = [f"{image},{image.split('/')[0]}" for image in images]
    bucket.pipe("lab/images/labels.csv", "\n".join(["file,class", *rows]).encode())
    table = tmp_path / "labels.csv"
    table.write_text("\n".join(["file,class", *(f"s3://lab/images/{row}" for row in rows)]))
    for place in ("s3://lab/images/labels.csv", table.as_posix()):
        config = write_config(tmp_path, f"table: {place}, image: file, target: class", "run")
        assert "The configuration can be run" in check(config, jobs=1)
    bucket.rm("lab/images/labels.csv")
    table.write_text(f"{table.read_text()}\ns3://lab/images/gone.png,bars")
    with pytest.raises(DataError, match=r"1 of 37 images are missing: s3://lab/images/gone\.png"):
        check(config, jobs=1)


def test_changed_image_is_noticed(bucket, tmp_path, drawn_images):
    bucket.put(str(drawn_images), "lab/changing", recursive=True)
    config = write_config(tmp_path, "path: s3://lab/changing", "run")
    assert "plan: " in check(config, jobs=1)
    bucket.cp("lab/images/dots/00.png", "lab/changing/dots/01.png")
    bucket.rm("lab/changing/bars/03.png")
    assert "dots/01.png" in check(config, jobs=1)  # a copy of another image by now
    kept = root_of_copies() / "s3" / "lab" / "changing"
    assert (kept / "dots" / "01.png").read_bytes() == (drawn_images / "dots/00.png").read_bytes()
    assert not (kept / "bars" / "03.png").exists()


def test_killed_run_goes_on(bucket, studies, tmp_path):
    """Ended without a word in the middle; the next one has the results of one that was not."""
    config = write_config(tmp_path, "path: s3://lab/images", "s3://lab/runs/killed")
    code = f"""
        import os
        from bioselect.selection.journal import Journal
        from bioselect.workflows.run import run
        real, written = Journal.put, []
        def put(self, *args, **rest):
            real(self, *args, **rest)
            written.append(1)
            if len(written) > 2:
                os._exit(9)
        Journal.put = put
        run({str(config)!r}, jobs=1)
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True)
    assert done.returncode == 9, done.stderr
    assert contents(bucket, "lab/runs/killed") == {}
    run(config, jobs=1)
    log = bucket.cat("lab/runs/killed/run.log").decode()
    assert " kept " in log
    assert bucket.cat("lab/runs/killed/scores.csv") == (studies / "local/scores.csv").read_bytes()


@pytest.mark.parametrize(
    ("dataset", "output", "what"),
    [
        ("path: s3://no-such-bucket/images", "run", "there is no bucket 'no-such-bucket'"),
        ("path: s3://lab/imagse", "run", "s3://lab/imagse: nothing lies there"),
        ("path: s3://lab/images", "s3://no-such-bucket/run", "there is no bucket"),
        ("path: s3://lab/images", "s3://lab/images", "must be empty, or hold earlier results"),
        ("path: 's3://me:hidden@lab/images'", "run", "must hold no user and password"),
        ("path: s3://lab/images", "'s3://me:hidden@lab/run'", "must hold no user and password"),
        ("path: 's3://lab/images?key=hidden'", "run", "must hold no query"),
    ],
)
def test_mistakes_are_one_line(bucket, tmp_path, dataset, output, what):
    config = write_config(tmp_path, dataset, output)
    with pytest.raises(BioselectError, match=what) as caught:
        run(config, jobs=1)
    assert "\n" not in named(str(caught.value))
    assert "hidden" not in str(caught.value)
    assert str(root_of_copies().parent) not in named(str(caught.value))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            {
                "AWS_ACCESS_KEY_ID": "",
                "AWS_SECRET_ACCESS_KEY": "",
                "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_SHARED_CREDENTIALS_FILE": "none",
                "AWS_CONFIG_FILE": "none",
            },
            "there are no valid credentials on this computer",
        ),
        # By itself the client asks again and again, for half a minute.
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, "cannot be reached"),
    ],
)
def test_no_credentials_and_no_network(bucket, tmp_path, monkeypatch, capsys, change, what):
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        assert main(["init", "s3://lab/images", "-o", "a.yaml"]) == 1
    finally:
        s3fs.S3FileSystem.clear_instance_cache()
    said = capsys.readouterr().err
    assert said.startswith("error: s3://lab/images: ")
    assert what in said
    assert said.count("\n") == 1
    assert SECRET not in said


def test_what_must_lie_on_this_computer(bucket, tmp_path):
    config = write_config(tmp_path, "path: s3://lab/images", "run")
    text = config.read_text()
    for key in ("cache", "modules"):
        config.write_text(f"{text}{key}: s3://lab/{key}\n")
        with pytest.raises(ConfigurationError, match=f"{key}: must be a folder on this computer"):
            check(config)
    with pytest.raises(ConfigurationError, match=r"s3://lab/a\.yaml: a configuration must lie on"):
        check(Path("s3://lab/a.yaml"))


@pytest.mark.parametrize(
    "words",
    [
        ["app", "s3://lab/run"],
        ["sign", "s3://lab/run", "--key", "mine"],
        ["datasets", "get", "breastmnist", "-o", "s3://lab/run"],
        ["datasets", "get", "breastmnist", "--file", "s3://lab/run"],
        ["cache", "info", "s3://lab/run"],
    ],
)
def test_commands_that_take_no_address_say_so(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(words) == 1
    said = capsys.readouterr().err
    assert re.search(r"^error: s3://lab/run: .* must lie on this computer\. Got an address", said)
    assert list(tmp_path.iterdir()) == []
