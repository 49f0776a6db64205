"""Which DICOM images are of one patient, as far as their headers tell.

Images belong together that have one SeriesInstanceUID, StudyInstanceUID or PatientID. Where a
set was made anonymous, some of these say nothing: a PatientID that is missing or the same
everywhere would make one patient of all, and so would one study under which many were exported.
"""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from bioselect.data.dicom_identity import Identity, identity_of
from bioselect.data.folder_series import series_files
from bioselect.data.parts import PartName
from bioselect.data.records import ImageRecord
from bioselect.exceptions import UnreadableImageError

PATIENT, STUDY, SERIES = "PatientID", "StudyInstanceUID", "SeriesInstanceUID"
#: What stands in place of names that were taken away. (A number, even 0, may be somebody's.)
_NOBODY = frozenset({"anonymous", "anonymized", "anonymised", "anon", "unknown", "none"})


@dataclass(frozen=True)
class Owners:
    """For each image the place of the first one of the same patient; None if it is no DICOM image.

    `told_by` names the element of the header that tells most images apart by who they are of:
    `PATIENT`, else `STUDY`, else `SERIES`.
    """

    first: tuple[int | None, ...]
    told_by: str

    def of_several(self) -> dict[int, list[int]]:
        """Return the images of each patient with several, by the first of them."""
        members: dict[int, list[int]] = defaultdict(list)
        for place, first in enumerate(self.first):
            if first is not None:
                members[first].append(place)
        return {first: places for first, places in members.items() if len(places) > 1}


def owners(identities: Sequence[Identity | None]) -> Owners:
    """Return which images are of one patient.

    Examples
    --------
    >>> one, two = Identity("1.1", "1", "ann"), Identity("1.2", "2", "ann")
    >>> owners([one, two, Identity("1.3", "3", "bob"), None])
    Owners(first=(0, 0, 2, None), told_by='PatientID')
    >>> owners([Identity("1.1", "1", "x"), Identity("1.2", "2", "x"), Identity("1.3", "2", "x")])
    Owners(first=(0, 1, 1), told_by='StudyInstanceUID')
    """
    known = [one for one in identities if one is not None]
    patients = {named_patient(one) for one in known} - {""}
    # One value for all tells nobody apart, and a study with several patients is none.
    by_patient = len(patients) > 1
    studies = _telling_studies(known)
    roots = list(range(len(identities)))

    def root(place: int) -> int:
        while roots[place] != place:
            roots[place] = roots[roots[place]]
            place = roots[place]
        return place

    first_seen: dict[tuple[str, str], int] = {}
    for place, identity in enumerate(identities):
        if identity is None:
            continue
        links = [(SERIES, identity.series)]
        links += [(STUDY, identity.study)] if identity.study in studies else []
        links += [(PATIENT, named_patient(identity))] if by_patient else []
        for link in links:
            if link[1]:
                here, there = root(place), root(first_seen.setdefault(link, place))
                roots[max(here, there)] = min(here, there)
    told_by = PATIENT if by_patient else STUDY if studies else SERIES
    first = tuple(
        None if identity is None else root(place) for place, identity in enumerate(identities)
    )
    return Owners(first, told_by)


def identity_of_record(record: ImageRecord) -> Identity | None:
    """Return what an image is of; of a series, which lies in a folder, what its first file is of.

    None if it is no DICOM image, or cannot be read.
    """
    if not os.path.isdir(record.path):  # False also where nobody may look.
        return identity_of(record.path)
    try:
        series = PartName.of(record.path, record.part).series
        return identity_of(series_files(record.path, series)[0])
    except (UnreadableImageError, OSError):
        return None


def _telling_studies(identities: Sequence[Identity]) -> set[str]:
    """Return the studies that are of one patient each, if there are several."""
    patients_of: dict[str, set[str]] = defaultdict(set)
    for one in identities:
        if one.study:
            patients_of[one.study].add(named_patient(one))
    if len(patients_of) < 2:
        return set()
    return {study for study, patients in patients_of.items() if len(patients - {""}) < 2}


def named_patient(identity: Identity) -> str:
    """Return the PatientID; nothing where it is only a word for that it was taken away."""
    return "" if identity.patient.lower() in _NOBODY else identity.patient
