"""A key changes with everything that changes the features, and with nothing else."""

import textwrap
from dataclasses import replace

import numpy as np
import pytest

from bioselect import registry
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.stacks import Stack
from bioselect.exceptions import ComponentError
from bioselect.features import keys
from bioselect.features.base import Extractor
from bioselect.features.keys import feature_key
from bioselect.registry import ComponentRow, ComponentSpec, Parameter

DTYPE = Reading(Intensity("dtype"), None)


class Drawn(Extractor):
    """Stands for a built-in extractor; what it is told to say of itself, it says."""

    def __init__(self, identity=None, **traits):
        self.said = identity or {}
        for name, value in traits.items():
            setattr(self, name, value)

    def identity(self):
        return self.said


ROW = ComponentRow(
    name="drawn",
    target="anywhere:Drawn",
    summary="",
    parameters=(
        Parameter("bins", 8, ("int",)),
        Parameter("sigma", 2.0, ("float",)),
        Parameter("scales", (1, 2), ("list",)),
        Parameter("weights", "imagenet", ("str",)),
    ),
)


@pytest.fixture(autouse=True)
def table(monkeypatch):
    rows = {"drawn": ROW}
    monkeypatch.setattr(registry, "builtin_rows", lambda kind: rows)
    return rows


def key(params=None, extractor=None, reading=DTYPE, base_dir=None, name="drawn"):
    return feature_key(ComponentSpec.of(name, params), extractor or Drawn(), reading, base_dir)


def test_a_key_is_64_hexadecimal_digits_and_the_same_again():
    assert len(key()) == 64
    int(key(), 16)
    assert key() == key()


@pytest.mark.parametrize(
    "written",
    [{"bins": 8}, {"sigma": 2.0}, {"sigma": 2}, {"scales": [1, 2]}, {"bins": np.int64(8)}],
)
def test_writing_the_default_changes_nothing(written):
    assert key(written) == key()


def test_every_parameter_counts():
    changed = [{"bins": 9}, {"sigma": 2.5}, {"scales": [2, 1]}, {"weights": "none"}]
    assert len({key(), *map(key, changed)}) == 5


def test_name_version_and_identity_count(table):
    before = key()
    assert key(extractor=Drawn({"depth": 3})) != before
    table["other"] = replace(ROW, name="other")
    assert key(name="other") != before
    table["drawn"] = replace(ROW, version=2)
    assert key() != before


def test_a_new_default_counts(table):
    before = key()
    table["drawn"] = replace(ROW, parameters=(Parameter("bins", 16), *ROW.parameters[1:]))
    assert key() != before
    assert key({"bins": 8}) == before


def test_versions_of_reading_and_extraction_count(monkeypatch):
    before = key()
    with monkeypatch.context() as patch:
        patch.setattr(keys, "READING_VERSION", keys.READING_VERSION + 1)
        assert key() != before
    with monkeypatch.context() as patch:
        patch.setattr(keys, "EXTRACTION_VERSION", keys.EXTRACTION_VERSION + 1)
        assert key() != before


def test_what_images_look_like_counts_and_how_many_are_taken_at_once_does_not():
    assert key(extractor=Drawn(input_size=(32, 32))) != key()
    assert key(extractor=Drawn(n_channels=3)) != key()
    assert key(extractor=Drawn(input_size=[32, 32])) == key(extractor=Drawn(input_size=(32, 32)))
    assert key(extractor=Drawn(batch_size=7, in_processes=False)) == key()


def test_intensity_counts():
    readings = [DTYPE, Reading(Intensity("percentile"), None)]
    readings += [Reading(Intensity("range", 0, top), None) for top in (1023, 4095)]
    assert len({key(reading=reading) for reading in readings}) == 4


def test_channels_count_only_where_three_are_asked_for():
    chosen = [Reading(Intensity("dtype"), channels) for channels in (None, (0, 1, 2), (2, 1, 0))]
    assert len({key(reading=reading) for reading in chosen}) == 1
    three = Drawn(n_channels=3)
    assert len({key(extractor=three, reading=reading) for reading in chosen}) == 3


