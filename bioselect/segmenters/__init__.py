"""Images with masks -> a class for every pixel: networks, and what they have to beat."""
