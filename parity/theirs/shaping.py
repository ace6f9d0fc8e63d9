"""PyTorch's words for `ops/shaping.py`."""

import torch


def sizes(shape):
    return (shape,) if isinstance(shape, int) else shape


def expand_dims(x, axis):
    for place in sorted(place % (x.ndim + len(sizes(axis))) for place in sizes(axis)):
        x = x.unsqueeze(place)
    return x


def transpose(x, axes=None):
    return x.permute(tuple(reversed(range(x.ndim))) if axes is None else axes)


def squeeze(x, axis=None):
    return x.squeeze() if axis is None else x.squeeze(axis)


THEIRS = {
    "reshape": lambda x, shape: torch.reshape(x, sizes(shape)),
    "flatten": lambda x, start_axis=0, end_axis=-1: torch.flatten(
        x, start_axis, end_axis
    ),
    "ravel": torch.ravel,
    "permute_dims": lambda x, axes: x.permute(axes),
    "transpose": transpose,
    "matrix_transpose": lambda x: x.mT,
    "swapaxes": lambda x, axis1, axis2: torch.swapaxes(x, axis1, axis2),
    "moveaxis": torch.moveaxis,
    "expand_dims": expand_dims,
    "squeeze": squeeze,
    "broadcast_to": lambda x, shape: x.expand(sizes(shape)),
    "broadcast_arrays": torch.broadcast_tensors,
    "sum_to": lambda x, shape: x.sum_to_size(sizes(shape)),
}