def test_how_planes_become_one_image_counts_and_which_are_listed_does_not():
    stacks = [None, Stack("max"), Stack("mean"), Stack("middle"), Stack("channels")]
    readings = [Reading(Intensity("dtype"), stack=stack) for stack in stacks]
    assert len({key(reading=reading) for reading in readings}) == 5
    listing = [Reading(Intensity("dtype"), stack=Stack("every", step)) for step in (1, 5)]
    assert {key(reading=reading) for reading in listing} == {key()}


def test_weights_count_by_their_content_not_by_their_path(tmp_path):
    here = key({"weights": "a/one.h5"}, Drawn({"weights": "1234"}))
    assert key({"weights": "b/two.h5"}, Drawn({"weights": "1234"})) == here
    assert key({"weights": "a/one.h5"}, Drawn({"weights": "5678"})) != here


def test_any_file_counts_by_its_content(tmp_path):
    for name, content in (("one.txt", "a"), ("two.txt", "a"), ("three.txt", "b")):
        (tmp_path / name).write_text(content)
    one, two, three, absolute, missing = (
        key({"weights": str(name)}, base_dir=tmp_path)
        for name in ("one.txt", "two.txt", "three.txt", tmp_path / "one.txt", "four.txt")
    )
    assert one == two == absolute
    assert len({one, three, missing}) == 3


def write_module(folder, name, factor):
    text = f"""
        class Own:
            def __init__(self, power=1.0, mode="fast"):
                self.power = power

            def transform(self, images):
                return {factor} * images
    """
    (folder / f"{name}.py").write_text(textwrap.dedent(text))


def test_the_source_of_anybodys_own_counts_and_its_folder_does_not(tmp_path):
    found = []
    for folder, factor in (("a", 2), ("b", 2), ("b", 3)):
        (tmp_path / folder).mkdir(exist_ok=True)
        write_module(tmp_path / folder, "own_module_for_keys", factor)
        registry.sys.modules.pop("own_module_for_keys", None)
        own = registry.import_target("own_module_for_keys:Own", tmp_path / folder)()
        for params in (None, {"mode": "fast"}, {"power": 2.0}):
            found.append(
                key(params, own, base_dir=tmp_path / folder, name="own_module_for_keys:Own")
            )
    assert found[0] == found[1] == found[3] == found[4]
    assert len(set(found)) == 4  # two parameters x two sources


def test_a_value_that_has_no_text_is_an_error():
    with pytest.raises(ComponentError, match=r"drawn: params\.bins must be .* Got object"):
        key({"bins": object()})


def test_the_key_of_parts_side_by_side(table):
    class Beside:
        def __init__(self, *params):
            self.part_specs = [ComponentSpec.of("drawn", one) for one in params]
            self.parts = [Drawn() for _ in params]

    table["concat"] = ComponentRow("concat", "anywhere:Beside", "")
    two = key(extractor=Beside({"bins": 4}, None), name="concat")
    assert key(extractor=Beside({"bins": 4}, {"bins": 8}), name="concat") == two
    assert key(extractor=Beside(None, {"bins": 4}), name="concat") != two


def test_the_key_does_not_change_unnoticed():
    """Kept features are found again after an upgrade: change this only with a version."""
    extractor = Drawn({"depth": 3}, input_size=(32, 48), n_channels=3)
    reading = Reading(Intensity("dtype"), (2, 1, 0))
    written = {
        "extraction_version": 1,
        "reading_version": keys.READING_VERSION,
        "component": {"name": "drawn", "version": 1},
        "parameters": {"bins": 9, "sigma": 2.0, "scales": [1, 2], "weights": "imagenet"},
        "identity": {"depth": 3},
        "input_size": [32, 48],
        "n_channels": 3,
        "reading": {"intensity": "dtype", "channels": [2, 1, 0]},
    }
    assert key({"bins": 9}, extractor, reading) == keys.digest_of(written)
