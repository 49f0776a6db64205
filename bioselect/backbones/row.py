"""What one row of the table of networks says: what builds a network, what it takes and costs."""

from __future__ import annotations

from dataclasses import dataclass

from bioselect.exceptions import ComponentError

MAX_BATCH_SIZE = 32
#: The inputs and outputs of the largest operation may take this much memory in one batch: larger
#: batches are hardly faster on a processor, and a single image is padded to a whole one.
PEAK_BYTES = 1 << 27
BYTES_PER_VALUE = 4


@dataclass(frozen=True)
class Width:
    """One network as wide as `alpha` says; most networks come in one width.

    `peak_values` is how many float32 values its largest operation takes and gives for one
    image; `checksum` is Keras's own of its weights file ("" where Keras states none).
    """

    alpha: float
    n_features: int
    n_parameters: int
    operations: int
    peak_values: int
    checksum: str = ""
    alpha_text: str = ""


@dataclass(frozen=True)
class BackboneRow:
    """One network: what builds it, what it takes, what it gives and what it costs.

    `weights_file` is the name that Keras gives the ImageNet weights without the classifying top;
    `weights_sizes` are the input sizes for which there are weights of their own, the last one
    serving all others, and all sizes of a network wider than 1.
    """

    name: str
    constructor: str
    preprocessing: str
    input_size: tuple[int, int]
    min_size: int
    widths: tuple[Width, ...]
    weights_file: str
    weights_address: str
    reference: str
    weights_sizes: tuple[int, ...] = ()

    @property
    def alphas(self) -> tuple[float, ...]:
        """The widths to choose from."""
        return tuple(width.alpha for width in self.widths)

    @property
    def has_alpha(self) -> bool:
        """Whether there is a width to choose."""
        return len(self.widths) > 1

    @property
    def is_scaled_twice(self) -> bool:
        """Whether Keras scales the pixels once more for the ImageNet weights: EfficientNet (v1)."""
        return self.name.startswith("efficientnet_b")

    @property
    def n_features(self) -> int:
        """The length of a row of features after average pooling, at full width."""
        return self.width(1.0).n_features

    @property
    def operations(self) -> float:
        """Operations per image of `input_size`, at full width."""
        return float(self.width(1.0).operations)

    @property
    def summary(self) -> str:
        """One line for the list of components."""
        height, width = self.input_size
        return (
            f"{self.constructor.split(':')[1]} of keras.applications: {self.n_features} features, "
            f"{self.operations / 1e9:.2g} GFLOP for an image of {height} x {width}"
        )

    def width(self, alpha: float) -> Width:
        """Return the width that `alpha` names.

        Raises
        ------
        ComponentError
            If the network has no such width.
        """
        for width in self.widths:
            if width.alpha == alpha:
                return width
        known = ", ".join(f"{width.alpha:g}" for width in self.widths)
        raise ComponentError(f"{self.name}: params.alpha must be one of {known}. Got {alpha!r}.")

    def weights_name(self, alpha: float, input_size: tuple[int, int]) -> str:
        """Return the name of the file that holds the ImageNet weights.

        Examples
        --------
        >>> from bioselect.backbones.table import ROWS
        >>> ROWS["mobilenet_v2"].weights_name(0.35, (96, 96))
        'mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_96_no_top.h5'
        >>> ROWS["vgg16"].weights_name(1.0, (96, 96))
        'vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5'
        """
        return self._filled(self.weights_file, alpha, input_size)

    def weights_url(self, alpha: float, input_size: tuple[int, int]) -> str:
        """Return the address from which Keras downloads that file."""
        return self._filled(self.weights_address, alpha, input_size)

    def operations_at(self, alpha: float, input_size: tuple[int, int]) -> float:
        """Return the operations per image of another size: they grow with the area.

        Examples
        --------
        >>> from bioselect.backbones.table import ROWS
        >>> ROWS["resnet50"].operations_at(1.0, (112, 224)) / ROWS["resnet50"].operations
        0.5
        """
        return self.width(alpha).operations * self._relative_area(input_size)

    def batch_size_at(self, alpha: float, input_size: tuple[int, int]) -> int:
        """Return how many images the network takes at once; memory bounds it.

        Examples
        --------
        >>> from bioselect.backbones.table import ROWS
        >>> ROWS["mobilenet_v2"].batch_size_at(1.0, (224, 224))
        8
        >>> ROWS["efficientnet_b7"].batch_size_at(1.0, (600, 600))
        1
        """
        return bounded_batch_size(self.width(alpha).peak_values * self._relative_area(input_size))

    def _relative_area(self, input_size: tuple[int, int]) -> float:
        return input_size[0] * input_size[1] / (self.input_size[0] * self.input_size[1])

    def _filled(self, template: str, alpha: float, input_size: tuple[int, int]) -> str:
        size = self.weights_sizes[-1] if self.weights_sizes else 0
        # Keras asks for wider networks at every size too, but they were published at the last only.
        if alpha <= 1 and input_size[0] == input_size[1] and input_size[0] in self.weights_sizes:
            size = input_size[0]
        text = self.width(alpha).alpha_text or str(float(alpha))
        return template.format(alpha=text, size=size)


def bounded_batch_size(peak_values: float) -> int:
    """Return the largest power of two of images, at most 32, whose peak stays in `PEAK_BYTES`."""
    n_images = MAX_BATCH_SIZE
    while n_images > 1 and n_images * peak_values * BYTES_PER_VALUE > PEAK_BYTES:
        n_images //= 2
    return n_images


def input_size_of(
    row: BackboneRow, chosen: int | list[int] | tuple[int, ...] | None
) -> tuple[int, int]:
    """Return (height, width) that a network takes, out of what was written in the parameters.

    Raises
    ------
    ComponentError
        If the size is not one or two whole numbers, or too small for the network.

    Examples
    --------
    >>> from bioselect.backbones.table import ROWS
    >>> input_size_of(ROWS["vgg16"], None), input_size_of(ROWS["vgg16"], [96, 128])
    ((224, 224), (96, 128))
    """
    size = row.input_size if chosen is None else as_size(row.name, chosen)
    if min(size) < row.min_size:
        raise ComponentError(
            f"{row.name}: params.input_size must be at least {row.min_size}. Got {chosen!r}."
        )
    return size


def as_size(name: str, chosen: int | list[int] | tuple[int, ...]) -> tuple[int, int]:
    """Return (height, width) out of one whole number or two, for the component `name`.

    Examples
    --------
    >>> as_size("vgg16", 224)
    (224, 224)
    """
    sides = (chosen, chosen) if isinstance(chosen, int) else tuple(chosen)
    whole = all(isinstance(side, int) and not isinstance(side, bool) for side in sides)
    if len(sides) != 2 or not whole or min(sides) < 1:
        raise ComponentError(
            f"{name}: params.input_size must be one whole number or [height, width]. "
            f"Got {chosen!r}."
        )
    return sides[0], sides[1]
