"""Which random numbers belong to which image, so that nothing depends on order or processes."""

from __future__ import annotations

import numpy as np

#: Seeds of the streams of a batch.
_LARGEST_SEED = 2**63 - 1


def stream_of(seed: int, epoch: int, place: int) -> np.random.Generator:
    """Return the random numbers of one image in one epoch.

    They depend on these three numbers only, so a training that was killed goes on with the same
    images, in any number of processes.

    Examples
    --------
    >>> stream_of(0, 3, 7).random() == stream_of(0, 3, 7).random()
    True
    >>> stream_of(0, 3, 7).random() == stream_of(0, 7, 3).random()
    False
    """
    return np.random.default_rng((seed, epoch, place))


def streams_of_batch(n_images: int, rng: np.random.Generator) -> list[np.random.Generator]:
    """Return a stream for each image of a batch; that of the first does not depend on the others.

    Examples
    --------
    >>> one, two = (streams_of_batch(n, np.random.default_rng(0))[0] for n in (1, 2))
    >>> one.random() == two.random()
    True
    """
    return [np.random.default_rng(rng.integers(_LARGEST_SEED)) for _ in range(n_images)]
