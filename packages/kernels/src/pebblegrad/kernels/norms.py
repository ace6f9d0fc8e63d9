"""Norms, and what they are made of: see `pebblegrad.nn.functional.normalization`."""

# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from . import _native
from ._arrays import are_alike, in_groups, stretched

SMALL = 4096  # numbers; NumPy scales, shifts or adds up fewer as fast


def standardize(reference):
    """Return the forward of `standardize`."""

    def forward(xp, x, /, axis, eps):
        lying = in_groups(x, axis, eps) if are_alike(x) else None
        if lying is None:
            return reference(xp, x, axis=axis, eps=eps)
        order, groups = lying
        out = np.empty_like(x)
        _native.standardize(groups, x.transpose(order), out.transpose(order))
        return out

    return forward


def standardize_gradient(reference):
    """Return the forward of `standardize_gradient`."""

    def forward(xp, y, x, /, axis, eps):
        usual = are_alike(x, y) and y.shape == x.shape
        lying = in_groups(x, axis, eps) if usual else None
        if lying is None:
            return reference(xp, y, x, axis=axis, eps=eps)
        order, groups = lying
        out = np.empty_like(x)
        _native.standardize_gradient(
            groups,
            np.ascontiguousarray(y.transpose(order)),
            x.transpose(order),
            out.transpose(order),
        )
        return out

    return forward


def moments(reference):
    """Return the forward of `moments`, for those of each channel, in axis 1."""

    def forward(xp, x, /, axis):
        usual = are_alike(x) and axis == (0, *range(2, x.ndim))
        lying = in_groups(x, axis) if usual else None
        if lying is None:
            return reference(xp, x, axis=axis)
        order, groups = lying
        out = np.empty((2, x.shape[1]), x.dtype)
        _native.moments(groups, x.transpose(order), out[0], out[1])
        return out

    return forward


def scale_and_shift(reference):
    """Return the forward of `scale_and_shift`."""

    def forward(xp, x, weight, bias=None, /):
        given = [weight] if bias is None else [weight, bias]
        usual = x.size >= SMALL and are_alike(x, *given)
        usual = usual and given[-1].shape == weight.shape
        lying = _along(x, weight.shape) if usual else None
        if lying is None:
            return reference(xp, x, weight, bias)
        order, groups = lying
        new = (None,) * (x.ndim - weight.ndim)
        given = [np.ascontiguousarray(a[new].transpose(order)) for a in given]
        out = np.empty_like(x)
        weight, bias = given if len(given) == 2 else (*given, None)
        _native.scale_and_shift(
            groups, x.transpose(order), weight, bias, out.transpose(order)
        )
        return out

    return forward


def sum_to(reference):
    """Return the forward of `sum_to`."""

    def forward(xp, x, /, shape):
        # A matrix is added up by `sum_of_rows`, which has a kernel of its own.
        usual = x.ndim > 2 and x.size >= SMALL and are_alike(x)
        lying = _along(x, shape) if usual and type(shape) is tuple else None
        if lying is None:
            return reference(xp, x, shape=shape)
        order, groups = lying
        new = (1,) * (x.ndim - len(shape))
        out = np.empty([(new + shape)[axis] for axis in order], x.dtype)
        _native.group_sums(groups, x.transpose(order), out)
        return out.transpose(np.argsort(order)).reshape(shape)

    return forward


def _along(x, shape):
    """Return how numbers lie that go with one each of an array of a smaller shape."""
    axes = stretched(shape, x.shape)
    return None if axes is None else in_groups(x, axes)
