"""`bioselect init`: the file it writes is valid, runs as it is, and nothing is written over."""

import csv
import shlex
import shutil

import numpy as np
import pytest
from PIL import Image

from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.exceptions import StorageError
from bioselect.workflows.check import CAN_BE_RUN, check
from bioselect.workflows.init import init, propose
from bioselect.workflows.proposal.output_folder import output_folder
from bioselect.workflows.proposal.source import ColumnNames
from bioselect.workflows.proposal.yaml_text import value
from bioselect.workflows.run import run


@pytest.fixture(autouse=True)
def no_download(tmp_path_factory, monkeypatch):
    """Keep Keras's cache folder empty and every download away."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path_factory.mktemp("keras")))

    def refuse(*arguments, **options):
        raise OSError("no network in tests")

    monkeypatch.setattr("urllib.request.urlopen", refuse)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def images(here, drawn_images):
    """Return a folder of class folders in the current folder."""
    shutil.copytree(drawn_images, here / "cells")
    return here / "cells"


def table_of(images, name="labels.csv", classes=("bars", "dots", "smooth")):
    """Write a table of the drawn images, four of which are always of one patient."""
    table = images.parent / name
    files = sorted(path for path in images.rglob("*.png") if path.parent.name in classes)
    with table.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "shape: what", "Patient"])
        for place, path in enumerate(files):
            cell = path.relative_to(images.parent).as_posix()
            writer.writerow([cell, path.parent.name, f"{path.parent.name}{place // 2}"])
    return table


def test_the_file_for_a_folder_is_valid_and_can_be_run(images, here):
    said = init("cells", jobs=1)
    config = load_config(here / "cells.yaml")
    assert config.dataset.path == images
    assert config.output == here / "results" / "cells"
    assert CAN_BE_RUN in check(config, jobs=1)
    assert "36 images of 3 classes: bars 12, dots 12, smooth 12" in said
    assert said.endswith("  bioselect check cells.yaml\n  bioselect run cells.yaml")


def test_the_file_for_a_table_is_valid_and_can_be_run(images, here):
    table_of(images)
    (here / "study").mkdir()
    init("labels.csv", "study/own name.yaml", jobs=1)
    config = load_config(here / "study" / "own name.yaml")
    section = config.dataset
    assert (section.table, section.root) == (here / "labels.csv", None)
    assert (section.image, section.target, section.group) == ("file", "shape: what", "Patient")
    assert CAN_BE_RUN in check(config, jobs=1)
    written = (here / "study" / "own name.yaml").read_text(encoding="utf-8")
    assert "table: ../labels.csv" in written
    assert "target: 'shape: what'" in written


def test_the_file_for_an_npz_leaves_the_test_split_alone(here):
    random = np.random.default_rng(0)
    arrays = {}
    for split, n_images in (("train", 40), ("val", 20), ("test", 20)):
        arrays[f"{split}_images"] = random.integers(0, 255, (n_images, 16, 16), dtype=np.uint8)
        arrays[f"{split}_labels"] = np.arange(n_images).reshape(-1, 1) % 2
    np.savez(here / "small.npz", **arrays)
    said = init("small.npz", jobs=1)
    config = load_config(here / "small.yaml")
    assert config.dataset.splits == ("train", "val")
    assert "bioselect evaluate MODEL small.npz --splits test" in said
    assert CAN_BE_RUN in check(config, jobs=1)


def test_several_labels_an_image_are_told_of(here):
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, (60, 3))
    np.savez(
        here / "chest.npz",
        train_images=random.integers(0, 255, (60, 16, 16), dtype=np.uint8),
        train_labels=labels,
    )
    said = " ".join(init("chest.npz", jobs=1).split())
    assert "An image may have several labels, or none" in said
    assert "f1 macro decides (every label counts alike)" in said
    assert load_config(here / "chest.yaml").validation.metric == "f1_macro"
    assert CAN_BE_RUN in check(here / "chest.yaml", jobs=1)


@pytest.mark.parametrize("repeats", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_init_then_run(images, here, repeats):
    init("cells", jobs=1)
    file = here / "cells.yaml"
    text = file.read_text()
    assert "repeats: 20\n" in text  # below 100 images; untouched in the slow case
    file.write_text(text.replace("repeats: 20\n", f"repeats: {repeats}\n"))
    result = run(file, jobs=1)
    assert (here / "results" / "cells" / "model").is_dir()
    assert "mobilenet_v2" in result.summary  # left out, and told


@pytest.mark.parametrize(
    "name",
    [
        "größe 10 µm",
        "a: b #c",
        "it's",
        "- dash",
        "100",
        "yes",
        "[x]",
        "~",
        "1e3",
        "名前",
        "{a} & *b",
    ],
)
def test_any_name_is_quoted(here, drawn_images, name):
    shutil.copytree(drawn_images / "bars", here / name / name)
    shutil.copytree(drawn_images / "dots", here / name / "other: one")
    said = init(here / name, jobs=1)
    config = load_config(here / f"{name}.yaml")
    assert config.dataset.path == here / name
    assert config.output == here / "results" / name
    last = shlex.split(said.splitlines()[-1])
    assert (here / last[2]).is_file()
    assert not last[2].startswith("-")
    assert CAN_BE_RUN in check(config, jobs=1)


def test_what_is_proposed_is_always_the_same_and_writes_nothing(images, here):
    before = sorted(here.rglob("*"))
    assert propose("cells", jobs=1).text == propose("cells", jobs=2).text
    assert sorted(here.rglob("*")) == before


def test_an_existing_file_is_not_written_over(images, here):
    (here / "cells.yaml").write_text("mine")
    with pytest.raises(StorageError, match=r"cells\.yaml: is there already.*--force"):
        init("cells", jobs=1)
    assert (here / "cells.yaml").read_text() == "mine"
    init("cells", overwrite=True, jobs=1)
    load_config(here / "cells.yaml")


def test_the_data_set_itself_is_not_written_over(images, here):
    table = table_of(images)
    before = table.read_bytes()
    with pytest.raises(StorageError, match=r"must end in \.yaml"):
        init(table, table, overwrite=True, jobs=1)
    assert table.read_bytes() == before


def test_a_folder_is_no_file_to_write(images, here):
    with pytest.raises(StorageError, match=r"Got a folder\. Write -o cells/config\.yaml"):
        init("cells", "cells", jobs=1)


def test_results_go_where_nothing_is(tmp_path):
    images = tmp_path / "cells"
    images.mkdir()
    assert output_folder("cells", tmp_path, images) == tmp_path / "results" / "cells"
    (tmp_path / "results" / "cells").mkdir(parents=True)
    assert output_folder("cells", tmp_path, images) == tmp_path / "results" / "cells"
    (tmp_path / "results" / "cells" / "thesis.txt").write_text("x")
    assert output_folder("cells", tmp_path, images) == tmp_path / "cells_results"


@pytest.mark.parametrize("folder", [".", "deeper"])
def test_results_never_go_among_the_classes(tmp_path, folder):
    images = tmp_path / "cells"
    (images / "deeper").mkdir(parents=True)
    assert output_folder("cells", images / folder, images) == tmp_path / "cells_results"


def test_a_file_called_results_is_in_the_way_of_none(tmp_path):
    (tmp_path / "results").write_text("x")
    assert output_folder("cells", tmp_path, None) == tmp_path / "cells_results"


def test_one_bad_image_is_left_out_by_name_and_the_rest_can_be_run(images, here):
    (images / "bars" / "03.png").write_bytes(b"")
    said = init("cells", jobs=1)
    config = load_config(here / "cells.yaml")
    assert config.dataset.on_bad_image == "exclude"
    assert "bars/03.png" in said
    assert CAN_BE_RUN in check(config, jobs=1)


def test_a_switched_off_group_can_be_switched_on(images, here):
    for path in images.rglob("*.png"):
        path.rename(path.with_name(f"x{int(path.stem) // 2}{path.parent.name}_{path.stem}.png"))
    init("cells", jobs=1)
    file = here / "cells.yaml"
    text = file.read_text()
    assert load_config(file).dataset.group is None
    assert text.count("\n  #group: ") == 1
    file.write_text(text.replace("\n  #group: ", "\n  group: "))
    assert load_config(file).dataset.group is not None
    assert "18 groups" in text  # 3 classes x 12 images, two of each
    assert CAN_BE_RUN in check(file, jobs=1)


def test_named_columns_are_taken(images, here):
    table = table_of(images)
    assert "group: Patient\n" in propose(table, jobs=1).text
    text = propose(table, None, ColumnNames("file", "shape: what", "file"), jobs=1).text
    assert "target: 'shape: what'\n" in text
    assert "group: file\n" in text


MISTAKES = {
    "nowhere": "There is none. Did you mean here? Check the path.",
    "here/config.yaml": "Got a configuration, what `init` would write",
    "here/classes/a/1.png": "Got one image. Name the folder",
    "here/notes.docx": "Got a file that is neither",
    "here/classes/a": "Got 6 images without a class folder",
    "here/empty": "Got no image",
    "here/one": "Put the images of each class into a folder of their own",
    "here/deeper": "If the folders inside (a, b) are the classes, start from them: "
    "bioselect init here/deeper/classes",
    "here/divided": "Start with one of them: bioselect init here/divided/train",
    "here/listed": "start from it: bioselect init here/listed/labels.csv",
    "here/rare": "Class 'b' has 2",
}


@pytest.fixture
def mistakes(here):
    """Make what people point at by mistake."""

    def save(*folders, n_images=6):
        for folder in folders:
            (here / "here" / folder).mkdir(parents=True)
            for number in range(n_images):
                array = np.random.default_rng(number).integers(0, 255, (8, 8), dtype=np.uint8)
                Image.fromarray(array).save(here / "here" / folder / f"{number}.png")

    save("classes/a", "classes/b", "one/a", "deeper/classes/a", "deeper/classes/b", "rare/a")
    save("divided/train/a", "divided/train/b", "divided/test/a", "divided/test/b")
    save("listed/images")
    save("rare/b", n_images=2)
    (here / "here" / "empty").mkdir()
    (here / "here" / "config.yaml").write_text("dataset: {}\n")
    (here / "here" / "notes.docx").write_bytes(b"PK")
    (here / "here" / "listed" / "labels.csv").write_text("file,class\n")
    return here


@pytest.mark.parametrize("path", MISTAKES)
def test_a_mistake_is_one_line_with_the_next_step(mistakes, capsys, path):
    wrong = "her" if path == "nowhere" else path
    assert main(["init", wrong, "--jobs", "1"]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("error: ")
    assert MISTAKES[path] in error
    assert not list(mistakes.glob("*.yaml"))


@pytest.mark.parametrize("column", ["image", "target", "group"])
def test_columns_are_of_tables_only(images, capsys, column):
    assert main(["init", "cells", f"--{column}", "x"]) == 1
    assert "name columns of a table" in capsys.readouterr().err


def test_on_the_terminal_the_file_is_all_of_the_output(images, here, capsys):
    assert main(["init", "cells", "-o", "-", "--jobs", "1"]) == 0
    shown = capsys.readouterr()
    (here / "copied.yaml").write_text(shown.out)
    assert load_config(here / "copied.yaml").dataset.path == images
    assert "Please look at:" in shown.err
    assert not (here / "cells.yaml").exists()


def test_values_are_written_by_an_emitter():
    assert value("no: ~ #") == "'no: ~ #'"
    assert value("x" * 200) == "x" * 200


def test_an_unequal_set_gets_class_weights_and_the_reason(here):
    random = np.random.default_rng(0)
    np.savez(
        here / "small.npz",
        train_images=random.integers(0, 255, (75, 16, 16), dtype=np.uint8),
        train_labels=(np.arange(75) % 5 == 0).astype(int)[:, None],
    )
    said = " ".join(init("small.npz", jobs=1).split())
    assert "With class weights as well: logistic_regression and svm, as the commonest" in said
    text = (here / "small.yaml").read_text(encoding="utf-8")
    assert "- {name: svm, params: {class_weight: balanced}}" in text
    comments = " ".join(line.strip(" #") for line in text.splitlines() if "#" in line)
    assert "60 images and the rarest, which would easily be missed, 15. Rare classes" in comments
    labels = [spec.label for spec in load_config(here / "small.yaml").classifier_specs]
    assert "logistic_regression(class_weight=balanced)" in labels
    assert CAN_BE_RUN in check(here / "small.yaml", jobs=1)
