"""`init` of a folder with images and masks: a configuration that runs, and what is to be seen."""

import numpy as np
import pytest
import tifffile

from bioselect.cli.main import main
from bioselect.config.loading import load_config
from bioselect.exceptions import DataError
from bioselect.workflows.init import propose


@pytest.fixture
def here(pairs, monkeypatch):
    monkeypatch.chdir(pairs.root)
    return pairs


def test_what_is_proposed_can_be_run(here, capsys) -> None:
    assert main(["init", ".", "-o", "study.yaml", "--jobs", "1"]) == 0
    said = capsys.readouterr().out
    assert "12 images with masks" in said
    assert "classes: the masks hold the codes 0, 255." in said
    config = load_config(here.root / "study.yaml")
    assert config.task == "segmentation"
    assert config.dataset.masks == here.root / "masks"
    assert config.dataset.classes == {"0": "background", "255": "object"}
    assert [spec.name for spec in config.segmenter_specs][:2] == ["unet", "otsu"]
    assert main(["check", "study.yaml", "--jobs", "1"]) == 0
    assert "The configuration can be run." in capsys.readouterr().out


def test_groups_that_names_tell_of_are_proposed(here) -> None:
    for folder in ("images", "masks"):
        for path in sorted((here.root / folder).iterdir()):
            path.rename(path.with_name(f"patient{path.name[1:]}"))
    text = propose(here.root, here.root / "study.yaml").text
    (line,) = [line for line in text.splitlines() if line.startswith("  group:")]
    assert "pattern" in line


def test_numbered_objects_are_instances(here) -> None:
    for path in (here.root / "masks").iterdir():
        path.unlink()
    for number in range(12):
        mask = np.zeros((24, 20), np.uint16)
        for value in range(15 + number % 3):
            mask[4 * (value // 5), 4 * (value % 5)] = value + 1
        tifffile.imwrite(here.root / "masks" / f"p{number % 6}_{number:02}.tif", mask)
    text = propose(here.root, here.root / "study.yaml").text
    assert "  classes: {instances: object}" in text


def test_colours_are_quoted(here) -> None:
    for path in (here.root / "masks").iterdir():
        mask = np.zeros((24, 20, 3), np.uint8)
        mask[:5, :5] = (255, 0, 0)
        here.save(f"masks/{path.name}", mask)
    proposed = propose(here.root, here.root / "study.yaml").text
    assert "  classes: {'#000000': background, '#ff0000': object}" in proposed
    (here.root / "study.yaml").write_text(proposed)
    assert load_config(here.root / "study.yaml").dataset.classes == {
        "#000000": "background",
        "#ff0000": "object",
    }


def test_one_image_without_a_mask_is_left_out_and_told(here) -> None:
    (here.root / "masks" / "p0_00.png").unlink()
    proposal = propose(here.root, here.root / "study.yaml")
    assert "  on_bad_image: exclude" in proposal.text
    said = " ".join(proposal.in_words.split())
    assert "1 image cannot be used for want of a fitting mask and is left out: p0_00.png" in said


def test_many_images_without_a_mask_are_refused(here) -> None:
    for name in ("p0_00.png", "p1_01.png"):
        (here.root / "masks" / name).unlink()
    with pytest.raises(DataError, match=r"2 of 12 images have no mask that can be used"):
        propose(here.root)


def test_masks_whose_values_are_unclear_are_refused_with_the_next_step(here) -> None:
    odd = here.mask("p0_00.png")
    odd[0, :9] = 250
    here.save("masks/p0_00.png", odd)
    with pytest.raises(DataError, match=r"250 \(9 pixels in 1 mask\).*configs/segmentation.yaml"):
        propose(here.root)


def test_thresholds_are_proposed_for_few_classes_only(here) -> None:
    for path in (here.root / "masks").iterdir():
        here.save(f"masks/{path.name}", here.rng.integers(0, 6, (24, 20)).astype(np.uint8))
    assert "otsu" not in propose(here.root).text


def test_folders_of_classes_are_no_masks(here) -> None:
    (here.root / "masks").rename(here.root / "other")
    assert "task: classification" in propose(here.root).text


def test_images_in_the_folder_of_masks_are_refused(here) -> None:
    for path in (here.root / "images").iterdir():
        (here.root / "masks" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(DataError, match="12 of 12 images have no mask") as caught:
        propose(here.root)
    assert "p0_00.png: its mask is the image itself." in str(caught.value)
    assert "... and 7 more" in str(caught.value)


def test_a_second_folder_of_masks_is_told_of(here) -> None:
    (here.root / "instances").mkdir()
    proposal = propose(here.root)
    assert "masks: masks is used; instances could stand there instead." in " ".join(
        proposal.in_words.split()
    )


def test_masks_with_other_names_are_refused(here) -> None:
    for path in (here.root / "masks").iterdir():
        path.rename(path.with_name(f"x{path.name}"))
    with pytest.raises(DataError, match="a mask must have the name of its image"):
        propose(here.root)


def test_the_folder_of_images_alone_names_the_one_that_holds_the_masks_too(here) -> None:
    with pytest.raises(DataError, match="masks beside them") as error:
        propose(here.root / "images", here.root / "study.yaml")
    assert str(error.value).endswith(
        f"start from the folder that holds both: bioselect init {here.root}."
    )
