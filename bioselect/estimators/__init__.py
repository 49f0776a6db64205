"""Rows of numbers -> prediction: scikit-learn classifiers."""
