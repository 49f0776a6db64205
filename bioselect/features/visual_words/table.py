"""The bags of visual words, as data: nothing is imported to read their names."""

from __future__ import annotations

from bioselect.registry import ComponentRow, Parameter

_WORDS = Parameter(
    "words",
    200,
    ("int",),
    minimum=2,
    maximum=5000,
    summary="size of the vocabulary, which is learnt from the training images of each fold",
)
_CHANNELS = Parameter(
    "channels",
    "mean",
    choices=("mean", "each"),
    summary="the mean of the channels, or every channel on its own with its own vocabulary",
)
_RANGE = Parameter(
    "range",
    "image",
    choices=("image", "unit"),
    summary="black and white of the 8 bits described: the image's own darkest and brightest, or "
    "0 and 1",
)


def _keypoints(summary: str) -> Parameter:
    return Parameter("keypoints", 256, ("int",), minimum=8, maximum=4096, summary=summary)


_SIFT_BOW = ComponentRow(
    name="sift_bow",
    target="bioselect.features.visual_words.sift_bow:SiftBow",
    summary="how often which kind of small patch occurs, on a grid of patches (200 visual words)",
    parameters=(
        _WORDS,
        _keypoints("most patches of an image; each takes 172 bytes of memory and disk"),
        Parameter(
            "step",
            2,
            ("int",),
            minimum=1,
            maximum=512,
            summary="smallest distance between patches in pixels; larger in large images, so that "
            "there are at most `keypoints`",
        ),
        Parameter(
            "patches",
            (16, 32, 64),
            ("list",),
            summary="sides of the patches in pixels, 8 to 512; those that do not fit are left out",
        ),
        _CHANNELS,
        _RANGE,
    ),
    reference="Lowe (2004), Distinctive image features from scale-invariant keypoints, Int. J. "
    "Computer Vision 60(2), 91-110; Csurka et al. (2004), Visual categorization with bags of "
    "keypoints, ECCV workshop on statistical learning in computer vision",
)

_ORB_BOW = ComponentRow(
    name="orb_bow",
    target="bioselect.features.visual_words.orb_bow:OrbBow",
    summary="how often which kind of corner occurs, whichever way it is turned (200 visual words)",
    parameters=(
        _WORDS,
        _keypoints("most corners of an image, the strongest; each takes 44 bytes"),
        Parameter(
            "threshold",
            10,
            ("int",),
            minimum=1,
            maximum=254,
            summary="grey levels of 256 by which a corner differs from what is around it",
        ),
        _CHANNELS,
        _RANGE,
    ),
    reference="Rublee et al. (2011), ORB: an efficient alternative to SIFT or SURF, ICCV, "
    "2564-2571; Csurka et al. (2004), Visual categorization with bags of keypoints, ECCV workshop "
    "on statistical learning in computer vision",
)

#: Every bag of visual words, by name.
ROWS = (_SIFT_BOW, _ORB_BOW)
