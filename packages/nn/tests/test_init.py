"""Initial values: bounds, moments, orthogonality, fans, and wrong calls."""

import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, manual_seed
from pebblegrad.nn import init

MATRIX = (400, 600)  # fan_in 600, fan_out 400
KERNEL = (64, 32, 5, 5)  # fan_in 32 * 25, fan_out 64 * 25
SQRT2 = math.sqrt(2)

RANDOM = {
    "uniform_": init.uniform_,
    "normal_": init.normal_,
    "trunc_normal_": init.trunc_normal_,
    "xavier_uniform_": init.xavier_uniform_,
    "xavier_normal_": init.xavier_normal_,
    "kaiming_uniform_": init.kaiming_uniform_,
    "kaiming_normal_": init.kaiming_normal_,
    "lecun_uniform_": init.lecun_uniform_,
    "lecun_normal_": init.lecun_normal_,
    "orthogonal_": init.orthogonal_,
    "sparse_": lambda tensor, **options: init.sparse_(tensor, 0.5, **options),
}
each_random = pytest.mark.parametrize("name", RANDOM)


def filled(function, shape, *args, **options):
    """Return the values that a function puts into float64s."""
    return function(Tensor(np.zeros(shape)), *args, rng=0, **options).data


def looks_uniform(values, bound):
    assert np.abs(values).max() <= bound
    assert np.abs(values).max() > 0.999 * bound
    np.testing.assert_allclose(values.mean(), 0, atol=0.01 * bound)
    np.testing.assert_allclose(values.std(), bound / math.sqrt(3), rtol=0.01)


def looks_normal(values, std, mean=0.0):
    z = (values - mean) / std
    np.testing.assert_allclose(z.mean(), 0, atol=0.01)
    np.testing.assert_allclose(z.std(), 1, rtol=0.01)
    np.testing.assert_allclose((z**4).mean(), 3, rtol=0.05)
    np.testing.assert_allclose((np.abs(z) < 1).mean(), 0.6827, atol=0.005)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@each_random
def test_the_tensor_that_is_given_is_filled_and_returned(name, dtype):
    tensor = Tensor(np.full((20, 30), 7, dtype), requires_grad=True)
    array = tensor.data

    result = RANDOM[name](tensor, rng=0)

    assert result is tensor
    assert tensor.data is array
    assert tensor.requires_grad
    assert array.dtype == dtype
    assert not (array == 7).any()


@each_random
def test_a_seed_gives_the_same_numbers_in_every_precision(name):
    single = RANDOM[name](Tensor(np.zeros((20, 30), "f")), rng=3).data
    double = RANDOM[name](Tensor(np.zeros((20, 30))), rng=3).data

    np.testing.assert_array_equal(single, double.astype("f"))


@each_random
def test_a_generator_may_be_given_and_goes_on(name):
    random = np.random.default_rng(3)
    one, two = (RANDOM[name](Tensor(np.zeros((5, 6))), rng=random) for _ in range(2))
    seeded = RANDOM[name](Tensor(np.zeros((5, 6))), rng=3)

    np.testing.assert_array_equal(one.data, seeded.data)
    assert (one.data != two.data).any()


@each_random
def test_without_a_generator_the_default_one_is_used(name):
    def drawn():
        manual_seed(5)
        return RANDOM[name](Tensor(np.zeros((3, 4)))).data

    seeded = RANDOM[name](Tensor(np.zeros((3, 4))), rng=5).data
    np.testing.assert_array_equal(drawn(), drawn())
    np.testing.assert_array_equal(drawn(), seeded)


@each_random
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_nothing_can_be_filled_too(name, shape):
    assert filled(RANDOM[name], shape).shape == shape


@each_random
def test_a_view_is_filled_in_its_place(name):
    whole = np.full((8, 6), 7.0)

    RANDOM[name](Tensor(whole[::2].T), rng=0)

    assert (whole[1::2] == 7).all()
    assert not (whole[::2] == 7).any()


# Plain distributions


def test_uniform_is_even_between_its_bounds():
    values = filled(init.uniform_, MATRIX, -2.0, 6.0)

    looks_uniform(values - 2, 4)


def test_uniform_is_between_zero_and_one_by_default():
    values = filled(init.uniform_, (1000,))

    assert 0 <= values.min() < 0.01
    assert 0.99 < values.max() < 1


