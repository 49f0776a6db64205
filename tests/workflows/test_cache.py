"""`bioselect cache`: what is kept for a configuration, a run folder or a cache folder."""

import numpy as np
import pytest

from bioselect.exceptions import BioselectError, DataError
from bioselect.features.cache import FeatureCache
from bioselect.workflows.cache import cache_folder_of, cache_info, clear_cache
from bioselect.workflows.cached_labels import LABELS_FILE, read_labels
from bioselect.workflows.run import run
from bioselect.workflows.study_inputs import KNOWN_IMAGES


def hashes(count):
    return [f"{number:064x}" for number in range(count)]


@pytest.fixture
def filled(tmp_path):
    """Return a run folder whose cache holds two extractors."""
    run = tmp_path / "run"
    cache = FeatureCache(run / "features")
    for name, n_images, n_features in (("lbp", 3, 10), ("hog", 1000, 500)):
        key = f"{n_features:064x}"
        cache.add_part(name, key, hashes(n_images), np.ones((n_images, n_features), np.float32))
        cache.consolidate(name, key)
    return run


def test_each_extractor_is_a_line_with_its_size(filled):
    lines = cache_info(filled).splitlines()
    assert lines[0] == f"{filled / 'features'}:"
    assert lines[1].startswith("  hog (000000000000): 1000 images x 500 features, ")
    assert lines[2].startswith("  lbp (000000000000): 3 images x 10 features, ")
    n_bytes = sum(path.stat().st_size for path in (filled / "features").glob("*.h5"))
    # 1000 x 500 numbers of 4 bytes are 2 MB.
    assert 2e6 < n_bytes < 2.2e6
    assert lines[3].startswith(f"  together {n_bytes / 1e6:.1f} MB (copies of an image count, and")


def test_two_settings_of_one_extractor_can_be_told_apart(write_config):
    config = write_config(extractors="[lbp, {name: lbp, params: {radii: [2]}}]")
    run(config, jobs=1)
    info = cache_info(config)
    assert "\n  lbp(radii=2) (" in info
    assert "\n  lbp (" in info
    clear_cache(config)
    assert not read_labels(cache_folder_of(config))


def test_damaged_labels_are_none(tmp_path):
    for text in ("", "[1]", '{"0": 1}'):
        (tmp_path / LABELS_FILE).write_text(text)
        assert read_labels(tmp_path) == {}


def test_run_folder_cache_folder_and_configuration_name_the_same(filled, write_config):
    folder = filled / "features"
    config = write_config(output="run")
    assert cache_folder_of(filled) == cache_folder_of(folder) == folder
    assert cache_folder_of(config) == folder
    named = write_config(name="other.yaml", rest="cache: kept")
    assert cache_folder_of(named) == named.parent / "kept"


def test_clearing_frees_what_info_told_and_leaves_other_files(filled):
    (filled / "features" / "notes.txt").write_text("mine")
    (filled / "features" / "mine.h5").write_bytes(b"mine")
    n_bytes = sum(path.stat().st_size for path in (filled / "features").glob("*-*.h5"))
    text = clear_cache(filled)
    assert text.splitlines()[0] == f"{filled / 'features'}: emptied, {n_bytes / 1e6:.1f} MB freed"
    assert cache_info(filled).startswith(f"{filled / 'features'}: no features are kept")
    assert (filled / "features" / "notes.txt").read_text() == "mine"
    assert (filled / "features" / "mine.h5").read_bytes() == b"mine"


def test_clearing_takes_what_is_known_of_the_images_too(filled):
    known = filled / "features" / KNOWN_IMAGES
    known.write_text("facts\n" * 1000)
    assert "emptied" in clear_cache(filled)
    assert not known.exists()


def test_a_folder_that_is_no_cache_stays_as_it_is(tmp_path):
    (tmp_path / "a.png").write_bytes(b"mine")
    text = clear_cache(tmp_path)
    assert text.splitlines()[0] == f"{tmp_path}: no features are kept, nothing was removed"
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]


def test_compiled_networks_are_told_and_go_only_when_named(filled, tmp_path, monkeypatch):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "mine"))
    folder = tmp_path / "mine" / "networks"
    assert cache_info(filled).endswith(f"{folder}: no compiled networks are kept")
    folder.mkdir(parents=True)
    for name in ("vgg16-1.zip", "resnet50-2.zip"):
        (folder / name).write_bytes(bytes(1_500_000))
    (folder / "notes.txt").write_text("mine")
    assert "compiled networks of all your studies: 2, together 3.0 MB" in cache_info(filled)
    assert "together 3.0 MB" in clear_cache(filled)
    assert len(list(folder.glob("*.zip"))) == 2
    text = clear_cache(filled, networks=True)
    assert text.endswith("compiled networks removed: 2, 3.0 MB freed")
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_nothing_kept_yet(tmp_path, write_config):
    config = write_config()
    assert "no features are kept" in cache_info(config)
    assert "nothing was removed" in clear_cache(config)
    assert not (tmp_path / "run").exists()


def test_wrong_paths_are_one_line(tmp_path):
    with pytest.raises(DataError, match="no such file or folder"):
        cache_info(tmp_path / "nowhere")
    (tmp_path / "list.txt").write_text("- a\n")
    with pytest.raises(BioselectError, match=r"list\.txt"):
        cache_info(tmp_path / "list.txt")


def test_results_for_addresses_are_told_and_stay(filled, monkeypatch, tmp_path):
    monkeypatch.setenv("BIOSELECT_CACHE", str(tmp_path / "cache"))
    assert "runs whose results" not in cache_info(filled)
    kept = tmp_path / "cache" / "remote-results" / "s3" / "lab" / "run" / "dataset.csv"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(bytes(2_000_000))
    for said in (cache_info(filled), clear_cache(filled, remote=True)):
        assert "remote-results: runs whose results go to addresses, 2.0 MB" in said
    assert kept.exists()
