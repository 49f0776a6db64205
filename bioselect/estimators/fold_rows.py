"""The rows of one fold and what classifiers make of them first, shared by all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.preprocessing import StandardScaler

from bioselect.estimators.binary_scaling import BinaryScaler
from bioselect.estimators.shared_parts import SharedParts

#: So many training images have an 8 MB matrix of inner products, which is always worth making.
FEW_IMAGES = 1000
#: Inner products of more images take more than 800 MB in every process.
MOST_IMAGES = 10_000
#: How many of the first numbers of a row tell at once that it is nobody's duplicate.
_GLANCE = 64


class FoldRows:
    """Rows to train on and rows to test on, and what can be learnt from the former.

    Everything is made when first asked for and read-only: no classifier can change what the next
    one gets. `scaled` is what ``StandardScaler`` makes of the rows, bit by bit.

    Parameters
    ----------
    X : np.ndarray
        ``(n_images, n_features)``.
    train, test : np.ndarray
        int, places of images in `X`.

    Examples
    --------
    >>> rows = FoldRows(np.array([[1.0], [3.0], [5.0]]), np.array([0, 1]), np.array([2]))
    >>> rows.scaled_train().ravel(), rows.scaled_test().ravel(), rows.gram_test()
    (array([-1.,  1.]), array([3.]), array([[-3.,  3.]]))
    """

    def __init__(self, X: np.ndarray, train: np.ndarray, test: np.ndarray) -> None:
        self._X, self._train, self._test = X, train, test
        self.parts = SharedParts()

    def train(self) -> np.ndarray:
        """Return the training rows as they are, float64."""
        return self._array("train", lambda: _float64(self._X[self._train]))

    def test(self) -> np.ndarray:
        """Return the test rows as they are, float64."""
        return self._array("test", lambda: _float64(self._X[self._test]))

    def wide(self) -> bool:
        """Return whether features outnumber training images, and their products fit in memory."""
        n_images, n_features = len(self._train), self._X.shape[1]
        return bool(MOST_IMAGES >= n_images < n_features)

    def few(self) -> bool:
        """Return whether matrices of all training images are small."""
        return len(self._train) <= FEW_IMAGES

    def gram_pays(self) -> bool:
        """Return whether kernels are quicker from shared inner products than image by image."""
        # Measured with libsvm on one core: 1,000 images with 8 features gain as little as 5,000
        # with 2,500; 5,000 with 128 lose. Nor is the matrix larger than twice the rows then.
        n_images, n_features = len(self._train), self._X.shape[1]
        return bool(n_images <= min(max(FEW_IMAGES, 2 * n_features), MOST_IMAGES))

    def scaled_train(self) -> np.ndarray:
        """Return the standardised training rows."""
        return self._array("scaled_train", lambda: self._scaler().transform(self.train()))

    def scaled_test(self) -> np.ndarray:
        """Return the test rows, standardised as the training rows were."""
        return self._array("scaled_test", lambda: self._scaler().transform(self.test()))

    def variance(self) -> float:
        """Return the variance of all numbers of the standardised training rows."""
        return float(self.parts.get("variance", lambda: self.scaled_train().var()))

    def columns_train(self) -> np.ndarray:
        """Return the standardised training rows as trees read them: float32, column by column."""
        return self._array(
            "columns_train", lambda: np.asfortranarray(self.scaled_train(), dtype=np.float32)
        )

    def binary_train(self) -> np.ndarray:
        """Return the training rows scaled by powers of two, as trees read them."""
        return self._array(
            "binary_train",
            lambda: np.asfortranarray(self._binary().transform(self.train()), dtype=np.float32),
        )

    def binary_test(self) -> np.ndarray:
        """Return the test rows, scaled by the same powers of two."""
        return self._array("binary_test", lambda: self._binary().transform(self.test()))

    def gram_train(self) -> np.ndarray:
        """Return inner products of the standardised training rows, ``(n_train, n_train)``.

        Equal rows have equal products, to the last bit.
        """
        return self._array("gram_train", lambda: _gram(self.scaled_train()))

    def gram_test(self) -> np.ndarray:
        """Return inner products of the test rows with the training rows, ``(n_test, n_train)``."""
        return self._array("gram_test", lambda: self.scaled_test() @ self.scaled_train().T)

    def squares_test(self) -> np.ndarray:
        """Return the squared lengths of the standardised test rows."""
        return self._array(
            "squares_test", lambda: np.einsum("ij,ij->i", self.scaled_test(), self.scaled_test())
        )

    def _scaler(self) -> Any:
        return self.parts.get("scaler", lambda: StandardScaler().fit(self.train()))

    def _binary(self) -> Any:
        return self.parts.get("binary", lambda: BinaryScaler().fit(self.train()))

    def _array(self, name: str, make: Any) -> np.ndarray:
        return np.asarray(self.parts.get(name, lambda: _locked(make())))


def _float64(rows: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(rows, dtype=np.float64)


def _locked(array: np.ndarray) -> np.ndarray:
    array = array.view()
    array.flags.writeable = False
    return array


def _gram(rows: np.ndarray) -> np.ndarray:
    """Return ``rows @ rows.T``; duplicates, whose products differ by rounding, made equal.

    Support vector machines take one of two equal images first: which, must not be rounding's
    choice.
    """
    gram = rows @ rows.T
    if len({row[:_GLANCE].tobytes() for row in rows}) < len(rows):
        first: dict[bytes, int] = {}
        places = [first.setdefault(row.tobytes(), place) for place, row in enumerate(rows)]
        gram = np.ascontiguousarray(gram[np.ix_(places, places)])
    return np.asarray(gram)
