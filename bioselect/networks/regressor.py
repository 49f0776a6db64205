"""A network that learns a number from pixels: the face of the others, with another head."""

from __future__ import annotations

from functools import cached_property

from bioselect.augmentation.pipeline import Augmentation, create_augmenter
from bioselect.exceptions import ComponentError
from bioselect.networks.classifier import NetworkClassifier


class NetworkRegressor(NetworkClassifier):
    """A network that is trained from pixels to predict a number; the constructor only stores.

    What is said of :class:`~bioselect.networks.classifier.NetworkClassifier` holds here too. The
    last layer gives one number without an activation. It learns the target with mean 0 and standard
    deviation 1 on the images that are trained on; a layer behind it, which is part of the model,
    brings that back to the target's units.

    Examples
    --------
    >>> from bioselect.component import ComponentSpec
    >>> NetworkRegressor(ComponentSpec("small_cnn")).settings.loss
    'mse'
    """

    kind = "value_network"

    @cached_property
    def _chosen_augmentation(self) -> Augmentation | None:
        chosen = super()._chosen_augmentation
        if chosen is not None and create_augmenter(chosen, self.base_dir).mixes_batches:
            raise ComponentError(
                f"{self.name}: a blend of two images (mixup) does not show what has the mean of "
                "their numbers. Leave out that step of augmentation, or write augmentation_mix: "
                "none for this network."
            )
        return chosen
