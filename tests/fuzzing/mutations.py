"""Valid bytes -> bytes that are wrong in one to some places, the same for the same random numbers.

Most changes know nothing of the file; `formats` has those that get past checksums and
compression, and `text` those of tables and configurations.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence

from tests.fuzzing.formats import format_changes
from tests.fuzzing.text import is_text, text_changes

#: Whole numbers at which arithmetic goes wrong.
EXTREMES = (
    0, 1, 2, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 10**6, 2**24, 2**31 - 1, 2**31,
    2**32 - 1, 2**32, 2**40, 2**53, 2**63 - 1, 2**63, 2**64 - 1,
)  # fmt: skip
#: What other kinds of files begin with, and words that readers look for.
MAGIC = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd9", b"BM", b"GIF89a", b"II*\0", b"MM\0*",
    b"II+\0", b"\x93NUMPY", b"RIFF", b"WEBP", b"DICM", b"n+1\0", b"n+2\0", b"PK\x03\x04",
    b"PK\x05\x06", b"\x1f\x8b\x08", b"\x89HDF\r\n\x1a\n", b"%PDF", b"\xd0\xcf\x11\xe0", b"<OME",
    b"ImageJ=", b"IHDR", b"IDAT", b"IEND", b"acTL", b"tRNS", b"PLTE", b"VP8L", b"VP8X", b"\x80\x04",
)  # fmt: skip
#: Nothing that is fed is larger: what grows by repetition ends here.
MOST_BYTES = 1 << 20
Change = Callable[[bytes, random.Random], bytes]


def mutated(data: bytes, others: Sequence[bytes], rng: random.Random) -> bytes:
    """Return `data` with one to some changes.

    Parameters
    ----------
    data : bytes
        A valid file.
    others : sequence of bytes
        Further valid files, parts of which may be taken.
    rng : random.Random
        Decides everything.
    """
    changes: list[Change] = [*PLAIN, *format_changes(data)]
    if is_text(data):
        changes += 3 * text_changes()
    special = changes[len(PLAIN) :]
    for _ in range(1 + min(int(rng.expovariate(0.7)), 8)):
        if rng.random() < 0.06:
            data = spliced(data, rng.choice(others), rng)
        elif special and rng.random() < 0.6:
            data = rng.choice(special)(data, rng)
        else:
            data = rng.choice(PLAIN)(data, rng)
    return data[:MOST_BYTES]


def a_place(data: bytes, rng: random.Random) -> int:
    """Return a place in the bytes; half of all lie near an end, where headers are."""
    if not data:
        return 0
    kind = rng.random()
    if kind < 0.4:
        return rng.randrange(min(len(data), 512))
    return (
        len(data) - 1 - rng.randrange(min(len(data), 128))
        if kind < 0.5
        else rng.randrange(len(data))
    )


def replaced(data: bytes, place: int, piece: bytes) -> bytes:
    """Return the bytes with `piece` written over what stands at `place`."""
    return data[:place] + piece + data[place + len(piece) :]


def flipped_bits(data: bytes, rng: random.Random) -> bytes:
    """Turn one to eight bits."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8) if changed else 0):
        changed[a_place(data, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def run_of_bytes(data: bytes, rng: random.Random) -> bytes:
    """Write a run of one byte, or of random bytes, over something."""
    n = rng.choice((1, 2, 4, 8, 16, 64, 512))
    run = rng.randbytes(n) if rng.random() < 0.5 else rng.choice((b"\0", b"\xff", b"A")) * n
    return replaced(data, a_place(data, rng), run)


def cut(data: bytes, rng: random.Random) -> bytes:
    """Leave out the end."""
    return data[: a_place(data, rng)]


def without_piece(data: bytes, rng: random.Random) -> bytes:
    """Leave out a piece in the middle."""
    start = a_place(data, rng)
    return data[:start] + data[start + rng.choice((1, 2, 4, 16, 256, 4096)) :]


def with_piece(data: bytes, rng: random.Random) -> bytes:
    """Insert random bytes, or a piece of the file again."""
    start, n = a_place(data, rng), rng.choice((1, 2, 4, 16, 256, 4096))
    taken = a_place(data, rng)
    piece = rng.randbytes(n) if rng.random() < 0.5 else data[taken : taken + n]
    return data[:start] + piece + data[start:]


def moved_piece(data: bytes, rng: random.Random) -> bytes:
    """Write a piece of the file over another place."""
    start, n = a_place(data, rng), rng.choice((2, 4, 8, 12, 64))
    return replaced(data, a_place(data, rng), data[start : start + n])


def extreme_number(data: bytes, rng: random.Random) -> bytes:
    """Write a number at which arithmetic goes wrong, at any width and in either order."""
    form = rng.choice("<>") + rng.choice("BHIIQ")
    number = rng.choice(EXTREMES) + rng.choice((-1, 0, 0, 0, 1))
    number %= 1 << 8 * struct.calcsize(form)
    return replaced(data, a_place(data, rng), struct.pack(form, number))


def changed_number(data: bytes, rng: random.Random) -> bytes:
    """Add a little to a number, or multiply it."""
    form = rng.choice("<>") + rng.choice("BHI")
    place, size = a_place(data, rng), struct.calcsize(form)
    if place + size > len(data):
        return data
    (number,) = struct.unpack_from(form, data, place)
    number = (
        number * rng.choice((2, 10, 1000)) if rng.random() < 0.3 else number + rng.randint(-9, 9)
    )
    return replaced(data, place, struct.pack(form, number % (1 << 8 * size)))


def magic_word(data: bytes, rng: random.Random) -> bytes:
    """Write or insert what some kind of file begins with, mostly at the start."""
    word, place = rng.choice(MAGIC), 0 if rng.random() < 0.5 else a_place(data, rng)
    if rng.random() < 0.5:
        return replaced(data, place, word)
    return data[:place] + word + data[place:]


def spliced(data: bytes, other: bytes, rng: random.Random) -> bytes:
    """Continue with the rest of another file."""
    return data[: a_place(data, rng)] + other[a_place(other, rng) :]


PLAIN: tuple[Change, ...] = (
    flipped_bits,
    flipped_bits,
    run_of_bytes,
    cut,
    without_piece,
    with_piece,
    moved_piece,
    extreme_number,
    extreme_number,
    changed_number,
    magic_word,
)
