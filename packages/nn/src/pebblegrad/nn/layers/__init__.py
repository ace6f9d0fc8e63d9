"""The layers, one family a file."""

from .activations import ReLU, Sigmoid, Tanh
from .containers import Sequential
from .flatten import Flatten
from .linear import Linear

__all__ = ["Flatten", "Linear", "ReLU", "Sequential", "Sigmoid", "Tanh"]
