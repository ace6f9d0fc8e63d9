"""Products of matrices beside NumPy's."""

import os
import struct
import threading

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, fuse, kernel_for, op, ops
from pebblegrad.kernels import _native, products
from pebblegrad.kernels.products import multiplied
from pebblegrad.nn.functional.linear import linear, linear_relu, product

from .against import close, kernel, never

each_dtype = pytest.mark.parametrize("dtype", ["float32", "float64"])


def matrices(rng, *shape, dtype="float32"):
    """Yield matrices in rows, in columns, apart, with their rows turned, repeated."""
    x = rng.standard_normal(shape).astype(dtype)
    yield x
    yield x.swapaxes(-1, -2).copy().swapaxes(-1, -2)
    yield np.repeat(x, 2, axis=-1)[..., ::2]
    yield x[..., ::-1, :].copy()[..., ::-1, :]
    yield np.broadcast_to(x[..., :1, :], shape)
    if len(shape) == 4:  # as the heads of an attention lie
        yield x.swapaxes(1, 2).copy().swapaxes(1, 2)


@each_dtype
def test_random_shapes(kind, dtype, rng, threads_set):
    threads_set(2)
    for _ in range(400):
        rows, terms, columns = rng.integers(1, rng.choice([5, 40, 130]), 3)
        batch = tuple(rng.integers(1, 4, rng.integers(0, 3)))
        x = rng.choice([*matrices(rng, *batch, rows, terms, dtype=dtype)][:2])
        y = rng.choice([*matrices(rng, *batch, terms, columns, dtype=dtype)][:2])
        bias = (
            rng.standard_normal(columns).astype(dtype) if rng.random() < 0.5 else None
        )

        found = multiplied(x, y, bias)

        wanted = x @ y if bias is None else x @ y + bias
        close(found, wanted, terms + 1)
        np.testing.assert_array_equal(
            multiplied(x, y, bias, relu=True), np.maximum(found, 0)
        )


@each_dtype
@pytest.mark.parametrize("terms", [511, 512, 513, 1024, 2100])
def test_many_terms_are_added_in_runs(kind, dtype, terms, rng):
    x = rng.standard_normal((31, terms)).astype(dtype)
    y = rng.standard_normal((terms, 33)).astype(dtype)
    bias = rng.standard_normal(33).astype(dtype)

    close(multiplied(x, y, bias), x @ y + bias, terms)
    close(multiplied(x, y, bias, relu=True), np.maximum(x @ y + bias, 0), terms)


@each_dtype
def test_every_layout(kind, dtype, rng):
    for shapes in [((20, 17), (17, 40)), ((2, 3, 20, 17), (2, 3, 17, 40))]:
        for x in matrices(rng, *shapes[0], dtype=dtype):
            for y in matrices(rng, *shapes[1], dtype=dtype):
                close(multiplied(x, y), x @ y, 17)


@each_dtype
def test_rows_a_multiple_of_4_kb_apart(kind, dtype, rng):
    y = rng.standard_normal((1024, 33)).astype(dtype)
    x = rng.standard_normal((31, 2048)).astype(dtype)
    close(multiplied(x[:, :1024].copy(), y), x[:, :1024] @ y, 1024)
    close(multiplied(x, np.concatenate([y, y])), x @ np.concatenate([y, y]), 2048)
    # The same, where the terms of a row do not lie side by side.
    x = rng.standard_normal((31, 16, 64)).astype(dtype).transpose(2, 0, 1)
    y = rng.standard_normal((64, 16, 33)).astype(dtype)
    close(multiplied(x, y), x @ y, 16)


@pytest.mark.parametrize("shape", [(1, 70, 70), (1, 1, 70, 70)])
def test_an_axis_of_one_may_have_any_step(shape, rng):
    x = rng.standard_normal(shape).astype("f4")
    for turned in (x[::-1], x.transpose(*range(1, x.ndim - 1), 0, -1).reshape(shape)):
        close(kernel(ops.matmul)(np, turned, x), turned @ x, 70)


def test_what_is_misaligned_is_left_to_numpy(rng):
    room = np.zeros(70 * 70 * 4 + 1, np.uint8)
    x = room[1:].view("f4").reshape(70, 70)
    with pytest.raises(AssertionError, match="left its work"):
        kernel(ops.matmul)(np, x, x)
    with pytest.raises(ValueError, match=r"^product: array 0 is not aligned"):
        _native.product(steps(), memoryview(room)[1:481].cast("f"), x, None, x)


def test_a_large_product_fits_the_smallest_stack():
    x, y = np.ones((600, 512)), np.ones((512, 64))
    smallest = max(32768, os.sysconf("SC_THREAD_STACK_MIN"))  # on arm64 it is more
    if "address" in os.environ.get("PEBBLEGRAD_CFLAGS", ""):
        smallest *= 8  # AddressSanitizer gives each variable a place of its own: 54 kB
    before = threading.stack_size(smallest)
    try:
        found = []
        thread = threading.Thread(target=lambda: found.append(multiplied(x, y)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(before)

    assert (found[0] == 512).all()


@each_dtype
def test_what_is_not_finite_passes_through(kind, dtype, rng):
    x, y = (rng.standard_normal((30, 30)).astype(dtype) for _ in range(2))
    x[3, 4] = np.nan
    x[5, 6], x[7, 8] = np.inf, -np.inf

    found = multiplied(x, y)

    with np.errstate(invalid="ignore"):
        close(found, x @ y, 30)
    assert np.isnan(found[3]).all()
    assert set(found[5]) == {-np.inf, np.inf}
    np.testing.assert_array_equal(multiplied(x, y, relu=True), np.maximum(found, 0))


def test_results_do_not_depend_on_the_number_of_threads(rng, threads_set):
    x = rng.standard_normal((700, 1500)).astype("f4")
    y = rng.standard_normal((1500, 90)).astype("f4")
    results = []
    for count in (1, 2, 5):
        threads_set(count)
        results.append(multiplied(x, y))

    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], results[2])


