"""Averages of the weights: by hand, by their definitions, and the swap."""

import copy
import math

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import ExponentialMovingAverage, StochasticWeightAverage

AVERAGES = {
    "EMA": ExponentialMovingAverage,
    "EMA, corrected": lambda params, **options: ExponentialMovingAverage(
        params, 0.9, bias_correction=True, **options
    ),
    "SWA": StochasticWeightAverage,
}
each_average = pytest.mark.parametrize("make", AVERAGES.values(), ids=AVERAGES)
each_dtype = pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])


def feed(average, p, values):
    """Update the average with each value of a parameter."""
    for value in values:
        p.data[...] = value
        average.update()


class ModelWithBuffers:
    """As much of a Module with BatchNorm as an average looks at."""

    def __init__(self, weight, statistics, count):
        self.weight = Tensor(weight, requires_grad=True, dtype="float64")
        self.statistics = Tensor(statistics, dtype="float64")
        self.count = Tensor(np.array(count))

    def parameters(self):
        return [self.weight]

    def buffers(self):
        return iter([self.statistics, self.count])


# The averages


def test_three_updates_of_the_moving_average_by_hand(parameter):
    p = parameter([0.0])
    average = ExponentialMovingAverage([p], decay=0.75)

    feed(average, p, [8.0])
    assert average.averages[0].item() == 8.0
    feed(average, p, [16.0])  # 0.75 * 8 + 0.25 * 16
    assert average.averages[0].item() == 10.0
    feed(average, p, [-2.0])  # 0.75 * 10 + 0.25 * -2
    assert average.averages[0].item() == 7.0


def test_three_updates_with_correction_by_hand(parameter):
    p = parameter([0.0])
    average = ExponentialMovingAverage([p], decay=0.5, bias_correction=True)

    # Begun at zero: m = m / 2 + value / 2, divided by 1 - 0.5**t.
    feed(average, p, [8.0])  # 4 / 0.5
    assert average.averages[0].item() == pytest.approx(8.0)
    feed(average, p, [14.0])  # (4 / 2 + 7) / 0.75 = 9 / 0.75
    assert average.averages[0].item() == pytest.approx(12.0)
    feed(average, p, [5.0])  # (9 / 2 + 2.5) / 0.875 = 7 / 0.875
    assert average.averages[0].item() == pytest.approx(8.0)


def test_three_updates_of_the_equal_average_by_hand(parameter):
    p = parameter([0.0])
    average = StochasticWeightAverage([p])

    feed(average, p, [3.0])
    assert average.averages[0].item() == 3.0
    feed(average, p, [5.0])
    assert average.averages[0].item() == 4.0
    feed(average, p, [10.0])
    assert average.averages[0].item() == pytest.approx(6.0)


def test_many_updates_follow_the_definitions(parameter, rng):
    values = rng.standard_normal((60, 3, 4))
    p = parameter(np.zeros((3, 4)))
    moving = ExponentialMovingAverage([p], 0.9)
    corrected = ExponentialMovingAverage([p], 0.9, bias_correction=True)
    equal = StochasticWeightAverage([p])
    expected, from_zero = values[0], np.zeros((3, 4))

    for t, value in enumerate(values, start=1):
        p.data[...] = value
        for average in (moving, corrected, equal):
            average.update()
        expected = 0.9 * expected + 0.1 * value
        from_zero = 0.9 * from_zero + 0.1 * value

        np.testing.assert_allclose(moving.averages[0], expected, atol=1e-12)
        np.testing.assert_allclose(
            corrected.averages[0], from_zero / (1 - 0.9**t), atol=1e-12
        )
        np.testing.assert_allclose(equal.averages[0], values[:t].mean(0), atol=1e-12)
    assert [a.n_averaged for a in (moving, corrected, equal)] == [60, 60, 60]


def test_large_parameters_are_averaged_in_all_their_parts(rng):
    values = rng.standard_normal((3, 300, 200))
    p = Tensor(values[0], requires_grad=True)
    p.data = np.zeros((200, 300)).T  # in another order in memory
    average = StochasticWeightAverage([p])

    feed(average, p, values)

    np.testing.assert_allclose(average.averages[0], values.mean(0), atol=1e-12)


@each_average
@each_dtype
@pytest.mark.parametrize("shape", [(2, 3), (), (1,), (0, 2)], ids=str)
def test_an_average_of_equal_values_is_the_value(make, dtype, shape, parameter):
    p = parameter(np.full(shape, 1.5), dtype=dtype)
    average = make([p])

    feed(average, p, [1.5] * 5)
    with average.applied():
        applied = p.data.copy()

    np.testing.assert_array_equal(applied, np.full(shape, 1.5, dtype))
    assert p.dtype == dtype


def test_half_precision_is_averaged_in_single_precision(parameter):
    p = parameter([1.0], dtype="float16")
    average = ExponentialMovingAverage([p], 0.9999)

    feed(average, p, [1.0] + [2.0] * 1000)

    # In half precision 1 + 0.0001 is 1, and it would stay there.
    assert average.averages[0].dtype == "float32"
    np.testing.assert_allclose(average.averages[0], 2 - 0.9999**1000, rtol=1e-4)


