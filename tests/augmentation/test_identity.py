"""What stored results of steps depend on."""

import sys

from bioselect.augmentation.identity import steps_identity
from bioselect.component import ComponentSpec
from bioselect.storage import digest_of

OWN = "class Half:\n    def __init__(self, part=0.5): ...\n"


def identified(*steps, base_dir=None):
    return digest_of(steps_identity([ComponentSpec.of(*step) for step in steps], base_dir))


def test_parameters_and_order_count():
    rotation, flip = ("rotation", {"degrees": [-15, 15]}), ("horizontal_flip",)
    known = identified(rotation, flip)
    assert known == identified(("rotation",), flip)
    assert known == identified(("rotation", {"degrees": [-15.0, 15], "probability": 1}), flip)
    others = [
        identified(flip, rotation),
        identified(rotation),
        identified(("rotation", {"degrees": [-15, 16]}), flip),
        identified(("rotation", {"probability": 0.5}), flip),
    ]
    assert len({known, *others}) == 5


def test_an_edit_of_ones_own_step_counts(tmp_path):
    found = set()
    for text in (OWN, OWN + "# another\n"):
        (tmp_path / "identity_half_lab.py").write_text(text)
        sys.modules.pop("identity_half_lab", None)
        found.add(identified(("identity_half_lab:Half",), base_dir=tmp_path))
        assert identified(("identity_half_lab:Half", {"part": 0.5}), base_dir=tmp_path) in found
    assert len(found) == 2


def test_an_edit_of_a_file_that_a_step_reads_counts(tmp_path):
    (tmp_path / "identity_stain_lab.py").write_text(
        "class Stain:\n    def __init__(self, colours='colours.csv'): ...\n"
    )
    found = []
    for text in ("1, 2", "1, 3", "1, 2"):
        (tmp_path / "colours.csv").write_text(text)
        found.append(identified(("identity_stain_lab:Stain",), base_dir=tmp_path))
    assert found[0] == found[2] != found[1]
