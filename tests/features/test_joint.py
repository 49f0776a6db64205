"""Extractors of one network run it once, and nobody can tell from the rows."""

import numpy as np
import pytest
from PIL import Image

from bioselect.backbones import joining
from bioselect.backbones.openvino_runner import RequestRunner
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, extraction_tasks
from bioselect.features.joint import MIN_IMAGES_JOINED, join
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.features.transforming import flat_parts
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec, create

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

READING = Reading(Intensity("dtype"), None)
SMALL = {"weights": "none", "alpha": 0.35, "input_size": 96}
SPECS = [
    ComponentSpec.of("mobilenet_v2", {**SMALL, "layer": "block_6_expand_relu"}),
    ComponentSpec.of("intensity"),
    ComponentSpec.of("mobilenet_v2", SMALL),
    ComponentSpec.of("mobilenet_v2", {**SMALL, "pooling": "max"}),
    ComponentSpec.of("mobilenet_v2", {**SMALL, "alpha": 0.5}),
]
#: The first, third and fourth look at one network.
TOGETHER = [0, 2, 3]
N_IMAGES = 35


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    folder = tmp_path_factory.mktemp("images")
    found = []
    for number in range(N_IMAGES):
        pixels = np.random.default_rng(number).integers(0, 256, (40, 50, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        found.append((folder / f"{number}.png", f"{number:064x}"))
    return found


@pytest.fixture(scope="module")
def alone(images):
    return [rows_of(spec, images, None) for spec in SPECS]


@pytest.fixture
def n_run(monkeypatch):
    """Count, for each network with several outputs and with one, the images that go through it."""
    counted = {"joined": 0, "alone": 0}
    rows_of_outputs = RequestRunner.rows_of_outputs

    def counting(runner, images, mode, n_jobs=None):
        counted["joined" if len(runner.widths) > 1 else "alone"] += len(images)
        return rows_of_outputs(runner, images, mode, n_jobs)

    monkeypatch.setattr(RequestRunner, "rows_of_outputs", counting)
    return counted


def rows_of(spec, images, cache):
    return extract_features(
        spec, create("extractor", spec), images, READING, cache, SILENT, 1, None
    )


def compute(images, cache, specs=SPECS):
    compute_in_one_pass(
        [
            task
            for spec in specs
            for task in extraction_tasks(
                spec, create("extractor", spec), images, READING, cache, SILENT
            )
        ],
        SILENT,
        1,
    )


def assert_rows(cache, images, alone):
    for place in range(len(SPECS)):
        task = extraction_tasks(
            SPECS[place], create("extractor", SPECS[place]), images, READING, cache, SILENT
        )[0]
        rows, have = cache.load(task.name, task.key, [digest for _, digest in images])
        assert have.all()
        np.testing.assert_array_equal(rows, alone[place])


def test_one_network_runs_once_and_each_row_has_the_bits_of_the_extractor_alone(
    images, alone, tmp_path, n_run
):
    cache = FeatureCache(tmp_path)
    compute(images, cache)
    n_tried = joining.N_TRIED
    assert n_run == {"joined": N_IMAGES + n_tried, "alone": N_IMAGES + len(TOGETHER) * n_tried}
    assert_rows(cache, images, alone)


def test_what_cannot_be_joined_is_computed_by_itself(images, alone, tmp_path, n_run, monkeypatch):
    def refused(networks):
        raise RuntimeError("no such operation")

    monkeypatch.setattr(joining, "joined", refused)
    cache = FeatureCache(tmp_path)
    compute(images, cache)
    assert n_run == {"joined": 0, "alone": 4 * N_IMAGES}
    assert_rows(cache, images, alone)


def test_one_that_is_out_of_order_spoils_none_of_the_others(images, alone, tmp_path):
    wrong = ComponentSpec.of("mobilenet_v2", {**SMALL, "layer": "no_such_layer"})
    cache = FeatureCache(tmp_path)
    compute(images, cache, [*SPECS, wrong])
    assert_rows(cache, images, alone)
    assert len(cache.info()) == len(SPECS)


def test_extractors_that_lack_other_images_are_not_joined(images, alone, tmp_path, n_run):
    cache = FeatureCache(tmp_path)
    compute(images[:3], cache, SPECS[2:3])
    n_run["alone"] = 0
    compute(images, cache)
    # Two are still alike.
    n_tried = joining.N_TRIED
    assert n_run["joined"] == N_IMAGES + n_tried
    assert n_run["alone"] == 2 * N_IMAGES - 3 + 2 * n_tried
    assert_rows(cache, images, alone)


def test_for_few_images_nothing_is_joined(images, alone, tmp_path, n_run):
    cache = FeatureCache(tmp_path)
    n_most = MIN_IMAGES_JOINED - 1
    compute(images[:n_most], cache)
    assert n_run == {"joined": 0, "alone": 4 * n_most}
    compute(images[: n_most + 1], cache)
    assert n_run == {"joined": 0, "alone": 4 * (n_most + 1)}
    assert_rows(cache, images[: n_most + 1], [rows[: n_most + 1] for rows in alone])


def test_other_images_never_get_the_rows_of_those_before():
    parts = [part for place in TOGETHER for part in flat_parts(create("extractor", SPECS[place]))]
    expected = [part.extractor for part in parts]
    members = [part.extractor for part in join(parts)]
    some = [np.random.default_rng(seed).random((96, 96, 3)).astype(np.float32) for seed in range(3)]
    for images in (some[:2], some[1:], some[:2], [some[0], some[0].copy()]):
        for member, extractor in zip(members, expected, strict=True):
            np.testing.assert_array_equal(member.transform(images), extractor.transform(images))


def test_what_is_no_network_or_alone_stays_as_it_is():
    parts = [part for place in (1, 2, 4) for part in flat_parts(create("extractor", SPECS[place]))]
    assert join(parts) == parts
