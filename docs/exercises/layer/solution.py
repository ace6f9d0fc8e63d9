"""A layer: scaled and shifted features, with weights that travel to PyTorch."""

from pebblegrad import nn
from pebblegrad.autograd import Tensor, ops


class LayerNorm(nn.Module):
    """Rows of mean 0 and variance 1, times `weight`, plus `bias`."""

    def __init__(self, features, eps=1e-5):
        self.weight = Tensor([1.0] * features, requires_grad=True)
        self.bias = Tensor([0.0] * features, requires_grad=True)
        self.eps = eps

    def forward(self, x):
        """Map (..., D) to (..., D)."""
        centered = x - x.mean(axis=-1, keepdims=True)
        variance = ops.mean(centered * centered, axis=-1, keepdims=True)
        return centered / ops.sqrt(variance + self.eps) * self.weight + self.bias
