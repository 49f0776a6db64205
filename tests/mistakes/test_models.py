"""Mistakes with a finished model: which one, on what, and where the predictions go."""

import json
import shutil

import pytest


def copied(lab):
    shutil.copytree(lab.model, lab.folder / "copy")
    return lab.folder / "copy"


def predict(model="copy"):
    return ["predict", model, "images", "-o", "p.csv", "--jobs", "1"]


def test_nothing_to_predict(lab):
    (lab.folder / "new").mkdir()
    lab.told(["predict", lab.model, "new", "-o", "p.csv"], "at least one image", "Got none")


def test_the_new_images_misspelt(lab):
    lab.told(
        ["predict", lab.model, "nwe", "-o", "p.csv"],
        r"nwe",
        "no such file or folder",
        "spelling",
    )


def test_a_configuration_instead_of_a_model(lab):
    lab.check()
    lab.told(["predict", "config.yaml", "images", "-o", "p.csv"], r"config\.yaml", "model")


def test_images_instead_of_a_model(lab):
    lab.told(["predict", "images", "images", "-o", "p.csv"], "images", "model")


def test_a_model_that_is_not_there(lab):
    lab.told(
        ["predict", "modle", "images", "-o", "p.csv"], "modle", "no such|There is none|neither"
    )


@pytest.mark.parametrize("command", ["predict", "evaluate"])
def test_model_and_images_in_the_wrong_order(lab, command):
    lab.told([command, "images", lab.model], "images: must be the model", "comes first")


def test_blanks_without_quotes(lab):
    lab.images.rename(lab.folder / "new images")
    shutil.copytree(lab.model, lab.folder / "my model")
    lab.told(["predict", lab.model, "new", "images"], 'needs quotes: "new images"')
    lab.told(["predict", "my", "model", "new images"], 'needs quotes: "my model"')


def test_no_process_at_all(lab):
    lab.told(["predict", lab.model, "images", "-o", "p.csv", "--jobs", "0"], "at least 1. Got 0")


def test_a_table_to_predict_without_its_column(lab):
    lab.told(["predict", lab.model, "labels.csv", "-o", "p.csv"], "--image-column")


def test_a_folder_for_the_predictions(lab):
    lab.told(["predict", lab.model, "images", "-o", "."], "must be a file", "predictions.csv")


def test_five_channels_for_a_model_of_three(lab):
    for number in range(2):
        lab.draw(f"new/{number}.tif", lab.pixels(24, 24, 5))
    lab.told(
        ["predict", lab.model, "images/new", "-o", "p.csv"],
        "none of the 2 images could be used",
        "must have 3 channels",
        "Got 5 channels",
    )


def test_classes_that_the_model_does_not_know(lab):
    (lab.images / "healthy").rename(lab.images / "benign")
    lab.told(["evaluate", lab.model, "images"], "does not know: benign", "It knows healthy, tumour")


def test_a_table_to_evaluate_without_its_columns(lab):
    lab.told(["evaluate", lab.model, "labels.csv"], "--image NAME and --target NAME")


def test_images_to_evaluate_without_classes(lab):
    lab.told(["evaluate", lab.model, "images/tumour"], "without a class folder")


def test_a_model_copied_in_part(lab):
    shutil.copytree(lab.model, lab.folder / "part")
    (lab.folder / "part" / "manifest.json").unlink()
    lab.told(["predict", "part", "images", "-o", "p.csv"], "damaged|incomplete|manifest")


@pytest.mark.parametrize(("number", "remedy"), [(0, "Use another copy"), (99, "Upgrade bioselect")])
def test_a_model_of_another_version(lab, number, remedy):
    manifest = copied(lab) / "manifest.json"
    values = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({**values, "format": number}))
    lab.told(predict(), f"is written in format {number}", "this version of bioselect reads", remedy)


def test_a_damaged_model(lab):
    path = copied(lab) / "estimator.skops"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    lab.told(predict(), "estimator.skops is not the one that was written", "Use another copy")


def test_a_model_edited_by_hand(lab):
    manifest = copied(lab) / "manifest.json"
    manifest.write_text(manifest.read_text().replace("tumour", "cancer"))
    lab.told(predict(), "manifest.json is damaged: its checksum differs", "Use another copy")


def test_a_manifest_cut_short(lab):
    manifest = copied(lab) / "manifest.json"
    manifest.write_text(manifest.read_text()[:100])
    lab.told(predict(), "manifest.json is damaged", "Use another copy")


def test_a_zip_cut_short(lab):
    path = shutil.make_archive(str(lab.folder / "model"), "zip", lab.model)
    with open(path, "r+b") as file:
        file.truncate(2000)
    lab.told(predict("model.zip"), r"model\.zip: must be", "cut short")