def test_the_bounds_of_uniform_have_two_names():
    values = filled(init.uniform_, (5,), -2.0, 6.0)

    np.testing.assert_array_equal(values, filled(init.uniform_, (5,), a=-2, b=6))
    np.testing.assert_array_equal(values, filled(init.uniform_, (5,), low=-2, high=6))


def test_normal_has_its_mean_and_deviation():
    looks_normal(filled(init.normal_, MATRIX), 1)
    looks_normal(filled(init.normal_, MATRIX, 3.0, 0.5), 0.5, 3)
    assert (filled(init.normal_, (3,), 2.0, 0.0) == 2).all()


def density(z):
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def below(z):
    return math.erfc(-z / SQRT2) / 2


@pytest.mark.parametrize(
    ("mean", "std", "a", "b"),
    [
        (0, 1, -2, 2),
        (0, 1, -math.inf, math.inf),
        (0, 0.02, -2, 2),
        (0, 1, 0.5, math.inf),
        (0, 1, -1, 3),
        (2, 3, -1, 2.5),
        (0, 1, 4, 6),
        (1, 2, -9, -5),
    ],
    ids=str,
)
def test_the_truncated_normal_has_the_moments_of_its_part(mean, std, a, b):
    values = filled(init.trunc_normal_, MATRIX, mean, std, a, b)

    low, high = max((a - mean) / std, -40), min((b - mean) / std, 40)
    mass = below(high) - below(low)
    first = (density(low) - density(high)) / mass
    second = 1 + (low * density(low) - high * density(high)) / mass
    z = (values - mean) / std
    assert a <= values.min()
    assert values.max() <= b
    np.testing.assert_allclose(z.mean(), first, rtol=0.002, atol=0.008)
    np.testing.assert_allclose((z**2).mean(), second, rtol=0.01)
    middle = (max(low, -3) + min(high, 3)) / 2 if high > -3 and low < 3 else first
    share = (below(middle) - below(low)) / mass
    np.testing.assert_allclose((z < middle).mean(), share, atol=0.005)


def test_the_truncated_normal_reaches_far_into_a_tail():
    # The part beyond 1000 deviations falls off like an exponential of rate 1000.
    values = filled(init.trunc_normal_, MATRIX, 0, 1, 1000, math.inf)

    assert values.min() >= 1000
    np.testing.assert_allclose((values - 1000).mean(), 1e-3, rtol=0.01)


def test_the_truncated_normal_is_within_two_by_default():
    values = filled(init.trunc_normal_, MATRIX)

    assert 1.99 < np.abs(values).max() <= 2


# Constants


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int64"])
def test_constants_fill_any_shape(dtype):
    for shape in [(), (3,), (2, 3, 4), (0, 2)]:
        tensor = Tensor(np.full(shape, 7, dtype))
        for function, value in [
            (init.zeros_, 0),
            (init.ones_, 1),
            (lambda t: init.constant_(t, 3), 3),
        ]:
            assert function(tensor) is tensor
            assert tensor.dtype == dtype
            np.testing.assert_array_equal(tensor.data, np.full(shape, value))


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2), (0, 2)])
def test_eye_is_the_identity_as_far_as_it_goes(shape):
    tensor = Tensor(np.full(shape, 7.0))

    assert init.eye_(tensor) is tensor
    np.testing.assert_array_equal(tensor.data, np.eye(*shape))


