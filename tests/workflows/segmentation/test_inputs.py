"""Everything that is known before a segmenter is trained: pairs, codes, folds, what is left out."""

import numpy as np
import pytest
import tifffile

from bioselect.config.loading import load_config
from bioselect.config.writing import config_to_yaml
from bioselect.data.mask_codes import MaskCodes
from bioselect.data.pair_file import pair_file
from bioselect.exceptions import BioselectError
from bioselect.progress import SILENT
from bioselect.workflows.check import check
from bioselect.workflows.segmentation.inputs import read_segmentation_inputs
from tests.workflows.segmentation.conftest import Pairs


@pytest.fixture
def read(tmp_path):
    def _read(path, findings=None):
        return read_segmentation_inputs(load_config(path), tmp_path / "cache", 2, SILENT, findings)

    return _read


def test_the_whole_of_it(pairs, read) -> None:
    inputs = read(pairs.config("  classes: {0: background, 255: nucleus}\n"))
    assert inputs.dataset.n_images == len(inputs.masks) == 12
    assert inputs.codes == MaskCodes(("background", "nucleus"), ((0, 0), (255, 1)))
    assert (inputs.plan.n_folds, inputs.plan.n_repeats) == (5, 1)
    assert inputs.n_channels == 3
    assert [(one.spec.name, one.short_name) for one in inputs.segmenters] == [("plain", "plain")]
    assert str(inputs.metric) == "dice"
    assert inputs.rope == 0.01
    assert inputs.left_out == ()


def test_its_pairs_lie_in_a_file(pairs, read, tmp_path) -> None:
    inputs = read(pairs.config())
    found = pair_file(inputs.demand(), tmp_path / "cache", SILENT, 1)
    for place, record in enumerate(inputs.dataset.records):
        codes = pairs.mask(record.image_id)
        assert np.array_equal(found.mask(place), codes == 255)


def test_what_was_resolved_gives_the_same_study_again(pairs, read, tmp_path) -> None:
    inputs = read(pairs.config("  ignore: [128]\n  pixel_size: 0.65\n"))
    folder = tmp_path / "again"
    folder.mkdir()
    text = config_to_yaml(inputs.config, inputs.resolved, folder, inputs.explanations)
    (folder / "config.yaml").write_text(text)
    again = read(folder / "config.yaml")
    assert again.codes == inputs.codes
    assert again.config.dataset.pixel_size == 0.65
    for first, second in zip(inputs.plan.folds, again.plan.folds, strict=True):
        assert np.array_equal(first.test, second.test)
    assert again.resolved == inputs.resolved
    assert "extractors" not in text
    assert "search" not in text


def test_groups_are_never_divided(pairs, read) -> None:
    inputs = read(pairs.config("  group: {pattern: '^(p[0-9])_'}\n"))
    groups = np.array(inputs.dataset.groups)
    assert len(set(groups)) == 6
    for fold in inputs.plan.folds:
        assert not set(groups[fold.train]) & set(groups[fold.test])


def test_copies_of_an_image_are_never_divided(pairs, read) -> None:
    for ending in ("images", "masks"):
        source = pairs.root / ending / "p0_00.png"
        (pairs.root / ending / "zz.png").write_bytes(source.read_bytes())
    inputs = read(pairs.config())
    assert inputs.units[0] == inputs.units[-1]


def test_one_split_has_its_shares_and_a_test_part(pairs, read) -> None:
    inputs = read(pairs.config(rest="validation: {split: [0.5, 0.25, 0.25]}\n"))
    (fold,) = inputs.plan.folds
    assert inputs.holdout is not None
    sizes = len(fold.train), len(fold.test), len(inputs.holdout.test)
    assert sizes == (6, 3, 3)
    assert not set(inputs.holdout.test) & {*fold.train, *fold.test}
    assert "6 train, 3 validation, 3 test" in inputs.plan.design
    assert inputs.all_folds == (fold, inputs.holdout)


