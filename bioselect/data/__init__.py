"""Images and their targets: from files to arrays, and which images form a fold."""
