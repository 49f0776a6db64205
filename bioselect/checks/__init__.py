"""The doctor: what is noticed about the images before any work; each finding has a remedy."""
