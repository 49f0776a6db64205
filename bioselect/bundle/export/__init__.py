"""A model in the formats of other programs: ONNX, a package of the Model Zoo, a Keras file."""
