"""What is said to somebody who wrote the right thing in another place or in another form."""

import pytest

from bioselect.config.loading import load_config
from bioselect.exceptions import ConfigurationError

DATASET = "dataset: {path: images}\noutput: results\n"
MASKS = "task: segmentation\ndataset: {path: images, masks: masks}\noutput: results\n"


def told(folder, text):
    path = folder / "study.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as error:
        load_config(path)
    return [line.partition("study.yaml:")[2] for line in str(error.value).splitlines()]


def of_network(folder, params, name="small_cnn"):
    [line] = told(folder, f"{DATASET}networks: [{{name: {name}, params: {{{params}}}}}]\n")
    return line


@pytest.mark.parametrize(
    "text",
    [f"{DATASET}network: [small_cnn]\n", f"{MASKS}network: [unet]\n"],
    ids=["names", "masks"],
)
def test_a_list_under_a_misspelt_key_is_not_missing(tmp_path, text):
    [line] = told(tmp_path, text)
    assert "network: unknown key. Did you mean 'networks'?" in line
    classifier = told(tmp_path, f"{DATASET}extractors: [hog]\nclassifier: [lda]\n")
    assert len(classifier) == 1
    assert "Did you mean 'classifiers'?" in classifier[0]


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ("dropout: 50%", "Got '50%'. Write 0.5."),
        ("augmentation_ratio: 25 %", "Write 0.25."),
        ("input_size: 64x64", "Got '64x64'. Write 64."),
        ("input_size: 64 x 48", "Write [64, 48]."),
        ("early_stopping: false", "Got false. Write null to switch it off."),
        ("width: 16", "Did you mean 'filters'?"),
        ("augmentation: [rotation]", "The list of steps stands at the top level of the file"),
        ("on_unavailable: skip", "It stands beside name, or at the top level of the file"),
    ],
)
def test_other_forms_and_places_of_parameters(tmp_path, params, said):
    line = of_network(tmp_path, params)
    assert said in line
    assert "augmentation_mix'" not in line


def test_a_share_that_is_none_is_not_advised(tmp_path):
    # 150 % is 1.5, and at most 0.95 is allowed.
    assert "Write" not in of_network(tmp_path, "dropout: 150%")


def test_a_ratio_in_percent_and_a_split_that_adds_up_to_100(tmp_path):
    networks = f"{DATASET}networks: [small_cnn]\n"
    [line] = told(tmp_path, f"{networks}augmentation: [rotation]\naugmentation_ratio: 50%\n")
    assert "Write 0.5." in line
    [line] = told(tmp_path, f"{networks}validation: {{split: [70, 15, 15]}}\n")
    assert "Write [0.7, 0.15, 0.15]." in line
    [line] = told(tmp_path, f"{networks}validation: {{split: [70, 15, 10]}}\n")
    assert "Write [0" not in line


def test_a_network_has_no_default_search(tmp_path):
    [line] = told(tmp_path, f"{DATASET}networks: [{{name: small_cnn, search: default}}]\n")
    assert "small_cnn has no default search space. Remove search, or write" in line
    assert "search: {learning_rate: [0.0003, 0.001]}" in line


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs: 5\n", "networks: [{name: small_cnn, params: {epochs: ...}}]"),
        ("folds: 5\n", "It belongs under validation."),
        ("search: default\n", "It belongs to one component"),
        ("validation: {augmentation: [rotation]}\n", "It belongs at the top level of the file"),
    ],
)
def test_keys_in_wrong_places(tmp_path, text, said):
    [line] = told(tmp_path, f"{DATASET}networks: [small_cnn]\n{text}")
    assert said in line
    assert "Did you mean" not in line


def test_augmentation_in_the_dataset(tmp_path):
    text = "dataset: {path: images, augmentation: [rotation]}\noutput: o\nnetworks: [small_cnn]\n"
    [line] = told(tmp_path, text)
    assert "It belongs at the top level of the file, without indentation." in line


def test_search_with_masks(tmp_path):
    [line] = told(tmp_path, f"{MASKS}networks: [otsu]\nsearch: default\n")
    assert "With masks no values are searched: list the network once for each value" in line
    assert "cache'" not in line
