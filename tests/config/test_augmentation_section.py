"""The keys about augmentation: what they mean together, and what is wrong between them."""

import sys

import pytest

from bioselect.augmentation.choice import Augmentation
from bioselect.augmentation.table import STEPS
from bioselect.component import ComponentSpec
from bioselect.config.loading import load_config
from bioselect.config.schema import schema
from bioselect.config.writing import config_to_yaml

STEPS_TEXT = """\
augmentation:
  - horizontal_flip
  - name: rotation
    params: {degrees: [-90, 90], probability: 1}
"""
SPECS = (
    ComponentSpec("horizontal_flip"),
    ComponentSpec.of("rotation", {"degrees": [-90, 90]}),
)


def test_nothing_is_changed_unless_asked_for(load, smallest):
    assert load(smallest).augmentation_choice == Augmentation((), "none", 0.5)


@pytest.mark.parametrize(
    ("rest", "mix", "ratio"),
    [
        ("", "combined", 0.5),
        ("augmentation_mix: augmented\n", "augmented", 0.5),
        ("augmentation_ratio: 0.2\n", "combined", 0.2),
        ("augmentation_mix: combined\naugmentation_ratio: 1\n", "combined", 1.0),
        ("augmentation_mix: none\n", "none", 0.5),
    ],
)
def test_steps_are_combined_with_originals_unless_said_otherwise(load, smallest, rest, mix, ratio):
    assert load(smallest + STEPS_TEXT + rest).augmentation_choice == Augmentation(SPECS, mix, ratio)


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        (
            "augmentation: [rotatoin]\n",
            "config.yaml:5: augmentation, item 1: unknown augmentation 'rotatoin'. Did you mean "
            "'rotation'? `bioselect components augmentation` lists all 17.",
        ),
        (
            "augmentation:\n  - name: scale\n    params: {factor: [2, 0.5]}\n",
            "config.yaml:7: augmentation, item 1: params.factor: must be two numbers from 0.5 to "
            "2, the lowest first. Got [2, 0.5].",
        ),
        (
            "augmentation: [svm]\n",
            "config.yaml:5: augmentation, item 1: unknown augmentation 'svm'. This name belongs "
            "under classifiers: move it there.",
        ),
        (
            "augmentation:\n  - name: hue\n    search: {degrees: [1]}\n",
            "config.yaml:7: augmentation, item 1: search: steps have no search. Remove it, or list "
            "the step with other params.",
        ),
        (
            "augmentation: rotation\n",
            "config.yaml:5: augmentation: must be a list, such as [one, two]. Got 'rotation'.",
        ),
        (
            "augmentation_mix: combined\n",
            "config.yaml:5: augmentation_mix: combined needs steps. List them under augmentation, "
            "or remove it.",
        ),
        (
            "augmentation_mix: both\n",
            "config.yaml:5: augmentation_mix: must be one of auto, none, augmented, combined. Got "
            "'both'.",
        ),
        (
            "augmentation_ratio: 0.5\n",
            "config.yaml:5: augmentation_ratio: needs steps. List them under augmentation, or "
            "remove it.",
        ),
        (
            "augmentation: [hue]\naugmentation_ratio: 50\n",
            "config.yaml:6: augmentation_ratio: must be at most 1. Got 50. If that was meant in "
            "percent, write 0.5.",
        ),
        (
            "augmentation: [hue]\naugmentation_mix: augmented\naugmentation_ratio: 0.5\n",
            "config.yaml:7: augmentation_ratio: goes with augmentation_mix: combined. Got "
            "augmented, for which it means nothing. Remove it.",
        ),
        (
            "augmentation: [hue, hue]\n",
            "config.yaml:5: augmentation, item 2: hue is listed twice (first in line 5). Keep one.",
        ),
    ],
)
def test_problems_have_their_line(problems_of, smallest, rest, problem):
    assert problems_of(smallest + rest) == [problem]


