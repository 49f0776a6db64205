"""Rows are kept under the digests of pixels that this machine read: workers must read the same."""

import shutil
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from bioselect.backend import Worker, inside, using
from bioselect.data import written
from bioselect.data.fingerprint import fingerprint_images
from bioselect.data.intensities import Intensity
from bioselect.data.preparation import Reading
from bioselect.data.records import ImageRecord
from bioselect.exceptions import ChangedImageError
from bioselect.features.cache import FeatureCache
from bioselect.features.extraction import extract_features, extraction_tasks
from bioselect.features.one_pass import compute_in_one_pass
from bioselect.progress import SILENT
from bioselect.registry import ComponentSpec

N_IMAGES = 5


class Mean:
    batch_size, input_size, n_channels, in_processes = 2, None, None, True

    def transform(self, images):
        return np.array([[image.mean()] for image in images], dtype=np.float32)


class Elsewhere:
    """A worker with a folder of its own under the path of ours; it is looked into meanwhile."""

    n_workers = 1

    def __init__(self, folder, other):
        self.folder, self.other = folder, other

    def stream(self, function, tasks, n_ahead, files_of):
        for task in tasks:
            ours = self.folder.with_name("ours")
            self.folder.rename(ours)
            shutil.copytree(self.other, self.folder)
            try:
                nothing_examined = patch.dict(written._examined, clear=True)
                with inside(Worker(1, self.other, print)), nothing_examined:
                    result = function(task)
            finally:
                shutil.rmtree(self.folder)
                ours.rename(self.folder)
            yield result


@pytest.fixture
def images(tmp_path):
    """Five pictures that were examined, with the digests of their pixels."""
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(N_IMAGES):
        Image.fromarray(np.full((4, 5), number, np.uint8)).save(folder / f"{number}.png")
    shutil.copytree(folder, tmp_path / "there")
    records = [ImageRecord(path.name, path) for path in sorted(folder.iterdir())]
    marks = fingerprint_images(records, None, SILENT, 1)
    return [(one.path, mark.pixels_sha256) for one, mark in zip(records, marks, strict=True)]


def rows(images, cache, together):
    given = ComponentSpec("intensity"), Mean(), images, Reading(Intensity("dtype"), None), cache
    if together:
        compute_in_one_pass(extraction_tasks(*given, SILENT), SILENT, 1)
    return extract_features(*given, SILENT, 1)


@pytest.mark.parametrize("together", [False, True], ids=["one", "all"])
def test_a_worker_with_other_pixels_is_named_and_its_rows_are_not_kept(tmp_path, images, together):
    here = rows(images, None, False)
    cache = FeatureCache(tmp_path / "cache")
    elsewhere = Elsewhere(tmp_path / "images", tmp_path / "there")
    Image.fromarray(np.full((4, 5), 200, np.uint8)).save(tmp_path / "there" / "3.png")
    there = r"3\.png: must be the same file on every worker. The worker on \S+ has other pixels"
    with using(elsewhere), pytest.raises(ChangedImageError, match=there):
        rows(images, cache, together)
    (tmp_path / "there" / "3.png").write_bytes(b"no image")
    with using(elsewhere), pytest.raises(ChangedImageError, match=r"3\.png.*by a worker on"):
        rows(images, cache, together)
    shutil.copy(images[3][0], tmp_path / "there" / "3.png")
    with using(elsewhere):
        np.testing.assert_array_equal(rows(images, cache, together), here)
