"""`plan: auto` in a study: what is chosen stands in the configuration as run, names stay."""

import yaml

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
    told = planned.explanations[len(inputs.explanations) :]
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


def test_without_a_plan_nothing_is_opened(tmp_path):
    path = Pairs(tmp_path).config(rest="validation: {folds: 2}\n", networks="[otsu]")
    inputs = read_segmentation_inputs(load_config(path), tmp_path / "cache", 1, SILENT)

    def opened():
        raise AssertionError("nothing is to be read")

    assert with_plans(inputs, opened) is inputs
