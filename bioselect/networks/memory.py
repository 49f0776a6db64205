"""What is said when memory runs out while a network is built, trained or predicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bioselect.backbones.keras_import import import_tensorflow
from bioselect.exceptions import UnavailableError


@contextmanager
def explained_memory_errors(
    name: str,
    batch_size: int | None,
    image_shape: tuple[int, int, int],
    size_parameter: str = "input_size",
) -> Iterator[None]:
    """Turn an allocation that failed into one line with the batch size to try.

    Parameters
    ----------
    name : str
        What to call the network.
    batch_size : int or None
        How many images it gets at once; None while it is built, when there are none yet.
    image_shape : tuple of int
        (height, width, n_channels) of its images.
    size_parameter : str
        The parameter that says how large they are.

    Raises
    ------
    UnavailableError
        In place of the errors of TensorFlow and numpy.
    """
    try:
        yield
    except (MemoryError, import_tensorflow().errors.ResourceExhaustedError) as error:
        height, width, n_channels = image_shape
        if batch_size is None:
            raise UnavailableError(
                f"{name}: memory ran out while the network was built, before it saw any image. "
                "Take a smaller network, or close other programs."
            ) from error
        raise UnavailableError(
            f"{name}: memory ran out with batches of {batch_size} images of "
            f"{height} x {width} x {n_channels}. "
            f"{_remedy(batch_size, height, width, size_parameter)}"
        ) from error


def _remedy(batch_size: int, height: int, width: int, parameter: str = "input_size") -> str:
    """Say what to try.

    Examples
    --------
    >>> _remedy(48, 224, 224)
    'Try params: {batch_size: 24}.'
    """
    if batch_size > 1:
        return f"Try params: {{batch_size: {max(1, batch_size // 2)}}}."
    smaller = f"[{max(1, height // 2)}, {max(1, width // 2)}]"
    return f"Try smaller images, params: {{{parameter}: {smaller}}}, or a smaller network."
