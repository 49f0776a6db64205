"""Tissue and skin: sets of classes with an archive that publishes its checksums."""

from __future__ import annotations

from bioselect.data.public.sets import PublicFile, PublicSet

_KATHER = "https://zenodo.org/records/53169"
_NCT = "https://zenodo.org/records/1214456"
_NCT_CITATION = (
    "Kather et al., Predicting survival from colorectal cancer histology slides using deep "
    "learning: a retrospective multicenter study, PLOS Medicine 16:e1002730 (2019)"
)
_DATAVERSE = "https://dataverse.harvard.edu"
_DATAVERSE_SOURCE = "publisher (Harvard Dataverse, as several public projects repeat it)"
_ZENODO_SOURCE = "publisher (the record, as three public projects repeat it)"


def _nct(name: str, title: str, file: PublicFile, n_images: int, group: str) -> PublicSet:
    return PublicSet(
        name=name,
        title=title,
        task="classification",
        page=_NCT,
        licence="CC BY 4.0",
        citation=_NCT_CITATION,
        doi="10.1371/journal.pmed.1002730",
        files=(file,),
        n_images=n_images,
        next_steps=(f"bioselect init {file.folder}", group),
    )


MEDICINE = (
    PublicSet(
        name="kather2016",
        title="textures of colon cancer tissue, H&E, 150 x 150 pixels (8 classes)",
        task="classification",
        page=_KATHER,
        licence="CC BY 4.0",
        citation="Kather et al., Multi-class texture analysis in colorectal cancer histology, "
        "Scientific Reports 6:27988 (2016)",
        doi="10.1038/srep27988",
        files=(
            PublicFile(
                "Kather_texture_2016_image_tiles_5000.zip",
                f"{_KATHER}/files/Kather_texture_2016_image_tiles_5000.zip?download=1",
                258_098_431,
                "sha256:936d0b95ae0f04f1f7b18a2b7e8c55776c3e887d102f645bcee752d1a6626a32",
                "TensorFlow Datasets, url_checksums/colorectal_histology.txt",
            ),
        ),
        n_images=5_000,
        next_steps=(
            "bioselect init Kather_texture_2016_image_tiles_5000",
            "tiles of one slide must stay together; which of the 10 is in the file name:",
            "dataset: {path: Kather_texture_2016_image_tiles_5000, "
            r'group: {pattern: "(CRC-Prim-HE-\\d+)"}}',
        ),
    ),
    _nct(
        "nct_crc_he_100k",
        "colon cancer and normal tissue, H&E, 224 x 224 pixels (9 classes)",
        PublicFile(
            "NCT-CRC-HE-100K.zip",
            f"{_NCT}/files/NCT-CRC-HE-100K.zip?download=1",
            11_690_284_003,
            "md5:6fd702d11df6292bc054397ae038a464",
            _ZENODO_SOURCE,
        ),
        100_000,
        "which of the 86 slides a tile is of is not published: use crc_val_he_7k for the test",
    ),
    _nct(
        "crc_val_he_7k",
        "the test set of nct_crc_he_100k, from 50 other patients (9 classes)",
        PublicFile(
            "CRC-VAL-HE-7K.zip",
            f"{_NCT}/files/CRC-VAL-HE-7K.zip?download=1",
            800_276_929,
            "md5:2fd1651b4f94ebd818ebf90ad2b6ce06",
            _ZENODO_SOURCE,
        ),
        7_180,
        "bioselect evaluate MODEL CRC-VAL-HE-7K -o evaluation",
    ),
    PublicSet(
        name="ham10000",
        title="pigmented skin lesions, dermatoscope (7 classes)",
        task="classification",
        page=f"{_DATAVERSE}/dataset.xhtml?persistentId=doi:10.7910/DVN/DBW86T",
        licence="CC BY-NC 4.0",
        citation="Tschandl, Rosendahl and Kittler, The HAM10000 dataset, a large collection of "
        "multi-source dermatoscopic images of common pigmented skin lesions, Scientific Data "
        "5:180161 (2018)",
        doi="10.1038/sdata.2018.161",
        files=(
            PublicFile(
                "HAM10000_images_part_1.zip",
                f"{_DATAVERSE}/api/access/datafile/3172585",
                1_366_522_108,
                checksum="md5:4639bfa73ab251610530a97c898e6e46",
                source=_DATAVERSE_SOURCE,
            ),
            PublicFile(
                "HAM10000_images_part_2.zip",
                f"{_DATAVERSE}/api/access/datafile/3172584",
                1_403_566_547,
                checksum="md5:da43d6cc50f6613013be07e8986b384b",
                source=_DATAVERSE_SOURCE,
            ),
            PublicFile(
                "HAM10000_metadata.csv",
                f"{_DATAVERSE}/api/access/datafile/4338392?format=original",
                690_218,
                checksum="md5:8f85fb1aa29d80a2797247e434deb79d",
                source=_DATAVERSE_SOURCE,
            ),
        ),
        n_images=10_015,
        next_steps=(
            "add a column file to HAM10000_metadata.csv: the folder, image_id and .jpg",
            "dataset: {table: HAM10000_metadata.csv, image: file, target: dx, group: lesion_id}",
        ),
    ),
)
