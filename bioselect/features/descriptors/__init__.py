"""Descriptors computed from the pixels, one file each."""