@pytest.mark.parametrize(
    ("shape", "groups"),
    [((3, 3, 3), 1), ((4, 2, 5, 4), 1), ((2, 4, 3, 3), 1), ((6, 2, 3, 3), 3)],
    ids=str,
)
def test_dirac_passes_channels_on(shape, groups, rng):
    weight = init.dirac_(Tensor(np.full(shape, 7.0)), groups).data

    each = shape[0] // groups
    middle = tuple(size // 2 for size in shape[2:])
    assert weight.sum() == groups * min(each, shape[1])
    for group in range(groups):
        block = weight[(slice(group * each, (group + 1) * each), slice(None), *middle)]
        np.testing.assert_array_equal(block, np.eye(each, shape[1]))


def test_dirac_takes_a_volume():
    weight = init.dirac_(Tensor(np.zeros((1, 1, 3, 3, 3)))).data

    assert weight[0, 0, 1, 1, 1] == weight.sum() == 1


# Scales


@pytest.mark.parametrize(
    ("arguments", "gain"),
    [
        (("linear",), 1),
        (("sigmoid",), 1),
        (("conv1d",), 1),
        (("conv2d",), 1),
        (("conv3d",), 1),
        (("conv_transpose1d",), 1),
        (("conv_transpose2d",), 1),
        (("conv_transpose3d",), 1),
        (("tanh",), 5 / 3),
        (("relu",), SQRT2),
        (("selu",), 3 / 4),
        (("leaky_relu",), math.sqrt(2 / 1.0001)),
        (("leaky_relu", 0), SQRT2),
        (("leaky_relu", 2.0), math.sqrt(2 / 5)),
    ],
)
def test_gains(arguments, gain):
    np.testing.assert_allclose(init.calculate_gain(*arguments), gain, rtol=1e-15)


# For each, the standard deviation from fan_in and fan_out.
SCALES = [
    ("xavier", {}, lambda i, o: math.sqrt(2 / (i + o))),
    ("xavier", {"gain": 5 / 3}, lambda i, o: 5 / 3 * math.sqrt(2 / (i + o))),
    ("kaiming", {}, lambda i, o: math.sqrt(2 / i)),
    ("kaiming", {"mode": "fan_out"}, lambda i, o: math.sqrt(2 / o)),
    ("kaiming", {"nonlinearity": "linear"}, lambda i, o: math.sqrt(1 / i)),
    ("kaiming", {"nonlinearity": "relu", "a": 9}, lambda i, o: math.sqrt(2 / i)),
    ("kaiming", {"a": math.sqrt(5)}, lambda i, o: math.sqrt(1 / (3 * i))),
    ("lecun", {}, lambda i, o: math.sqrt(1 / i)),
]


@pytest.mark.parametrize("shape", [MATRIX, KERNEL, (300, 200, 3)], ids=str)
@pytest.mark.parametrize(("name", "options", "scale"), SCALES)
def test_scales_come_from_the_fans(name, options, scale, shape):
    area = math.prod(shape[2:])
    std = scale(shape[1] * area, shape[0] * area)

    evenly = filled(getattr(init, f"{name}_uniform_"), shape, **options)
    normally = filled(getattr(init, f"{name}_normal_"), shape, **options)

    looks_uniform(evenly, math.sqrt(3) * std)
    looks_normal(normally, std)


def test_kaiming_with_the_slope_of_pytorchs_linear_is_its_bound():
    values = filled(init.kaiming_uniform_, MATRIX, a=math.sqrt(5))

    looks_uniform(values, 1 / math.sqrt(600))


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4), (3, 2, 2, 2), (8, 2, 2)])
def test_orthogonal_keeps_lengths(shape):
    matrix = filled(init.orthogonal_, shape, gain=2.0).reshape(shape[0], -1)

    rows, columns = matrix.shape
    product = matrix @ matrix.T if rows <= columns else matrix.T @ matrix
    np.testing.assert_allclose(product, 4 * np.eye(min(rows, columns)), atol=1e-12)


def test_orthogonal_matrices_are_evenly_distributed():
    # Without the signs of R the diagonal would lean to one side.
    random = np.random.default_rng(0)
    matrices = [
        init.orthogonal_(Tensor(np.zeros((2, 2))), rng=random).data for _ in range(2000)
    ]

    np.testing.assert_allclose(np.mean(matrices, axis=0), np.zeros((2, 2)), atol=0.05)
    np.testing.assert_allclose(np.std(matrices, axis=0), math.sqrt(0.5), atol=0.05)
    assert 0.45 < np.mean(np.linalg.det(matrices) > 0) < 0.55


@pytest.mark.parametrize(
    ("sparsity", "zeros"), [(0.0, 0), (0.1, 30), (0.101, 31), (0.5, 150), (1.0, 300)]
)
def test_sparse_has_so_many_zeros_in_each_column(sparsity, zeros):
    values = filled(init.sparse_, (300, 500), sparsity, 0.5)

    np.testing.assert_array_equal((values == 0).sum(axis=0), np.full(500, zeros))
    if zeros < 300:
        looks_normal(values[values != 0], 0.5)
    if 0 < zeros < 300:  # spread over the rows
        share = (values == 0).mean(axis=1)
        np.testing.assert_allclose(share, zeros / 300, atol=0.12)


# Wrong calls

