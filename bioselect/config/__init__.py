"""The YAML file, typed."""
