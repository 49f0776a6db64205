"""A trained model as files that outlive this code."""
