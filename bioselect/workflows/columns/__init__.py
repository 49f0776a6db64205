"""Studies of the columns of a table."""
