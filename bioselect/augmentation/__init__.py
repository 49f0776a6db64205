"""Named, seeded steps that change training images (and their masks, or targets)."""
