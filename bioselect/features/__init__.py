"""Images -> one row of numbers per image."""
