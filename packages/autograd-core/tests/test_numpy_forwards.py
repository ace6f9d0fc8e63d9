"""The faster forwards for NumPy's arrays give what the ops' own forwards give."""

import numpy as np
import pytest

from pebblegrad.autograd import ops
from pebblegrad.autograd.ops import _numpy_forwards

SHAPES = [(), (0, 3), (7,), (64, 63), (64, 64), (5, 7, 200), (40_000,), (3, 20, 40, 30)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)
each_dtype = pytest.mark.parametrize(
    "dtype", ["float16", "float32", "float64", "longdouble", "int64", ">f4"]
)


def layouts(x):
    """Yield the same numbers in rows, in columns, the first axis last, and apart."""
    yield x
    yield np.asfortranarray(x)
    if x.ndim:
        yield np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
        yield np.repeat(x, 2, axis=-1)[..., ::2]
        yield x[::-1]
        yield np.broadcast_to(x[:1], x.shape)


def numbers(rng, shape, dtype):
    """Random ones of both signs, and those that comparisons treat by themselves."""
    x = np.asarray(10 * rng.standard_normal(shape)).astype(dtype)
    if x.size > 5 and x.dtype.kind == "f":
        x.flat[:5] = np.nan, np.inf, -np.inf, 0.0, -0.0
    return x


EXACT = ["relu", "zero_where"]


@pytest.mark.filterwarnings("ignore:Mean of empty slice:RuntimeWarning")
@each_shape
@each_dtype
@pytest.mark.parametrize("name", [*EXACT, "sum", "mean"])
def test_they_give_what_the_forward_gives(name, shape, dtype, rng):
    op = getattr(ops, name)
    fast = getattr(_numpy_forwards, f"_{name}")  # a kernel may be in the op's place
    for x in layouts(numbers(rng, shape, dtype)):
        more = [rng.random(x.shape) < 0.5] if name == "zero_where" else []
        before = x.copy()

        with np.errstate(invalid="ignore", divide="ignore"):
            found = fast(np, x, *more)
            wanted = op.forward(np, x, *more)

        assert found.dtype == wanted.dtype
        exact = name in EXACT
        rtol = 0 if exact else 1e-2 if dtype == "float16" else 1e-4
        np.testing.assert_allclose(found, wanted, rtol=rtol, atol=0 if exact else 1e-4)
        np.testing.assert_array_equal(x, before)
