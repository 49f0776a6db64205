"""Studies of masks: which segmenter is best, and is it really."""
