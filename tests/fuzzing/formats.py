"""Changes inside files with checksums or compression, which are put right afterwards.

Without them nearly every change ends at the first checksum, and nothing behind it is tried.
"""

from __future__ import annotations

import gzip
import io
import random
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator

Change = Callable[[bytes, random.Random], bytes]
PNG, ZIP, GZIP = b"\x89PNG\r\n\x1a\n", b"PK\x03\x04", b"\x1f\x8b"
TIFFS = (b"II*\0", b"MM\0*")
_N_NUMBERS = 8
#: Tags of TIFF that decide how much is read: sizes, depth, compression, strips, tiles, ...
TAGS = (254, 256, 257, 258, 259, 262, 266, 270, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324,
        325, 330, 338, 339, 347, 529, 530, 700, 32997, 34665, 50838, 50839)  # fmt: skip


def format_changes(data: bytes) -> list[Change]:
    """Return the changes that know this kind of file; none for an unknown one."""
    if data.startswith(PNG):
        return [png_chunk]
    if data.startswith(TIFFS):
        return [tiff_tag]
    if data.startswith(ZIP):
        return [zip_member, zip_member, zip_layout]
    return [inside_gzip] if data.startswith(GZIP) else []


def plain_change(data: bytes, rng: random.Random) -> bytes:
    """Change bytes by whatever fits them."""
    from tests.fuzzing.mutations import PLAIN
    from tests.fuzzing.text import is_text, text_changes

    inner = format_changes(data) or (text_changes() if is_text(data) else [])
    return rng.choice(inner if inner and rng.random() < 0.6 else PLAIN)(data, rng)


def png_chunk(data: bytes, rng: random.Random) -> bytes:
    """Change a chunk of a PNG (the unpacked pixels, too), and correct its length and checksum."""
    chunks = list(_chunks(data))
    if not chunks:
        return data
    place = rng.randrange(len(chunks))
    name, content = chunks[place]
    kind = rng.randrange(6)
    if kind == 0:
        del chunks[place]
    elif kind == 1:
        chunks.insert(rng.randrange(len(chunks) + 1), (name, content))
    elif kind == 2:
        other = rng.choice(
            (b"IHDR", b"PLTE", b"tRNS", b"eXIf", b"iTXt", b"zTXt", b"acTL", b"fcTL", b"iCCP")
        )
        chunks.insert(1, (other, rng.randbytes(rng.choice((0, 1, 4, 30)))))
    elif kind == 3 and name == b"IDAT":
        try:
            pixels = zlib.decompress(content)
        except zlib.error:
            pixels = content
        chunks[place] = name, zlib.compress(plain_change(pixels, rng))
    elif kind == 4:
        size = struct.pack(">II", *(rng.choice((0, 1, 9, 5000, 2**16, 2**31 - 1)) for _ in "ab"))
        chunks[0] = (
            b"IHDR",
            (size if rng.random() < 0.5 else chunks[0][1][:8])
            + bytes(rng.choice(((8, 0), (8, 2), (8, 3), (16, 0), (16, 6), (1, 0), (4, 3), (7, 5))))
            + bytes((0, 0, rng.choice((0, 0, 1, 2)))),
        )
    else:
        chunks[place] = name, plain_change(content, rng)
    return PNG + b"".join(_chunk(name, content) for name, content in chunks)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(PNG)
    while place + 12 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        yield data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        place += length + 12


def _chunk(name: bytes, content: bytes) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + checksum


def tiff_tag(data: bytes, rng: random.Random) -> bytes:
    """Change code, type, count or value of a tag in one of the pages of a classic TIFF."""
    order = "<" if data[:2] == b"II" else ">"
    places = list(_tags(data, order))
    if not places:
        return data
    place = rng.choice(places)
    code, kind, count, value = struct.unpack_from(order + "HHII", data, place)
    which = rng.randrange(6)
    if which == 0:
        code = rng.choice(TAGS)
    elif which == 1:
        kind = rng.randrange(20)
    elif which == 2:
        count = rng.choice((0, 1, 2, 1000, len(data), 2**31, 2**32 - 1))
    elif which == 3:
        value = rng.choice(
            (0, 1, 2, 3, 5, 7, 8, 16, 32, 64, 255, 32773, 34712, 50000, len(data), 2**31, 2**32 - 1)
        )
    elif which == 4:
        value = (value + rng.randint(-8, 8)) % 2**32
    else:
        value = value * rng.choice((2, 256, 65536)) % 2**32
    packed = struct.pack(order + "HHII", code, kind, count, value)
    return data[:place] + packed + data[place + 12 :]


def _tags(data: bytes, order: str) -> Iterator[int]:
    """Yield where the tags stand, page by page."""
    seen: set[int] = set()
    place = 4
    while place + 4 <= len(data) and len(seen) < _N_NUMBERS:
        (start,) = struct.unpack_from(order + "I", data, place)
        if start == 0 or start in seen or start + 2 > len(data):
            return
        seen.add(start)
        (n_tags,) = struct.unpack_from(order + "H", data, start)
        for number in range(min(n_tags, 64)):
            if start + 2 + 12 * (number + 1) <= len(data):
                yield start + 2 + 12 * number
        place = start + 2 + 12 * n_tags


def _members(data: bytes) -> list[tuple[zipfile.ZipInfo, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(info, archive.read(info)) for info in archive.infolist()]
    except Exception:  # What earlier changes left is no archive any more.
        return []


def zip_member(data: bytes, rng: random.Random) -> bytes:
    """Change what is inside a zip archive, and write it with the right checksums."""
    members = _members(data)
    if not members:
        return data
    place = rng.randrange(len(members))
    info, content = members[place]
    kind = rng.randrange(8)
    name = info.filename
    if kind == 0:
        del members[place]
    elif kind == 1:
        name = rng.choice(("../x.npy", "/x.npy", "a\\b", "x\0y.npy", name.upper(), "", "x" * 300))
    elif kind == 2:
        members.append((info, rng.choice(members)[1]))
    else:
        content = plain_change(content, rng)
    if kind:
        members[place] = zipfile.ZipInfo(name), content
    packed = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(packed, "w") as archive:
        warnings.simplefilter("ignore")  # of a name that stands twice, which is meant
        for info, content in members:
            how = rng.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
            archive.writestr(zipfile.ZipInfo(info.filename), content[: 1 << 20], how)
    return packed.getvalue()


def zip_layout(data: bytes, rng: random.Random) -> bytes:
    """Change numbers in the headers of a zip archive: sizes, offsets, methods, flags."""
    marks = (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06")
    places = [place for mark in marks for place in _all(data, mark)]
    if not places:
        return data
    place = rng.choice(places) + rng.choice(
        (4, 6, 8, 10, 14, 16, 18, 20, 22, 24, 26, 28, 30, 38, 42)
    )
    form = rng.choice(("<H", "<I"))
    number = rng.choice((0, 1, 8, 12, 14, 99, 0xFFFF, 2**31, 2**32 - 1))
    piece = struct.pack(form, number % (1 << 8 * struct.calcsize(form)))
    return data[:place] + piece + data[place + len(piece) :]


def _all(data: bytes, mark: bytes) -> Iterator[int]:
    place = data.find(mark)
    while place >= 0:
        yield place
        place = data.find(mark, place + 1)


def inside_gzip(data: bytes, rng: random.Random) -> bytes:
    """Change what is compressed, and compress it again."""
    try:
        content = gzip.decompress(data)
    except Exception:  # What earlier changes left cannot be unpacked any more.
        return data
    return gzip.compress(plain_change(content, rng), 1, mtime=0)