def test_a_split_that_a_table_has(pairs, read) -> None:
    rows = [
        f"images/{path.name},masks/{path.name},{part}"
        for path, part in zip(
            sorted((pairs.root / "images").iterdir()),
            ["train"] * 7 + ["val"] * 2 + ["test"] * 3,
            strict=True,
        )
    ]
    (pairs.root / "t.csv").write_text("\n".join(["file,mask,part", *rows, ""]))
    path = pairs.config(rest="validation: {split: {column: part}}\n")
    text = path.read_text().replace("path: images", "table: t.csv\n  image: file")
    path.write_text(text.replace("masks: masks", "mask: mask"))
    inputs = read(path)
    assert inputs.plan.folds[0].train.tolist() == list(range(7))
    assert inputs.holdout is not None
    assert inputs.holdout.test.tolist() == [9, 10, 11]


def test_repeats_are_those_that_are_written(pairs, read) -> None:
    inputs = read(pairs.config(rest="validation: {folds: 3, repeats: 2}\n"))
    assert (inputs.plan.n_folds, inputs.plan.n_repeats) == (3, 2)


def test_numbered_objects_in_16_bits(pairs, read) -> None:
    for path in (pairs.root / "masks").iterdir():
        path.unlink()
    for number in range(12):
        mask = np.zeros((24, 20), np.uint16)
        for value in range(15 + number % 4):
            mask[4 * (value // 5) : 4 * (value // 5) + 2, 4 * (value % 5) :][:, :2] = value + 1
        tifffile.imwrite(pairs.root / "masks" / f"p{number % 6}_{number:02}.tif", mask)
    inputs = read(pairs.config())
    assert inputs.codes.instances
    assert inputs.resolved["dataset.classes"] == {"instances": "object"}
    assert any("instances (12 masks" in text for text in inputs.explanations)


def test_what_cannot_be_used_is_left_out_where_that_is_allowed(pairs, read) -> None:
    (pairs.root / "masks" / "p0_00.png").unlink()
    pairs.save("masks/p1_01.png", np.zeros((3, 3), np.uint8))
    (pairs.root / "masks" / "p2_02.png").write_bytes(b"no image")
    odd = pairs.mask("p3_03.png")
    odd[0, 0] = 77
    pairs.save("masks/p3_03.png", odd)
    (pairs.root / "images" / "p4_04.png").write_bytes(b"no image")
    keys = "  classes: {0: background, 255: nucleus}\n"
    with pytest.raises(BioselectError, match=r"p0_00.png: has no mask"):
        read(pairs.config(keys))
    findings = []
    inputs = read(pairs.config(f"{keys}  on_bad_image: exclude\n"), findings)
    assert inputs.dataset.n_images == 7
    assert len(inputs.masks) == len(inputs.fingerprints) == len(inputs.mask_facts) == 7
    assert [path.name for path in inputs.masks] == [one.image_id for one in inputs.dataset.records]
    assert inputs.left_out == ("5 images that cannot be used (findings.csv says which and why)",)
    assert {one.image for one in findings if one.severity == "warning"} >= {
        "p0_00.png", "p1_01.png", "p2_02.png", "p3_03.png", "p4_04.png",
    }  # fmt: skip


def test_images_of_which_nothing_counts_are_left_out_and_told(pairs, read) -> None:
    pairs.save("masks/p3_03.png", np.full((24, 20), 128, np.uint8))
    findings = []
    codes = "  classes: {0: background, 255: nucleus}\n  ignore: [128]\n"
    inputs = read(pairs.config(codes), findings)
    assert inputs.dataset.n_images == len(inputs.masks) == len(inputs.mask_facts) == 11
    assert "p3_03.png" not in {one.image_id for one in inputs.dataset.records}
    assert inputs.left_out == ("1 image that cannot be used (findings.csv says which and why)",)
    (told,) = [one for one in findings if one.image == "p3_03.png"]
    assert told.severity == "warning"
    assert told.what == "nothing of its mask counts: all of its pixels are ignored."
    assert told.remedy == "It is left out with its image."


def test_each_unusable_mask_stops_the_work_and_is_named(pairs, read) -> None:
    for number in range(7):
        pairs.save(f"masks/p{number % 6}_{number:02}.png", np.zeros((3, 3), np.uint8))
    with pytest.raises(BioselectError) as caught:
        read(pairs.config())
    lines = str(caught.value).splitlines()
    assert len(lines) == 6
    assert lines[0].startswith("p0_00.png: its mask must have the size of the image. Got 3 x 3")
    assert lines[-1] == "... and 2 more such images"


def test_images_of_different_channels_are_refused(pairs, read) -> None:
    path = pairs.root / "images" / "p0_00.tif"
    (pairs.root / "images" / "p0_00.png").unlink()
    tifffile.imwrite(path, np.zeros((5, 24, 20), np.uint8), photometric="minisblack")
    with pytest.raises(BioselectError, match=r"stack|equally many channels"):
        read(pairs.config())


@pytest.mark.parametrize(
    ("dataset", "rest", "words"),
    [
        ("", "validation: {metric: accuracy}\n", "must be one for masks, with task: segmentation"),
        ("", "validation: {metric: precision}\n", "Got precision, which is for one class an image"),
        ("", "validation: {metric: hausdorff_95}\n", "statistics.rope: must be a number for haus"),
        ("", "statistics: {rope: 1.5}\n", "statistics.rope: must be less than 1"),
        ("", "validation: {metric: 'own:worst'}\n", "Got 'worst'. Name it as the score that it ju"),
        ("  stack: all\n", "", "where each file is one image with one mask"),
        ("", "augmentation: [mixup]\n", "augmentation mixup: does not go with task: segmentation"),
        ("", "augmentation: ['own:Pale']\n", "a step needs a method mask"),
        ("", "validation: {folds: 13}\n", "must be at most 12"),
        ("  group: {pattern: '^(p)'}\n", "", "All 12 images are in the group 'p'"),
        ("  classes: {0: background, 254: nucleus}\n", "", "255 near 254"),
        (
            "  classes: {instances: nucleus}\n  channels: [3]\n",
            "",
            "asks for channel 3, counted from 0",
        ),
    ],
)
def test_what_makes_a_run_fail_is_told_before(pairs, read, dataset, rest, words) -> None:
    (pairs.root / "own.py").write_text(
        "class Pale:\n"
        "    def draw(self, shape, rng): return None\n"
        "    def image(self, image, drawn): return image / 2\n"
        "def worst():\n"
        "    from bioselect.metrics.base import Metric\n"
        "    return Metric('worst', 'higher', (0, 1), 'scores', lambda y, s, n: s.min())\n"
    )
    with pytest.raises(BioselectError, match=r"\S") as caught:
        read(pairs.config(dataset, rest))
    assert words in str(caught.value)


def test_check_prints_what_a_run_would_do(pairs) -> None:
    told = check(pairs.config(networks="[plain, {name: plain, params: {depth: 2}}]"))
    assert "classes: {0: background, 255: object} (all values in the masks" in told
    assert "plan: plain, plain(depth=2): 5 folds x 1 repeat = 10 trainings, chosen by dice" in told
    assert "means over classes: object counts, background does not" in told
    assert "exploratory: too few images" in told
    assert told.endswith("The configuration can be run.")


def test_a_group_that_was_taken_otherwise_is_told_of_masks_too(tmp_path, plain, read) -> None:
    rng = np.random.default_rng(3)
    drawn = Pairs(tmp_path / "slides", n_images=0)
    for slide in range(12):
        light = 40 * np.exp(rng.normal(0, 0.02)) * (3 if slide == 7 else 1)
        for number in range(5):
            drawn.draw(f"slide{slide:02}_{number}", light=light * np.exp(rng.normal(0, 0.05)))
    findings = []
    read(drawn.config("  group: {pattern: '^(slide[0-9]+)_'}\n"), findings)
    told = [one.what for one in findings if one.kind == "group taken otherwise"]
    assert len(told) == 1
    assert "the 5 images of the group 'slide07'" in told[0]
    assert "in mean brightness" in told[0]
    assert not [one for one in findings if one.kind.startswith("shortcut")]