VECTOR = Tensor(np.zeros(3))
GRID = Tensor(np.zeros((3, 4)))
WHOLE = Tensor(np.zeros((3, 4), int))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: init.xavier_uniform_(VECTOR),
            r"xavier_uniform_: tensor has shape \(3,\); a weight of 2 axes or more is "
            r"needed, \(out, in, \.\.\.\); for a bias take zeros_ or uniform_",
        ),
        (lambda: init.xavier_normal_(VECTOR), r"xavier_normal_: tensor has shape \(3"),
        (lambda: init.kaiming_uniform_(VECTOR), "kaiming_uniform_: tensor has shape"),
        (lambda: init.kaiming_normal_(VECTOR), "kaiming_normal_: tensor has shape"),
        (lambda: init.lecun_uniform_(VECTOR), "lecun_uniform_: tensor has shape"),
        (lambda: init.lecun_normal_(VECTOR), "lecun_normal_: tensor has shape"),
        (lambda: init.orthogonal_(VECTOR), "orthogonal_: tensor has shape"),
        (lambda: init.eye_(VECTOR), r"eye_: tensor has shape \(3,\); 2 axes are"),
        (lambda: init.sparse_(VECTOR, 0.1), r"sparse_: tensor has shape \(3,\); 2 ax"),
        (lambda: init.sparse_(GRID, 1.5), "sparse_: sparsity is 1.5; a number from 0"),
        (lambda: init.dirac_(GRID), r"dirac_: tensor has shape \(3, 4\); 3 to 5 axes"),
        (
            lambda: init.dirac_(Tensor(np.zeros((3, 1, 2))), 2),
            r"dirac_: tensor has shape \(3, 1, 2\), groups=2; groups must divide the "
            "number of output channels, 3",
        ),
        (lambda: init.dirac_(GRID, 0), "dirac_: groups is 0; a positive integer is"),
        (lambda: init.uniform_(GRID, 2, 1), "uniform_: a is 2 and b is 1; b must not"),
        (lambda: init.uniform_(GRID, "0"), "uniform_: a is '0'; a number is needed"),
        (lambda: init.normal_(GRID, 0, -1), "normal_: std is -1; a number from 0 on"),
        (lambda: init.normal_(GRID, None), "normal_: mean is None; a number is needed"),
        (lambda: init.trunc_normal_(GRID, 0, 0), "trunc_normal_: std is 0; a positive"),
        (
            lambda: init.trunc_normal_(GRID, a=2),
            "trunc_normal_: a is 2 and b is 2; b must be above a",
        ),
        (lambda: init.constant_(GRID, "1"), "constant_: val is '1'; a number is"),
        (
            lambda: init.kaiming_normal_(GRID, mode="fan_avg"),
            'kaiming_normal_: mode is \'fan_avg\'; give one of "fan_in", "fan_out"',
        ),
        (
            lambda: init.kaiming_uniform_(GRID, nonlinearity="gelu"),
            "kaiming_uniform_: nonlinearity is 'gelu'; give one of \"linear\"",
        ),
        (
            lambda: init.kaiming_uniform_(GRID, "relu"),
            "kaiming_uniform_: a is 'relu'; a number is needed",
        ),
        (
            lambda: init.calculate_gain("gelu"),
            "calculate_gain: nonlinearity is 'gelu'; give one of",
        ),
        (
            lambda: init.calculate_gain("leaky_relu", "x"),
            "calculate_gain: param is 'x'; a number is needed",
        ),
        (lambda: init.xavier_normal_(GRID, -1), "xavier_normal_: gain is -1; a number"),
        (lambda: init.orthogonal_(GRID, "relu"), "orthogonal_: gain is 'relu'; a num"),
    ],
)
def test_wrong_calls_are_told_what_is_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@each_random
def test_random_numbers_are_not_put_where_they_would_be_cut_to_integers(name):
    with pytest.raises(TypeError, match=rf"{name}: tensor is int64; floats are needed"):
        RANDOM[name](WHOLE)


@pytest.mark.parametrize(
    "name", [*RANDOM, "zeros_", "ones_", "eye_", "dirac_", "constant_"]
)
def test_an_array_is_no_tensor(name):
    function = RANDOM.get(name) or getattr(init, name)
    arguments = [0.0] if name == "constant_" else []

    with pytest.raises(TypeError, match=rf"{name}: tensor is ndarray; a Tensor is"):
        function(np.zeros((3, 4)), *arguments)


@each_random
def test_nothing_is_changed_by_a_call_that_is_refused(name):
    tensor = Tensor(np.full((2, 3), 7.0))

    with pytest.raises(TypeError, match="rng: "):
        RANDOM[name](tensor, rng="0")
    assert (tensor.data == 7).all()
