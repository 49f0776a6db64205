"""Which candidate is best, and is it really."""
