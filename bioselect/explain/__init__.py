"""What predictions go by, and how far predicted numbers are from true ones."""
