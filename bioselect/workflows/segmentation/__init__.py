"""The jobs of `task: segmentation`: images with masks to a model that draws masks."""
