"""The same images in other containers: .npz, .npy, DICOM, NIfTI, and labels in Excel."""

import csv

import nibabel
import numpy as np
import openpyxl
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.exceptions import ConfigurationError, DataError
from bioselect.workflows.check import check
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import read_study_inputs
from tests.conftest import CLASS_NAMES, draw_image

N_TRAIN, N_TEST = 8, 4


def _read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def npz(tmp_path_factory):
    """Return an .npz of three classes with the splits train and test."""
    random = np.random.default_rng(11)
    arrays = {}
    for split, n in (("train", N_TRAIN), ("test", N_TEST)):
        images = [draw_image(name, random) for _ in range(n) for name in CLASS_NAMES]
        arrays[f"{split}_images"] = np.stack(images)
        arrays[f"{split}_labels"] = np.tile(np.arange(3, dtype=np.uint8), n)[:, np.newaxis]
    path = tmp_path_factory.mktemp("sets") / "drawn.npz"
    np.savez_compressed(path, **arrays)
    return path


@pytest.fixture(scope="module")
def finished(npz):
    """Return the folder of a run on the split train."""
    config = npz.parent / "config.yaml"
    config.write_text(
        f"dataset: {{path: {npz.name}, splits: [train]}}\n"
        "extractors: [intensity]\nclassifiers: [lda]\n"
        "validation: {folds: 3, repeats: 2}\noutput: run\n"
    )
    run(config, jobs=1)
    return npz.parent / "run"


def test_a_study_of_one_split_uses_that_alone(finished, npz):
    rows = _read(finished / "dataset.csv")
    assert len(rows) == 3 * N_TRAIN
    assert {row["image_id"].split("/")[0] for row in rows} == {"train"}
    assert rows[4]["target"] == "1"
    assert rows[4]["path"] == f"{npz}#train/4"
    again = load_config(finished / "config.yaml").dataset
    assert again.splits == ("train",)
    assert again.path.resolve() == npz.resolve()


def test_prediction_lists_every_image_of_every_split(finished, npz, tmp_path):
    predict(finished, [npz], tmp_path / "p.csv", jobs=1)
    rows = _read(tmp_path / "p.csv")
    train, test = rows[: 3 * N_TRAIN], rows[3 * N_TRAIN :]
    assert [row["path"] for row in train[:2]] == [f"{npz}#train/0", f"{npz}#train/1"]
    assert [row["path"] for row in test] == [f"{npz}#test/{n}" for n in range(3 * N_TEST)]
    assert {row["error"] for row in rows} == {""}


def test_an_image_of_an_npz_is_predicted_like_the_same_png(finished, npz, tmp_path):
    with np.load(npz) as arrays:
        Image.fromarray(arrays["test_images"][5]).save(tmp_path / "a.png")
    predict(finished, [npz, tmp_path / "a.png"], tmp_path / "p.csv", jobs=1)
    rows = {row.pop("path"): row for row in _read(tmp_path / "p.csv")}
    png, image = rows[str(tmp_path / "a.png")], rows[f"{npz}#test/5"]
    assert png["prediction"] == image["prediction"]
    for number in range(3):
        # The place in a batch may change the last digits.
        column = f"probability_{number}"
        assert float(png[column]) == pytest.approx(float(image[column]), rel=1e-9)


