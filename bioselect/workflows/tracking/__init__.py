"""A finished study told to MLflow and TensorBoard, from the tables of its run folder alone."""
