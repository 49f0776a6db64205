"""Microscope images: sets of the Broad Bioimage Benchmark Collection, and two of other places.

The collection publishes no checksums. Those here were written down by people who downloaded the
files; each row says who.
"""

from __future__ import annotations

from bioselect.data.public.sets import SEE_PAGE, PublicFile, PublicSet

_BBBC_FILES = "https://data.broadinstitute.org/bbbc"
_BBBC_PAGES = "https://bbbc.broadinstitute.org"
_BBBC_CITATION = (
    "Ljosa, Sokolnicki and Carpenter, Annotated high-throughput microscopy image sets for "
    "validation, Nature Methods 9:637 (2012)"
)
_BBBC_DOI = "10.1038/nmeth.2083"
_COUNTS = (
    "write a table with the columns file and count (images and counts have the same names)",
    "task: regression, dataset: {table: counts.csv, image: file, target: count}",
)


def _bbbc_file(
    number: str,
    name: str,
    checksum: str | None = None,
    source: str = "",
    n_bytes: int | None = None,
) -> PublicFile:
    return PublicFile(name, f"{_BBBC_FILES}/BBBC{number}/{name}", n_bytes, checksum, source)


def _bbbc(
    number: str,
    title: str,
    task: str,
    licence: str,
    files: tuple[PublicFile, ...],
    n_images: int,
    next_steps: tuple[str, ...],
    rough_bytes: int | None = None,
) -> PublicSet:
    return PublicSet(
        name=f"bbbc{number}",
        title=title,
        task=task,
        page=f"{_BBBC_PAGES}/BBBC{number}",
        licence=licence,
        citation=_BBBC_CITATION,
        doi=_BBBC_DOI,
        files=files,
        n_images=n_images,
        rough_bytes=rough_bytes,
        next_steps=next_steps,
    )


_OPENHCS = "OpenHCS, benchmark/datasets/registry.py"

BBBC = (
    _bbbc(
        "001",
        "nuclei of human colon cancer cells, counted by two people",
        "regression",
        "CC BY-NC-SA 3.0",
        (
            _bbbc_file("001", "BBBC001_v1_images_tif.zip"),
            _bbbc_file("001", "BBBC001_v1_counts.txt"),
        ),
        6,
        ("six images are for testing a model, too few to train one", *_COUNTS),
    ),
    _bbbc(
        "002",
        "nuclei of fly cells, counted by two people",
        "regression",
        SEE_PAGE,
        (_bbbc_file("002", "BBBC002_v1_images.zip"), _bbbc_file("002", "BBBC002_v1_counts.txt")),
        50,
        _COUNTS,
        rough_bytes=3_500_000,
    ),
    _bbbc(
        "005",
        "drawn cells in and out of focus, 1 to 100 an image",
        "regression",
        "CC0",
        (
            _bbbc_file("005", "BBBC005_v1_images.zip"),
            _bbbc_file("005", "BBBC005_v1_ground_truth.zip"),
        ),
        19_200,
        (
            "how many cells there are stands in the file name, behind C: write it into a table",
            "task: regression, dataset: {table: counts.csv, image: file, target: count}",
            "the images with F1 in their name have masks (BBBC005_v1_ground_truth)",
        ),
        rough_bytes=1_800_000_000,
    ),
    _bbbc(
        "006",
        "nuclei and cell bodies of human bone cancer cells, in focus",
        "segmentation",
        "CC0",
        (
            _bbbc_file(
                "006",
                "BBBC006_v1_images_z_16.zip",
                "sha256:6e1515d08f6365c075e4ce813d7d1670e620b51d5b87339c7f02d9fa56313d0e",
                "a public script that compares focus in BBBC006",
            ),
            _bbbc_file("006", "BBBC006_v1_labels.zip"),
            _bbbc_file("006", "BBBC006_v1_counts.csv"),
        ),
        1_536,
        (
            "put the images with w1 (nuclei) in their name into a folder of their own",
            "task: segmentation, dataset: {path: w1, masks: BBBC006_v1_labels, "
            "classes: {instances: nucleus}}",
        ),
        rough_bytes=820_000_000,
    ),
    _bbbc(
        "007",
        "fly cells that touch, with outlines drawn by hand",
        "segmentation",
        "CC0",
        (
            _bbbc_file(
                "007",
                "BBBC007_v1_images.zip",
                "sha256:b7009e2fce0a3152a5c9adda916eaa699d09696f4bd02a7d05d12d041e30c6d1",
                _OPENHCS,
                6_435_776,
            ),
            _bbbc_file(
                "007",
                "BBBC007_v1_outlines.zip",
                "sha256:6a5246f9a9d743d22eafdb409fae638a8461af97e9ff9c4a92f25eba236224d3",
                _OPENHCS,
                652_531,
            ),
        ),
        32,
        ("the outlines are lines: fill them, and save them as masks, before a study",),
    ),
    _bbbc(
        "008",
        "human colon cancer cells, foreground as masks",
        "segmentation",
        "CC BY-NC-SA 3.0",
        (
            _bbbc_file("008", "BBBC008_v1_images.zip"),
            _bbbc_file("008", "BBBC008_v1_foreground.zip"),
        ),
        24,
        (
            "task: segmentation, dataset: {path: BBBC008_v1_images, masks: BBBC008_v1_foreground}",
            "12 fields, each in two stains: the same field must not be in training and test",
        ),
    ),
    _bbbc(
        "010",
        "live and dead worms (C. elegans), each with a mask",
        "segmentation",
        "CC0",
        (
            _bbbc_file(
                "010",
                "BBBC010_v2_images.zip",
                "sha256:77a82c74d12c0707e861d9b324b47e6a74e316aefe25a3501f596c7a80a0b4f4",
                "a public course on BBBC sets, scripts/fetch_data.py",
            ),
            _bbbc_file("010", "BBBC010_v1_foreground.zip"),
        ),
        200,
        (
            "columns 1 to 12 of the plate were treated, 13 to 24 not: the well is in the file name",
            "masks are called after wells: pair them with the images of one channel in a table",
            "task: segmentation, dataset: {table: pairs.csv, image: file, mask: mask, group: well}",
        ),
        rough_bytes=72_000_000,
    ),
    _bbbc(
        "020",
        "mouse macrophages, cells and nuclei with masks",
        "segmentation",
        SEE_PAGE,
        (
            _bbbc_file(
                "020",
                "BBBC020_v1_images.zip",
                "sha256:edf4a87be957ec2b7ab268bef92c2efae8e098dc0855a4fa9df80895ff7062e4",
                "three public projects that use BBBC020",
            ),
            _bbbc_file(
                "020",
                "BBBC020_v1_outlines_nuclei.zip",
                "sha256:b212f10013ae2a0260976cff2134204ecba226853922aea2ab5289051a47ceb7",
                "three public projects that use BBBC020",
            ),
        ),
        25,
        ("each nucleus has a mask of its own: add those of an image up to one mask, 20 have any",),
    ),
    _bbbc(
        "039",
        "nuclei of human bone cancer cells, each outlined by hand",
        "segmentation",
        "CC0",
        (
            _bbbc_file(
                "039",
                "images.zip",
                "sha256:6f30a5d4fe38c928ded972704f085975f8dc0d65d9aa366df00e5a9d449fddd7",
                f"torch-em, u20s.py; {_OPENHCS}",
                77_915_748,
            ),
            _bbbc_file(
                "039",
                "masks.zip",
                "sha256:f9e6043d8ca56344a4886f96a700d804d6ee982f31e2b2cd3194af2a053c2710",
                f"torch-em, u20s.py; {_OPENHCS}",
                2_753_811,
            ),
            _bbbc_file(
                "039",
                "metadata.zip",
                "sha256:a2c1f900bed9ba92a99553efd4c2ae98598433691c7401d818653ab61110deb2",
                _OPENHCS,
                17_816,
            ),
        ),
        200,
        (
            "the first channel of the masks numbers the objects so that neighbours differ: save it "
            "alone, every value above 0 as 255",
            "task: segmentation, dataset: {path: images, masks: my_masks, "
            "classes: {0: background, 255: nucleus}}",
        ),
    ),
)

