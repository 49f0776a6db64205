"""How good is a prediction: name, direction, bounds, function."""
