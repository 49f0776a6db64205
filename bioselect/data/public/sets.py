"""What is known of a public set of images: a row of the table, as data.

A checksum or a size that nobody has published stays unknown; it is never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What a set can be used for as it is; databases hold sets for several tasks.
TASKS = ("classification", "segmentation", "regression", "several")
#: The licence could not be confirmed: a person reads it where the set comes from.
SEE_PAGE = "see its page"


@dataclass(frozen=True)
class PublicFile:
    """One file of a set.

    Attributes
    ----------
    name : str
        How it is called on this machine; a name that ends in .zip is unpacked.
    address : str
        Where it is downloaded.
    n_bytes : int or None
        Its length, where that is known to the byte.
    checksum : str or None
        ``md5:...`` or ``sha256:...``, where one is known.
    source : str
        Who says so: `publisher` for the place that gives the file away, or whoever
        downloaded it and wrote the checksum down.
    """

    name: str
    address: str
    n_bytes: int | None = None
    checksum: str | None = None
    source: str = ""

    @property
    def is_zip(self) -> bool:
        """Whether it is unpacked."""
        return self.name.endswith(".zip")

    @property
    def folder(self) -> str:
        """The folder into which it is unpacked."""
        return self.name.removesuffix(".zip")


@dataclass(frozen=True)
class PublicSet:
    """A set of images, or a database that has many (without files: it is only pointed at).

    Attributes
    ----------
    name : str
        What a person types.
    title : str
        What it shows, in a line.
    task : str
        One of `TASKS`.
    page : str
        Where people read about it.
    licence : str
        By name; `SEE_PAGE` where it could not be confirmed.
    citation : str
        What is cited.
    doi : str
        Of what is cited; empty where it has none.
    files : tuple of PublicFile
        What is downloaded; none for a database.
    n_images : int or None
        How many images it has.
    rough_bytes : int or None
        About how large the download is, where the lengths of its files are not known.
    restriction : str
        What the licence does not allow, beside what its name says.
    next_steps : tuple of str
        What a person does with it: commands and keys of a configuration, paths from the folder
        into which it was downloaded.
    variant_of : str
        The set of which this is another size; such rows are not listed by themselves.
    """

    name: str
    title: str
    task: str
    page: str
    licence: str
    citation: str
    doi: str
    files: tuple[PublicFile, ...] = ()
    n_images: int | None = None
    rough_bytes: int | None = None
    restriction: str = ""
    next_steps: tuple[str, ...] = ()
    variant_of: str = ""

    @property
    def is_pointer(self) -> bool:
        """Whether there is nothing to download."""
        return not self.files

    @property
    def warning(self) -> str:
        """What has to be known of the licence before downloading, or nothing.

        Examples
        --------
        >>> PublicSet("a", "", "several", "https://a.org", "CC BY-NC 4.0", "", "").warning
        'CC BY-NC 4.0: for non-commercial use only'
        """
        if self.restriction:
            return f"{self.licence}: {self.restriction}"
        if "NC" in re.split(r"[ -]", self.licence):
            return f"{self.licence}: for non-commercial use only"
        if self.licence == SEE_PAGE:
            return f"the licence could not be confirmed: read it at {self.page}"
        return ""

    @property
    def n_bytes(self) -> int | None:
        """The length of all its files, where that is known to the byte."""
        lengths = [file.n_bytes for file in self.files]
        known = [length for length in lengths if length is not None]
        return sum(known) if lengths and len(known) == len(lengths) else None
