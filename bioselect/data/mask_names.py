"""Names of masks that say that they are masks: cell1_mask.png is the mask of cell1.png."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

_MASK_WORDS = (
    *("mask", "masks", "cp_masks", "seg", "segmentation", "label", "labels", "gt", "groundtruth"),
    *("ground_truth", "annotation", "annotations", "outline", "outlines", "instances"),
)
_IMAGE_WORDS = ("image", "images", "img", "raw", "input")
_JOINT = r"[_\-. ]+"


def paired_by_words(
    image_of: Mapping[str, Path], mask_of: Mapping[str, Path]
) -> tuple[dict[str, Path], dict[str, Path], str] | None:
    """Return images and masks by what their names have in common, and in words what was left out.

    Parameters
    ----------
    image_of, mask_of : mapping
        Each file by its sub-folder and its name without the ending.

    Returns
    -------
    tuple or None
        None where no word makes names alike.

    Examples
    --------
    >>> images, masks = {"a": Path("a.png")}, {"a_mask": Path("a_mask.png")}
    >>> paired_by_words(images, masks)[2]
    "masks are paired with images by their names without '_mask'."
    """
    shorter_masks, mask_word = _without_word(mask_of, _MASK_WORDS)
    shorter_images, image_word = _without_word(image_of, _IMAGE_WORDS)
    for images, masks, words in (
        (image_of, shorter_masks, (mask_word,)),
        (shorter_images, mask_of, (image_word,)),
        (shorter_images, shorter_masks, (image_word, mask_word)),
    ):
        if all(words) and set(images) & set(masks):
            named = " and ".join(map(repr, words))
            what = f"masks are paired with images by their names without {named}."
            return dict(images), dict(masks), what
    return None


def _without_word(files: Mapping[str, Path], words: tuple[str, ...]) -> tuple[dict[str, Path], str]:
    """Return files by their names without the word that most of them have, and this word."""
    listed = "|".join(sorted(words, key=len, reverse=True))
    after = re.compile(rf"(?i)^(?P<kept>.*?[^_\-. ])(?P<word>{_JOINT}(?:{listed}))$")
    before = re.compile(rf"(?i)^(?P<word>(?:{listed}){_JOINT})(?P<kept>.+)$")
    found: dict[str, tuple[str, str]] = {}
    for key in files:
        folder, _, name = key.rpartition("/")
        match = after.match(name) or before.match(name)
        if match:
            kept = f"{folder}/{match['kept']}" if folder else match["kept"]
            found[key] = kept, match["word"]
    if not found:
        return {}, ""
    word = Counter(word for _, word in found.values()).most_common(1)[0][0]
    shorter = {kept: files[key] for key, (kept, one) in found.items() if one == word}
    whole = {key: path for key, path in files.items() if key not in found or found[key][1] != word}
    together = {**whole, **shorter}
    return (together, word) if len(together) == len(files) else ({}, "")
