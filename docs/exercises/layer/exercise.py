"""A layer: scaled and shifted features, with weights that travel to PyTorch.

Write `LayerNorm`: each row is brought to mean 0 and variance 1, then multiplied by a
weight and shifted by a bias, one of each for each feature.
"""

# ruff: noqa: F401  the imports are for what you will write

from pebblegrad import nn
from pebblegrad.autograd import Tensor, ops


class LayerNorm(nn.Module):
    """Rows of mean 0 and variance 1, times `weight`, plus `bias`.

    Args:
        features: D, the size of the last axis.
        eps: added to the variance.
    """

    def __init__(self, features, eps=1e-5):
        # Two parameters, `weight` of ones and `bias` of zeros: Tensors that require a
        # gradient, in attributes of these names. There is nothing to register.
        self.eps = eps

    def forward(self, x):
        """Map (..., D) to (..., D); the variance divides by D, not by D - 1."""
        raise NotImplementedError("forward(x) returns a Tensor")