def test_the_ops_and_functions_use_it(rng):
    x, y = (rng.standard_normal((70, 70)).astype("f4") for _ in range(2))
    bias = rng.standard_normal(70).astype("f4")
    stack = rng.standard_normal((2, 3, 70, 70)).astype("f4")

    close(kernel(ops.matmul)(np, x, y), x @ y, 70)
    close(kernel(ops.matmul)(np, stack, stack), stack @ stack, 70)
    close(kernel(ops.matmul)(np, stack, y), stack @ y, 70)
    close(kernel(linear)(np, x, y, bias), x @ y.T + bias, 70)
    close(kernel(linear)(np, stack, y), stack @ y.T, 70)
    close(kernel(linear_relu)(np, x, y, bias), np.maximum(x @ y.T + bias, 0), 70)
    close(products.product(never)(x, y), x @ y, 70)
    assert kernel_for(product.__wrapped__) is not product.__wrapped__


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((10, 10), (10, 10)),  # few
        ((5, 400), (400, 400)),  # narrow
        ((0, 70), (70, 70)),
        ((70, 0), (0, 70)),
        ((70, 70), (71, 70)),  # wrong
        ((70, 70), (70,)),
        ((2, 70, 70), (3, 70, 70)),
        ((1, 70, 70), (3, 70, 70)),
        ((2, 2, 2, 70, 70), (2, 2, 2, 70, 70)),
    ],
)
def test_what_does_not_pay_or_is_wrong_is_left_to_numpy(x, y):
    with pytest.raises(AssertionError, match="left its work"):
        kernel(ops.matmul)(np, np.ones(x, "f4"), np.ones(y, "f4"))


def test_a_bias_of_another_shape_is_left_to_numpy():
    x = np.ones((70, 70), "f4")
    for bias in (np.ones(1, "f4"), np.ones((70, 70), "f4"), np.ones(70)):
        for mapped in (linear, linear_relu):
            with pytest.raises(AssertionError, match="left its work"):
                kernel(mapped)(np, x, x, bias)


@pytest.mark.parametrize("shape", [(), (9,), (3, 9), (7, 9000), (2, 9, 400)])
def test_little_work_is_left_to_numpy_by_layers_too(shape, rng):
    x = rng.standard_normal(shape).astype("f4")
    weight = rng.standard_normal((20, shape[-1] if shape else 1)).astype("f4")
    for mapped in (linear, linear_relu):
        with pytest.raises(AssertionError, match="left its work"):
            kernel(mapped)(np, x, weight)


def test_gradients_to_second_order_go_through_kernels(rng):
    x, w = (rng.standard_normal((70, 70)) for _ in range(2))
    x, w = Tensor(x, requires_grad=True), Tensor(w, requires_grad=True)
    (ops.matmul(x, w) ** 2).sum().backward(create_graph=True)
    twice = (x.grad * x.grad).sum()
    x.grad = w.grad = None
    twice.backward()

    g = 2 * x.data @ w.data @ w.data.T
    np.testing.assert_allclose(x.grad.data, 4 * g @ w.data @ w.data.T, rtol=1e-9)


def steps(**changed):
    """A description of (2, 3, 4, 5) times (2, 3, 5, 6)."""
    names = ("outer", "inner", "rows", "terms", "columns")
    values = dict(zip(names, (2, 3, 4, 5, 6), strict=True))
    values |= dict(
        zip(("ao", "ai", "ar", "at", "as"), (60, 20, 5, 1, 120), strict=True)
    )
    values |= dict(
        zip(("bo", "bi", "bt", "bc", "bs"), (90, 30, 6, 1, 180), strict=True)
    )
    return struct.pack("16q", *(values | changed).values(), 0)


@pytest.mark.parametrize(
    "changed",
    [
        {"ao": 61},
        {"at": 2},
        {"bc": 2},
        {"bt": -6},
        {"rows": 0},
        {"terms": 2**31 + 1},
        {"ar": 2**62},
        {"outer": 2**40, "ao": 0, "bo": 0},
        {"as": 2**62},
        {"columns": 7},
    ],
)
def test_steps_that_lead_out_of_an_array_raise(changed):
    a, b, out = np.ones((2, 3, 4, 5)), np.ones((2, 3, 5, 6)), np.ones((2, 3, 4, 6))
    _native.product(steps(), a, b, None, out)
    assert (out == 5).all()
    with pytest.raises(ValueError, match=r"^product: "):
        _native.product(steps(**changed), a, b, None, out)


@pytest.mark.parametrize("shape", [(8, 63), (31, 16), (9, 9)])
def test_few_rows_by_many_columns_are_a_kernels(shape, rng):
    x = rng.standard_normal(shape).astype("f4")
    weight = rng.standard_normal((8192, shape[-1])).astype("f4")
    close(kernel(linear)(np, x, weight), x @ weight.T, 70)
    close(products.product(never)(x, weight.T), x @ weight.T, 70)


def test_another_forward_of_a_part_goes_before_the_kernel_of_both(rng):
    @op
    def doubled(xp, x, /):
        return 2 * x

    doubled.backward("x", lambda g: 2 * g)
    both = fuse(doubled, ops.relu)
    both.implementations[np] = lambda xp, x: x * 0 + 99  # as a kernel is put there
    assert both(np.ones(2)).tolist() == [99, 99]
    doubled.implement(np, lambda xp, x: x + 5)
    assert both(np.ones(2)).tolist() == [6, 6]
