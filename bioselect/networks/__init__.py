"""Networks that are trained from pixels, behind one face: fit, predict, save, load."""
