"""Extractors side by side: columns, costs, files and errors of the parts."""

import math

import numpy as np
import pytest

from bioselect.exceptions import ComponentError, UnavailableError
from bioselect.features.base import Extractor, parts_of
from bioselect.features.concat import Concat
from bioselect.features.descriptors.hu_moments import HuMoments
from bioselect.features.descriptors.intensity import Intensity
from bioselect.registry import ComponentSpec, create

PARTS = ["intensity", {"name": "hu_moments", "params": {"foreground": "dark"}}]

OWN_MODULE = """
import numpy as np
from bioselect.exceptions import UnavailableError


class Bare:
    batch_size = 4
    in_processes = False

    def transform(self, images):
        return np.array([[len(images)]] * len(images), dtype=np.float32)


class Lacking(Bare):
    def __init__(self, what="weights"):
        self.what = what

    def check_available(self):
        raise UnavailableError(f"{self.what} are missing.")

    def identity(self):
        return {"what": self.what}


class Saving(Bare):
    value = 1.0

    def __init__(self, text="a"):
        self.text = text

    def save(self, folder):
        (folder / "text").write_text(self.text)

    def restore(self, folder):
        self.text = "restored " + (folder / "text").read_text()


class Nest(Bare):
    parts = ()
"""


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    folder = tmp_path_factory.mktemp("own")
    (folder / "own_parts.py").write_text(OWN_MODULE)
    return folder


def part(name, **params):
    return {"name": f"own_parts:{name}", "params": params}


def images(n=3):
    random = np.random.default_rng(0)
    return [random.random((20, 21 + place, 3)).astype(np.float32) for place in range(n)]


def test_columns_are_those_of_the_parts_in_order():
    both = Concat(PARTS)
    expected = [Intensity().transform(images()), HuMoments("dark").transform(images())]
    np.testing.assert_array_equal(both.transform(images()), np.hstack(expected))
    assert parts_of(both) == both.parts
    assert [type(one) for one in both.parts] == [Intensity, HuMoments]


def test_specs_are_what_each_part_was_made_from():
    assert Concat(PARTS).part_specs == [
        ComponentSpec.of("intensity"),
        ComponentSpec.of("hu_moments", {"foreground": "dark"}),
    ]


def test_made_from_a_spec_of_the_configuration():
    spec = ComponentSpec.of("concat", {"extractors": PARTS})
    made = create("extractor", spec)
    assert made.part_specs == Concat(PARTS).part_specs
    assert spec.label == "concat(extractors=intensity+hu_moments(foreground=dark))"


def test_cost_is_the_sum():
    expected = Intensity().operations() + HuMoments("dark").operations()
    assert Concat(PARTS).operations() == expected > 0


def test_a_part_that_declares_no_cost_makes_the_whole_unknown(own):
    assert Concat(["own_parts:Bare", "intensity"], own).operations() == math.inf


def test_parts_of_anybody_need_only_transform(own, tmp_path):
    mixed = Concat(["own_parts:Bare", "intensity"], own)
    mixed.check_available()
    mixed.save(tmp_path / "files")
    mixed.restore(tmp_path / "files")
    assert mixed.identity() == {"parts": [{}, {}]}
    assert mixed.transform(images(2))[:, 0].tolist() == [2.0, 2.0]
    assert mixed.batch_size == 4
    assert mixed.in_processes is False
    assert Concat(PARTS).batch_size == Extractor.batch_size
    assert Concat(PARTS).in_processes is True


def test_everything_that_is_missing_is_told(own):
    lacking = Concat(["intensity", part("Lacking"), part("Lacking", what="scales")], own)
    with pytest.raises(UnavailableError, match=r"^weights are missing.\nscales are missing.$"):
        lacking.check_available()
    assert lacking.identity() == {"parts": [{}, {"what": "weights"}, {"what": "scales"}]}


def test_each_part_keeps_its_files_apart(own, tmp_path):
    saving = Concat([part("Saving"), "intensity", part("Saving", text="b")], own)
    saving.save(tmp_path / "files")
    assert (tmp_path / "files/part-2/text").read_text() == "b"
    again = Concat([part("Saving"), "intensity", part("Saving", text="b")], own)
    again.restore(tmp_path / "files")
    assert [again.parts[0].text, again.parts[2].text] == ["restored a", "restored b"]


@pytest.mark.parametrize(
    ("extractors", "message"),
    [
        ([], r"must be a list of at least one extractor, .* Got \[\]"),
        ("hog", "must be a list of at least one extractor, .* Got 'hog'"),
        (None, "must be a list of at least one extractor, .* Got None"),
        (["hog", 3], r"extractors\[1\] must be a name, or a mapping .* Got 3"),
        ([{"params": {}}], r"extractors\[0\] must be a name, or a mapping"),
        ([{"name": "hog", "search": {}}], r"extractors\[0\] must be a name, or a mapping"),
        ([{"name": "hog", "params": [1]}], r"extractors\[0\] must be a name, or a mapping"),
        (["lbp", {"name": "lbp", "params": None}], r"\[1\] must not repeat .* Got lbp twice"),
        (["hog", {"name": "concat"}], r"\[1\] must not be another concat"),
        (["hogg"], r"extractors\[0\]: unknown extractor 'hogg'. Did you mean 'hog'\?"),
        ([{"name": "hog", "params": {"cell": 1}}], r"\[0\]: .*params.cell: must be at least 2"),
        ([{"name": "lbp", "params": {"radii": [9]}}], r"\[0\]: lbp: params.radii must be"),
    ],
)
def test_wrong_parts(extractors, message):
    with pytest.raises(ComponentError, match=message):
        Concat(extractors)


def test_somebodys_own_nest_is_refused(own):
    with pytest.raises(ComponentError, match=r"\[0\] must be a single extractor. Got own_parts:Ne"):
        Concat(["own_parts:Nest"], own)


def test_names_are_those_of_the_parts():
    names = Concat(PARTS).feature_names(2)
    assert names == [
        *Intensity().feature_names(2),
        *HuMoments(foreground="dark").feature_names(2),
    ]
    assert len(names) == 2 * 14 + 14


def test_parts_whose_names_are_alike_are_told_apart_by_their_place():
    twice = ["intensity", {"name": "lbp", "params": {"radii": [1]}}, {"name": "lbp"}]
    extractor = Concat(twice)
    names = extractor.feature_names(1)
    row = extractor.transform([np.random.default_rng(0).random((9, 9, 1)).astype(np.float32)])[0]
    assert len(names) == len(set(names)) == len(row) == 14 + 10 + 54
    assert names[0] == "part0_intensity_mean_c0"
    assert names[14] == "part1_lbp_radius1_ones0_c0"
    assert names[24] == "part2_lbp_radius1_ones0_c0"


@pytest.mark.parametrize("parameters", [{}, {"params": {"text": "b"}}])
def test_there_are_no_names_where_a_part_has_none(own, parameters):
    extractor = Concat(["intensity", {"name": "own_parts:Saving", **parameters}], own)
    assert extractor.feature_names(1) is None
    assert Extractor().feature_names(1) is None
