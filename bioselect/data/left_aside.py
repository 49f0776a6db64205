"""What in a folder was not taken as an image, in words: nothing is skipped in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from bioselect.data.file_tree import FolderContents
from bioselect.data.names import as_text

_OME = "export them as OME-TIFF (Fiji with Bio-Formats does, or the microscope's program)"
_TILES = "cut out the regions of interest as TIFF or PNG (QuPath does)"
_PNG = "save them as PNG or TIFF"
_REMEDIES = {
    **dict.fromkeys((".czi", ".zvi", ".lif", ".lsm", ".nd2", ".oib", ".oif", ".oir", ".vsi"), _OME),
    **dict.fromkeys((".ims", ".dv", ".stk", ".mvd2", ".mrc", ".c01", ".flex", ".zarr"), _OME),
    **dict.fromkeys((".svs", ".ndpi", ".mrxs", ".scn", ".bif"), _TILES),
    **dict.fromkeys((".heic", ".heif", ".avif", ".jp2", ".j2k", ".jxl", ".jxr", ".wdp"), _PNG),
    **dict.fromkeys((".dng", ".cr2", ".nef", ".arw", ".psd", ".pdf", ".svg", ".mat"), _PNG),
    **dict.fromkeys((".tga", ".ppm", ".pgm", ".exr", ".hdr", ".pcx"), _PNG),
}
_KINDS = (
    ("hidden files and folders (their names begin with a dot)", "hidden"),
    ("files and folders of the system or the disk", "system"),
    ("pipes and devices", "special"),
)


def left_aside(others: Sequence[Path], contents: Iterable[FolderContents]) -> list[str]:
    """Return what was left aside, a sentence for each kind.

    Parameters
    ----------
    others : sequence of Path
        Visible files that are no images.
    contents : iterable of FolderContents
        What was found in the folders.
    """
    contents = list(contents)
    notes = [note for found in contents for note in found.notes]
    notes += other_formats(others)
    plain = [file for file in others if file.suffix.lower() not in _REMEDIES]
    endings = Counter(as_text(file.suffix.lower()) or "no ending" for file in plain)
    if endings:
        counts = ", ".join(f"{count} x {ending}" for ending, count in sorted(endings.items()))
        notes.append(f"files that are no images were left aside: {counts}.")
    for what, kind in _KINDS:
        places = [place for found in contents for place in getattr(found, kind)]
        if places:
            example = as_text(places[0].name)
            notes.append(f"{what} were left aside: {len(places)}, for example {example}.")
    return notes


def other_formats(files: Iterable[Path]) -> list[str]:
    """Return a sentence for each ending of image files that are not read, with what to do.

    Examples
    --------
    >>> other_formats([Path("a.HEIC"), Path("b.heic"), Path("notes.txt")])
    ['2 files end in .heic, a format that is not read: save them as PNG or TIFF.']
    """
    counts = Counter(file.suffix.lower() for file in files)
    return [
        f"{count} file{'s end' if count > 1 else ' ends'} in {ending}, a format that is not read: "
        f"{_REMEDIES[ending]}."
        for ending, count in sorted(counts.items())
        if ending in _REMEDIES
    ]
