"""A configuration as a dictionary: the same checks, told with keys instead of lines."""

from pathlib import Path

import numpy as np
import pytest

from bioselect.config.mapping import config_from_mapping
from bioselect.config.writing import config_to_yaml
from bioselect.exceptions import ConfigurationError


@pytest.fixture
def written():
    return {
        "dataset": {"path": "images"},
        "extractors": ["hog"],
        "classifiers": ["svm"],
        "output": "results",
    }


def problems(values, folder):
    with pytest.raises(ConfigurationError) as caught:
        config_from_mapping(values, folder)
    return str(caught.value).split("\n")


def test_it_means_what_the_file_means(load, smallest, written, tmp_path) -> None:
    of_file, of_mapping = load(smallest), config_from_mapping(written, tmp_path)
    assert of_mapping.model_dump() == of_file.model_dump()
    assert of_mapping.extractor_specs == of_file.extractor_specs
    assert config_to_yaml(of_mapping, {}) == config_to_yaml(of_file, {})


def test_relative_paths_start_from_the_current_folder(written, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = config_from_mapping(written)
    assert config.output == tmp_path / "results"
    assert config.base_dir == tmp_path


def test_values_of_programs_are_taken(written, tmp_path) -> None:
    written |= {
        "dataset": {"path": Path("images"), "channels": (2, 1, 0)},
        "extractors": ({"name": "lbp", "params": {"radii": (np.int64(1), 2)}},),
        "validation": {"folds": np.int64(4), "seed": np.uint8(3)},
        "statistics": {"alpha": np.float64(0.01)},
    }
    config = config_from_mapping(written, tmp_path)
    assert config.dataset.path == tmp_path / "images"
    assert config.dataset.channels == (2, 1, 0)
    assert config.extractor_specs[0].params_dict == {"radii": [1, 2]}
    assert (config.validation.folds, config.validation.seed) == (4, 3)
    assert config.statistics.alpha == 0.01


def test_codes_of_masks_may_be_numbers(tmp_path) -> None:
    classes = {0: "background", 7: "nucleus"}
    config = config_from_mapping(
        {
            "task": "segmentation",
            "dataset": {"path": "images", "masks": "masks", "classes": classes},
            "networks": ["otsu"],
            "output": "run",
        },
        tmp_path,
    )
    assert config.dataset.classes == {"0": "background", "7": "nucleus"}


def test_every_problem_is_told_with_its_key(written, tmp_path) -> None:
    written |= {
        "extractors": ["hog", "hgo", "hog"],
        "validation": {"folds": 1, "metrik": "accuracy", 3: 4},
        "outptu": "x",
        "jobs": object(),
    }
    told = problems(written, tmp_path)
    assert "validation.folds: must be at least 2. Got 1." in told
    assert "validation: a key must be text. Got 3. Write it in quotes." in told
    assert any(line.startswith("outptu: unknown key. Did you mean 'output'?") for line in told)
    assert any(line.startswith("validation.metrik: unknown key. Did you mean 'm") for line in told)
    assert any(line.startswith("extractors, item 2: unknown extractor 'hgo'.") for line in told)
    twice = "extractors, item 3: hog is listed twice (first in extractors, item 1). Keep one."
    assert twice in told
    assert any(line.startswith("jobs: must be text, a number") for line in told)
    assert not any("line" in line.split() for line in told)


@pytest.mark.parametrize("given", [[1], None, 3])
def test_other_things_are_no_configuration(given, tmp_path) -> None:
    assert problems(given, tmp_path)[0].startswith("the configuration must be a dictionary")


def test_what_is_found_later_names_no_line(written, tmp_path) -> None:
    config = config_from_mapping(written, tmp_path)
    assert config.place_of(config.extractor_specs[0]) == ""
    assert config.place_of_key("dataset") == ""