MICROSCOPY = (
    *BBBC,
    PublicSet(
        name="dsb2018",
        title="nuclei of many kinds (Data Science Bowl 2018), each with a mask",
        task="segmentation",
        page=f"{_BBBC_PAGES}/BBBC038",
        licence="CC0",
        citation="Caicedo et al., Nucleus segmentation across imaging experiments: the 2018 Data "
        "Science Bowl, Nature Methods 16:1247 (2019)",
        doi="10.1038/s41592-019-0612-7",
        files=(_bbbc_file("038", "stage1_train.zip"),),
        n_images=670,
        rough_bytes=80_000_000,
        next_steps=(
            "each image has a folder with a mask for each nucleus: add them up to one mask",
            "task: segmentation, dataset: {path: my_images, masks: my_masks}",
        ),
    ),
    PublicSet(
        name="isbi2012",
        title="membranes in the nerve cord of a fly, electron microscope (ISBI 2012)",
        task="segmentation",
        page="https://imagej.net/events/isbi-2012-segmentation-challenge",
        licence="terms of its authors",
        restriction="for non-commercial segmentation software; publications must cite the paper "
        "and TrakEM2",
        citation="Cardona et al., An integrated micro- and macroarchitectural analysis of the "
        "Drosophila brain by computer-assisted serial section electron microscopy, PLOS Biology "
        "8:e1000502 (2010)",
        doi="10.1371/journal.pbio.1000502",
        files=(
            PublicFile(
                "ISBI-2012-challenge.zip", "https://downloads.imagej.net/ISBI-2012-challenge.zip"
            ),
        ),
        n_images=30,
        next_steps=(
            "train-volume.tif and train-labels.tif hold 30 planes each: save them as single files",
            "task: segmentation, dataset: {path: planes, masks: labels, "
            "classes: {0: membrane, 255: cell}}",
        ),
    ),
    PublicSet(
        name="malaria_cells",
        title="red blood cells with and without malaria parasites",
        task="classification",
        page="https://lhncbc.nlm.nih.gov/LHC-research/LHC-projects/image-processing/"
        "malaria-datasheet.html",
        licence=SEE_PAGE,
        citation="Rajaraman et al., Pre-trained convolutional neural networks as feature "
        "extractors toward improved malaria parasite detection in thin blood smear images, "
        "PeerJ 6:e4568 (2018)",
        doi="10.7717/peerj.4568",
        files=(
            PublicFile(
                "cell_images.zip",
                "https://data.lhncbc.nlm.nih.gov/public/Malaria/cell_images.zip",
                353_452_851,
                "sha256:0a949556b2414159b5100192609805376654c4266d8d187be9b1922fad43c668",
                "TensorFlow Datasets, url_checksums/malaria.txt",
            ),
        ),
        n_images=27_558,
        next_steps=(
            "bioselect init cell_images",
            "cells of one patient must stay together; a file name begins with the patient:",
            r'dataset: {path: cell_images, group: {pattern: "^(C\\d+)"}}',
        ),
    ),
)
