"""Four light classifiers on all folds of a study, fast enough to repeat it hundreds of times.

Naive Bayes, logistic regression and kNN are written for all folds together (sums over images as
products of matrices); they give the labels of scikit-learn's `GaussianNB`, `LogisticRegression` and
`KNeighborsClassifier` (`check_against_scikit_learn`). The SVM is scikit-learn's. Two classes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

N_NEIGHBOURS = 5

SCIKIT_LEARN: dict[str, Callable[[], object]] = {
    "naive Bayes": GaussianNB,
    "logistic regression": lambda: LogisticRegression(tol=1e-8, max_iter=1000),
    "kNN": lambda: KNeighborsClassifier(N_NEIGHBOURS),
    "SVM": lambda: SVC(gamma="scale"),
}


def out_of_fold_labels(name: str, X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Return (n_repeats, n_images): the label each image gets while nothing is trained on it.

    `folds` is (n_repeats, n_images), the number of the fold that tests the image.
    """
    return _BY_NAME[name](X, y, folds)


def new_labels(name: str, X: np.ndarray, y: np.ndarray, X_new: np.ndarray) -> np.ndarray:
    """Return the labels of new images, trained on all of `X`."""
    return SCIKIT_LEARN[name]().fit(X, y).predict(X_new)


def _trained_on(folds: np.ndarray) -> np.ndarray:
    """Return (n_repeats, n_folds, n_images): 1 where the image is trained on."""
    numbers = np.arange(folds.max() + 1)
    return (folds[:, None, :] != numbers[None, :, None]).astype(np.float64)


def _of_own_fold(scores: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Take from (n_repeats, n_folds, n_images) what the fold that tests an image says of it."""
    return np.take_along_axis(scores, folds[:, None, :], axis=1)[:, 0, :]


def _naive_bayes(X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    trained = _trained_on(folds)
    centred = X - X.mean(axis=0)
    both = np.hstack([centred, centred**2])
    p = X.shape[1]
    total = trained.sum(axis=2)[..., None]
    sums = trained @ both
    spread = sums[..., p:] / total - (sums[..., :p] / total) ** 2
    floor = 1e-9 * spread.max(axis=-1, keepdims=True)
    logs = []
    for label in (0, 1):
        inside = trained * (y == label)
        count = inside.sum(axis=2)[..., None]
        sums = inside @ both / count
        mean, variance = sums[..., :p], sums[..., p:] - sums[..., :p] ** 2 + floor
        constant = np.log(count[..., 0]) - 0.5 * (np.log(variance) + mean**2 / variance).sum(-1)
        weights = np.concatenate([mean / variance, -0.5 / variance], axis=-1)
        logs.append(weights @ both.T + constant[..., None])
    return (_of_own_fold(logs[1] - logs[0], folds) > 0).astype(np.int64)


def _logistic(X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    trained = _trained_on(folds).reshape(-1, X.shape[0])
    Z = np.hstack([X, np.ones((len(X), 1))])
    size = Z.shape[1]
    products = (Z[:, :, None] * Z[:, None, :]).reshape(len(Z), -1)
    penalty = np.ones(size)
    penalty[-1] = 0.0
    beta = np.zeros((len(trained), size))
    for _ in range(50):
        q = expit(beta @ Z.T)
        gradient = (trained * (q - y)) @ Z + beta * penalty
        hessian = ((trained * q * (1 - q)) @ products).reshape(-1, size, size) + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
        beta -= step
        if np.abs(step).max() < 1e-6:
            break
    scores = (beta @ Z.T).reshape(*folds.shape[:1], -1, len(X))
    return (_of_own_fold(scores, folds) > 0).astype(np.int64)


def _knn(X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    squares = (X**2).sum(axis=1)
    distances = squares[:, None] - 2 * X @ X.T + squares[None]
    n_looked_at = min(len(X), 64)
    while True:
        near = np.argpartition(distances, n_looked_at - 1, axis=1)[:, :n_looked_at]
        order = np.argsort(np.take_along_axis(distances, near, axis=1), axis=1)
        near = np.take_along_axis(near, order, axis=1)
        found = [(fold[near] != fold[:, None]).cumsum(axis=1) for fold in folds]
        if n_looked_at == len(X) or min(one[:, -1].min() for one in found) >= N_NEIGHBOURS:
            break
        n_looked_at = min(len(X), 2 * n_looked_at)
    labels = np.empty(folds.shape, dtype=np.int64)
    for repeat, (fold, place) in enumerate(zip(folds, found, strict=True)):
        taken = (fold[near] != fold[:, None]) & (place <= N_NEIGHBOURS)
        labels[repeat] = 2 * (y[near] * taken).sum(axis=1) > N_NEIGHBOURS
    return labels


def _svm(X: np.ndarray, y: np.ndarray, folds: np.ndarray) -> np.ndarray:
    labels = np.empty(folds.shape, dtype=np.int64)
    for repeat, fold in enumerate(folds):
        for number in range(fold.max() + 1):
            tested = fold == number
            labels[repeat, tested] = (
                SVC(gamma="scale").fit(X[~tested], y[~tested]).predict(X[tested])
            )
    return labels


_BY_NAME = {
    "naive Bayes": _naive_bayes,
    "logistic regression": _logistic,
    "kNN": _knn,
    "SVM": _svm,
}
CLASSIFIERS = tuple(_BY_NAME)


def check_against_scikit_learn(n_draws: int = 5) -> None:
    """Raise unless the classifiers give the labels of scikit-learn's."""
    generator = np.random.default_rng(0)
    for draw in range(n_draws):
        y = generator.permutation(np.arange(90) % 3 == 0).astype(np.int64)
        X = generator.standard_normal((90, 6)) + 0.8 * y[:, None]
        folds = np.stack([generator.permutation(np.arange(90) % 5) for _ in range(2)])
        for name in CLASSIFIERS:
            expected = np.empty(folds.shape, dtype=np.int64)
            for repeat, fold in enumerate(folds):
                for number in range(5):
                    tested = fold == number
                    expected[repeat, tested] = new_labels(name, X[~tested], y[~tested], X[tested])
            different = int((out_of_fold_labels(name, X, y, folds) != expected).sum())
            if different:
                raise AssertionError(f"{name}: {different} labels are not scikit-learn's ({draw}).")