def test_nan_stays_visible(parameter):
    p = parameter([1.0, 1.0])
    average = ExponentialMovingAverage([p], 0.5)

    feed(average, p, [1.0, [math.nan, 3.0], 2.0])

    np.testing.assert_array_equal(average.averages[0], [math.nan, 2.0])


def test_a_decay_of_zero_is_the_last_value(parameter):
    p = parameter([1.0])
    average = ExponentialMovingAverage([p], 0)

    feed(average, p, [1.0, 5.0])

    assert average.averages[0].item() == 5.0


# What may be given


@each_average
@pytest.mark.parametrize(
    "give",
    [
        lambda a, b, model: [a, b],
        lambda a, b, model: (p for p in (a, b)),
        lambda a, b, model: model(a, b),
        lambda a, b, model: [model(a), model(b)],
        lambda a, b, model: [a, model(b), a],  # counts once
    ],
)
def test_parameters_and_models_may_be_given(make, give, parameter, model):
    a, b = parameter([1.0]), parameter([2.0, 3.0])
    average = make(give(a, b, model))

    average.update()

    assert [found.tolist() for found in average.averages] == [[1.0], [2.0, 3.0]]


@each_average
def test_a_single_tensor_may_be_given_and_one_without_gradient(make, parameter):
    for tensor in (parameter([1.0]), Tensor([1.0])):
        average = make(tensor)
        average.update()

        assert average.averages[0].tolist() == [1.0]


@each_average
def test_buffers_are_left_alone_unless_they_are_asked_for(make):
    model = ModelWithBuffers([1.0], [10.0], 1)
    without, within = make(model), make([model], use_buffers=True)
    for average in (without, within):
        average.update()

    model.statistics.data[...] = 30.0
    model.count.data[...] = 2

    with without.applied():
        assert (model.statistics.item(), model.count.item()) == (30.0, 2)
    with within.applied():
        assert (model.statistics.item(), model.count.item()) == (10.0, 2)
    assert model.statistics.item() == 30.0


# The swap


@each_average
def test_inside_the_block_the_averages_are_in_the_parameters(make, parameter):
    p, q = parameter([1.0, 2.0]), parameter(3.0)
    average = make([p, q])
    average.update()
    p.data[...], q.data[...] = 7.0, 8.0
    array = p.data

    with average.applied():
        inside = (p.data.tolist(), q.item())
        assert p.data is array

    assert inside == ([1.0, 2.0], 3.0)
    assert (p.data.tolist(), q.item()) == ([7.0, 7.0], 8.0)
    assert p.data is array


@each_average
def test_after_an_exception_the_parameters_are_what_they_were(make, parameter):
    p = parameter([1.0])
    average = make([p])
    average.update()
    p.data[...] = 7.0

    with pytest.raises(KeyboardInterrupt), average.applied():
        p.data[...] = 9.0
        raise KeyboardInterrupt

    assert p.item() == 7.0
    with average.applied():  # it can be applied again
        assert p.item() == 1.0


@each_average
def test_inside_the_block_nothing_is_averaged_nor_applied_again(make, parameter):
    p = parameter([1.0])
    average = make([p])
    average.update()
    p.data[...] = 7.0

    for call, why in [
        (average.update, "it would average the averages"),
        (average.copy_to, "what it writes would be put back"),
        (lambda: average.applied().__enter__(), "leave that with block first"),
    ]:
        with (
            pytest.raises(
                RuntimeError,
                match=f"the averages are applied, in a with block that .*; {why}$",
            ),
            average.applied(),
        ):
            call()
        assert p.item() == 7.0
    assert average.n_averaged == 1


@each_average
def test_without_an_update_there_is_no_average(make, parameter):
    p = parameter([1.0])
    average = make([p])

    for call in (average.copy_to, lambda: average.applied().__enter__()):
        with pytest.raises(RuntimeError, match=r"there is no average yet; call update"):
            call()

    assert p.item() == 1.0


@each_average
def test_the_averages_can_be_copied_for_good(make, parameter):
    p, other = parameter([1.0, 2.0]), parameter([0.0, 0.0], dtype="float32")
    average = make([p])
    average.update()
    p.data[...] = 7.0

    average.copy_to([other])
    with average.applied():
        average.copy_to(other)
    assert p.data.tolist() == [7.0, 7.0]
    average.copy_to()

    assert p.data.tolist() == other.data.tolist() == [1.0, 2.0]
    p.data[...] = 5.0
    assert average.averages[0].tolist() == [1.0, 2.0]


@each_average
def test_averages_of_other_shapes_are_copied_nowhere(make, parameter):
    p, fits, other = parameter([1.0]), parameter([0.0]), parameter([[0.0]])
    average = make([p])
    average.update()

    for params in ([other], [fits, other], []):
        with pytest.raises(
            ValueError,
            match=r"Average.copy_to: the parameters have the shapes .*; the averages "
            r"have \(1,\), and they must be equal$",
        ):
            average.copy_to(params)

    assert fits.item() == other.item() == 0.0
    p.data = np.ones(3)
    with pytest.raises(ValueError, match=r"update: the parameters have the shapes \(3"):
        average.update()


