"""What the mask of an image is called: as the image, in the same sub-folders."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from bioselect.data.names import as_text
from bioselect.data.records import FilePart, Source

#: Endings that belong to a name together.
_DOUBLE = ".nii.gz"
#: What no system forbids in names.
_FORBIDDEN = re.compile(r'[<>:"|?*\\/\x00-\x1f]')


def output_names(sources: Sequence[Source], given: Sequence[Path]) -> list[PurePosixPath]:
    """Return for each image a name without ending, below the folder of its kind of output.

    Parameters
    ----------
    sources : sequence of Path or FilePart
        The images, each once.
    given : sequence of Path
        The folders and files that were named: of one folder the sub-folders are kept, of several
        paths everything below the folder that holds them all.

    Returns
    -------
    list of PurePosixPath
        All different. Where two images would get one name (``a.png`` and ``a.jpg``), theirs keep
        their endings.

    Examples
    --------
    >>> images = [Path("scans/a/1.png"), Path("scans/b/1.png"), FilePart(Path("scans/z.tif"), "7")]
    >>> [str(name) for name in output_names(images, [Path("scans")])]
    ['a/1', 'b/1', 'z#7']
    """
    files = [_file(source) for source in sources]
    root = _root(files, given)
    parts = [_part(source) for source in sources]
    folders = [_folder(file, root) for file in files]
    names = [
        folder / (_stem(file.name) + part)
        for folder, file, part in zip(folders, files, parts, strict=True)
    ]
    twice = _repeated(names)
    names = [
        folder / (as_text(file.name) + part) if _key(name) in twice else name
        for name, folder, file, part in zip(names, folders, files, parts, strict=True)
    ]
    twice = _repeated(names)
    # What is left are names that some systems cannot tell apart, as A.png and a.png.
    return [
        name.with_name(f"{name.name}_{place}") if _key(name) in twice else name
        for place, name in enumerate(names)
    ]


def _repeated(names: Sequence[PurePosixPath]) -> set[str]:
    return {key for key, count in Counter(map(_key, names)).items() if count > 1}


def _key(name: PurePosixPath) -> str:
    return str(name).lower()


def _file(source: Source) -> Path:
    return source.path if isinstance(source, FilePart) else source


def _part(source: Source) -> str:
    return "#" + _FORBIDDEN.sub("_", source.part) if isinstance(source, FilePart) else ""


def _stem(name: str) -> str:
    text = as_text(name)
    if text.lower().endswith(_DOUBLE):
        return text[: -len(_DOUBLE)]
    return PurePosixPath(text).stem


def _root(files: Sequence[Path], given: Sequence[Path]) -> str:
    """Return the folder below which sub-folders are kept, empty where there is none."""
    folders = [path for path in given if os.path.isdir(path)]
    inside = [file for file in files if not any(_is_below(file, folder) for folder in folders)]
    places = [os.path.abspath(folder) for folder in folders]
    places += [os.path.dirname(os.path.abspath(file)) for file in inside]
    try:
        return os.path.commonpath(places)
    except ValueError:  # Different drives.
        return ""


def _is_below(file: Path, folder: Path) -> bool:
    return Path(os.path.abspath(file)).is_relative_to(os.path.abspath(folder))


def _folder(file: Path, root: str) -> PurePosixPath:
    place = Path(os.path.abspath(file)).parent
    if root and place.is_relative_to(root):
        kept: tuple[str, ...] = place.relative_to(root).parts
    else:
        kept = place.parts[1:]
    return PurePosixPath(*(_FORBIDDEN.sub("_", as_text(one)) for one in kept))
