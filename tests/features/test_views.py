"""Rows of an image and of its views: what they are, and what their key depends on."""

import sys

import numpy as np
import pytest

from bioselect.component import ComponentSpec
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.exceptions import ComponentError
from bioselect.features.concat import Concat
from bioselect.features.descriptors.intensity import Intensity as IntensityRows
from bioselect.features.keys import feature_key
from bioselect.features.looks import looks_of
from bioselect.features.views import Views
from bioselect.registry import create

STEPS = ["horizontal_flip", {"name": "brightness", "params": {"amount": [-0.2, 0.2]}}]
RNG = np.random.default_rng
IMAGES = [RNG(seed).random((20, 24, 3)).astype(np.float32) for seed in range(5)]
#: Five soft discs at different places, darker than 1 so that light can be added.
BELLS = [
    (
        0.2
        + 0.5
        * np.exp(
            -((np.mgrid[:20, :24] - np.array([4.0 * n, 5.0]).reshape(2, 1, 1)) ** 2).sum(0) / 40
        )
    ).astype(np.float32)[:, :, np.newaxis]
    for n in range(5)
]
READING = Reading(Intensity("dtype"))


def views(**params):
    return Views("intensity", **{"views": 2, "steps": STEPS, **params})


def key_of(**params):
    spec = ComponentSpec.of("views", {"extractor": "intensity", "steps": STEPS, **params})
    return feature_key(spec, create("extractor", spec), READING)


def test_a_row_is_the_image_and_then_its_views():
    extractor = views()
    rows = extractor.transform(IMAGES).reshape(5, 3, -1)
    plain = IntensityRows()
    assert np.array_equal(rows[:, 0], plain.transform(IMAGES))
    for image, row in zip(IMAGES, rows, strict=True):
        made = extractor.views_of(image)
        assert np.array_equal(row[1:], plain.transform(made))
        assert not np.array_equal(made[0], made[1])


def test_a_view_is_what_the_steps_make_of_the_image():
    flip = {"name": "horizontal_flip", "params": {"probability": 1}}
    turned = views(steps=[flip, {"name": "vertical_flip", "params": {"probability": 1}}])
    assert all(np.array_equal(one, IMAGES[0][::-1, ::-1]) for one in turned.views_of(IMAGES[0]))


def test_views_belong_to_the_image():
    first, second = views(), views()
    assert all(map(np.array_equal, first.views_of(IMAGES[0]), second.views_of(IMAGES[0].copy())))
    # Another image has other random numbers, so that not all are turned and lit alike.
    brightness = views(views=1, steps=[STEPS[1]])
    added = [float((brightness.views_of(one)[0] - one).mean().round(3)) for one in BELLS]
    assert len(set(added)) == len(BELLS)


def test_last_bits_change_no_view():
    # As another processor may round when an image is resized.
    for image in BELLS:
        nearly = np.clip(image * np.float32(1 - 3e-7), 0, 1)
        for one, other in zip(views().views_of(image), views().views_of(nearly), strict=True):
            assert np.abs(one - other).max() < 1e-5


def test_more_views_leave_the_first_ones_as_they_are():
    two, three = views().transform(IMAGES), views(views=3).transform(IMAGES)
    assert np.array_equal(three[:, : two.shape[1]], two)


def test_batches_are_those_of_the_extractor():
    extractor = views(views=7)
    assert IntensityRows.batch_size == 32
    assert extractor.batch_size == 4
    together = extractor.transform(IMAGES)
    alone = np.vstack([extractor.transform([image]) for image in IMAGES])
    assert np.array_equal(together, alone)
    assert views(views=64).batch_size == 1


def test_the_key_depends_on_what_changes_the_rows():
    key = key_of(views=4)
    assert key == key_of()  # the default
    assert key == key_of(at_prediction=True)
    others = [
        key_of(views=5),
        key_of(steps=STEPS[::-1]),
        key_of(steps=["horizontal_flip", "brightness"]),
        key_of(extractor={"name": "intensity", "params": {"channels": "mean"}}),
        key_of(extractor="hu_moments"),
    ]
    assert len({key, *others}) == 6
    written_out = [{"name": "horizontal_flip", "params": {"probability": 0.5}}, STEPS[1]]
    assert key_of(steps=written_out) == key


def test_an_edit_of_ones_own_step_is_noticed(tmp_path):
    text = (
        "from bioselect.augmentation.step import Step\n"
        "class Half(Step):\n"
        "    def draw(self, shape, rng): return None\n"
        "    def image(self, image, drawn): return image * 0.5\n"
    )
    keys = []
    for edited in (text, text.replace("0.5", "0.25")):
        (tmp_path / "views_half_lab.py").write_text(edited)
        sys.modules.pop("views_half_lab", None)
        spec = ComponentSpec.of(
            "views", {"extractor": "intensity", "steps": ["views_half_lab:Half"]}
        )
        made = create("extractor", spec, tmp_path)
        keys.append(feature_key(spec, made, READING, tmp_path))
    assert keys[0] != keys[1]


def test_looks_and_cost():
    plain = IntensityRows().operations()
    assert views().operations() == plain
    assert views(at_prediction=True).operations() == 3 * plain
    assert (looks_of(views()).n_rows, looks_of(views()).n_tested) == (3, 1)
    assert looks_of(views(at_prediction=True)).n_tested == 3
    assert looks_of(IntensityRows()).n_rows == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"steps": None}, r"needs augmentation steps that change one image\. Got none\."),
        ({"steps": ["mixup", "rotation"]}, r"that change one image\. Got mixup, rotation\."),
        ({"extractor": "sift_bow"}, "must be one that learns nothing inside the folds"),
        (
            {"extractor": {"name": "concat", "params": {"extractors": ["hog", "lbp"]}}},
            r"must be a single extractor, for example \{extractor: hog, views: 4\}. Got concat",
        ),
        ({"extractor": "hgo"}, r"views: params.extractor: unknown extractor 'hgo'"),
        ({"steps": ["rotatoin"]}, "unknown augmentation 'rotatoin'"),
    ],
)
def test_what_does_not_go_with_views(params, message):
    written = {"extractor": "hog", "steps": STEPS, **params}
    with pytest.raises(ComponentError, match=message) as raised:
        Views(**written)
    assert "\n" not in str(raised.value)


def test_views_inside_views_or_concat():
    inner = {"name": "views", "params": {"extractor": "hog", "steps": STEPS}}
    with pytest.raises(ComponentError, match="must be a single extractor"):
        Views(inner, steps=STEPS)
    with pytest.raises(ComponentError, match=r"must not be views\. Got views.*List it as an"):
        Concat(["intensity", inner])
