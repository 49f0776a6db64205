"""What builds the body of each network: from pixels to a map or a row, without its head."""
