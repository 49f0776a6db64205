"""Declared groups that divide what DICOM headers say is of one patient."""

from __future__ import annotations

from bioselect.checks.findings import WARNING, Finding
from bioselect.data.dicom_patients import identity_of_record, owners
from bioselect.data.records import ImageDataset


def divided_patients(dataset: ImageDataset) -> list[Finding]:
    """Return a warning if images of one patient are in several of the declared groups.

    Parameters
    ----------
    dataset : ImageDataset
        With declared groups. Of DICOM files the headers are read, no pixels.
    """
    records = dataset.records
    found = owners([identity_of_record(record) for record in records])
    divided = [
        (first, other)
        for first, places in found.of_several().items()
        if (other := next((p for p in places if records[p].group != records[first].group), None))
        is not None
    ]
    if not divided:
        return []
    one, two = (records[place] for place in divided[0])
    n_divided = f"{len(divided)} patients" if len(divided) > 1 else "a patient"
    return [
        Finding(
            WARNING,
            "",
            f"the declared groups divide {n_divided}, by the {found.told_by} in the DICOM headers: "
            f"{one.image_id} is in the group {one.group!r} and {two.image_id}, which is of the "
            f"same, in {two.group!r}.",
            "If they are of one patient, correct dataset.group: now they can lie in training and "
            "in test.",
        )
    ]
