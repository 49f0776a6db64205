"""A model of masks judged on images whose masks are known."""

from contextlib import contextmanager

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bioselect.data.mask_codes import MaskCodes
from bioselect.data.reading import read_image
from bioselect.exceptions import DataError, StorageError
from bioselect.storage import sha256_of_file
from bioselect.workflows.segmentation.evaluate import evaluate_masks
from bioselect.workflows.segmentation.labelled_pairs import MaskPlaces
from bioselect.workflows.segmentation.trained_on import TrainedOn
from tests.predict.mask_models import Brightness, Watching, squares

N_IMAGES = 6


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def pairs(tmp_path):
    """Return folders in which image n has n of 8 columns of its square too many."""
    for number in range(N_IMAGES):
        image = np.zeros((20, 30), np.uint8)
        image[4:12, 4 : 12 + number] = 255
        true = np.zeros_like(image)
        true[4:12, 4:12] = 255
        save(tmp_path / "images" / f"p{number // 2}" / f"{number}.png", image)
        save(tmp_path / "masks" / f"p{number // 2}" / f"{number}.png", true)
    return tmp_path / "images", tmp_path / "masks"


def evaluated(pairs, output, model=None, trained_on=None, **places):
    given = MaskPlaces(pairs[1], **places) if not places else MaskPlaces(**places)
    return evaluate_masks(model or Brightness(), trained_on or TrainedOn(), pairs[0], given, output)


def metrics(output):
    table = pd.read_csv(output / "metrics.csv", keep_default_na=False)
    return table.set_index(["metric", "class"])


#: Twice 64 pixels by 64 and 64 + 8 n; 64 by 64 + 8 n.
DICE = np.array([128 / (128 + 8 * number) for number in range(N_IMAGES)])
IOU = np.array([64 / (64 + 8 * number) for number in range(N_IMAGES)])


def test_scores_of_images_and_their_means(pairs, tmp_path):
    output = tmp_path / "out"
    words = evaluated(pairs, output)
    table = pd.read_csv(output / "per_image.csv", keep_default_na=False)
    of_images = table[(table["metric"] == "dice") & (table["class"] == "")]
    assert of_images["image"].tolist() == [f"p{n // 2}/{n}.png" for n in range(N_IMAGES)]
    assert np.allclose(of_images["score"].astype(float), DICE, rtol=1e-12)
    found = metrics(output)
    for name, values in (("dice", DICE), ("iou", IOU)):
        row = found.loc[(name, "")]
        assert float(row["value"]) == pytest.approx(values.mean(), rel=1e-12)
        assert values.min() < float(row["ci_low"]) < values.mean() < float(row["ci_high"]) <= 1
        assert row["n_images"] == N_IMAGES
        assert f"  {name}: {values.mean():.3f} (95 % interval " in words
    assert words.startswith("6 images evaluated\n")
    assert f"tables: {output}" in words
    # One class counts: its own rows say the same, and are not printed.
    assert found.loc[("dice", "nucleus"), "value"] == found.loc[("dice", ""), "value"]
    assert "dice of nucleus" not in words


def test_masks_tables_and_the_sheet_lie_beside(pairs, tmp_path):
    output = tmp_path / "out"
    evaluated(pairs, output)
    mask = read_image(output / "masks/p2/5.png")
    assert np.array_equal(mask, read_image(pairs[0] / "p2/5.png"))
    assert len(pd.read_csv(output / "summary.csv")) == N_IMAGES
    sheet = Image.open(output / "examples.png")
    assert sheet.width > 4 * 224


def test_groups_are_drawn_whole(pairs, tmp_path):
    rows = [
        f"images/p{n // 2}/{n}.png,masks/p{n // 2}/{n}.png,{'left' if n < 3 else 'right'}"
        for n in range(N_IMAGES)
    ]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["image,mask,patient", *rows]))
    evaluated((table, None), tmp_path / "out", image="image", mask="mask", group="patient")
    row = metrics(tmp_path / "out").loc[("dice", "")]
    # Of two groups a draw holds the left, the right or both.
    ends = sorted((DICE[:3].mean(), DICE[3:].mean()))
    assert (float(row["ci_low"]), float(row["ci_high"])) == pytest.approx(ends, rel=1e-12)


def test_pairs_that_cannot_be_used_are_rows_with_their_reason(pairs, tmp_path):
    images, masks = pairs
    save(masks / "p0" / "0.png", np.zeros((20, 31), np.uint8))
    save(masks / "p0" / "1.png", np.full((20, 30), 7, np.uint8))
    (images / "p1" / "2.png").write_bytes(b"")
    (masks / "p1" / "3.png").unlink()
    save(masks / "extra.png", np.zeros((5, 5), np.uint8))
    words = evaluated(pairs, tmp_path / "out")
    assert words.startswith("2 images evaluated, 3 could not be used (see summary.csv)")
    assert "1 image without a mask is left out: p1/3.png." in words
    assert "1 mask without an image is left out: extra.png." in words, words
    errors = pd.read_csv(tmp_path / "out/summary.csv", keep_default_na=False)["error"]
    assert "must have the size of its image" in errors[0]
    assert "Got 7 in 600 of 600 pixels" in errors[1]
    assert errors[1].endswith(
        "Save the mask in the codes that the model was trained with: 0 background, 255 nucleus."
    )
    assert "empty" in errors[2]


