"""Public sets of images: what is where, under which licence, and how it comes to this machine."""
