"""Visual words: typical local descriptors, learnt from images, and how often each occurs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from bioselect.exceptions import DataError
from bioselect.features.visual_words.kinds import KINDS, DescriptorKind
from bioselect.features.visual_words.packing import (
    numbers_per_descriptor,
    row_length,
    unpacked,
)

#: So many descriptors for each word are drawn from the training images to learn from: a mean of so
#: many is known to 7 % of their spread, and more images then cost no more time or memory.
SAMPLED_PER_WORD = 200
#: Images whose descriptors are unpacked at a time.
IMAGES_AT_A_TIME = 64
#: Descriptors times words that are compared at a time: 64 MB.
COMPARED_AT_A_TIME = 1 << 24
#: Descriptors that move the words at a time.
BATCH_DESCRIPTORS = 2048


class VisualWords(TransformerMixin, BaseEstimator):
    """How often each visual word occurs in an image; the words are learnt from training images.

    A word is the mean of similar descriptors (k-means, as in Csurka et al. 2004; with batches, as
    in Sculley 2010), each value rounded to a whole number. Binary descriptors have the share of
    ones as their mean: squared distances then count the bits that differ. (Words that are binary
    again, k-majority, only serve to compare without arithmetic, and tell less of the images.)

    A row is the root of the share of each word among the descriptors of a plane (Hellinger), so its
    length is 1 whatever the number of descriptors, and 0 without any. Words are not weighted by how
    rare they are (tf-idf of Sivic and Zisserman 2003): the classifiers scale each feature, which
    would undo any weight.

    Parameters
    ----------
    descriptor : {"sift", "orb"}
        What the rows hold.
    n_descriptors : int
        For how many descriptors a plane has room in a row.
    n_words : int
        Size of the vocabulary. With fewer different descriptors in the training images each is a
        word, and the features of the missing words are 0.
    seed : int
        Of the sample and of k-means. Equal rows and seeds give equal bytes, with one thread.

    Attributes
    ----------
    words_ : list of np.ndarray
        Of each plane, float32 ``(at most n_words, n_values)``.
    n_features_in_ : int
        The length of a row.

    References
    ----------
    Csurka, Dance, Fan, Willamowski, Bray (2004), "Visual categorization with bags of keypoints",
    ECCV workshop on statistical learning in computer vision; Sivic, Zisserman (2003), "Video
    Google: a text retrieval approach to object matching in videos", ICCV, 1470-1477; Sculley
    (2010), "Web-scale k-means clustering", WWW, 1177-1178.

    Examples
    --------
    >>> from bioselect.features.visual_words.packing import packed
    >>> up, across = np.eye(128, dtype=np.uint8)[:2]
    >>> rows = np.array([packed(np.array(one), 4) for one in ([up, up, up, across], [across])])
    >>> VisualWords("sift", 4, n_words=3).fit_transform(rows).round(3).tolist()
    [[0.5, 0.866, 0.0], [1.0, 0.0, 0.0]]
    """

    def __init__(
        self, descriptor: str = "sift", n_descriptors: int = 256, n_words: int = 200, seed: int = 0
    ) -> None:
        self.descriptor = descriptor
        self.n_descriptors = n_descriptors
        self.n_words = n_words
        self.seed = seed

    def fit(self, X: np.ndarray, y: Any = None) -> VisualWords:
        """Learn the words of each plane.

        Parameters
        ----------
        X : np.ndarray
            ``(n_images, n_planes * row_length)``, float32 or float64, as
            :func:`~bioselect.features.visual_words.packing.packed` makes rows.
        y : None
            Not looked at.

        Raises
        ------
        DataError
            If no image has a descriptor.
        """
        self.n_features_in_ = X.shape[1]
        if not any(plane[:, 0].any() for plane in self._planes(X)):
            raise DataError(
                f"{self.descriptor}_bow: at least one of the {len(X)} training images must have a "
                "keypoint. Got none. Choose a lower params.threshold, or take sift_bow instead."
            )
        self.words_ = [self._words(plane) for plane in self._planes(X)]
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_planes * n_words)``, the words of each plane together."""
        check_is_fitted(self, "words_")
        found = np.zeros((len(X), len(self.words_) * self.n_words))
        n_images = max(1, COMPARED_AT_A_TIME // (self.n_descriptors * self.n_words))
        for first in range(0, len(X), min(n_images, IMAGES_AT_A_TIME)):
            block = slice(first, first + min(n_images, IMAGES_AT_A_TIME))
            for place, (plane, words) in enumerate(
                zip(self._planes(X[block]), self.words_, strict=True)
            ):
                start = place * self.n_words
                found[block, start : start + self.n_words] = self._frequencies(plane, words)
        return found

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return names such as `sift_bow_word17`, with `_c0` behind where there are planes."""
        check_is_fitted(self, "words_")
        n_planes = len(self.words_)
        planes = [f"_c{plane}" for plane in range(n_planes)] if n_planes > 1 else [""]
        return np.array(
            [
                f"{self.descriptor}_bow_word{word}{plane}"
                for plane in planes
                for word in range(self.n_words)
            ],
            dtype=object,
        )

    @property
    def _kind(self) -> DescriptorKind:
        return KINDS[self.descriptor]

    def _planes(self, X: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the columns of each plane, without copying them."""
        length = row_length(self.n_descriptors, self._kind.n_bytes)
        if X.shape[1] != self.n_features_in_ or X.shape[1] % length:
            raise ValueError(
                f"X must have rows of {self.n_features_in_} numbers, {length} for each plane. Got "
                f"{X.shape[1]}."
            )
        for start in range(0, X.shape[1], length):
            yield X[:, start : start + length]

    def _values(self, plane: np.ndarray, which: np.ndarray) -> np.ndarray:
        """Return float32 ``(n_true, n_values)`` of the descriptors that `which` marks.

        `which` is bool ``(n_images, n_descriptors)``.
        """
        n_bytes = self._kind.n_bytes
        numbers = plane[:, 1:].reshape(len(plane), -1, numbers_per_descriptor(n_bytes))
        return self._kind.values(unpacked(numbers[which], n_bytes))

    def _there(self, plane: np.ndarray) -> np.ndarray:
        """Return which places of the rows hold a descriptor: bool ``(n_images, n_descriptors)``."""
        return np.arange(self.n_descriptors) < plane[:, :1]

    def _words(self, plane: np.ndarray) -> np.ndarray:
        values = self._sample(plane)
        different = np.unique(values, axis=0)
        if len(different) <= self.n_words:
            return different
        from sklearn.cluster import MiniBatchKMeans

        means = MiniBatchKMeans(
            self.n_words, batch_size=BATCH_DESCRIPTORS, n_init=1, random_state=self.seed
        ).fit(values)
        words: np.ndarray = np.rint(means.cluster_centers_).astype(np.float32)
        return words

    def _sample(self, plane: np.ndarray) -> np.ndarray:
        """Return the values of descriptors drawn from all images, each as likely as any other."""
        there = self._there(plane)
        n_there = int(there.sum())
        n_drawn = min(n_there, SAMPLED_PER_WORD * self.n_words)
        if n_drawn < n_there:
            drawn = np.random.default_rng(self.seed).choice(n_there, n_drawn, replace=False)
            kept = np.zeros(n_there, dtype=bool)
            kept[drawn] = True
            there[there] = kept
        blocks = [
            self._values(plane[first : first + IMAGES_AT_A_TIME], there[first:][:IMAGES_AT_A_TIME])
            for first in range(0, len(plane), IMAGES_AT_A_TIME)
        ]
        return np.concatenate(blocks)

    def _frequencies(self, plane: np.ndarray, words: np.ndarray) -> np.ndarray:
        """Return float64 ``(n_images, n_words)``."""
        there = self._there(plane)
        counts = np.zeros((len(plane), self.n_words))
        if len(words) and there.any():
            # Nearest: x.w - w.w/2 is largest. Exact, see `kinds`; of equally near words the first.
            closeness = self._values(plane, there) @ words.T
            closeness -= (words**2).sum(axis=1) / 2
            images = np.nonzero(there)[0]
            np.add.at(counts, (images, closeness.argmax(axis=1)), 1.0)
        roots: np.ndarray = np.sqrt(counts / np.maximum(there.sum(axis=1, keepdims=True), 1))
        return roots
