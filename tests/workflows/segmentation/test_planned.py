"""`plan: auto` in a study: what is chosen stands in the configuration as run, names stay."""

from dataclasses import replace

import yaml

from bioselect.component import ComponentSpec
from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml
from bioselect.data.pair_file import pair_file
from bioselect.progress import SILENT
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from bioselect.workflows.segmentation.planned import with_plans
from tests.workflows.segmentation.conftest import Pairs

PLANNED = "[otsu, {name: unet, params: {plan: auto, width: 4, epochs: 2}}]"


def planned_of(path, cache):
    inputs = read_segmentation_inputs(load_config(path), cache, 1, SILENT)
    return inputs, with_plans(inputs, lambda: pair_file(inputs.demand(), cache, SILENT, 1))


def test_what_a_plan_chooses_is_written_with_its_reasons(tmp_path):
    path = Pairs(tmp_path).config(
        rest="augmentation: [horizontal_flip]\nvalidation: {folds: 2}\n", networks=PLANNED
    )
    inputs, planned = planned_of(path, tmp_path / "cache")
    basis, *told = planned.explanations[len(inputs.explanations) :]
    assert "sizes of all images" in basis
    assert "those of test folds too" in basis
    assert basis.endswith("at no score")
    assert [line.split(": ")[1] for line in told] == ["patch_size", "depth", "batch_size", "norm"]
    assert all("(" in line for line in told)
    otsu, unet = planned.segmenters
    assert otsu is inputs.segmenters[0]
    # It is called as it was listed; it is trained as it was planned.
    assert unet.spec == inputs.segmenters[1].spec
    assert unet.segmenter.spec.params_dict.keys() == {
        "patch_size", "depth", "batch_size", "norm", "width", "epochs",
    }  # fmt: skip
    folder = tmp_path / "run"
    folder.mkdir()
    text = config_to_yaml(planned.config, planned.resolved, folder, planned.explanations)
    written = yaml.safe_load(text)
    assert written["networks"][1]["params"]["plan"] == "none"
    assert written["networks"][1]["params"]["depth"] == unet.segmenter.spec.params_dict["depth"]
    assert [one["name"] for one in written["augmentation"]] == ["horizontal_flip"]
    (folder / "config.yaml").write_text(text)
    _, again = planned_of(folder / "config.yaml", tmp_path / "cache")
    assert again.segmenters[1].segmenter.identity() == unet.segmenter.identity()


class Closed:
    """Pairs of which some may not be looked at."""

    def __init__(self, pairs, closed):
        self.pairs, self.closed, self.opened = pairs, closed, set()
        self.n_channels = pairs.n_channels

    def __len__(self):
        return len(self.pairs)

    def size(self, place):
        assert place not in self.closed
        return self.pairs.size(place)

    def mask(self, place, *window):
        assert place not in self.closed
        self.opened.add(place)
        return self.pairs.mask(place, *window)


def test_a_plan_does_not_look_at_the_test_part_of_one_split(tmp_path):
    path = Pairs(tmp_path).config(rest="validation: {split: [0.6, 0.2, 0.2]}\n", networks=PLANNED)
    inputs = read_segmentation_inputs(load_config(path), tmp_path / "cache", 1, SILENT)
    n_images, test = inputs.dataset.n_images, set(inputs.holdout.test.tolist())
    assert test
    pairs = Closed(pair_file(inputs.demand(), tmp_path / "cache", SILENT, 1), test)
    planned = with_plans(inputs, lambda: pairs)
    assert pairs.opened == set(range(n_images)) - test
    [basis] = [one for one in planned.explanations if one.startswith("plan: auto")]
    assert basis.endswith("not at the test part, at no score")
    width = f"{n_images - len(test)} images"
    planned = with_plans(replaced(inputs), lambda: pairs)
    assert any(width in line for line in planned.explanations)


def replaced(inputs):
    """Return the inputs with a plan that chooses the width too, which tells of how many images."""
    spec = ComponentSpec.of("unet", {"plan": "auto", "epochs": 2})
    usable = replace(inputs.segmenters[1], spec=spec)
    return replace(inputs, segmenters=(usable,))


def test_without_a_plan_nothing_is_opened(tmp_path):
    path = Pairs(tmp_path).config(rest="validation: {folds: 2}\n", networks="[otsu]")
    inputs = read_segmentation_inputs(load_config(path), tmp_path / "cache", 1, SILENT)

    def opened():
        raise AssertionError("nothing is to be read")

    assert with_plans(inputs, opened) is inputs
