"""Tiles of large images, from the configuration to the map of a new one."""

import csv

import numpy as np
import pytest
import tifffile
import yaml
from PIL import Image
from scipy.ndimage import gaussian_filter

import bioselect
from bioselect.bundle.reading import load_bundle
from bioselect.cli.main import main
from bioselect.data.tiles import Tiles
from bioselect.exceptions import ConfigurationError, DataError, StorageError
from bioselect.workflows.evaluate import evaluate
from bioselect.workflows.map_scans import map_scans
from bioselect.workflows.predict import predict
from bioselect.workflows.run import run

SIDE, SIZE = 128, 32


def read(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def draw(rng, kind):
    """Draw a scan of a tissue that is fibrous or loose, with glass on the left quarter."""
    grain = gaussian_filter(rng.standard_normal((SIDE, SIDE)), (4, 1) if kind == "fibrous" else 2)
    light = 0.5 + 0.14 * grain / grain.std()
    light[:, : SIDE // 4] = 0.9 + 0.005 * rng.standard_normal((SIDE, SIDE // 4))
    return np.clip(255 * light, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def scans(tmp_path_factory):
    """Return a folder with six scans of each class in `train`, others in `new`, one mixed."""
    folder = tmp_path_factory.mktemp("scans")
    rng = np.random.default_rng(7)
    for part, n_scans in (("train", 6), ("new", 2)):
        for kind in ("fibrous", "loose"):
            (folder / part / kind).mkdir(parents=True)
            for number in range(n_scans):
                tifffile.imwrite(folder / part / kind / f"{number}.tif", draw(rng, kind))
    mixed = draw(rng, "fibrous")
    mixed[:, SIDE // 2 :] = draw(rng, "loose")[:, SIDE // 2 :]
    tifffile.imwrite(folder / "mixed.tif", mixed)
    return folder


def write_config(folder, scans, tiles):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "config.yaml"
    path.write_text(
        f"dataset: {{path: {(scans / 'train').as_posix()}, tiles: {tiles}}}\n"
        "extractors: [lbp]\nclassifiers: [lda]\n"
        "validation: {folds: 3, repeats: 1}\noutput: run\n"
    )
    return path


@pytest.fixture(scope="module")
def trained(tmp_path_factory, scans):
    """Return the folder of a finished run."""
    config = write_config(tmp_path_factory.mktemp("run"), scans, f"{{size: {SIZE}}}")
    return run(config, jobs=1).folder


def test_tiles_are_images_and_stay_with_their_scan(trained, scans):
    rows = read(trained / "dataset.csv")
    # 4 x 4 tiles, of which the left column is glass.
    assert len(rows) == 12 * 12
    folds = {}
    for row in rows:
        assert row["image_id"].startswith(f"{row['group']}#tile:")
        folds.setdefault(row["group"], set()).add(row["fold_of_repeat_0"])
    assert len(folds) == 12
    assert all(len(found) == 1 for found in folds.values())
    whats = [row["what"] for row in read(trained / "findings.csv")]
    assert any(what.startswith("48 of 192 tiles (25%) left out as background") for what in whats)


def test_the_model_and_the_configuration_remember_the_tiles(trained):
    written = yaml.safe_load((trained / "config.yaml").read_text(encoding="utf-8"))
    assert written["dataset"]["tiles"] == {"size": 32, "stride": 32, "background": "skip"}
    assert load_bundle(trained).reading.tiles == Tiles(32, 32, "skip")


def test_predict_cuts_new_scans_alike(trained, scans, tmp_path):
    words = predict(trained, [scans / "new"], tmp_path / "p.csv", jobs=1)
    rows = read(tmp_path / "p.csv")
    assert len(rows) == 4 * 12
    assert "48 images predicted" in words
    right = [row["prediction"] in row["path"] for row in rows]
    assert np.mean(right) > 0.9
    frame = bioselect.load(trained).predict(scans / "new")
    assert list(frame["path"]) == [row["path"] for row in rows]


def test_evaluate_judges_tiles_and_keeps_scans_apart(trained, scans, tmp_path):
    words = evaluate(trained, scans / "new", tmp_path / "e", jobs=1)
    assert "48 images evaluated" in words
    groups = read(tmp_path / "e" / "groups.csv")
    assert [(row["group"], row["n_images"]) for row in groups] == [
        (f"{kind}/{number}.tif", "12") for kind in ("fibrous", "loose") for number in (0, 1)
    ]


def test_a_map_of_a_mixed_scan(trained, scans, tmp_path, capsys):
    maps = tmp_path / "maps"
    assert main(["predict", str(trained), str(scans / "mixed.tif"), "--map", str(maps)]) == 0
    shown = capsys.readouterr().out
    assert "mixed: 16 tiles, 4 of them background; fibrous" in shown
    with Image.open(maps / "mixed_map.png") as picture:
        values = np.asarray(picture)
    assert values.shape == (4, 4)
    assert (values[:, 0] == 0).all()  # glass
    assert np.mean(values[:, 1] == 1) >= 0.75
    assert np.mean(values[:, 2:] == 2) >= 0.75
    (row,) = read(maps / "shares.csv")
    assert float(row["share_fibrous"]) == np.mean(values[:, 1:] == 1)
    # The same as the table without a map says.
    predict(trained, [scans / "mixed.tif"], tmp_path / "p.csv", jobs=1)
    tiles = [one for one in read(maps / "mixed_tiles.csv") if one["is_background"] == "no"]
    for one, other in zip(tiles, read(tmp_path / "p.csv"), strict=True):
        assert other["path"].endswith(f"#tile:{one['first_row']}:{one['first_column']}:32")
        assert one["probability_loose"] == other["probability_loose"]


def test_names_follow_the_folders_and_bad_files_have_a_row(trained, scans, tmp_path):
    new = tmp_path / "new"
    (new / "a").mkdir(parents=True)
    (new / "a" / "x.tif").write_bytes((scans / "mixed.tif").read_bytes())
    tifffile.imwrite(new / "small.tif", np.zeros((20, 20), np.uint8))
    words = map_scans(trained, [new], tmp_path / "maps", jobs=1)
    assert "1 could not be used; the column `error` of shares.csv says why" in words
    assert (tmp_path / "maps" / "a" / "x_overview.png").is_file()
    rows = {row["scan"]: row for row in read(tmp_path / "maps" / "shares.csv")}
    assert rows["a/x"]["error"] == ""
    assert "at least as large as its tiles, 32 x 32 pixels. Got 20 x 20." in rows["small"]["error"]
    with pytest.raises(StorageError, match="must be a new or an empty folder"):
        map_scans(trained, [new], tmp_path / "maps", jobs=1)


def test_a_scan_of_nothing_has_a_map_of_nothing(trained, tmp_path):
    path = tmp_path / "glass.tif"
    tifffile.imwrite(path, np.full((SIDE, SIDE), 230, np.uint8))
    words = map_scans(trained, [path], tmp_path / "maps", jobs=1)
    assert "glass: 16 tiles, 16 of them background; no class" in words
    with pytest.raises(DataError, match="at least one tile must show something"):
        predict(trained, [path], tmp_path / "p.csv", jobs=1)


def test_what_does_not_go_with_a_map_is_told(trained, scans, tmp_path, capsys):
    arguments = ["predict", str(trained), str(scans / "mixed.tif"), "--map", str(tmp_path / "m")]
    assert main([*arguments, "-o", str(tmp_path / "t.csv")]) == 1
    assert "-o: names a table, and --map writes one for each" in capsys.readouterr().err
    assert main([*arguments, "--overlays"]) == 1
    assert "--overlays: must go with a model of masks" in capsys.readouterr().err
    assert not (tmp_path / "m").exists()


def test_features_are_those_of_the_tile(trained, scans, tmp_path):
    # Tiles that begin at the same place, in one cache; the large ones give what they give alone.
    for size in (16, SIZE):
        config = write_config(tmp_path / str(size), scans, f"{{size: {size}}}")
        config.write_text(config.read_text() + f"cache: {(tmp_path / 'cache').as_posix()}\n")
        folder = run(config, jobs=1).folder
    for name in ("scores.csv", "dataset.csv"):
        assert (folder / name).read_bytes() == (trained / name).read_bytes()


def test_wrong_words_are_named(scans, tmp_path):
    with pytest.raises(ConfigurationError, match=r"tiles: size must be a whole number of at leas"):
        run(write_config(tmp_path, scans, "{size: 4}"))