def test_a_file_of_the_model_instead_of_the_model(lab):
    copied(lab)
    lab.told(predict("copy/manifest.json"), "must be a model folder or a zip of one")


def test_a_run_that_has_not_finished(lab):
    (lab.folder / "results/features").mkdir(parents=True)
    lab.told(predict("results"), "a run folder that has finished", "no manifest.json")


def test_a_folder_of_components_that_is_not_there(lab):
    lab.told(
        [*predict(lab.model), "--components", "mien"], "mien: must be the folder", "--components"
    )


def test_predictions_in_place_of_an_image(lab):
    before = (lab.images / "healthy/0.png").read_bytes()
    arguments = ["predict", lab.model, "images", "-o", "images/healthy/0.png"]
    lab.told(arguments, r"healthy/0\.png: must end in \.csv", "another name with -o")
    assert (lab.images / "healthy/0.png").read_bytes() == before


def test_predictions_in_place_of_a_table(lab):
    before = lab.table.read_bytes()
    arguments = ["predict", lab.model, "images", "-o", "labels.csv"]
    lab.told(arguments, r"labels\.csv: is there already and is no table of predictions", "with -o")
    assert lab.table.read_bytes() == before


def test_predictions_in_place_of_the_table_that_names_the_images(lab):
    lab.works(["predict", lab.model, "images", "-o", "p.csv", "--jobs", "1"])
    before = (lab.folder / "p.csv").read_bytes()
    arguments = ["predict", lab.model, "p.csv", "--image-column", "path", "-o", "p.csv"]
    lab.told(arguments, r"p\.csv: must not be written over, as it is read as well", "with -o")
    assert (lab.folder / "p.csv").read_bytes() == before


def test_an_evaluation_in_place_of_its_table(lab):
    table = lab.images / "groups.csv"
    lab.table.rename(table)
    arguments = ["evaluate", lab.model, str(table), "--image", "file", "--target", "diagnosis"]
    lab.told([*arguments, "-o", "images"], r"groups\.csv: must not be written over, as it is read")
    assert table.read_text().startswith("file,")


def test_a_table_beside_the_folder_of_images(lab):
    arguments = ["predict", lab.model, "labels.csv", "--image-column", "file"]
    lab.told(arguments, "they lie in images", "or put the table there")


def test_predictions_below_a_file(lab):
    lab.told(["predict", lab.model, "images", "-o", "labels.csv/p.csv"], "a file stands where")


def test_new_images_in_a_format_that_is_not_read(lab):
    (lab.folder / "new").mkdir()
    (lab.folder / "new/a.czi").write_bytes(b"ZISRAWFILE")
    lab.told(["predict", lab.model, "new"], "1 file ends in .czi", "export them as OME-TIFF")
    lab.told(["predict", lab.model, "new/a.czi"], "a Zeiss CZI", "Export it as OME-TIFF")


def test_only_damaged_images_to_evaluate(lab):
    for path in lab.images.rglob("*.png"):
        path.write_bytes(b"")
    lab.told(["evaluate", lab.model, "images"], "none of the 12 images could be used", "0 bytes")


def test_columns_of_a_folder(lab):
    arguments = ["evaluate", lab.model, "images", "--target", "diagnosis"]
    lab.told(arguments, "which only a table has", "Leave them out")


def test_splits_of_a_folder(lab):
    arguments = ["evaluate", lab.model, "images", "--splits", "test"]
    lab.told(arguments, "which only an .npz file has", "Leave it out")


def test_a_seed_below_0(lab):
    lab.told(["evaluate", lab.model, "images", "--seed", "-1"], "seed: must be at least 0")


def test_jobs_below_0(lab):
    lab.told([*lab.check()[:2], "--jobs", "-3"], "jobs: must be at least 1", "Leave it out")


# --- what works anyway ---------------------------------------------------------------------------


def test_the_run_folder_or_a_zip_instead_of_the_model(lab):
    shutil.copytree(lab.model, lab.folder / "results/model")
    lab.works(predict("results"), "12 images predicted")
    shutil.make_archive(str(lab.folder / "model"), "zip", lab.folder / "results")
    lab.works(predict("model.zip"), "12 images predicted")


def test_one_damaged_image_among_the_new(lab):
    (lab.images / "healthy/0.png").write_bytes(b"")
    lab.works(predict(lab.model), "11 images predicted", "1 image could not be used")


def test_one_class_only_to_evaluate(lab):
    shutil.rmtree(lab.images / "tumour")
    lab.works(["evaluate", lab.model, "images", "--jobs", "1"], "no image here is of class tumour")


def test_the_configuration_as_the_model(lab):
    lab.check()
    lab.told(["predict", "config.yaml", "images"], "Got a configuration", "`output:`")
