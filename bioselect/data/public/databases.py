"""Databases of annotated images: where to look further. Nothing is downloaded from them.

Each study in them has a licence and a form of its own.
"""

from __future__ import annotations

from bioselect.data.public.sets import PublicSet

_EACH = "each set has its own"


def _database(
    name: str, title: str, page: str, citation: str = "", doi: str = "", task: str = "several"
) -> PublicSet:
    return PublicSet(name, title, task, page, _EACH, citation, doi)


DATABASES = (
    _database(
        "bbbc",
        "Broad Bioimage Benchmark Collection: microscope images with counts, masks, phenotypes",
        "https://bbbc.broadinstitute.org/image_sets",
        "Ljosa, Sokolnicki and Carpenter, Nature Methods 9:637 (2012)",
        "10.1038/nmeth.2083",
    ),
    _database(
        "bioimage_archive",
        "BioImage Archive: images behind publications, with a gallery of annotated sets",
        "https://www.ebi.ac.uk/bioimage-archive/",
        "Hartley et al., Journal of Molecular Biology 434:167505 (2022)",
        "10.1016/j.jmb.2022.167505",
    ),
    _database(
        "idr",
        "Image Data Resource: reference images with their genes, drugs and phenotypes",
        "https://idr.openmicroscopy.org/",
        "Williams et al., Nature Methods 14:775 (2017)",
        "10.1038/nmeth.4326",
    ),
    _database(
        "empiar",
        "EMPIAR: raw images of electron microscopes, some of them segmented",
        "https://www.ebi.ac.uk/empiar/",
        "Iudin et al., Nucleic Acids Research 51:D1503 (2023)",
        "10.1093/nar/gkac1062",
    ),
    _database(
        "cell_image_library",
        "Cell Image Library: images, films and animations of cells of many organisms",
        "https://www.cellimagelibrary.org/",
    ),
    _database(
        "tcia",
        "The Cancer Imaging Archive: CT, MR, PET and slides of cancer, with annotations",
        "https://www.cancerimagingarchive.net/",
        "Clark et al., Journal of Digital Imaging 26:1045 (2013)",
        "10.1007/s10278-013-9622-7",
    ),
    _database(
        "ssbd",
        "SSBD: images and measured dynamics of biological systems",
        "https://ssbd.riken.jp/",
        "Tohsato et al., Bioinformatics (2016)",
        "10.1093/bioinformatics/btw417",
    ),
    _database(
        "human_protein_atlas",
        "The Human Protein Atlas: where proteins are in cells and tissues",
        "https://www.proteinatlas.org/",
        "Uhlén et al., Science 347:1260419 (2015)",
        "10.1126/science.1260419",
        task="classification",
    ),
    _database(
        "cell_tracking_challenge",
        "Cell Tracking Challenge: films of cells with masks and tracks",
        "https://celltrackingchallenge.net/",
        "Maška et al., Nature Methods 20:1010 (2023)",
        "10.1038/s41592-023-01879-y",
        task="segmentation",
    ),
    _database(
        "brain_image_library",
        "Brain Image Library: microscopy of whole brains",
        "https://www.brainimagelibrary.org/",
    ),
)
