"""Computes figures that people can act on from gold and predicted documents. Prints nothing."""
