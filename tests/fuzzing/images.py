"""What becomes of an image file in a run: it is looked into, listed, opened and read."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import numpy as np

from bioselect.data.expansion import expanded
from bioselect.data.mask_facts import read_mask_facts
from bioselect.data.reading import open_image, read_image, read_source
from bioselect.data.records import ImageDataset, ImageRecord
from bioselect.data.stacks import Stack
from bioselect.exceptions import BioselectError
from bioselect.progress import SILENT
from tests.fuzzing.files import written

STACKS = [
    Stack.from_config(one)
    for one in ("middle", "channels", {"projection": "mean"}, {"projection": "max"})
]
_FEW_PLANES = 64


def feed_image(name: str, data: bytes) -> None:
    """Read bytes in every way a run may read a file of this name."""
    with written(name, data) as path:
        _list(path)
        try:
            image = read_image(path)
        except BioselectError:
            with suppress(BioselectError):
                _read_planes(path, data)
            raise
        check(image)
        read_mask_facts(["a"], [path], None, SILENT, 1)
        if image.shape[0] > 2 < image.shape[1]:
            check(read_image(path, "tile:0:1:2"))


def _list(path: Path) -> None:
    listed = ImageDataset("", path.parent, (ImageRecord(path.name, path, "a"),))
    for whole in (True, False):
        with suppress(BioselectError):
            found, _ = expanded(listed, Stack.from_config({"every": 2}), whole_series=whole)
            for record in (*found.records[:2], *found.records[-1:]):
                check(read_source(record.source))


def _read_planes(path: Path, data: bytes) -> None:
    """Read a stack as one image; all its planes only where they are few."""
    n_planes = open_image(path).n_planes
    if n_planes > 1:
        check(read_image(path, str(len(data) % (n_planes + 1))))
        some = STACKS if n_planes <= _FEW_PLANES else STACKS[:1]
        check(read_image(path, "", some[len(data) % len(some)]))


def check(image: np.ndarray) -> None:
    assert image.ndim == 3 and image.size > 0
    assert image.flags.c_contiguous and image.dtype.isnative
    assert image.dtype.kind in "uif" and np.isfinite(image).all()
