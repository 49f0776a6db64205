"""Images that show the same with other pixel values."""

import numpy as np
import pytest
from PIL import Image

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.near_copies import near_copies
from bioselect.data.pixel_statistics import pixel_statistics

LOOK = "0123456789abcdef" * 4


@pytest.fixture
def others(image):
    """Ten images that look like nothing else: LOOK, turned by one field after the other."""
    return [image(f"{n}.png", look=LOOK[n + 1 :] + LOOK[: n + 1]) for n in range(10)]


def brighter(n_fields, by=1):
    """Return LOOK with fields in the middle that are lighter by so many levels."""
    return LOOK[:16] + "".join(f"{n + by:x}" for n in range(n_fields)) + LOOK[16 + n_fields :]


def named(found):
    assert all(item.severity == WARNING for item in found)
    return [(item.image, item.what.split(" as ")[1].split(" with ")[0]) for item in found]


def test_different_images_give_no_finding(others):
    assert near_copies(others) == []
    assert near_copies([]) == []


@pytest.mark.parametrize(
    ("look", "is_found"),
    [
        (LOOK, True),
        (brighter(8), True),  # 8 times 1
        (brighter(9), False),
        (brighter(2, by=2), True),  # 2 times 4
        (brighter(1, by=3), False),  # 9
    ],
)
def test_how_near_is_near(image, others, look, is_found):
    readable = [*others, image("x.png", look=LOOK), image("y.png", look=look)]
    assert named(near_copies(readable)) == [("y.png", "x.png")] * is_found


def test_each_is_named_with_the_first_that_it_looks_like(image, others):
    alike = [image(f"x{n}.png", look=LOOK) for n in range(3)]
    pairs = [("x1.png", "x0.png"), ("x2.png", "x0.png")]
    assert named(near_copies([*others, *alike])) == pairs


def test_of_copies_the_first_is_meant(image, others):
    copies = [image(name, look=LOOK, pixels="same") for name in ("x0.png", "x1.png")]
    found = near_copies([*others, *copies, image("y.png", look=LOOK)])
    assert named(found) == [("y.png", "x0.png")]


def test_the_class_is_named_if_it_is_another(image, others):
    pair = [image("x.png", look=LOOK), image("y.png", "debris", look=LOOK)]
    (finding,) = near_copies([*others, *pair])
    assert finding.what.endswith("slightly other pixel values, but is of debris instead of cell.")


@pytest.mark.parametrize(
    "pair",
    [
        [("x.png", {"pixels": "same"}), ("y.png", {"pixels": "same"})],  # a copy
        [("x.png", {}), ("x.jpg", {})],  # told of by its name
        [("x.png", {"group": "p1"}), ("y.png", {"group": "p1"})],
        [("x.tif#0", {"part": "0"}), ("x.tif#1", {"part": "1"})],
        [("x.png", {"look": "0" * 63 + "f"}), ("y.png", {"look": "0" * 63 + "f"})],  # a spot
    ],
)
def test_pairs_that_do_not_count(image, others, pair):
    readable = [image(name, **{"look": LOOK, **facts}) for name, facts in pair]
    assert near_copies([*others, *readable]) == []


def test_many_are_told_of_once(image, others):
    film = [image(f"t{n}.png", look=LOOK) for n in range(6)]
    (finding,) = near_copies([*others, *film])
    assert (finding.severity, finding.image) == (NOTE, "")
    # Of 16 images, 5 look like t0.png.
    assert finding.what.startswith("5 of 16 images look nearly the same as another one")


def test_more_images_than_are_compared_at_once(image, monkeypatch):
    monkeypatch.setattr("bioselect.checks.near_copies._N_AT_ONCE", 100)
    random = np.random.default_rng(0)
    looks = ["".join(f"{n:x}" for n in random.integers(0, 16, 64)) for _ in range(40)]
    looks[37] = looks[2]
    looks[39] = looks[38]
    readable = [image(f"{n:02d}.png", look=look) for n, look in enumerate(looks)]
    assert named(near_copies(readable)) == [("37.png", "02.png"), ("39.png", "38.png")]


def test_with_looks_of_real_pixels(image, tmp_path):
    random = np.random.default_rng(1)
    pictures = []
    for _ in range(20):
        small = Image.fromarray(random.integers(0, 255, (9, 9), dtype=np.uint8))
        pictures.append(small.resize((90, 80), Image.Resampling.BICUBIC))
    pictures[5].save(tmp_path / "copy.jpg", quality=60)
    pictures += [Image.open(tmp_path / "copy.jpg"), pictures[8].resize((180, 160))]
    readable = []
    for number, picture in enumerate(pictures):
        look = pixel_statistics(np.asarray(picture)[:, :, None]).look
        readable.append(image(f"{number:02d}.png", look=look))
    assert named(near_copies(readable)) == [("20.png", "05.png"), ("21.png", "08.png")]
