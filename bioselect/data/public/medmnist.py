"""The twelve two-dimensional sets of MedMNIST, each in four sizes.

Addresses, MD5 sums, numbers of images and licences are those of the package that the authors
publish (medmnist 3.0.2, `info.py`). Of the lengths only that of `pathmnist.npz` was found; for the
others the table says what their pixels take, which is somewhat more, as the files are compressed.
"""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.data.public.sets import PublicFile, PublicSet

SIDES = (28, 64, 128, 224)
_RECORD = "https://zenodo.org/records/10519652"
_SOURCE = "publisher (medmnist 3.0.2, info.py)"
#: As a download of it counted them.
_LENGTHS = {"pathmnist.npz": 205_615_438}


@dataclass(frozen=True)
class _Row:
    """A set; MD5 sums in the order of `SIDES`, images of training, validation, test."""

    name: str
    title: str
    n_images: tuple[int, int, int]
    n_channels: int
    md5: tuple[str, str, str, str]
    licence: str = "CC BY 4.0"


_ROWS = (
    _Row(
        "pathmnist",
        "tissues of the colon, H&E (9 classes)",
        (89996, 10004, 7180),
        3,
        (
            "a8b06965200029087d5bd730944a56c1",
            "55aa9c1e0525abe5a6b9d8343a507616",
            "ac42d08fb904d92c244187169d1fd1d9",
            "2c51a510bcdc9cf8ddb2af93af1eadec",
        ),
    ),
    _Row(
        "chestmnist",
        "chest X-rays (14 findings, several an image)",
        (78468, 11219, 22433),
        1,
        (
            "02c8a6516a18b556561a56cbdd36c4a8",
            "9de6cd0b934ebb5b7426cfba5efbae16",
            "db107e5590b27930b62dbaf558aebee3",
            "45bd33e6f06c3e8cdb481c74a89152aa",
        ),
    ),
    _Row(
        "dermamnist",
        "skin lesions, dermatoscope (7 classes)",
        (7007, 1003, 2005),
        3,
        (
            "0744692d530f8e62ec473284d019b0c7",
            "b70a2f5635c6199aeaa28c31d7202e1f",
            "2defd784463fa5243564e855ed717de1",
            "8974907d8e169bef5f5b96bc506ae45d",
        ),
        "CC BY-NC 4.0",
    ),
    _Row(
        "octmnist",
        "retina, optical coherence tomography (4 classes)",
        (97477, 10832, 1000),
        1,
        (
            "c68d92d5b585d8d81f7112f81e2d0842",
            "e229e9440236b774d9f0dfef9d07bdaf",
            "0a97e76651ace45c5d943ee3f65b63ae",
            "abc493b6d529d5de7569faaef2773ba3",
        ),
    ),
    _Row(
        "pneumoniamnist",
        "chest X-rays of children: pneumonia or not",
        (4708, 524, 624),
        1,
        (
            "28209eda62fecd6e6a2d98b1501bb15f",
            "8f4eceb4ccffa70c672198ea285246c6",
            "05b46931834c231683c68f40c47b2971",
            "d6a3c71de1b945ea11211b03746c1fe1",
        ),
    ),
    _Row(
        "retinamnist",
        "fundus of the eye: five grades of retinopathy",
        (1080, 120, 400),
        3,
        (
            "bd4c0672f1bba3e3a89f0e4e876791e4",
            "afda852cc34dcda56f86ad2b2457dbcc",
            "e48e916a24454daf90583d4e6efb1a18",
            "eae7e3b6f3fcbda4ae613ebdcbe35348",
        ),
    ),
    _Row(
        "breastmnist",
        "ultrasound of the breast: malignant or not",
        (546, 78, 156),
        1,
        (
            "750601b1f35ba3300ea97c75c52ff8f6",
            "742edef2a1fd1524b2efff4bd7ba9364",
            "363e4b3f8d712e9b5de15470a2aaadf1",
            "b56378a6eefa9fed602bb16d192d4c8b",
        ),
    ),
    _Row(
        "bloodmnist",
        "blood cells (8 classes)",
        (11959, 1712, 3421),
        3,
        (
            "7053d0359d879ad8a5505303e11de1dc",
            "2b94928a2ae4916078ca51e05b6b800b",
            "adace1e0ed228fccda1f39692059dd4c",
            "b718ff6835fcbdb22ba9eacccd7b2601",
        ),
    ),
    _Row(
        "tissuemnist",
        "kidney cells, fluorescence (8 classes)",
        (165466, 23640, 47280),
        1,
        (
            "ebe78ee8b05294063de985d821c1c34b",
            "123ece2eba09d0aa5d698fda57103344",
            "61b955355d7425a89687b06cca3ce0c2",
            "b077128c4a949f0a4eb01517f9037b9c",
        ),
    ),
    _Row(
        "organamnist",
        "organs in CT, axial (11 classes)",
        (34561, 6491, 17778),
        1,
        (
            "68e3f8846a6bd62f0c9bf841c0d9eacc",
            "2dcccc29b88e6da5a01161ef20cda288",
            "eeae80d0a227a8d099027e1b3cfd3b60",
            "50747347e05c87dd3aaf92c49f9f3170",
        ),
    ),
    _Row(
        "organcmnist",
        "organs in CT, coronal (11 classes)",
        (12975, 2392, 8216),
        1,
        (
            "b9ceb9546e10131b32923c5bbeaea2b1",
            "3ce34a8724ea6f548e6db4744d03b6a9",
            "773c1f009daa3fe5d9a2a201b2a7ed94",
            "050f5e875dc056f6768abf94ec9995d1",
        ),
    ),
    _Row(
        "organsmnist",
        "organs in CT, sagittal (11 classes)",
        (13932, 2452, 8827),
        1,
        (
            "9ab87b696fb54e2a387ebe992d6ed5f1",
            "53a6d115339d874c25e309a994ff46d3",
            "ded0c5fa01a95dc4978b956f613e9b8e",
            "b354719e553fbbb2513d5533f52a4cb1",
        ),
    ),
)


def _public_set(row: _Row, side: int) -> PublicSet:
    name = row.name if side == SIDES[0] else f"{row.name}_{side}"
    file = f"{name}.npz"
    n_images = sum(row.n_images)
    return PublicSet(
        name=name,
        title=f"{row.title}, {side} x {side} pixels",
        task="classification",
        page="https://medmnist.com/",
        licence=row.licence,
        citation="Yang et al., MedMNIST v2, Scientific Data 10:41 (2023)",
        doi="10.1038/s41597-022-01721-8",
        files=(
            PublicFile(
                file,
                f"{_RECORD}/files/{file}?download=1",
                _LENGTHS.get(file),
                f"md5:{row.md5[SIDES.index(side)]}",
                _SOURCE,
            ),
        ),
        n_images=n_images,
        rough_bytes=n_images * row.n_channels * side * side,
        next_steps=(
            f"bioselect init {file}",
            f"dataset: {{path: {file}, splits: [train, val]}}",
            f"at the end: bioselect evaluate MODEL {file} --splits test",
        ),
        variant_of="" if side == SIDES[0] else row.name,
    )


MEDMNIST = tuple(_public_set(row, side) for row in _ROWS for side in SIDES)
