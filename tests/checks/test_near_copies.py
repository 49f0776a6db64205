"""Images that show the same with other pixel values: what is told of them, what is kept together.

How they are found where something was turned or cut is in `test_near_pairs.py`.
"""

import numpy as np
import pytest
from PIL import Image

from bioselect.checks.findings import NOTE, WARNING
from bioselect.checks.near_copies import near_copies, near_links
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
    """Return the pairs that are told, of which nothing contradicts that they are copies."""
    assert {(item.severity, item.kind) for item in found} <= {(NOTE, "near copy")}
    assert all("kept in the same fold" in item.remedy for item in found)
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


@pytest.mark.parametrize(
    ("targets", "words"),
    [
        (("cell", "debris"), "but the class 'debris' instead of 'cell'."),
        ((2.0, 3.5), "but the number is 3.5 instead of 2."),
        ((("a",), ("a", "b")), "but the labels a|b instead of a."),
    ],
)
def test_another_target_is_told(image, others, targets, words):
    pair = [image(f"{name}.png", to, look=LOOK) for name, to in zip("xy", targets, strict=True)]
    (finding,) = near_copies([*others, *pair])
    assert (finding.severity, finding.kind) == (WARNING, "conflicting near copy")
    assert finding.what.endswith(words)
    assert "one of the two is wrong" in finding.remedy


def test_another_group_is_told(image, others):
    pair = [image(f"{name}.png", group=f"p{name}", look=LOOK) for name in "xy"]
    (finding,) = near_copies([*others, *pair])
    assert (finding.severity, finding.kind) == (WARNING, "near copy in another group")
    assert "is of the group 'py' instead of 'px'" in finding.what
    assert "kept in the same fold" in finding.remedy


def test_what_is_kept_together(image, others):
    pair = [image("x.png", group="p1", look=LOOK), image("y.png", "debris", "p2", look=LOOK)]
    readable = [*others, *pair]
    findings = near_copies(readable)
    records = [record for record, _ in readable]
    assert set(near_links(findings, records)) == {(10, 11)}
    # Of images that were left out later nothing follows.
    assert near_links(findings, records[:11]) == []


def test_in_a_group_only_two_classes_are_told(image, others):
    pair = [image("x.png", group="p1", look=LOOK), image("y.png", "debris", "p1", look=LOOK)]
    (finding,) = near_copies([*others, *pair])
    assert finding.severity == WARNING
    assert "the class 'debris' instead of 'cell'" in finding.what
    assert near_links([finding], [record for record, _ in pair]) == []


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


def test_many_are_told_of_once_more(image, others):
    film = [image(f"t{n}.png", look=LOOK) for n in range(6)]
    summary, *pairs = near_copies([*others, *film])
    assert (summary.severity, summary.image) == (NOTE, "")
    # Of 16 images, 5 look like t0.png.
    assert summary.what.startswith("5 of 16 images look nearly the same as another one")
    assert named(pairs) == [(f"t{n}.png", "t0.png") for n in range(1, 6)]


def test_a_long_row_is_told_of_and_links_nothing(image, others):
    film = [image(f"t{n:02d}.png", look=LOOK) for n in range(13)]
    readable = [*others, *film]
    (finding,) = near_copies(readable)
    assert (finding.severity, finding.image) == (WARNING, "")
    assert finding.what.startswith("12 of 23 images look nearly the same")
    # Where it is a small part of the data set, each of it is told of.
    random = np.random.default_rng(0)
    looks = ["".join(f"{n:x}" for n in random.integers(0, 16, 64)) for _ in range(60)]
    readable += [image(f"z{n}.png", look=look) for n, look in enumerate(looks)]
    found = near_copies(readable)
    assert [(one.severity, one.image) for one in found] == [
        (WARNING, f"t{n:02d}.png") for n in range(1, 13)
    ]
    assert near_links(found, [record for record, _ in readable]) == []


def test_two_classes_in_a_long_row_are_told(image, others):
    row = [image(f"x{n:02}.png", look=LOOK) for n in range(13)]
    odd = image("x13.png", look=LOOK, target="other")
    found = near_copies([*others, *row, odd])
    assert [one.image for one in found if one.image] == ["x13.png"]
    assert "but the class 'other' instead of" in found[-1].what
    assert near_links(found, [record for record, _ in [*others, *row, odd]]) == []


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
