"""`ops/creation.py`: new Tensors, and arrays in the likeness of others."""

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Tensor, default_dtype, manual_seed, ops


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (lambda: ops.tensor([1.0, 2.0]), np.array([1, 2], np.float32)),
        (lambda: ops.tensor(np.arange(2)), np.arange(2)),
        (lambda: ops.tensor([1, 2], dtype="int8"), np.array([1, 2], np.int8)),
        (lambda: ops.zeros(2, 3), np.zeros((2, 3), np.float32)),
        (lambda: ops.zeros((2, 3)), np.zeros((2, 3), np.float32)),
        (lambda: ops.zeros([2, 3], dtype="int64"), np.zeros((2, 3), np.int64)),
        (lambda: ops.zeros(np.int64(2)), np.zeros(2, np.float32)),
        (lambda: ops.zeros(()), np.zeros((), np.float32)),
        (lambda: ops.zeros(), np.zeros((), np.float32)),
        (lambda: ops.zeros(0, 2), np.zeros((0, 2), np.float32)),
        (lambda: ops.ones(2, dtype=bool), np.ones(2, bool)),
        (lambda: ops.ones((2, 1)), np.ones((2, 1), np.float32)),
        (lambda: ops.full((2,), 3), np.full(2, 3, np.float32)),
        (lambda: ops.full(2, 3, dtype=np.int32), np.full(2, 3, np.int32)),
        (lambda: ops.full((), -np.inf), np.array(-np.inf, np.float32)),
        (lambda: ops.full(2, True), np.full(2, True)),
        (lambda: ops.full(2, np.float64(0.5)), np.full(2, 0.5, np.float32)),
        (lambda: ops.arange(4), np.arange(4)),
        (lambda: ops.arange(1, 4), np.arange(1, 4)),
        (lambda: ops.arange(5, 0, -2), np.arange(5, 0, -2)),
        (lambda: ops.arange(3, 1), np.arange(0)),
        (lambda: ops.arange(np.int32(3)), np.arange(3)),
        (lambda: ops.arange(3, dtype="float64"), np.arange(3.0)),
        (lambda: ops.arange(3, dtype="uint8"), np.arange(3, dtype=np.uint8)),
        (lambda: ops.arange(3.0), np.arange(3, dtype=np.float32)),
        (lambda: ops.arange(0, 1, 0.25), np.arange(0, 1, 0.25, np.float32)),
        (lambda: ops.arange(1, 0, 0.5), np.zeros(0, np.float32)),
        (lambda: ops.arange(1.0, 0.0, -0.5), np.array([1, 0.5], np.float32)),
        (lambda: ops.linspace(0, 1, 5), np.linspace(0, 1, 5, dtype=np.float32)),
        (lambda: ops.linspace(0, 1), np.linspace(0, 1, dtype=np.float32)),
        (lambda: ops.linspace(2, 1, 3, dtype="float64"), np.array([2, 1.5, 1])),
        (
            lambda: ops.linspace(0, 1, 4, endpoint=False),
            np.array([0, 0.25, 0.5, 0.75], np.float32),
        ),
        (lambda: ops.linspace(0, 1, 0), np.zeros(0, np.float32)),
        (lambda: ops.linspace(3, 4, 1), np.array([3], np.float32)),
        (lambda: ops.eye(2), np.eye(2, dtype=np.float32)),
        (lambda: ops.eye(2, 3, 1), np.eye(2, 3, 1, np.float32)),
        (lambda: ops.eye(2, k=-1, dtype=int), np.eye(2, k=-1, dtype=int)),
        (lambda: ops.eye(0), np.zeros((0, 0), np.float32)),
    ],
)
def test_values_and_dtypes(made, expected):
    result = made()

    assert isinstance(result, Tensor)
    assert result.dtype == expected.dtype
    np.testing.assert_array_equal(result.data, expected, strict=True)
    assert not result.requires_grad
    assert result.label is None


@pytest.mark.parametrize("sizes", [(2, 3), ((2, 3),), ([2, 3],), (2,), ((),), ()])
@pytest.mark.parametrize("make", [ops.empty, ops.rand, ops.randn])
def test_what_has_no_known_values_has_a_shape_and_a_dtype(make, sizes):
    expected = np.zeros(*sizes[:1]) if len(sizes) < 2 and sizes else np.zeros(sizes)

    assert make(*sizes).shape == expected.shape
    assert make(*sizes).dtype == np.float32
    assert make(*sizes, dtype="float64").dtype == np.float64


