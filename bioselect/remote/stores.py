"""What lies at an address: lists, files there and back, and refusals in one line.

fsspec knows the protocols; who may do what is between it and the programs of the provider. No
password passes through here.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from bioselect.exceptions import (
    BioselectError,
    ConfigurationError,
    DataError,
    StorageError,
    UnavailableError,
)
from bioselect.extras import not_installed
from bioselect.storage import DISK_FULL
from bioselect.visible import visible_line

#: What providers call the state of a file: whoever writes it anew changes one of these.
_STATES = (
    *("ETag", "etag", "md5Hash", "contentMd5", "content_md5", "generation", "version_id"),
    *("Content-MD5", "Digest"),
)
_DATES = (
    *("LastModified", "last_modified", "Last-Modified", "updated", "mtime", "modified"),
    *("created", "ctime"),
)
#: For the part of a file's date below a second: file systems keep a tenth of a microsecond.
_TICK, _N_TICKS = 100, 10_000_000
_LONGEST_REASON = 160
_LIBRARIES = ("fsspec", "s3fs", "gcsfs", "adlfs")
#: A server that says nothing for so long has broken off. How long a whole file takes is not
#: limited: aiohttp would stop after five minutes, and a large file would never come.
CONNECT_SECONDS, SILENT_SECONDS = 30.0, 60.0
#: Which setting of a file system has it, and the names under which a person may have set it.
_PATIENCE = {
    "client_kwargs": ("http", "https"),
    "session_kwargs": ("gs", "gcs"),
}
_GONE = (404, 410)


@dataclass(frozen=True)
class RemoteFile:
    """A file at an address: its name below what was listed, and its size.

    `state` is its date in nanoseconds, of which the part below a second stands for its content as
    the provider tells it: a copy with this date and this size is the same file. The size is None
    where a server does not tell it; `is_page` is whether the server says that it is a web page.
    """

    name: str
    key: str
    n_bytes: int | None
    state: int
    is_page: bool = False


class Store:
    """The file system behind an address."""

    def __init__(self, address: str) -> None:
        self.address = address
        for name in _LIBRARIES:  # What they log is told in one line, if it matters.
            logger = logging.getLogger(name)
            if not logger.hasHandlers():
                logger.addHandler(logging.NullHandler())
        if "::" in address:
            raise DataError(
                f"{address}: names at an address must hold no ::, which means a file in an archive "
                "there. Rename it."
            )
        with told(address):
            from fsspec.core import url_to_fs

            self.system, self.key = url_to_fs(address, **_settings(address))

    def listed(self) -> list[RemoteFile]:
        """Return all files below the address, sorted; of a file that file, with an empty name.

        Raises
        ------
        DataError
            If nothing lies there.
        BioselectError
            If it cannot be looked at.
        """
        with told(self.address):
            self.system.invalidate_cache()
            facts = self.system.info(self.key)
            if facts["type"] == "file":
                return [_file("", self.key, facts)]
            found: Mapping[str, Mapping[str, Any]] = self.system.find(self.key, detail=True)
        start = self.key.rstrip("/") + "/"
        files = [
            _file(key.removeprefix(start), key, facts)
            for key, facts in sorted(found.items())
            if facts["type"] == "file" and not key.endswith("/")
        ]
        return [file for file in files if file.name]

    def known(self) -> list[RemoteFile]:
        """Return the files below the address; none where nothing lies there yet.

        Raises
        ------
        DataError
            If there is no such bucket.
        """
        try:
            return self.listed()
        except NothingThereError as error:
            if not error.bucket_is_there:
                raise
            return []

    def fetch(self, file: RemoteFile, place: Path) -> None:
        """Bring one file to a place."""
        with told(self.address):
            self.system.get_file(file.key, str(place))

    def send(self, place: Path, name: str) -> None:
        """Bring one file of this disk to a name below the address (empty: the address itself)."""
        with told(self.address):
            self.system.put_file(str(place), self._key_of(name))

    def remove(self, name: str) -> None:
        """Remove one file below the address."""
        with told(self.address):
            self.system.rm_file(self._key_of(name))

    def _key_of(self, name: str) -> str:
        return f"{self.key.rstrip('/')}/{name}" if name else self.key


class NothingThereError(DataError):
    """Nothing lies at an address."""

    bucket_is_there = True


def _file(name: str, key: str, facts: Mapping[str, Any]) -> RemoteFile:
    size, is_page = facts.get("size"), facts.get("mimetype") == "text/html"
    return RemoteFile(name, key, None if size is None else int(size), state_of(facts), is_page)


def _settings(address: str) -> dict[str, Any]:
    """Return how a file system is opened, with what this person has set for it."""
    for setting, schemes in _PATIENCE.items():
        if address.partition("://")[0] in schemes:
            from aiohttp import ClientTimeout
            from fsspec.config import conf

            own = [conf.get(scheme, {}).get(setting, {}) for scheme in schemes]
            patience = ClientTimeout(
                total=None, sock_connect=CONNECT_SECONDS, sock_read=SILENT_SECONDS
            )
            return {setting: {"timeout": patience, **own[0], **own[1]}}
    return {}


def state_of(facts: Mapping[str, Any]) -> int:
    """Return date and content of a file as one number; see :class:`RemoteFile`.

    Examples
    --------
    >>> first = state_of({"ETag": "ab", "LastModified": datetime(2026, 1, 2)})
    >>> second = state_of({"ETag": "cd", "LastModified": datetime(2026, 1, 2)})
    >>> first == second, first // 10**9 == second // 10**9
    (False, True)
    """
    # Where a provider tells nothing of the content, the date to its last digit.
    state = next((f"{facts[name]}" for name in (*_STATES, *_DATES) if facts.get(name)), "")
    dates = (_seconds(facts[name]) for name in _DATES if facts.get(name))
    seconds = next((date for date in dates if date is not None), 0)
    digest = int.from_bytes(hashlib.sha256(state.encode()).digest()[:8], "big")
    return seconds * 10**9 + digest % _N_TICKS * _TICK


def _seconds(written: Any) -> int | None:
    if isinstance(written, datetime):
        return max(0, int(written.timestamp()))
    if isinstance(written, int | float):
        return max(0, int(written))
    for read in (_iso_date, parsedate_to_datetime):
        try:
            return max(0, int(read(str(written)).timestamp()))
        except ValueError:
            continue
    return None


def _iso_date(written: str) -> datetime:
    return datetime.fromisoformat(written.replace("Z", "+00:00"))


@contextmanager
def told(address: str) -> Iterator[None]:
    """Turn whatever a file system raises into one line that names the address and the remedy."""
    try:
        yield
    except (BioselectError, MemoryError):
        raise
    except ImportError as error:
        others = "; for other addresses than s3:// and gs:// the package that fsspec names"
        what = f"{address}: this address"
        raise not_installed(what, (), "cloud", others, why=_reason(error)) from error
    except FileNotFoundError as error:
        cause = error.__cause__
        # fsspec says of everything that a web server refuses that nothing is there.
        refused = getattr(cause, "status", None) not in _GONE
        if address.startswith(("http:", "https:")) and isinstance(cause, Exception) and refused:
            raise _refusal(address, cause) from error
        raise _nothing_there(address) from error
    except OSError as error:
        if error.errno in DISK_FULL:
            raise StorageError(
                f"{address}: cannot be brought here: the disk is full. Free some space, or name a "
                "folder on a larger disk with BIOSELECT_CACHE; what has arrived is kept."
            ) from error
        raise _refusal(address, error) from error
    except Exception as error:  # Each provider has its own.
        raise _refusal(address, error) from error


def _refusal(address: str, error: Exception) -> BioselectError:
    name = type(error).__name__
    if isinstance(error, ValueError) and "rotocol not known" in str(error):
        scheme = address.split(":", 1)[0]
        return ConfigurationError(
            f"{address}: nothing is known of {scheme}:// addresses. Write s3://BUCKET/..., "
            "gs://BUCKET/... or another one of fsspec."
        )
    if "Credential" in name or "Credential" in str(error) or "Token" in name:
        return UnavailableError(
            f"{address}: there are no valid credentials on this computer ({_reason(error)}). Give "
            "them as the provider's programs take them (`aws configure`, `gcloud auth "
            "application-default login`); for public data see docs/cloud.md."
        )
    refused = getattr(error, "status", None) in (401, 403)
    if isinstance(error, PermissionError) or name == "Forbidden" or refused:
        return StorageError(
            f"{address}: access is refused ({_reason(error)}). Ask the owner of the bucket for the "
            "right to read it (for results: to write), or use other credentials."
        )
    return StorageError(
        f"{address}: cannot be reached ({_reason(error)}). Look at the network connection and the "
        "address, and start the same command again; what has arrived is kept."
    )


def _reason(error: Exception) -> str:
    text = visible_line(str(error).strip().split("\n")[0]) or type(error).__name__
    text = re.sub(r"\?[^\s'\"]+", "?...", text)  # A server may have led on to a signed address.
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 3]}..."


def _nothing_there(address: str) -> NothingThereError:
    scheme, _, rest = address.partition("://")
    bucket = rest.partition("/")[0]
    error = NothingThereError(
        f"{address}: nothing lies there. Check the address; capital and small letters differ."
    )
    if scheme in ("s3", "s3a", "gs", "gcs") and not _bucket_exists(f"{scheme}://{bucket}"):
        error = NothingThereError(
            f"{address}: there is no bucket {bucket!r}. Check its name, and the account and region "
            "that the credentials are for."
        )
        error.bucket_is_there = False
    return error


def _bucket_exists(bucket: str) -> bool:
    from fsspec.core import url_to_fs

    system, root = url_to_fs(bucket)
    try:
        system.info(root)
    except FileNotFoundError:
        return False
    except Exception:  # Whoever may not look at a bucket may still use what is in it.
        return True
    return True


def with_state(place: Path, file: RemoteFile, used: int) -> None:
    """Give a copy the date that stands for its state, and note when it was used last."""
    os.utime(place, ns=(used, file.state))


def is_copy(place: Path, file: RemoteFile) -> bool:
    """Tell whether what lies at a place is this file as it is at its address."""
    try:
        found = os.stat(place)
    except OSError:
        return False
    if file.n_bytes is None and file.state == state_of({}):
        return False  # The server tells nothing by which a change could be seen.
    same_size = file.n_bytes is None or found.st_size == file.n_bytes
    return same_size and found.st_mtime_ns == file.state
