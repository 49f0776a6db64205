"""Addresses of files in the cloud, and the places on this disk where their copies lie.

An address such as ``s3://bucket/images`` has one place in the user's cache folder, and each path
below that place has one address. Everything else works with paths on this disk; what people read
names the address (:func:`named`). This is arithmetic with text: nothing is asked of a network.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path

from bioselect.exceptions import ConfigurationError

#: The folder to use instead of the system's for caches.
FOLDER_VARIABLE = "BIOSELECT_CACHE"
#: In the cache folder: copies of what addresses hold, and results on their way to an address.
COPIES, RESULTS = "remote-copies", "remote-results"
#: A path has one slash where an address has two. These are addresses, however they are written;
#: of others only what has both slashes.
_KNOWN = (
    "s3|s3a|gs|gcs|az|abfs|abfss|adl|oss|obs|http|https|ftp|sftp|ssh|hf|webdav|webdavs|memory|file"
)
_ADDRESS = re.compile(rf"(?:(?P<known>{_KNOWN}):[/\\]+|(?P<other>[A-Za-z][A-Za-z0-9+.-]+)://)")
#: A name before an @ is that of a container, or of an account that the server asks the password of.
_WITH_USER = ("az", "abfs", "abfss", "wasb", "wasbs", "ftp", "sftp", "ssh")
_REFUSED = re.compile(r"[\x00-\x1f]|(?:^|/)\.{1,2}(?:/|$)")


def is_address(written: str | os.PathLike[str]) -> bool:
    r"""Tell whether a text, or a path that was made of one, is an address.

    Examples
    --------
    >>> is_address("s3://lab/cells"), is_address(Path("s3://lab/cells")), is_address("file:///a")
    (True, True, True)
    >>> is_address(r"C:\images"), is_address("C://images"), is_address("images/s3")
    (False, False, False)
    """
    return _ADDRESS.match(os.fspath(written)) is not None


def place_of(written: str | os.PathLike[str], results: bool = False) -> Path:
    """Return the place on this disk of an address; a path is its own place.

    Parameters
    ----------
    written : str or path
        ``file://`` addresses are paths of this disk.
    results : bool
        Whether something will be written there: then the place is another one.

    Raises
    ------
    ConfigurationError
        If the address holds a password, a query, or names that a folder cannot have.

    Examples
    --------
    >>> place_of("images/a.png").as_posix(), place_of("file:///data/my%20cells").as_posix()
    ('images/a.png', '/data/my cells')
    >>> place_of("s3://lab/cells").relative_to(root_of_copies()).as_posix()
    's3/lab/cells'
    """
    text = os.fspath(written)
    found = _ADDRESS.match(text)
    if found is None:
        return Path(written)
    scheme = (found["known"] or found["other"]).lower()
    rest = text[found.end() :].replace("\\", "/")
    if scheme == "file":
        from urllib.request import url2pathname

        return Path(url2pathname(f"/{rest}"))
    _check(scheme, rest)
    root = root_of_results() if results else root_of_copies()
    parts = [part for part in rest.split("/") if part]
    if not parts:
        raise ConfigurationError(
            f"{scheme}://: must name a bucket, for example {scheme}://bucket/images. Got none."
        )
    return root.joinpath(scheme, _host_as_name(parts[0]), *parts[1:])


def _check(scheme: str, rest: str) -> None:
    host = rest.split("/", 1)[0]
    user, at, _ = host.rpartition("@")
    port = host[len(user) + len(at) :].rpartition("]")[2].partition(":")[2]
    is_port = port == "" or port.isdecimal() or "::" in host
    if (at and scheme not in _WITH_USER) or ":" in user or not is_port:
        # Nothing of it is repeated: messages are kept in logs.
        raise ConfigurationError(
            f"{scheme}://...: an address must hold no user and password, and no token before an @, "
            "which would be kept with the results. Give them as the programs of the provider take "
            "them (docs/cloud.md)."
        )
    if "?" in rest:
        raise ConfigurationError(
            f"{scheme}://{host.split('?', 1)[0]}/...: an address must hold no query (what begins "
            "with a question mark), which may be a key. Write it without."
        )
    if "::" in rest or _REFUSED.search(rest):
        raise ConfigurationError(
            f"{scheme}://{rest!r}: an address must be that of a file or a folder, without ::, "
            "control characters, . and .. in it. Write it out."
        )


def address_of(path: Path) -> str | None:
    """Return the address whose place a path is; None of other paths.

    Examples
    --------
    >>> address_of(place_of("gs://lab/a/b.png")), address_of(Path("a/b.png"))
    ('gs://lab/a/b.png', None)
    """
    text = str(path)  # Asked of every image: as a rule two looks at a text decide.
    if COPIES not in text and RESULTS not in text:
        return None
    if ".." in path.parts:  # It may lead anywhere on this disk: no place is written so.
        return None
    for root in (root_of_copies(), root_of_results()):
        if path.is_relative_to(root):
            parts = path.relative_to(root).parts
            if len(parts) > 1:
                return f"{parts[0]}://{'/'.join((_host_of_name(parts[1]), *parts[2:]))}"
    return None


def joined(root: Path, written: str) -> Path:
    """Return the path of what is written to start from a folder.

    From the place of an address, ``..`` goes up as in an address, and not out of its bucket: a
    table there may be anybody's, and must name nothing of this disk.

    Raises
    ------
    ConfigurationError
        If it leads out of the bucket.

    Examples
    --------
    >>> address_of(joined(place_of("s3://lab/tables"), "../images/a.png"))
    's3://lab/images/a.png'
    """
    path = root / written
    address = address_of(root)
    if address is None or ".." not in path.parts or Path(written).is_absolute():
        return path
    plain = Path(os.path.normpath(path))
    bucket = "/".join(address.split("/", 3)[:3])
    if f"{address_of(plain) or ''}/".startswith(f"{bucket}/"):
        return plain
    raise ConfigurationError(
        f"{written}: a path that starts from {address} must not lead out of {bucket}. Write the "
        "whole address of the file."
    )


def named(text: str) -> str:
    """Return text in which addresses stand in place of their places on this disk.

    Examples
    --------
    >>> named(f"{place_of('s3://lab/a b.png')}: is damaged")
    's3://lab/a b.png: is damaged'
    """
    if COPIES not in text and RESULTS not in text:
        return text
    return _places().sub(_as_address, text)


def shown_place(written: str | os.PathLike[str]) -> str:
    """Return a path as text; one that was made of an address as that address.

    Examples
    --------
    >>> shown_place(Path("s3://lab/cells")), shown_place("file:///a"), shown_place(Path("a"))
    ('s3://lab/cells', 'file:///a', 'a')
    """
    found = _ADDRESS.match(os.fspath(written))
    if found is None:
        return str(written)
    place = place_of(written)
    return address_of(place) or place.as_uri()


def on_this_computer(written: str | os.PathLike[str], what: str) -> Path:
    """Return a path of this disk where no address will do.

    Raises
    ------
    ConfigurationError
        If it is an address.

    Examples
    --------
    >>> on_this_computer("file:///keys/mine", "the key").as_posix()
    '/keys/mine'
    """
    place = place_of(written)
    address = address_of(place)
    if address is not None:
        raise ConfigurationError(
            f"{address}: {what} must lie on this computer. Got an address. Copy it here, or name "
            "a place here."
        )
    return place


def _as_address(found: re.Match[str]) -> str:
    rest = found["rest"].replace("\\", "/")
    host, slash, key = rest.partition("/")
    return f"{found['scheme']}://{_host_of_name(host)}{slash}{key}"


def _places() -> re.Pattern[str]:
    return _pattern((str(root_of_copies()), str(root_of_results())))


@lru_cache(maxsize=8)
def _pattern(roots: tuple[str, ...]) -> re.Pattern[str]:
    forms = [form for root in roots for form in (root, root.replace("\\", "/"))]
    either = "|".join(re.escape(form) for form in dict.fromkeys(forms))
    return re.compile(rf"(?:{either})[/\\](?P<scheme>[A-Za-z0-9+.-]+)[/\\](?P<rest>[^\s'\"]+)")


def root_of_copies() -> Path:
    """Return the folder with copies of what addresses hold."""
    return _root(str(user_cache()), COPIES)


def root_of_results() -> Path:
    """Return the folder with results that are on their way to an address."""
    return _root(str(user_cache()), RESULTS)


@lru_cache(maxsize=16)
def _root(cache: str, name: str) -> Path:
    # Links are followed once, so that paths which somebody resolves are still known.
    return Path(os.path.realpath(cache)) / name


def user_cache() -> Path:
    """Return the cache folder of this user: `BIOSELECT_CACHE`, or the system's place."""
    written = os.environ.get(FOLDER_VARIABLE)
    if written:
        return Path(os.path.expanduser(written))
    return _system_cache()


@lru_cache(maxsize=1)
def _system_cache() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("bioselect", appauthor=False)


def _host_as_name(host: str) -> str:
    """Return a host as the name of a folder: Windows has no colon in names."""
    return host.replace(":", "%3A") if os.name == "nt" else host


def _host_of_name(name: str) -> str:
    return name.replace("%3A", ":") if os.name == "nt" else name
