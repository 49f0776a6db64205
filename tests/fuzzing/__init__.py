"""Damaged inputs for everything that reads a file; see CONTRIBUTING.md."""
