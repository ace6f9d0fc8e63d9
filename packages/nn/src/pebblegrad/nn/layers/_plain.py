"""What activations without options share."""

from pebblegrad.nn._module import Module


class Plain(Module):
    """An activation without options, but for PyTorch's `inplace`, which does nothing.

    Args:
        inplace: taken so that code written for PyTorch runs; nothing is computed in
            place here.
    """

    def __init__(self, inplace: bool = False) -> None:
        pass
