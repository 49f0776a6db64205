"""Messages between processes: the same bits arrive, and nothing that arrives is run."""

import io
import json
import math
import pickle

import numpy as np
import pytest

from bioselect.networks.pipe_messages import read_message, write_message


class Trickling(io.BytesIO):
    """Gives a few bytes at a time, as pipes do."""

    def read(self, size=-1):
        return super().read(min(size, 7))


def sent(*messages):
    stream = Trickling()
    for facts, arrays in messages:
        write_message(stream, facts, arrays)
    stream.seek(0)
    return stream


def test_every_bit_arrives():
    rng = np.random.default_rng(0)
    odd = np.float32([np.nan, np.inf, -0.0, 1e-45, 3.4e38])
    arrays = [rng.normal(size=(5, 3)).astype(np.float32), odd, np.zeros((0, 3), np.float32)]
    facts = {"rate": 0.1 + 0.2, "hidden": [64, 64], "early_stopping": None, "name": "Größe"}
    stream = sent((facts, arrays), ({"second": math.pi}, [arrays[0].T]))
    found, first = read_message(stream)
    assert found == facts
    for one, other in zip(first, arrays, strict=True):
        assert (one.shape, one.dtype, one.tobytes()) == (other.shape, np.float32, other.tobytes())
        assert one.flags.writeable
    found, (turned,) = read_message(stream)
    assert found == {"second": math.pi}
    assert np.array_equal(turned, arrays[0].T)
    with pytest.raises(EOFError):
        read_message(stream)


def test_a_message_that_breaks_off_is_no_message():
    whole = sent(({"a": 1}, [np.ones(4, np.float32)])).getvalue()
    for n_bytes in (0, 3, 12, len(whole) - 1):
        with pytest.raises(EOFError):
            read_message(io.BytesIO(whole[:n_bytes]))


class Harmful:
    """What a malicious pickle is: reading it calls a function."""

    def __reduce__(self):
        return (pytest.fail, ("a message was run",))


@pytest.mark.parametrize("head", [pickle.dumps(Harmful()), b"[1]", json.dumps({"x": 1}).encode()])
def test_what_is_no_message_is_refused_and_not_run(head):
    with pytest.raises(ValueError):
        read_message(io.BytesIO(len(head).to_bytes(8, "little") + head))


@pytest.mark.parametrize("array", [np.array([Harmful()]), np.arange(3), np.array(["a"])])
def test_arrays_of_anything_else_are_not_sent(array):
    with pytest.raises(TypeError, match="must be float32"):
        write_message(io.BytesIO(), {}, [array])
