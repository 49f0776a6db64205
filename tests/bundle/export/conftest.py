"""What ONNX Runtime says of a graph."""

import numpy as np
import pytest


@pytest.fixture
def computed():
    """Return a function that runs an ONNX model and returns all that it gives."""
    import onnxruntime

    def run(model, **given):
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), providers=["CPUExecutionProvider"]
        )
        assert [one.name for one in session.get_inputs()] == list(given)
        found = session.run(None, given)
        return [np.asarray(one) for one in found]

    return run
