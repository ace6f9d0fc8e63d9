"""Rows of `layers/normalization.py`."""

import numpy as np

from ._case import Case


def standard(x, axis, eps=1e-5):
    """The formula of them all."""
    mean = x.mean(axis=axis, keepdims=True)
    return (x - mean) / np.sqrt(x.var(axis=axis, keepdims=True) + eps)


def along(values, x):
    """One number for each channel, along axis 1."""
    return values.reshape(1, -1, *[1] * (x.ndim - 2))


def batch(x, weight, bias, *buffers):
    """`BatchNorm` in training."""
    axis = (0, *range(2, x.ndim))
    return standard(x, axis) * along(weight, x) + along(bias, x)


def running(x, weight, bias, mean, var, count):
    """`BatchNorm` in evaluation."""
    scale = along(weight / np.sqrt(var + 1e-5), x)
    return (x - along(mean, x)) * scale + along(bias, x)


def instance(x, *buffers):
    """`InstanceNorm` without a scale, also of a single sample."""
    return standard(x, tuple(range(1 + (x.ndim == 4), x.ndim)))


def each(axes):
    """`LayerNorm` over the last axes."""
    axis = tuple(range(-axes, 0))
    return lambda x, weight=1.0, bias=0.0: standard(x, axis) * weight + bias


def root_mean_square(eps):
    """`RMSNorm` over the last axis."""
    return lambda x, weight=1.0: (
        x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + eps) * weight
    )


def groups(count):
    """`GroupNorm`."""

    def reference(x, weight=None, bias=None):
        parts = x.reshape(x.shape[0], count, int(np.prod(x.shape[1:])) // count)
        out = standard(parts, (2,)).reshape(x.shape)
        return out if weight is None else out * along(weight, x) + along(bias, x)

    return reference


STATISTICS = {"running_mean": (3,), "running_var": (3,), "num_batches_tracked": ()}
AFFINE = {"weight": (3,), "bias": (3,)}
NAMES = tuple(STATISTICS)
VECTORS = [(5, 3), (4, 3, 2)]
IMAGES = [(2, 3, 2, 2), (1, 3, 2, 3)]

CASES = [
    Case("BatchNorm1d(3)", VECTORS, batch, AFFINE | STATISTICS, NAMES),
    Case(
        "BatchNorm1d(3)",
        [*VECTORS, (0, 3), (1, 3)],
        running,
        AFFINE | STATISTICS,
        NAMES,
        training=False,
    ),
    Case(
        "BatchNorm1d(3, eps=0.1, momentum=None, affine=False)",
        VECTORS,
        lambda x, *buffers: standard(x, (0, *range(2, x.ndim)), 0.1),
        STATISTICS,
        NAMES,
    ),
    Case(
        "BatchNorm1d(3, track_running_stats=False)",
        VECTORS,
        batch,
        AFFINE,
        training=False,
    ),
    Case("BatchNorm2d(3)", IMAGES[:1], batch, AFFINE | STATISTICS, NAMES),
    Case(
        "BatchNorm2d(3, momentum=0.5)",
        [*IMAGES, (0, 3, 2, 2)],
        running,
        AFFINE | STATISTICS,
        NAMES,
        training=False,
    ),
    Case(
        "BatchNorm2d(3, affine=False)",
        IMAGES[:1],
        lambda x, *buffers: standard(x, (0, 2, 3)),
        STATISTICS,
        NAMES,
    ),
    Case(
        "InstanceNorm1d(3)", [(2, 3, 4), (3, 4), (0, 3, 4)], lambda x: standard(x, -1)
    ),
    Case("InstanceNorm1d(3)", [(2, 3, 4)], lambda x: standard(x, -1), training=False),
    Case(
        "InstanceNorm1d(3, affine=True)",
        [(2, 3, 4)],
        lambda x, weight, bias: standard(x, -1) * along(weight, x) + along(bias, x),
        AFFINE,
    ),
    Case("InstanceNorm2d(3)", [*IMAGES, (3, 2, 2)], lambda x: standard(x, (-2, -1))),
    Case(
        "InstanceNorm2d(3, track_running_stats=True)",
        IMAGES,
        lambda x, *buffers: standard(x, (-2, -1)),
        STATISTICS,
        NAMES,
    ),
    Case(
        "InstanceNorm2d(3, affine=True, track_running_stats=True)",
        IMAGES,
        running,
        AFFINE | STATISTICS,
        NAMES,
        training=False,
    ),
    Case(
        "LayerNorm(4)",
        [(3, 4), (4,), (2, 3, 4), (0, 4)],
        each(1),
        {"weight": (4,), "bias": (4,)},
    ),
    Case("LayerNorm(4, bias=False)", [(3, 4)], each(1), {"weight": (4,)}),
    Case("LayerNorm((2, 3), elementwise_affine=False)", [(4, 2, 3)], each(2)),
    Case("LayerNorm((2, 3))", [(4, 2, 3)], each(2), {"weight": (2, 3), "bias": (2, 3)}),
    Case(
        "RMSNorm(4, eps=1e-05)",
        [(3, 4), (4,), (2, 3, 4), (0, 4)],
        root_mean_square(1e-5),
        {"weight": (4,)},
    ),
    Case(
        "RMSNorm(4)",
        [(3, 4)],
        root_mean_square(np.finfo(np.float64).eps),
        {"weight": (4,)},
    ),
    Case(
        "RMSNorm(4, eps=0.1, elementwise_affine=False)",
        [(3, 4)],
        root_mean_square(0.1),
    ),
    Case(
        "GroupNorm(2, 4)",
        [(3, 4), (2, 4, 3), (2, 4, 2, 2), (0, 4, 2)],
        groups(2),
        {"weight": (4,), "bias": (4,)},
    ),
    Case("GroupNorm(1, 4, affine=False)", [(3, 4), (2, 4, 3)], groups(1)),
    Case("GroupNorm(4, 4)", [(2, 4, 3)], groups(4), {"weight": (4,), "bias": (4,)}),
]
