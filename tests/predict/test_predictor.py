"""`bioselect.load(model).predict(paths)` gives a pandas table."""

import shutil
import subprocess
import sys
import warnings

import numpy as np
import pytest

import bioselect
from bioselect.exceptions import BundleError, DataError
from bioselect.predict.files import predict_files
from bioselect.registry import ComponentSpec
from bioselect.testing.small_bundle import draw_classes, write_small_bundle


@pytest.fixture
def folder(tmp_path, model, save_image):
    images, _ = draw_classes(model.class_names, seed=4)
    for number, image in enumerate(images[::4]):
        save_image(tmp_path / "images" / f"{number:03d}.png", image)
    (tmp_path / "images" / "bad.png").write_bytes(b"")
    return tmp_path / "images"


def test_table_holds_what_the_model_says(bundle_path, folder, model):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = bioselect.load(bundle_path).predict(folder)
    names = model.class_names
    assert list(table.columns) == [
        "path",
        "prediction",
        *(f"probability_{n}" for n in names),
        "error",
    ]
    files = sorted(folder.iterdir())
    assert table["path"].tolist() == [str(path) for path in files]
    bad = table["path"].str.endswith("bad.png")
    assert table.loc[bad, "prediction"].tolist() == [""]
    assert table.loc[bad].filter(like="probability_").isna().all(axis=None)
    assert "it is empty" in table.loc[bad, "error"].item()
    good = table.loc[~bad]
    assert set(good["error"]) == {""}
    numbers = good.filter(like="probability_").to_numpy()
    assert numbers.dtype == np.float64
    np.testing.assert_allclose(numbers.sum(axis=1), 1.0, rtol=1e-12)
    expected = [item.probabilities for item in predict_files(model, files[:-1])]
    np.testing.assert_array_equal(numbers, expected)
    assert good["prediction"].tolist() == [names[place] for place in numbers.argmax(axis=1)]


def test_one_path_several_paths_texts_and_tables(bundle_path, folder, tmp_path):
    predictor = bioselect.load(str(bundle_path))
    first = folder / "000.png"
    (tmp_path / "t.csv").write_text("file\nimages/000.png\n")
    expected = predictor.predict(first)
    assert len(expected) == 1
    for paths in (str(first), [first], (p for p in [first, str(first)])):
        assert predictor.predict(paths).equals(expected)
    assert predictor.predict(tmp_path / "t.csv", image_column="file").equals(expected)


def test_zip_is_opened(bundle_path, folder, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "model"), "zip", bundle_path)
    expected = bioselect.load(bundle_path).predict(folder)
    assert bioselect.load(archive).predict(folder).equals(expected)


def test_wrong_paths_are_one_line(bundle_path, tmp_path):
    with pytest.raises(BundleError, match="there is no such model"):
        bioselect.load(tmp_path / "nowhere")
    with pytest.raises(DataError, match="there is no such file or folder"):
        bioselect.load(bundle_path).predict(tmp_path / "nowhere")


def test_other_pixel_types_are_warned_of(bundle_path, tmp_path, save_image):
    path = save_image(tmp_path / "deep.png", np.full((40, 40), 4000, dtype=np.uint16))
    with pytest.warns(UserWarning, match="must be uint8 as in the training images"):
        bioselect.load(bundle_path).predict(path)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_a_compiled_network_predicts_without_tensorflow(tmp_path, save_image):
    """From the command line to the table, in a program of its own."""
    # As other tests have it: it is compiled once for all.
    network = ComponentSpec.of("mobilenet_v2", {"weights": "none", "alpha": 0.35, "input_size": 96})
    write_small_bundle(tmp_path / "model", network, ComponentSpec("logistic_regression"))
    save_image(tmp_path / "one.png")
    code = (
        "import sys; from bioselect.cli.main import main;"
        f"assert main(['predict', *{[str(tmp_path / n) for n in ('model', 'one.png')]!r},"
        f" '-o', {str(tmp_path / 'table.csv')!r}]) == 0;"
        "print([name for name in ('tensorflow', 'keras', 'openvino') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "['openvino']"
    assert "Warning" not in done.stderr
    header, row = (tmp_path / "table.csv").read_text().splitlines()
    assert header.startswith("path,prediction,probability_coarse")
    assert row.split(",")[1] in ("coarse", "fine", "middle")
