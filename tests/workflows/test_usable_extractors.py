"""Extractors that cannot be made, and channels that nothing or nobody can use."""

import pytest

from bioselect.exceptions import ComponentError, DataError, UnavailableError
from bioselect.workflows.check import check
from bioselect.workflows.usable_extractors import channel_problem
from tests.backbones.foreign_models import convolutional, rows_only, saved

OWN = """
class Raises:
    def __init__(self):
        raise ValueError("no stain")
    def transform(self, images): ...

class Nothing: ...
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [("Raises", r"cannot be made .*ValueError: no stain"), ("Nothing", r"must have transform")],
)
def test_ones_own_that_is_none_is_one_line(write_config, tmp_path, name, message):
    (tmp_path / "own_extractors_unusable.py").write_text(OWN)
    with pytest.raises(ComponentError, match=message) as raised:
        check(write_config(extractors=f'["own_extractors_unusable:{name}"]'), jobs=1)
    assert "\n" not in str(raised.value)


def test_what_is_wrong_with_a_model_is_told_with_its_line(write_config, tmp_path):
    saved(rows_only(convolutional(("n", 3, 8, 8))), tmp_path / "m.onnx")
    entry = "{name: model_file, params: {path: m.onnx, input_size: 9}}"
    config = write_config(extractors=f"\n  - intensity\n  - {entry}")
    line = config.read_text().splitlines().index(f"  - {entry}") + 1
    with pytest.raises(ComponentError, match=f"^{config.name}:{line}: model_file: params.input_"):
        check(config, jobs=1)
    (tmp_path / "m.onnx").unlink()
    with pytest.raises(UnavailableError, match=f"^{config.name}:{line}: model_file.*not there"):
        check(config, jobs=1)


def test_channels_that_change_nothing_are_said_to(write_config):
    text = check(write_config(dataset="channels: [0]"), jobs=1)
    assert "warning: dataset.channels changes nothing here" in text
    assert "dataset.channels" not in check(write_config(), jobs=1)


@pytest.mark.parametrize(
    ("n_channels", "channels", "problem"),
    [
        (1, (0, 1), ""),
        (4, (3,), ""),
        (4, (3, 2, 1), ""),
        (4, (0, 1), "must list three channels"),
        (4, (0, 1, 2, 3), "must list three channels"),
        (4, (4, 1, 2), "asks for channel 4"),
    ],
)
def test_three_channels_or_one_go_to_a_network(n_channels, channels, problem):
    found = channel_problem(n_channels, channels)
    assert bool(found) == bool(problem)
    assert problem in found


@pytest.mark.parametrize("n_channels", [1, 5])
def test_a_model_with_other_channels_is_told_of_before_the_work(write_config, tmp_path, n_channels):
    sides = (1, n_channels, 24, 24)
    saved(rows_only(convolutional(sides, n_channels=n_channels)), tmp_path / "mine.onnx")
    config = write_config(extractors="[intensity, {name: model_file, params: {path: mine.onnx}}]")
    with pytest.raises(DataError, match=rf"accepts images with {n_channels} channels?\. Got 3 \("):
        check(config, jobs=1)


def test_a_model_for_colours_is_right(write_config, tmp_path):
    saved(rows_only(convolutional((1, 3, 24, 24))), tmp_path / "mine.onnx")
    config = write_config(extractors="[intensity, {name: model_file, params: {path: mine.onnx}}]")
    assert "accepts" not in check(config, jobs=1)
