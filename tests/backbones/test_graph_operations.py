"""Operations counted in OpenVINO's graph: by hand, and those of Keras's own count elsewhere."""

import numpy as np
import pytest

from bioselect.backbones.graph_operations import operations_of
from bioselect.backbones.openvino_import import import_openvino


@pytest.fixture(scope="module")
def ov():
    return import_openvino()


def counted(ov, make, *shapes):
    """Count one operation on inputs of given shapes."""
    inputs = [ov.opset13.parameter(list(shape), np.float32) for shape in shapes]
    return operations_of(ov.Model([make(ov.opset13, *inputs)], inputs))


def conv(kind, **more):
    pads = {"strides": [2, 2], "pads_begin": [0, 0], "pads_end": [0, 0], "dilations": [1, 1]}
    return lambda ops, image, kernel: getattr(ops, kind)(image, kernel, **pads, **more)


def test_by_hand(ov):
    # 4 x 4 outputs of 8 channels, each over 3 x 3 x 5 inputs.
    assert counted(ov, conv("convolution"), (1, 5, 9, 9), (8, 5, 3, 3)) == 2 * 16 * 8 * 45
    # 2 groups of 3 channels to 4.
    assert counted(ov, conv("group_convolution"), (1, 6, 9, 9), (2, 4, 3, 3, 3)) == 2 * 16 * 8 * 27
    # Each of 4 x 4 x 6 inputs is spread over 3 x 3 x 5 outputs.
    assert (
        counted(ov, conv("convolution_backprop_data"), (1, 6, 4, 4), (6, 5, 3, 3))
        == 2 * 16 * 6 * 45
    )
    assert (
        counted(ov, conv("group_convolution_backprop_data"), (1, 6, 4, 4), (2, 3, 5, 3, 3))
        == 2 * 16 * 6 * 45
    )


@pytest.mark.parametrize("turned", [False, True])
def test_products_of_matrices(ov, turned):
    left = (2, 7, 3) if turned else (2, 3, 7)
    make = lambda ops, a, b: ops.matmul(a, b, turned, False)  # noqa: E731
    assert counted(ov, make, left, (2, 7, 5)) == 2 * 2 * 3 * 5 * 7


def test_attention_and_einsum(ov):
    def attention(ops, query, key, value):
        return ops.scaled_dot_product_attention(query, key, value)

    # 2 x 4 x 10 x 10 products of 6 numbers, twice.
    shapes = [(2, 4, 10, 6)] * 3
    assert counted(ov, attention, *shapes) == 2 * 2 * 4 * 100 * (6 + 6)
    einsum = lambda ops, a, b: ops.einsum([a, b], "abc,cd->abd")  # noqa: E731
    assert counted(ov, einsum, (2, 3, 4), (4, 5)) == 2 * 2 * 3 * 4 * 5


def test_what_is_no_product_costs_nothing(ov):
    assert counted(ov, lambda ops, image: ops.relu(image), (1, 3, 4, 4)) == 0


def test_what_nobody_knows_is_infinite(ov):
    ops = ov.opset13

    def recurrent(ops, image, state):
        weights = [ops.constant(np.zeros(s, np.float32)) for s in ((8, 3), (8, 2), (8,))]
        return ops.lstm_cell(image, state, state, *weights, 2).output(0)

    assert counted(ov, recurrent, (1, 3), (1, 2)) == float("inf")
    # An If holds its work in other graphs.
    image = ops.parameter([2, 2], np.float32)
    inner = ops.parameter([2, 2], np.float32)
    body = ov.Model([ops.matmul(inner, inner, False, False)], [inner])
    branch = ov.opset8.if_op(ops.constant(True))
    branch.set_then_body(body)
    branch.set_else_body(body)
    branch.set_input(image.output(0), inner, inner)
    result = branch.set_output(body.get_results()[0], body.get_results()[0])
    assert operations_of(ov.Model([result], [image])) == float("inf")
    # How many rows NonZero finds, only the image tells.
    found = ops.convert(ops.non_zero(image), np.float32)
    product = ops.matmul(found, found, False, True)
    assert operations_of(ov.Model([product], [image])) == float("inf")


@pytest.mark.parametrize("kind", ["dft", "idft", "rdft", "irdft"])
def test_transforms_of_fourier_hide_their_work(ov, kind):
    shape = (1, 16) if kind == "rdft" else (1, 16, 2)
    transform = lambda ops, image: getattr(ops, kind)(image, np.array([1], np.int64))  # noqa: E731
    assert counted(ov, transform, shape) == float("inf")
