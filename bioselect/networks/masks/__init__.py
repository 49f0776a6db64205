"""Networks from an image to a class for every pixel: patches to learn from, losses, tiles."""
