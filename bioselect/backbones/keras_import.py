"""Keras on TensorFlow: imported without a word, used without disturbing anybody's settings.

Keras keeps its precision, its order of axes and its random numbers in global state, and reads
them from a file in the user's home. Features must not depend on any of it, and a program that
uses this package beside its own Keras code must find its settings as it left them.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from bioselect.exceptions import UnavailableError

Result = TypeVar("Result")


def import_keras() -> Any:
    """Return the module `keras`, running on TensorFlow.

    The first import takes some seconds. What TensorFlow's libraries print while they load (before
    any of its log levels is obeyed) does not reach the terminal, unless the import fails.

    Raises
    ------
    UnavailableError
        If Keras or TensorFlow cannot be imported, or Keras already runs on another backend.
    """
    if "keras" not in sys.modules:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        os.environ["KERAS_BACKEND"] = "tensorflow"
        try:
            with _silent_standard_error():
                import keras
                import tensorflow

                # The first operation starts the devices, which have something to say too.
                tensorflow.constant(0.0)
        except ImportError as error:
            raise UnavailableError(
                f"Keras networks need the packages keras and tensorflow, which cannot be imported "
                f"({error}). Install them with `pip install keras tensorflow`."
            ) from error
    import keras

    if keras.backend.backend() != "tensorflow":
        raise UnavailableError(
            "Keras must run on TensorFlow. Got KERAS_BACKEND="
            f"{keras.backend.backend()}. Set KERAS_BACKEND=tensorflow before Keras is imported."
        )
    return keras


def import_tensorflow() -> Any:
    """Return the module `tensorflow`, imported as quietly as Keras."""
    import_keras()
    import tensorflow

    return tensorflow


def in_fresh_keras(work: Callable[[Any], Result], seed: int = 0) -> Result:
    """Return `work(keras)`, done as in a program that has just imported Keras and nothing else.

    Inside, numbers are float32, channels come last, layers without a name of their own are
    counted from the first one, and random numbers are drawn from `seed`. Outside, everything is
    as it was, Python's random numbers included: Keras draws the seeds of its layers from them.
    """
    keras = import_keras()
    floatx = keras.config.floatx()
    axes = keras.config.image_data_format()
    random_state = random.getstate()
    try:
        keras.config.set_floatx("float32")
        keras.config.set_image_data_format("channels_last")
        random.seed(seed)
        # Keras keeps the other half of its global state (names, precision) per thread.
        with ThreadPoolExecutor(max_workers=1) as fresh_thread:
            return fresh_thread.submit(work, keras).result()
    finally:
        random.setstate(random_state)
        keras.config.set_image_data_format(axes)
        keras.config.set_floatx(floatx)


@contextmanager
def full_precision() -> Iterator[Any]:
    """Give `tensorflow` with products of float32 kept in float32 on graphics processors too.

    By default they are rounded to 10 bits of mantissa there, and features would differ from those
    of another machine in the third digit.
    """
    tensorflow = import_tensorflow()
    settings = tensorflow.config.experimental
    before = settings.tensor_float_32_execution_enabled()
    try:
        settings.enable_tensor_float_32_execution(False)
        yield tensorflow
    finally:
        settings.enable_tensor_float_32_execution(before)


@contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Keep what C++ libraries write to the standard error off the terminal, unless they fail."""
    try:
        original = os.dup(2)
    except OSError:  # A program without a standard error has nothing to keep silent.
        yield
        return
    if sys.stderr is not None:
        sys.stderr.flush()
    with tempfile.TemporaryFile() as unheard:
        os.dup2(unheard.fileno(), 2)
        try:
            yield
        except Exception:
            unheard.seek(0)
            os.write(original, unheard.read())
            raise
        finally:
            os.dup2(original, 2)
            os.close(original)
