"""What builds the body of each network: from pixels to a map or a row, without a classifying top."""