# State


@each_average
@each_dtype
def test_averaging_goes_on_from_its_state_to_the_bit(make, dtype, parameter, rng):
    values = rng.standard_normal((9, 5)).astype(dtype)
    p, q = parameter(np.zeros(5), dtype=dtype), parameter(np.zeros(5), dtype=dtype)
    whole, first, second = make([p]), make([q]), make([q])

    feed(whole, p, values)
    feed(first, q, values[:4])
    state = first.state_dict()
    before = copy.deepcopy(state)
    second.load_state_dict(state)
    feed(first, q, values[4:])
    feed(second, q, values[4:])

    for average in (first, second):
        assert average.n_averaged == 9
        np.testing.assert_array_equal(average.averages[0], whole.averages[0])
        assert average.averages[0].dtype == whole.averages[0].dtype
    assert state["n_averaged"] == before["n_averaged"] == 4
    np.testing.assert_array_equal(state["averages"], before["averages"])


@each_average
@pytest.mark.parametrize(
    ("state", "error", "message"),
    [
        ([1], TypeError, "the state is a list; a dict is needed: give what state_dict"),
        ({}, ValueError, "the state has nothing; needed are averages, n_averaged: giv"),
        ({"averages": []}, ValueError, "the state has averages; needed are averages, "),
        (
            {"averages": [np.ones(3)], "n_averaged": 2},
            ValueError,
            r"the state has averages of the shapes \(3,\); needed are \(2,\), \(\)",
        ),
        (
            {"averages": [["a", "b"], 1.0], "n_averaged": 2},
            TypeError,
            "average 0 is <U1; numbers are needed",
        ),
        (
            {"averages": [[1.0, 2.0], 1.0], "n_averaged": -1},
            ValueError,
            "n_averaged is -1; it must be at least 0",
        ),
        (
            {"averages": [[1.0, 2.0], 1.0], "n_averaged": 1.0},
            TypeError,
            r"n_averaged is 1\.0; an integer is needed",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(
    make, state, error, message, parameter
):
    average = make([parameter([1.0, 2.0]), parameter(3.0)])
    average.update()

    with pytest.raises(error, match=f"Average: {message}"):
        average.load_state_dict(state)

    assert average.n_averaged == 1
    assert average.averages[0].tolist() == [1.0, 2.0]


# What is refused


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        (
            {"decay": 1.0},
            ValueError,
            r"decay is 1\.0; it must be .* and below 1",
        ),
        ({"decay": -0.1}, ValueError, r"decay is -0\.1; it must be at least 0"),
        ({"decay": math.nan}, ValueError, "decay is nan; it must be"),
        ({"decay": "0.9"}, TypeError, r"decay is '0\.9'; a number is needed"),
        ({"bias_correction": 1}, TypeError, "bias_correction is 1; True or False is"),
        ({"use_buffers": None}, TypeError, "use_buffers is None; True or False is nee"),
        (
            {"use_buffers": True},
            ValueError,
            "use_buffers is True, and params has no Module; give the model itself",
        ),
    ],
)
def test_options_out_of_range_are_refused(options, error, message, parameter):
    with pytest.raises(error, match=f"^ExponentialMovingAverage: {message}"):
        ExponentialMovingAverage([parameter([1.0])], **options)


@each_average
@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ([], ValueError, "there is nothing to average; give Tensors, or a model"),
        (None, TypeError, "params is a NoneType; a list of Tensors"),
        ([np.ones(2)], TypeError, "parameter 0 is a ndarray; a Tensor is needed"),
        (
            [Tensor(np.arange(3))],
            TypeError,
            "a Tensor of int64 is given; floats are",
        ),
    ],
)
def test_what_cannot_be_averaged_is_refused(make, params, error, message):
    with pytest.raises(error, match=f"Average: {message}"):
        make(params)


def test_they_show_how_far_they_are(parameter):
    p = parameter([1.0])
    average = ExponentialMovingAverage([p, parameter([2.0])])
    average.update()

    assert repr(average) == "ExponentialMovingAverage(<2 Tensors>, n_averaged=1)"
    assert repr(StochasticWeightAverage(p)) == (
        "StochasticWeightAverage(<1 Tensor>, n_averaged=0)"
    )


def test_other_data_inside_a_with_block_is_put_back_too():
    p = Tensor([1.0, 2.0], requires_grad=True)
    q = Tensor([3.0], requires_grad=True)
    average = ExponentialMovingAverage([p, q], decay=0.5)
    average.update()

    with average.applied():
        p.data = np.zeros(5)
        q.data[...] = 9.0

    np.testing.assert_array_equal(p.data, [1.0, 2.0])
    np.testing.assert_array_equal(q.data, [3.0])
    with average.applied():
        pass
