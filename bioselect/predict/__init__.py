"""Files -> a table of predictions."""
