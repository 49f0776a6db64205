"""What the losses of masks are called in a configuration; nothing is imported to read it."""

CROSS_ENTROPY, DICE, BOTH = "cross_entropy", "dice", "cross_entropy_dice"
FOCAL, TVERSKY = "focal", "tversky"
MASK_LOSSES = (BOTH, CROSS_ENTROPY, DICE, FOCAL, TVERSKY)
#: Those to which every pixel adds something of its own, so that classes can be weighted.
OF_PIXELS = (BOTH, CROSS_ENTROPY, FOCAL)
