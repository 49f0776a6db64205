"""Bags of visual words: local descriptors of each image, and the vocabulary learnt from them."""