MAKERS = [
    lambda **options: ops.tensor([1.0], **options),
    lambda **options: ops.zeros(2, **options),
    lambda **options: ops.ones(2, **options),
    lambda **options: ops.empty(2, **options),
    lambda **options: ops.full(2, 1.0, **options),
    lambda **options: ops.arange(2.0, **options),
    lambda **options: ops.linspace(0, 1, 2, **options),
    lambda **options: ops.eye(2, **options),
    lambda **options: ops.rand(2, **options),
    lambda **options: ops.randn(2, **options),
]


@pytest.mark.parametrize("make", MAKERS)
def test_what_is_made_may_be_a_leaf_with_a_label(make):
    x = make(requires_grad=True, label="weight")
    x.sum().backward()

    assert x.label == "weight"
    assert x.is_leaf
    np.testing.assert_array_equal(x.grad.data, np.ones(x.shape))
    x.data += 1  # its own memory: optimizers write into it


@pytest.mark.parametrize("make", MAKERS)
def test_the_default_dtype_serves_where_none_is_given(make):
    with default_dtype("float64"):
        assert make().dtype == np.float64
    with default_dtype("float16"):
        assert make().dtype == np.float16


def test_whole_numbers_stay_exact_where_single_precision_ends():
    start = 2**24

    np.testing.assert_array_equal(
        ops.arange(start, start + 6, 2, dtype="float32").data, start + np.arange(3) * 2
    )
    np.testing.assert_array_equal(
        ops.arange(1e8, 1e8 + 4, dtype="float64").data, 1e8 + np.arange(4)
    )


# Random numbers


@pytest.mark.parametrize("make", [ops.rand, ops.randn])
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_a_seed_gives_the_same_numbers_again(make, dtype):
    first = make(3, 4, dtype=dtype, rng=42)
    again = make((3, 4), dtype=dtype, rng=np.random.default_rng(42))

    np.testing.assert_array_equal(first.data, again.data)
    assert first.dtype == dtype


def test_single_precision_is_drawn_in_single_precision():
    numpys = np.random.default_rng(42)

    np.testing.assert_array_equal(
        ops.rand(5, rng=42).data, numpys.random(5, dtype=np.float32)
    )
    numpys = np.random.default_rng(42)
    np.testing.assert_array_equal(
        ops.randn(5, rng=42).data, numpys.standard_normal(5, dtype=np.float32)
    )
    numpys = np.random.default_rng(42)
    np.testing.assert_array_equal(
        ops.randint(3, 9, 5, rng=42).data, numpys.integers(3, 9, 5)
    )


def test_a_generator_goes_on_and_the_default_one_is_seeded_by_manual_seed():
    rng = np.random.default_rng(0)

    assert ops.rand(rng=rng).item() != ops.rand(rng=rng).item()
    manual_seed(3)
    first = [ops.rand(2).data, ops.randn(2).data, ops.randint(9, size=2).data]
    manual_seed(3)
    again = [ops.rand(2).data, ops.randn(2).data, ops.randint(9, size=2).data]
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_distributions_are_those_they_are_called(dtype):
    uniform = ops.rand(100_000, dtype=dtype, rng=0).data.astype(float)
    normal = ops.randn(100_000, dtype=dtype, rng=0).data.astype(float)

    assert uniform.min() >= 0
    assert uniform.max() < 1
    np.testing.assert_allclose(uniform.mean(), 0.5, atol=0.005)
    np.testing.assert_allclose(uniform.var(), 1 / 12, atol=0.002)
    np.testing.assert_allclose(normal.mean(), 0, atol=0.01)
    np.testing.assert_allclose(normal.var(), 1, atol=0.02)


def test_whole_random_numbers_lie_between_their_bounds():
    numbers = ops.randint(-2, 3, size=(50, 20), rng=0)

    assert numbers.shape == (50, 20)
    assert numbers.dtype == np.int64
    assert set(numbers.data.ravel().tolist()) == {-2, -1, 0, 1, 2}
    assert set(ops.randint(2, size=100, rng=0).data.tolist()) == {0, 1}
    assert ops.randint(2, (4, 1), rng=0).shape == (4, 1)
    assert ops.randint(2).shape == ()
    assert ops.randint(0, 256, 9, dtype="uint8").dtype == np.uint8
    assert ops.randint(9, size=(0, 2)).shape == (0, 2)
    assert ops.randint(9, label="labels").label == "labels"


# In the likeness of others


