"""Every operation is found, however deep inside others it lies."""

import numpy as np
import pytest

from bioselect.backbones.openvino_import import import_openvino
from bioselect.backbones.sub_graphs import all_operations, bodies_of


@pytest.fixture(scope="module")
def ov():
    return import_openvino()


def in_branches(ov, image, inner):
    """Return an If whose two branches are the same graph."""
    branch = ov.opset8.if_op(ov.opset13.constant(True))
    branch.set_then_body(inner)
    branch.set_else_body(inner)
    taken = inner.get_parameters()[0]
    branch.set_input(image.output(0), taken, taken)
    return branch.set_output(inner.get_results()[0], inner.get_results()[0])


def test_operations_of_a_branch_inside_a_branch(ov):
    ops = ov.opset13
    image = ops.parameter([2, 2], np.float32)
    model = ov.Model([ops.tanh(image)], [image])
    for _ in range(2):
        image = ops.parameter([2, 2], np.float32)
        model = ov.Model([in_branches(ov, image, model)], [image])
    kinds = [operation.get_type_name() for operation in all_operations(model)]
    # Two branches, in each an If with two branches.
    assert (kinds.count("If"), kinds.count("Tanh")) == (3, 4)
    assert [len(bodies_of(one)) for one in model.get_ordered_ops() if bodies_of(one)] == [2]
