"""Which networks a graph holds."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from bioselect.bundle.export.pieces import _inside


def part_of(precision):
    network = SimpleNamespace(
        definition=SimpleNamespace(build=dict),
        image_shape=(8, 8, 3),
        mode="tf",
        engine=SimpleNamespace(precision=precision),
    )
    return SimpleNamespace(extractor=SimpleNamespace(backbone=SimpleNamespace(network=network)))


@pytest.mark.parametrize(("precision", "is_inside"), [("f32", True), ("bf16", False)])
def test_a_network_of_fewer_digits_stays_outside(precision, is_inside):
    inside, why_not = _inside(part_of(precision), Path())
    assert (inside is not None) == is_inside
    assert ("precision bf16" in why_not) != is_inside
