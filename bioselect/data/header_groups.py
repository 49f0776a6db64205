"""Groups that the headers of DICOM files give, where none is declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bioselect.data.dicom_patients import (
    PATIENT,
    SERIES,
    STUDY,
    identity_of_record,
    named_patient,
    owners,
)
from bioselect.data.parts import PartName
from bioselect.data.records import ImageRecord

_WHO = {
    PATIENT: ("patient", "patients"),
    STUDY: ("study", "studies"),
    SERIES: ("series", "series"),
}


@dataclass(frozen=True)
class HeaderGroups:
    """What was found: the names of groups, of one series each and of patients with several.

    `told_by` is that of :class:`bioselect.data.dicom_patients.Owners`; empty where patients need
    not be told apart, as there are not two series without a declared group. `n_nameless` counts
    images that name no patient while others do.
    """

    of_series: frozenset[str]
    of_patients: frozenset[str]
    told_by: str
    n_nameless: int


def grouped_by_header(
    records: Sequence[ImageRecord],
) -> tuple[list[ImageRecord], HeaderGroups]:
    """Give images of one patient a group where none is declared.

    A group is called after its series or its first image and not after the patient, as it is
    written into tables that are passed on.
    """
    identities = [
        identity_of_record(record) if record.group is None else None for record in records
    ]
    found = owners(identities)
    grouped = list(records)
    of_series, of_patients = set(), set()
    for first, places in found.of_several().items():
        series = {one.series for place in places if (one := identities[place]) is not None}
        if len(series) == 1 and "" not in series:
            group = str(PartName(series=series.pop()))
            of_series.add(group)
        else:
            group = f"{_WHO[found.told_by][0]} of {records[first].image_id}"
            of_patients.add(group)
        for place in places:
            grouped[place] = replace(records[place], group=group)
    n_series = len({one.series for one in identities if one is not None})
    told_by = found.told_by if n_series > 1 else ""
    n_nameless = sum(one is not None and not named_patient(one) for one in identities)
    return grouped, HeaderGroups(frozenset(of_series), frozenset(of_patients), told_by, n_nameless)


def without_lonely_groups(
    records: Sequence[ImageRecord], groups: HeaderGroups
) -> list[ImageRecord]:
    """Take away the groups of one image: files that were joined are one. Others are left alone."""
    sizes = Counter(record.group for record in records)
    given = groups.of_series | groups.of_patients
    return [
        replace(one, group=None) if one.group in given and sizes[one.group] == 1 else one
        for one in records
    ]


def groups_in_words(records: Sequence[ImageRecord], groups: HeaderGroups) -> list[str]:
    """Say which groups the headers gave, and if they do not tell patients apart."""
    sizes = Counter(record.group for record in records)
    of_series = [sizes[group] for group in groups.of_series if sizes[group]]
    of_patients = [sizes[group] for group in groups.of_patients if sizes[group]]
    one, several = _WHO.get(groups.told_by, ("", ""))
    notes = []
    if of_patients:
        notes.append(
            f"{sum(of_patients)} DICOM images are of {len(of_patients)} "
            f"{several if len(of_patients) > 1 else one} with several ({groups.told_by} in their "
            f"headers); those of one {one} share a group and stay in the same fold."
        )
    if of_series:
        notes.append(
            f"{sum(of_series)} DICOM images are of series with several; those of one series share "
            "a group and stay in the same fold."
        )
    if groups.told_by in (STUDY, SERIES):
        notes.append(
            "the DICOM headers do not tell patients apart (PatientID is missing, or the same in "
            f"all): images stay together by {one} only. If several are of one patient, declare "
            "the group."
        )
    elif groups.told_by and groups.n_nameless:
        notes.append(
            f"{groups.n_nameless} DICOM files name no patient (PatientID) while others do: they "
            "stay together by study and series only. If several are of one patient, declare the "
            "group."
        )
    return notes