@pytest.mark.parametrize(
    ("call", "value"),
    [
        (ops.zeros_like, 0),
        (ops.ones_like, 1),
        (lambda x, **options: ops.full_like(x, 7, **options), 7),
        (ops.empty_like, None),
    ],
)
def test_a_tensor_is_made_for_a_tensor_and_an_array_for_an_array(call, value):
    array = np.ones((2, 3), np.float32)
    of_tensor, of_array = call(Tensor(array, requires_grad=True)), call(array)
    of_strict = call(array_api_strict.asarray(array))

    assert isinstance(of_tensor, Tensor)
    assert not of_tensor.requires_grad
    assert type(of_array) is np.ndarray
    assert of_strict.__array_namespace__() is array_api_strict
    for result in (of_tensor.data, of_array):
        assert result.shape == (2, 3)
        assert result.dtype == np.float32
        assert not np.shares_memory(result, array)
        assert value is None or (result == value).all()
    assert call(Tensor(array), dtype="int64").dtype == np.int64
    assert call(array, dtype=bool).dtype == np.bool
    assert call(np.broadcast_to(array, (4, 2, 3))).flags.writeable


# Wrong calls


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ops.zeros(2, -1), "zeros: a size is -1; 0 or more is needed"),
        (lambda: ops.ones((2.0, 3)), "ones: a size is 2.0, a float; ints are needed"),
        (lambda: ops.zeros((2, 3), "int64"), r"zeros: a size is \(2, 3\), a tuple; .*"),
        (lambda: ops.empty(2, True), "empty: a size is True, a bool; ints are needed"),
        (lambda: ops.rand("2"), "rand: a size is '2', a str; ints"),
        (lambda: ops.randn(-3), "randn: a size is -3"),
        (lambda: ops.full((2, -1), 0.0), "full: a size is -1"),
        (lambda: ops.full(2, [1.0]), "full: fill_value is a list; a number is needed"),
        (lambda: ops.full(2, Tensor(1.0)), "full: fill_value is a Tensor; a number"),
        (lambda: ops.zeros(2, dtype="word"), "zeros: dtype is 'word'; .*understood"),
        (lambda: ops.ones(2, dtype=complex), "ones: dtype is complex128; one of real"),
        (
            lambda: ops.zeros(2, dtype=int, requires_grad=True),
            "zeros: dtype is int64",
        ),
        (
            lambda: ops.arange(3, requires_grad=True),
            "arange: .*and a gradient",
        ),
        (lambda: ops.zeros(2, requires_grad=1), "zeros: requires_grad is 1; True or"),
        (lambda: ops.arange(0, 5, 0), "arange: start=0, stop=5, step=0; step must not"),
        (lambda: ops.arange(0.0, 1.0, 0.0), "arange: .*step must not be 0"),
        (lambda: ops.arange(np.inf), "arange: start=0, stop=inf, step=1; stop must be"),
        (lambda: ops.arange(0, 1, np.nan), "arange: .*step must be finite"),
        (lambda: ops.arange(Tensor(3.0)), "arange: stop is a Tensor; a number is"),
        (lambda: ops.arange("3"), "arange: stop is a str; a number is needed"),
        (lambda: ops.linspace(0, 1, -1), "linspace: num is -1; 0 or more is needed"),
        (lambda: ops.linspace(0, 1, 2.0), "linspace: num is 2.0, a float; an int"),
        (lambda: ops.linspace([0], 1), "linspace: start is a list; a number"),
        (lambda: ops.eye(-1), "eye: n_rows is -1"),
        (lambda: ops.eye(2, 2.5), "eye: n_cols is 2.5, a float"),
        (lambda: ops.eye(2, k=0.5), "eye: k is 0.5, a float; an int is needed"),
        (lambda: ops.rand(2, dtype="int64"), "rand: dtype is int64; a float dtype"),
        (lambda: ops.rand(2, rng="seed"), "rng: 'seed' is a str"),
        (lambda: ops.randn(2, rng=np.random), "rng: .*is a module"),
        (lambda: ops.randint(3, 3), "randint: low=3, high=3; high is not among"),
        (lambda: ops.randint(0), "randint: low=0, high=0; high is not among"),
        (lambda: ops.randint(0.5, 3), "randint: a bound is 0.5, a float; an int"),
        (lambda: ops.randint(0, 3, -2), "randint: a size is -2"),
        (lambda: ops.randint(3, (2,), 4), r"randint: high=\(2,\), size=4; one shape"),
        (lambda: ops.randint(3, dtype="float32"), "randint: dtype is float32; an int"),
        (lambda: ops.randint(0, 300, dtype="int8"), "randint: low=0, high=300; .*out"),
    ],
)
def test_wrong_calls_say_who_got_what_and_what_was_needed(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
