import csv
import io
import zipfile

import pytest
from PIL import Image

from bioselect.app.mask_archive import packed_masks
from bioselect.app.predicting import predicted
from bioselect.app.predictions import PredictJob
from bioselect.app.uploads import Item
from bioselect.progress import SILENT
from tests.predict.mask_models import squares, write_otsu_bundle


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Predict two images of an upload, of which one is broken, and fold what is told."""
    folder = tmp_path_factory.mktemp("masks")
    model = write_otsu_bundle(folder / "model", [squares(), squares(corners=((1, 1), (9, 40)))])
    upload, pictures = folder / "upload", folder / "pictures"
    upload.mkdir()
    pictures.mkdir()
    Image.fromarray(squares(corners=((2, 2), (20, 20), (30, 50)))).save(upload / "received-0.png")
    (upload / "received-1.png").write_bytes((upload / "received-0.png").read_bytes()[:60])
    items = [
        Item("plate/three.png", upload / "received-0.png"),
        Item("broken.png", upload / "received-1.png"),
    ]
    job = PredictJob("1", model, "title", upload, [one.path for one in items], items, True)
    request = {"model": str(model), "paths": [str(one) for one in job.paths]}
    request |= {"names": job.names, "pictures": str(pictures)}
    for event, values in predicted(request, SILENT):
        job.take({"event": event, **values}, pictures)
    return job, pictures


def test_objects_and_shares_are_told_and_a_broken_image_has_its_reason(done):
    job, _ = done
    rows = {row.name: row for row in job.rows}
    three = rows["plate/three.png"]
    assert three.said == "3 objects"
    assert three.bars == [("nucleus", pytest.approx(3 * 8 * 8 / (40 * 60)))]
    assert three.picture is not None
    assert rows["broken.png"].error.startswith("broken.png: ")
    assert job.in_words() == "1 image predicted; 1 could not be used"


def test_the_zip_has_masks_and_tables_by_the_names_of_the_images(done):
    job, pictures = done
    with zipfile.ZipFile(packed_masks(pictures, job)) as archive:
        assert set(archive.namelist()) == {
            "masks/plate/three.png",
            "overlays/plate/three.png",
            "objects.csv",
            "summary.csv",
        }
        with archive.open("masks/plate/three.png") as mask, Image.open(mask) as picture:
            assert picture.size == (60, 40)
        table = archive.read("summary.csv").decode()
    rows = {row["path"]: row for row in csv.DictReader(io.StringIO(table))}
    assert rows["plate/three.png"]["n_objects"] == "3"
    assert rows["broken.png"]["error"]
    assert str(pictures.parent) not in table
