"""Workers that would compute other numbers are told from those that would not."""

from bioselect.cluster.facts import facts, what_may_differ, why_refused

HERE = {
    "python": "3.11",
    "code": "0123456789ab",
    "packages": {"numpy": "2.2.6", "keras": "3.15.0", "openvino": None},
    "arithmetic": "openblas SkylakeX",
    "cores": 8,
    "graphics": "none",
}


def test_the_same_machine_is_taken():
    assert why_refused(facts(), facts()) == ""
    assert what_may_differ(facts(), [facts()]) == []


def test_what_differs_is_named_with_both_versions():
    there = {**HERE, "packages": {"numpy": "2.1.0", "keras": None, "openvino": "2025.4"}}
    told = why_refused(HERE, there)
    assert "numpy 2.1.0 where this machine has 2.2.6" in told
    assert "keras is missing where this machine has 3.15.0" in told
    assert "openvino 2025.4 where this machine has none" in told
    assert "Python 3.10 where this machine has 3.11" in why_refused(
        HERE, {**HERE, "python": "3.10"}
    )
    assert "code of bioselect" in why_refused(HERE, {**HERE, "code": "ffffffffffff"})


def test_other_processors_are_told_of_and_not_refused():
    there = {**HERE, "arithmetic": "openblas Haswell"}
    assert why_refused(HERE, there) == ""
    [line] = what_may_differ(HERE, [HERE, there])
    assert "SkylakeX" in line
    assert "Haswell" in line


def test_packages_that_decode_images_are_compared():
    decoders = {"pillow", "tifffile", "imagecodecs", "h5py", "pydicom", "nibabel"}
    assert decoders <= set(facts()["packages"])
    there = {**HERE, "packages": {**HERE["packages"], "pillow": "12.3.0"}}
    here = {**HERE, "packages": {**HERE["packages"], "pillow": "13.0.0"}}
    assert why_refused(here, there) == "pillow 12.3.0 where this machine has 13.0.0"


def test_cores_and_graphics_processors_matter_where_networks_are_trained():
    more, graphic = {**HERE, "cores": 16}, {**HERE, "graphics": "NVIDIA H200"}
    assert what_may_differ(HERE, [HERE, more, graphic]) == []
    assert what_may_differ(HERE, [HERE, HERE], trains=True) == []
    [line] = what_may_differ(HERE, [more, more], trains=True)
    assert line.startswith("numbers of cores differ (8 here, 16 among the workers)")
    assert "from those of this machine alone" in line
    cores, graphics = what_may_differ(HERE, [HERE, more, graphic], trains=True)
    assert "8, 16 among the workers" in cores
    assert "when the study is run again" in cores
    assert graphics.startswith("graphics processors differ (none here, NVIDIA H200, none among")
