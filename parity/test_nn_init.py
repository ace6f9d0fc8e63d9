"""Initial values beside PyTorch's: gains, constants, and distributions.

The numbers that are drawn differ; their bounds and moments do not.
"""

import math

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor
from pebblegrad.nn import init

NONLINEARITIES = [
    *("linear", "sigmoid", "tanh", "relu", "leaky_relu", "selu"),
    *("conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"),
]
each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.mark.parametrize("name", NONLINEARITIES)
def test_gains(name, agree):
    for param in (None, 0, 0.2, 1.0, -3):
        agree(
            np.array(init.calculate_gain(name, param)),
            np.array(float(torch.nn.init.calculate_gain(name, param)), "float64"),
        )


@each_dtype
@pytest.mark.parametrize("shape", [(3, 3), (2, 5), (5, 2), (1, 1), (0, 2)], ids=str)
def test_constants(shape, dtype, agree):
    for name, *arguments in [("zeros_",), ("ones_",), ("eye_",), ("constant_", 0.3)]:
        ours = getattr(init, name)(Tensor(np.full(shape, 7, dtype)), *arguments)
        theirs = torch.full(shape, 7, dtype=getattr(torch, dtype))

        agree(ours, getattr(torch.nn.init, name)(theirs, *arguments), 0, 0)


DIRACS = [
    *[((3, 3, 3), 1), ((4, 2, 5), 1), ((2, 4, 4, 3), 1), ((6, 2, 3, 3), 3)],
    *[((6, 4, 3, 3), 2), ((2, 2, 3, 3, 3), 1), ((4, 1, 2, 3, 4), 4)],
]


@pytest.mark.parametrize(("shape", "groups"), DIRACS, ids=str)
def test_dirac(shape, groups, agree):
    ours = init.dirac_(Tensor(np.ones(shape)), groups)

    theirs = torch.ones(shape, dtype=torch.float64)
    agree(ours, torch.nn.init.dirac_(theirs, groups), 0, 0)


# Each with its arguments; positional ones show that the order is the same.
CALLS = [
    *[("uniform_", ()), ("uniform_", (-2.0, 6.0)), ("uniform_", {"a": -1, "b": 3})],
    *[("uniform_", {"b": 0.1}), ("uniform_", (5.0, 5.5))],
    *[("normal_", ()), ("normal_", (3.0, 0.5)), ("normal_", {"std": 2.0})],
    *[("normal_", {"mean": -1.0}), ("normal_", (0.0, 1e-3))],
    *[("trunc_normal_", ()), ("trunc_normal_", (0.0, 0.02)),
      ("trunc_normal_", (1.0, 2.0, 0.0, 3.0)), ("trunc_normal_", {"a": -1, "b": 0.5}),
      ("trunc_normal_", {"std": 5.0, "b": 4.0})],
    *[("xavier_uniform_", ()), ("xavier_uniform_", (2.0,)),
      ("xavier_uniform_", {"gain": 0.1}), ("xavier_uniform_", (5 / 3,)),
      ("xavier_uniform_", (1,))],
    *[("xavier_normal_", ()), ("xavier_normal_", (2.0,)),
      ("xavier_normal_", {"gain": 0.1}), ("xavier_normal_", (5 / 3,)),
      ("xavier_normal_", (1,))],
    *[(f"kaiming_{kind}_", arguments) for kind in ("uniform", "normal")
      for arguments in ((), (math.sqrt(5),), {"mode": "fan_out"},
                        {"nonlinearity": "relu"}, (0.2, "fan_out", "leaky_relu"),
                        {"nonlinearity": "tanh"})],
]  # fmt: skip


def quantiles(tensor):
    values = tensor.data if isinstance(tensor, Tensor) else tensor.numpy()
    return np.quantile(values, [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0])


@pytest.mark.parametrize("shape", [(300, 400), (64, 32, 7, 7)], ids=str)
@pytest.mark.parametrize(("name", "arguments"), CALLS, ids=str)
def test_distributions(name, arguments, shape):
    positional = arguments if isinstance(arguments, tuple) else ()
    keywords = arguments if isinstance(arguments, dict) else {}

    ours = getattr(init, name)(Tensor(np.zeros(shape)), *positional, **keywords, rng=0)
    theirs = getattr(torch.nn.init, name)(
        torch.zeros(shape, dtype=torch.float64), *positional, **keywords
    )

    found, expected = quantiles(ours), quantiles(theirs)
    spread = expected[-2] - expected[1]
    bounded = "uniform" in name or ("trunc" in name and arguments != (0.0, 0.02))
    inner = slice(None) if bounded else slice(1, -1)  # extremes of a tail are chance
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.015 * spread)


@pytest.mark.parametrize("arguments", [(), (2.0,), (0.5,), (-1,), (5 / 3,)], ids=str)
@pytest.mark.parametrize("shape", [(8, 2, 3), (4, 9), (9, 4), (3, 3), (0, 2)], ids=str)
def test_orthogonal(shape, arguments):
    ours = init.orthogonal_(Tensor(np.zeros(shape)), *arguments, rng=0).data
    theirs = torch.zeros(shape, dtype=torch.float64)
    theirs = torch.nn.init.orthogonal_(theirs, *arguments).numpy()

    # Both have the gain as their only singular value, and the same columns or rows.
    products = []
    for weight in (ours, theirs):
        matrix = weight.reshape(len(weight), -1) if weight.size else np.zeros((1, 1))
        wide = matrix.shape[0] <= matrix.shape[1]
        products.append(matrix @ matrix.T if wide else matrix.T @ matrix)
    np.testing.assert_allclose(*products, atol=1e-12)


@pytest.mark.parametrize("sparsity", [0.0, 0.1, 0.5, 0.77, 1.0])
def test_sparse(sparsity):
    ours = init.sparse_(Tensor(np.zeros((300, 400))), sparsity, 0.5, rng=0).data
    theirs = torch.zeros((300, 400), dtype=torch.float64)
    theirs = torch.nn.init.sparse_(theirs, sparsity, 0.5).numpy()

    np.testing.assert_array_equal((ours == 0).sum(axis=0), (theirs == 0).sum(axis=0))
    np.testing.assert_allclose(ours.std(), theirs.std(), rtol=0.02)
