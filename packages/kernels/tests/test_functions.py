"""exp, log, tanh, sigmoid and erf beside those of a longer precision."""

import math
import struct

import numpy as np
import pytest

from pebblegrad.autograd import ops
from pebblegrad.kernels import _native
from pebblegrad.kernels.pointwise import FEW
from pebblegrad.nn.functional.activations import (
    normal_cdf,
    normal_cdf_by_tanh,
    normal_density,
)

from .against import close, kernel, layouts

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def call(name, x):
    out = np.empty_like(x)
    getattr(_native, name)(struct.pack("q", x.size), x, out)
    return out


def sigmoid(x):
    z = np.exp(-abs(x))
    return np.where(x >= 0, 1, z) / (1 + z)


# Units in the last place; NumPy's own are wrong by as much.
FUNCTIONS = {
    "exp": (np.exp, 1.1),
    "log": (np.log, 1.1),
    "tanh": (np.tanh, 2.7),
    "sigmoid": (sigmoid, 2.7),
}


def all_kinds(rng, dtype):
    """Numbers of every size, many of usual ones, and those that are special."""
    kind = np.finfo(dtype)
    bits = rng.integers(0, 2**kind.bits, 50_001, dtype=f"u{kind.bits // 8}")
    ends = math.log(kind.max), -math.log(kind.smallest_subnormal)
    special = [0, np.inf, np.nan, kind.max, kind.tiny, kind.smallest_subnormal, 1]
    return np.concatenate(
        [
            bits.view(dtype),
            *(rng.uniform(-1.05 * end, 1.05 * end, 20_000) for end in (*ends, 3, 0.01)),
            1 + 0.01 * rng.standard_normal(20_000),
            special,
            np.negative(special),
        ],
        dtype=dtype,
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, of NaN and infinity
@each_dtype
@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_right_for_every_argument(kind, dtype, name, rng):
    x = all_kinds(rng, dtype)
    function, units = FUNCTIONS[name]
    exact = function(x.astype(np.longdouble))
    wanted = exact.astype(dtype)

    found = call(name, x)

    is_number = ~np.isnan(wanted)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(found[~finite], wanted[~finite])
    np.testing.assert_array_equal(
        np.signbit(found[is_number]), np.signbit(wanted[is_number])
    )
    wrong = abs(found[finite] - exact[finite]) / np.spacing(abs(wanted[finite]))
    assert wrong.max() < units


@each_dtype
def test_erf(kind, dtype, rng):
    x = np.concatenate([3 * rng.standard_normal(5000), [0, np.inf, 1e-30, 0.46875, 6]])
    x = np.concatenate([x, -x]).astype(dtype)
    eps = np.finfo(dtype).eps

    found = call("erf", x)

    wanted = np.array([math.erf(number) for number in x])
    np.testing.assert_allclose(found, wanted, rtol=3 * eps, atol=0)
    shares = np.array([math.erf(n / math.sqrt(2)) / 2 + 0.5 for n in x.tolist()])
    np.testing.assert_allclose(call("normal_cdf", x), shares, rtol=0, atol=2 * eps)
    assert np.isnan(call("erf", np.full(3, np.nan, dtype))).all()


@each_dtype
@pytest.mark.parametrize("name", [*FUNCTIONS, "erf"])
def test_a_result_does_not_depend_on_what_stands_beside_it(kind, dtype, name, rng):
    x = abs(rng.standard_normal(203)).astype(dtype)
    together = call(name, x)

    for i in (0, 1, 17, 202):
        assert call(name, x[i:].copy())[0] == together[i]


GATES = [normal_cdf, normal_cdf_by_tanh, normal_density]
OPS = [ops.sigmoid, ops.erf, *GATES]


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of NumPy, of NaN
@each_dtype
@pytest.mark.parametrize("op", OPS, ids=lambda op: op.__name__)
def test_elementwise_ops(kind, dtype, op, rng):
    x = 5 * rng.standard_normal((16, 16, 40, 31)).astype(dtype)
    assert x.size > 2**18  # so that several threads take part
    x.flat[:5] = np.nan, np.inf, -np.inf, 41, -41
    wanted = op.forward(np, x)
    for i, lying in enumerate(layouts(x)):
        found = kernel(op, *[op.forward] * (i > 3))(np, lying)
        close(found, wanted)


@pytest.mark.parametrize("size", [0, FEW - 1])
def test_few_numbers_are_left_to_numpy(size):
    with pytest.raises(AssertionError, match="left its work"):
        kernel(ops.sigmoid)(np, np.ones(size))