def test_images_of_the_training_are_named(pairs, tmp_path):
    seen = sha256_of_file(pairs[0] / "p0" / "1.png")[:16]
    words = evaluated(pairs, tmp_path / "out", trained_on=TrainedOn([seen]))
    assert "warning: 1 of 6 images are the very files that this model was trained on" in words
    assert "(p0/1.png)" in words


def test_masks_that_show_nothing_are_told_of(pairs, tmp_path):
    assert "all masks are background" not in evaluated(pairs, tmp_path / "out")
    for mask in pairs[1].rglob("*.png"):
        save(mask, np.zeros((20, 30), np.uint8))
    assert "warning: all masks are background" in evaluated(pairs, tmp_path / "empty")


def test_several_classes_have_a_line_each(tmp_path):
    codes = MaskCodes(("background", "cell", "nucleus"), ((0, 0), (128, 1), (255, 2)))
    for number in range(3):
        image = squares(corners=[(5, 5)]) + squares(corners=[(20, 30)], value=128)
        save(tmp_path / "images" / f"{number}.png", image)
        image[5:9] = 0
        save(tmp_path / "masks" / f"{number}.png", image)
    words = evaluated((tmp_path / "images", tmp_path / "masks"), tmp_path / "o", Brightness(codes))
    # The nucleus has half of its rows too many: 2 x 32 by 32 and 64.
    assert "  dice of cell: 1.000" in words
    assert "  dice of nucleus: 0.667" in words
    assert "of background" not in words
    assert "  dice: 0.833" in words


def test_the_sheet_shows_the_metric_that_decided():
    decided = TrainedOn(scores={"decided_by": {"name": "iou", "params": {}}})
    assert decided.deciding == "iou"
    assert TrainedOn(scores={"decided_by": {"name": "x"}}).deciding == "dice"
    assert TrainedOn().deciding == "dice"


@pytest.mark.parametrize(
    ("places", "words"),
    [
        (MaskPlaces(), "Add --masks FOLDER"),
        (MaskPlaces(group="patient"), "name columns, which only a table has"),
    ],
)
def test_a_folder_needs_masks_and_no_columns(pairs, tmp_path, places, words):
    with pytest.raises(DataError, match=words):
        evaluate_masks(Brightness(), TrainedOn(), pairs[0], places, tmp_path / "out")


def test_a_table_needs_its_columns(tmp_path):
    (tmp_path / "t.csv").write_text("image,mask\n")
    with pytest.raises(DataError, match="Add --image NAME and --mask NAME"):
        evaluated((tmp_path / "t.csv", None), tmp_path / "out", image="image")


def test_nothing_usable_and_a_full_folder_are_errors(pairs, tmp_path):
    for image in pairs[0].rglob("*.png"):
        image.write_bytes(b"")
    with pytest.raises(DataError, match=r"none of the 6 pairs could be used.*summary\.csv"):
        evaluated(pairs, tmp_path / "out")
    with pytest.raises(StorageError, match="new or an empty folder"):
        evaluated(pairs, tmp_path)


def test_an_image_is_released_before_the_next_is_predicted(pairs, tmp_path):
    model = Watching()
    evaluated(pairs, tmp_path / "out", model)
    assert len(model.seen) == N_IMAGES
    assert model.kept == []


def test_overlays_are_written_on_request(pairs, tmp_path):
    places = MaskPlaces(pairs[1], overlays=True)
    words = evaluate_masks(Brightness(), TrainedOn(), pairs[0], places, tmp_path / "out")
    assert f"overlays: {tmp_path / 'out' / 'overlays'}" in words
    written = sorted((tmp_path / "out" / "overlays").rglob("*.png"))
    assert [one.name for one in written] == [f"{n}.png" for n in range(N_IMAGES)]
    assert places.written() == ["--masks", "--overlays"]
    assert "overlays:" not in evaluated(pairs, tmp_path / "without")
    assert not (tmp_path / "without" / "overlays").exists()


def test_few_images_are_shown_in_percent_of_all(pairs, tmp_path):
    told = []

    class Bar:
        def advance(self, n_steps=1):
            told.append(n_steps)

    class Watcher:
        say = warn = staticmethod(lambda text: None)

        @contextmanager
        def task(self, description, n_steps):
            told.append((description, n_steps))
            yield Bar()

    places = MaskPlaces(pairs[1])
    evaluate_masks(Brightness(), TrainedOn(), pairs[0], places, tmp_path / "o", 0, Watcher())
    assert told[0] == ("predicting masks of 6 images, %", 100)
    assert sum(told[1:]) == 100
