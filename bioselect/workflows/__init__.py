"""The jobs behind the commands: the only place that knows configuration and algorithms."""
