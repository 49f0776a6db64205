"""Sizes, batches and costs follow from a row by arithmetic."""

import pytest

from bioselect.backbones.row import as_size, bounded_batch_size, input_size_of
from bioselect.backbones.table import ROWS
from bioselect.exceptions import ComponentError


def test_operations_grow_with_the_area_and_follow_alpha():
    row = ROWS["mobilenet_v2"]
    # A quarter of the area of 224 x 224.
    assert row.operations_at(1.0, (112, 112)) == pytest.approx(row.operations / 4)
    assert row.operations_at(0.35, (224, 224)) == 116_011_616


def test_batches_keep_the_largest_layer_below_128_mib():
    # 2**27 bytes / 4 bytes = 33,554,432 values: 32 images of 1,048,576 fit, of one more do not.
    assert bounded_batch_size(1_048_576) == 32
    assert bounded_batch_size(1_048_577) == 16
    assert bounded_batch_size(1e12) == 1


@pytest.mark.parametrize("name", ROWS)
def test_default_batches_are_small_enough_and_not_needlessly_small(name):
    row = ROWS[name]
    n_images = row.batch_size_at(1.0, row.input_size)
    values = row.width(1.0).peak_values
    assert n_images == 1 or n_images * values * 4 <= 2**27
    assert n_images == 32 or 2 * n_images * values * 4 > 2**27


@pytest.mark.parametrize(
    ("alpha", "size", "ending"),
    [
        (1.0, (224, 224), "_1.0_224_no_top.h5"),
        (0.5, (160, 160), "_0.5_160_no_top.h5"),
        # Keras has no weights for other sizes, nor for oblong ones: those of 224 serve.
        (1.4, (100, 100), "_1.4_224_no_top.h5"),
        # Networks wider than 1 were published for images of 224 pixels only.
        (1.4, (96, 96), "_1.4_224_no_top.h5"),
        (0.35, (96, 128), "_0.35_224_no_top.h5"),
    ],
)
def test_weights_are_chosen_by_alpha_and_size(alpha, size, ending):
    assert ROWS["mobilenet_v2"].weights_name(alpha, size).endswith(ending)


def test_first_mobilenet_writes_alpha_in_its_own_way():
    row = ROWS["mobilenet"]
    names = [row.weights_name(alpha, (128, 128)) for alpha in row.alphas]
    assert names == [f"mobilenet_{text}_128_tf_no_top.h5" for text in ("2_5", "5_0", "7_5", "1_0")]


def test_the_address_may_differ_from_the_name_in_the_cache():
    url = ROWS["nasnet_mobile"].weights_url(1.0, (224, 224))
    assert url.endswith("/nasnet/NASNet-mobile-no-top.h5")


@pytest.mark.parametrize(
    ("chosen", "size"), [(None, (299, 299)), (150, (150, 150)), ([80, 120], (80, 120))]
)
def test_input_size(chosen, size):
    assert input_size_of(ROWS["inception_v3"], chosen) == size


@pytest.mark.parametrize("chosen", [74, [224, 74]])
def test_too_small_a_size_names_the_smallest(chosen):
    with pytest.raises(ComponentError, match=r"inception_v3: .* at least 75\. Got"):
        input_size_of(ROWS["inception_v3"], chosen)


@pytest.mark.parametrize("chosen", [0, -5, [224], [224, 224, 3], [224, 0], [1.5, 2], True])
def test_a_size_is_one_or_two_whole_numbers(chosen):
    with pytest.raises(ComponentError, match="must be one whole number or"):
        as_size("vgg16", chosen)


def test_an_unknown_alpha_lists_the_known_ones():
    with pytest.raises(ComponentError, match=r"alpha must be one of 0\.75, 1\. Got 0\.5"):
        ROWS["mobilenet_v3_small"].width(0.5)
    with pytest.raises(ComponentError, match=r"alpha must be one of 1\. Got 0\.5"):
        ROWS["vgg16"].width(0.5)