def test_a_split_is_evaluated_from_the_command_line(finished, npz, tmp_path, capsys):
    command = ["evaluate", str(finished), str(npz), "-o", str(tmp_path / "e"), "--jobs", "1"]
    assert main([*command, "--splits", "test"]) == 0
    shown = capsys.readouterr().out
    assert f"{3 * N_TEST} images evaluated" in shown
    assert "used to train" not in shown
    # The training images lie in the same file, but are others.
    assert main([*command, "--splits", "train", "test"]) == 0
    shown = capsys.readouterr().out
    assert f"{3 * N_TRAIN} of {3 * (N_TRAIN + N_TEST)} images are the very files" in shown


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["NPZ"], "holds several splits: train (24 images), test (12 images)"),
        (
            ["NPZ", "--splits", "tst"],
            "must be among train (24 images), test (12 images). Got 'tst'",
        ),
        (["NPZ", "--splits", "test", "--target", "t"], "name columns, which only a table has"),
        (["FOLDER", "--splits", "test"], "--splits names splits, which only an .npz file has"),
    ],
)
def test_splits_that_cannot_be_are_one_line(finished, npz, given, message, capsys):
    place = {"NPZ": str(npz), "FOLDER": str(npz.parent)}
    assert main(["evaluate", str(finished), *(place.get(word, word) for word in given)]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error


def test_a_configuration_without_the_splits_asks_for_them(write_config, npz):
    with pytest.raises(DataError, match=r"holds several splits.*with dataset.splits"):
        check(write_config(path=npz))
    with pytest.raises(ConfigurationError, match=r"config.yaml:1: dataset: splits goes with path"):
        check(write_config(dataset="splits: [train]"))


def test_several_labels_an_image_are_read_and_not_taken_for_classes(write_config, tmp_path):
    path = tmp_path / "chest.npz"
    images = np.random.default_rng(0).integers(0, 256, (12, 28, 28), dtype=np.uint8)
    np.savez(path, train_images=images, train_labels=np.tile([[0, 0, 1], [1, 0, 1]], (6, 1)))
    with pytest.raises(
        DataError,
        match=r"'label_1' is present in no image, .*all have label 'label_2'",
    ):
        check(write_config(path=path))


@pytest.fixture
def chest(tmp_path):
    """Return an .npz of 40 images with three labels, in the form of ChestMNIST."""
    numbers = np.arange(40)
    labels = np.stack([numbers % 2 == 0, numbers % 3 == 0, numbers % 5 == 0], axis=1)
    images = np.random.default_rng(0).integers(0, 256, (40, 28, 28), dtype=np.uint8)
    path = tmp_path / "chest.npz"
    np.savez(path, train_images=images, train_labels=labels.astype(np.uint8))
    return path


def test_several_labels_an_image_are_divided_and_stored(write_config, chest, tmp_path):
    run(write_config(path=chest, extractors="[intensity]", classifiers="[lda]"), jobs=1)
    rows = _read(tmp_path / "run" / "dataset.csv")
    assert rows[0]["target"] == "label_0|label_1|label_2"
    assert [row["target"] for row in rows[1:5]] == ["", "label_0", "label_1", "label_0"]
    for repeat in range(2):
        # 8 of 40 images have label 2: 2 or 3 in each of three folds.
        folds = [row[f"fold_of_repeat_{repeat}"] for row in rows if "label_2" in row["target"]]
        assert sorted(folds.count(fold) for fold in "012") == [2, 3, 3]


def test_a_model_of_classes_is_not_evaluated_on_labels(finished, chest, capsys):
    assert main(["evaluate", str(finished), str(chest)]) == 1
    error = capsys.readouterr().err
    assert "must have one class for each image, as the model predicts. Got several labels" in error
    assert "Traceback" not in error


def _inputs(config, tmp_path):
    from bioselect.progress import SILENT

    return read_study_inputs(load_config(config), tmp_path / "cache", 1, SILENT)


def _pixels(inputs):
    """Return the checksum of the pixels of each image and its class."""
    marks = zip(inputs.fingerprints, inputs.dataset.records, strict=True)
    return sorted((mark.pixels_sha256, record.target) for mark, record in marks)


@pytest.fixture(scope="module")
def grey_images(drawn_images, tmp_path_factory):
    """Return the drawn images as 8-bit grey PNG files."""
    folder = tmp_path_factory.mktemp("grey")
    for path in sorted(drawn_images.rglob("*.png")):
        target = folder / path.relative_to(drawn_images)
        target.parent.mkdir(exist_ok=True)
        Image.open(path).convert("L").save(target)
    return folder


def _as_npy(pixels, path):
    np.save(path.with_suffix(".npy"), pixels)


def _as_nifti(pixels, path):
    # Stored axes run to the left and to the back, so that rows and columns are those of `pixels`.
    image = nibabel.Nifti1Image(pixels.T[:, :, np.newaxis], np.diag([-1, -1, 1, 1]))
    nibabel.save(image, path.with_suffix(".nii.gz"))


def _as_dicom(pixels, path):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = generate_uid()
    # No ending, as scanners name their files
    dataset = FileDataset(path.with_suffix(""), {}, file_meta=meta, preamble=bytes(128))
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    dataset.SeriesInstanceUID = generate_uid()
    dataset.Rows, dataset.Columns = pixels.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME1"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    dataset.PixelData = (255 - pixels).tobytes()
    dataset["PixelData"].VR = "OB"
    pydicom.dcmwrite(path.with_suffix(""), dataset, enforce_file_format=True)


@pytest.mark.parametrize("save", [_as_npy, _as_nifti, _as_dicom])
def test_a_folder_of_other_files_has_the_same_pixels(save, grey_images, write_config, tmp_path):
    folder = tmp_path / "other"
    for path in sorted(grey_images.rglob("*.png")):
        target = folder / path.relative_to(grey_images)
        target.parent.mkdir(parents=True, exist_ok=True)
        save(np.asarray(Image.open(path)), target)
    expected = _inputs(write_config(path=grey_images, name="a.yaml"), tmp_path)
    found = _inputs(write_config(path=folder, name="b.yaml"), tmp_path)
    assert _pixels(found) == _pixels(expected)
    assert found.resolved == expected.resolved


def test_labels_in_excel_are_those_in_csv(drawn_images, write_config, tmp_path):
    workbook = openpyxl.Workbook()
    labels = workbook.active
    labels.title = "labels"
    labels.append(["file", "kind", "patient"])
    for number, path in enumerate(sorted(drawn_images.rglob("*.png"))):
        labels.append([path.relative_to(drawn_images).as_posix(), path.parent.name, number % 9])
    workbook.create_sheet("remarks").append(["nothing"])
    workbook.save(tmp_path / "labels.xlsx")

    def config(table):
        path = tmp_path / "config.yaml"
        path.write_text(
            f"dataset: {{table: '{table}', root: {drawn_images}, image: file, target: kind, "
            "group: patient}\n"
            "extractors: [intensity]\nclassifiers: [lda]\noutput: out\n"
        )
        return path

    inputs = _inputs(config("labels.xlsx#labels"), tmp_path)
    assert inputs.dataset.n_images == 36
    assert inputs.dataset.class_names == CLASS_NAMES
    assert set(inputs.dataset.groups) == {str(number) for number in range(9)}
    with pytest.raises(DataError, match=r"Got labels, remarks. Write labels.xlsx#labels, for exam"):
        check(config("labels.xlsx"))


def test_an_excel_table_names_images_to_predict(finished, drawn_images, tmp_path):
    workbook = openpyxl.Workbook()
    workbook.active.append(["file"])
    workbook.active.append([str(next(drawn_images.rglob("*.png")))])
    workbook.save(tmp_path / "new.xlsx")
    for name in ("new.xlsx", "new.xlsx#Sheet"):
        predict(finished, [tmp_path / name], tmp_path / "p.csv", image_column="file", jobs=1)
        assert len(_read(tmp_path / "p.csv")) == 1
