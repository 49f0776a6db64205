"""The table of extractors says the truth about what it names, and costs nothing to read."""

import inspect
import subprocess
import sys

import numpy as np
import pytest

from bioselect.backbones.table import ROWS
from bioselect.exceptions import ComponentError
from bioselect.features.base import traits
from bioselect.features.builtin import EXTRACTORS
from bioselect.registry import ComponentSpec, create, import_target, value_problem

DESCRIPTORS = (
    "color_histogram",
    "edges",
    "gabor",
    "granularity",
    "haralick",
    "hog",
    "hu_moments",
    "intensity",
    "lbp",
    "zernike",
)
VISUAL_WORDS = ("sift_bow", "orb_bow")
#: What takes a model of the user's own.
OWN = ("model_file", "keras_hub")
#: Parameter values beside the defaults: every choice of every descriptor is tried.
CHOICES = [
    (row.name, parameter.name, choice)
    for row in EXTRACTORS.values()
    if row.name in (*DESCRIPTORS, *VISUAL_WORDS)
    for parameter in row.parameters
    for choice in parameter.choices
]
N_CHOICES = 49


def image(side, n_channels, seed=0):
    pixels = np.random.default_rng(seed).random((side, side + 3, n_channels)).astype(np.float32)
    pixels.flags.writeable = False
    return pixels


def prepared(extractor, pixels):
    size = traits(extractor).input_size
    return pixels if size is None else np.resize(pixels, (*size, pixels.shape[2]))


def test_every_name_is_there():
    assert set(EXTRACTORS) == {*DESCRIPTORS, *VISUAL_WORDS, "concat", "views", *OWN, *ROWS}
    assert len(ROWS) >= 38
    assert all(name == row.name for name, row in EXTRACTORS.items())


@pytest.mark.parametrize("name", [*DESCRIPTORS, *VISUAL_WORDS, "concat", "views", *OWN])
def test_parameters_are_those_of_the_constructor(name):
    row = EXTRACTORS[name]
    arguments = dict(inspect.signature(import_target(row.target)).parameters)
    arguments.pop("base_dir", None)
    assert [parameter.name for parameter in row.parameters] == list(arguments)
    for parameter in row.parameters:
        default = arguments[parameter.name].default
        expected = None if default is inspect.Parameter.empty else default
        assert parameter.default == expected
        assert type(parameter.default) is type(expected)


@pytest.mark.parametrize("name", EXTRACTORS)
def test_rows_are_complete(name):
    row = EXTRACTORS[name]
    assert row.summary
    assert row.reference
    assert hash(row) is not None
    for parameter in row.parameters:
        assert parameter.summary
        assert parameter.types or parameter.choices
        default = parameter.default
        default = list(default) if isinstance(default, tuple) else default
        assert parameter.required or value_problem(parameter, default) is None
    needed = {(name, parameter.name) for parameter in row.parameters if parameter.required}
    assert needed == {
        ("concat", "extractors"),
        ("views", "extractor"),
        ("model_file", "path"),
        ("keras_hub", "preset"),
    } & {(name, parameter.name) for parameter in row.parameters}


@pytest.mark.parametrize("name", ROWS)
def test_a_network_is_one_class_with_the_name_given(name):
    row = EXTRACTORS[name]
    assert row.target == EXTRACTORS["vgg16"].target
    assert row.fixed == (("architecture", name),)


def test_all_choices_are_tried():
    assert len(CHOICES) == N_CHOICES


@pytest.mark.parametrize(("name", "parameter", "choice"), CHOICES)
def test_every_choice_works_on_read_only_images(name, parameter, choice):
    extractor = create("extractor", ComponentSpec.of(name, {parameter: choice}))
    pixels = [prepared(extractor, image(40, 3, seed)) for seed in range(2)]
    rows = extractor.transform(pixels)
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert not np.array_equal(rows[0], rows[1])
    assert extractor.operations() > 1e5
    # A sixteenth of the pixels costs about a sixteenth, but where images are resized.
    small = extractor.operations((128, 128, 3)) / extractor.operations()
    assert small == 1 if name == "hog" else 1 / 20 < small < 1 / 2
    names = extractor.feature_names(3)
    if name in VISUAL_WORDS:
        # The numbers of a row are packed descriptors; words have names, once they are learnt.
        assert names is None
        return
    assert len(set(names)) == len(names) == rows.shape[1]
    assert all(one.startswith(f"{name}_") for one in names)


@pytest.mark.parametrize("name", [*DESCRIPTORS, *VISUAL_WORDS])
@pytest.mark.parametrize("n_channels", [1, 2, 3, 5])
@pytest.mark.parametrize("value", [None, 0.0, 0.3, 1.0])
def test_any_channels_and_flat_images(name, n_channels, value):
    extractor = create("extractor", ComponentSpec.of(name))
    pixels = image(7, n_channels) if value is None else np.full((7, 9, n_channels), value, "f4")
    rows = extractor.transform([prepared(extractor, pixels)])
    assert rows.shape[0] == 1
    assert np.isfinite(rows).all()
    names = extractor.feature_names(n_channels)
    assert names is None if name in VISUAL_WORDS else len(names) == rows.shape[1]


def test_a_wrong_choice_is_told_with_the_nearest():
    spec = ComponentSpec.of("color_histogram", {"space": "hvs"})
    with pytest.raises(ComponentError, match=r"must be one of rgb, hsv, lab.*Did you mean 'hsv'"):
        create("extractor", spec)


def test_reading_the_table_imports_nothing_heavy():
    code = (
        "import sys, bioselect.features.builtin; "
        "heavy = {'numpy', 'scipy', 'cv2', 'skimage', 'sklearn', 'keras', 'tensorflow', 'pandas'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("name", ["edges", "gabor", "granularity", "zernike"])
def test_16_and_8_bits_describe_alike(name):
    from cv2 import GaussianBlur

    extractor = create("extractor", ComponentSpec.of(name))
    smooth = [GaussianBlur(image(80, 3, seed), (0, 0), 3) for seed in range(2)]
    fine = [np.rint(65535 * one) / 65535 for one in smooth]
    coarse = [np.rint(255 * one) / 255 for one in smooth]
    both = [[prepared(extractor, one.astype("f4")) for one in some] for some in (fine, coarse)]
    first, second = (extractor.transform(some) for some in both)
    for one, other in zip(first, second, strict=True):
        cosine = one @ other / (np.linalg.norm(one) * np.linalg.norm(other))
        assert cosine > 0.99


@pytest.mark.parametrize("name", [*DESCRIPTORS, *VISUAL_WORDS])
def test_transform_of_a_copy_with_other_strides(name):
    extractor = create("extractor", ComponentSpec.of(name))
    whole = prepared(extractor, image(64, 6))
    strided = whole[:, :, ::2]
    rows = extractor.transform([strided, np.ascontiguousarray(strided)])
    np.testing.assert_array_equal(rows[0], rows[1])
