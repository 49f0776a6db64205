"""Keras networks as feature extractors."""