def test_a_name_under_another_key_is_told_where_it_belongs(problems_of, smallest):
    wrong = smallest.replace("[svm]", "[svm, cutout]")
    assert problems_of(wrong) == [
        "config.yaml:3: classifiers, item 2: unknown classifier 'cutout'. This name belongs under "
        "augmentation: move it there."
    ]


def test_every_parameter_is_written_out_and_means_the_same(load, smallest, tmp_path):
    config = load(smallest + STEPS_TEXT)
    text = config_to_yaml(config, {}, tmp_path)
    # Without networks there is nothing to mix.
    assert "augmentation_mix: none\naugmentation_ratio: null\n" in text
    assert "- name: horizontal_flip\n  params:\n    probability: 0.5\n" in text
    path = tmp_path / "again.yaml"
    path.write_text(text.replace("output: .", "output: run"))
    assert load_config(path).augmentation_choice.steps == config.augmentation_choice.steps


@pytest.mark.parametrize("rest", ["", STEPS_TEXT + "augmentation_mix: augmented\n"])
def test_a_ratio_that_means_nothing_is_not_written_out(load, smallest, tmp_path, rest):
    config = load(smallest + rest)
    text = config_to_yaml(config, {}, tmp_path)
    assert "augmentation_ratio: null\n" in text
    path = tmp_path / "again.yaml"
    path.write_text(text.replace("output: .", "output: run"))
    assert load_config(path).augmentation_choice.steps == config.augmentation_choice.steps


def test_ones_own_step(load, smallest, tmp_path):
    (tmp_path / "own_blur_lab.py").write_text(
        "class Blur:\n"
        "    def __init__(self, width=3): self.width = width\n"
        "    def draw(self, shape, rng): return None\n"
        "    def image(self, image, drawn): return image\n"
    )
    sys.modules.pop("own_blur_lab", None)
    text = 'augmentation: [{name: "own_blur_lab:Blur", params: {width: 5}}]\n'
    (spec,) = load(smallest + text).augmentation_choice.steps
    assert spec.params_dict == {"width": 5}


def test_the_schema_knows_every_step():
    made = schema()
    name, mapping = made["$defs"]["AugmentationSection"]["anyOf"]
    assert name["anyOf"][0] == {"enum": list(STEPS)}
    rules = {rule["if"]["properties"]["name"]["const"]: rule["then"] for rule in mapping["allOf"]}
    assert set(rules) == set(STEPS)
    assert rules["cutout"]["properties"]["params"]["properties"]["holes"]["maximum"] == 64
    assert made["properties"]["augmentation_mix"]["enum"] == [
        "auto", "none", "augmented", "combined",
    ]  # fmt: skip
    assert "description" in made["properties"]["augmentation_ratio"]


@pytest.mark.parametrize(
    ("rest", "mix", "ratio"),
    [
        ("", "combined", "0.5"),
        ("augmentation_mix: augmented\n", "augmented", "null"),
        ("augmentation_ratio: 0.25\n", "combined", "0.25"),
        ("augmentation_mix: none\n", "none", "null"),
    ],
)
def test_with_networks_mix_and_ratio_are_written_out(load, smallest, tmp_path, rest, mix, ratio):
    config = load(smallest + STEPS_TEXT + "networks: [small_cnn]\n" + rest)
    text = config_to_yaml(config, {}, tmp_path)
    assert f"augmentation_mix: {mix}\naugmentation_ratio: {ratio}\n" in text
    path = tmp_path / "again.yaml"
    path.write_text(text.replace("output: .", "output: run"))
    assert load_config(path).augmentation_choice == config.augmentation_choice


def test_a_network_may_mix_in_its_own_way(load, smallest, problems_of):
    own = (
        "networks: [{name: small_cnn, params: {augmentation_mix: combined}}]\n"
        "augmentation_mix: augmented\naugmentation_ratio: 0.2\n"
    )
    assert load(smallest + STEPS_TEXT + own).augmentation_choice.ratio == 0.2
    (problem,) = problems_of(smallest + STEPS_TEXT + own.replace("combined", "none", 1))
    assert "augmentation_ratio: goes with augmentation_mix: combined" in problem
