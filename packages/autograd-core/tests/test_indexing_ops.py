"""Indexing where the table of ops does not look: many elements, repeats, errors."""

import array_api_strict
import numpy as np
import pytest

from pebblegrad.autograd import Tensor, graph, ops

INT = "int64"


def added(x, shape, index):
    out = np.zeros(shape, x.dtype)
    np.add.at(out, index, x)
    return out


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize(
    ("shape", "index"),
    [
        ((50, 64), "rows"),
        ((5000,), "rows"),
        ((40, 3, 50), (slice(None), slice(1, None), "columns")),
        ((50, 50, 4), ("rows", "columns")),
        ((50, 2, 50), ("rows", slice(None), "columns")),
        ((2, 50, 20), (..., "rows", slice(None, None, -1))),
        ((50, 30), (None, "rows")),
        ((50, 1, 30), ("rows", 0)),
        ((3, 50, 10), (np.array([True, False, True]), "rows")),
        ((50, 30), ([[0, 0, 1]] * 20,)),
    ],
    ids=str,
)
def test_many_elements_are_scattered_as_few_are(shape, index, dtype, rng):
    chosen = {name: rng.integers(-40, 40, 500) for name in ("rows", "columns")}
    if any(isinstance(part, np.ndarray) for part in index):
        chosen["rows"] = chosen["rows"][:2]  # as many as the mask has
    named = index if isinstance(index, tuple) else (index,)
    index = tuple(chosen[p] if isinstance(p, str) else p for p in named)
    x = rng.integers(-3, 4, np.zeros(shape)[index].shape).astype(dtype)

    result = ops.scatter(x, shape, index)

    assert result.dtype == dtype
    np.testing.assert_array_equal(result, added(x, shape, index))


def test_a_value_is_broadcast_to_what_an_index_picks(rng):
    index = rng.integers(0, 30, 200)
    few, many = Tensor([1.0, 2.0, 3.0, 4.0], True), Tensor(2.0, True)

    ops.scatter(few, (3, 4), [0, 0]).sum().backward()
    ops.scatter(many, (30, 40), index).sum().backward()

    np.testing.assert_array_equal(few.grad.data, [2, 2, 2, 2])
    assert many.grad.item() == 200 * 40


def test_the_gradient_of_an_embedding_adds_up_over_the_tokens(rng):
    tokens = rng.integers(0, 100, (32, 16))
    table = Tensor(rng.standard_normal((100, 24)), requires_grad=True, dtype="float32")
    g = rng.standard_normal((32, 16, 24)).astype(np.float32)

    for pick in (lambda: table[tokens], lambda: ops.take(table, tokens, axis=0)):
        table.zero_grad()
        pick().backward(g)

        expected = added(g.astype(np.float64), (100, 24), tokens)
        assert table.grad.dtype == np.float32
        np.testing.assert_allclose(table.grad.data, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "indices",
    [[2, 0, -1], np.array([2, 0, -1], np.int8), Tensor([2, 0, -1], dtype=INT)],
    ids=lambda indices: type(indices).__name__,
)
def test_indices_may_be_a_list_an_array_or_a_tensor(indices):
    x = Tensor(np.arange(6.0).reshape(3, 2), requires_grad=True)
    rows = x.data[[2, 0, -1]]

    taken = ops.take(x, indices, axis=0)
    put = ops.index_put(x * 0, indices, 1.0)
    added_to = ops.index_add(x * 0, indices, Tensor(np.ones((3, 2))))

    np.testing.assert_array_equal(taken.data, rows)
    np.testing.assert_array_equal(put.data[:, 0], [1, 0, 1])
    np.testing.assert_array_equal(added_to.data[:, 0], [1, 0, 2])


def test_the_indices_along_an_axis_may_be_a_tensor():
    x = Tensor([[1.0, 5.0], [7.0, 3.0]])

    taken = ops.take_along_axis(x, Tensor([[1], [0]], dtype=INT))

    np.testing.assert_array_equal(taken.data, [[5], [7]])


def test_small_dtypes_of_indices_do_not_overflow():
    x = Tensor(np.arange(600.0).reshape(300, 2), requires_grad=True)
    places = np.array([255, 0, 7], dtype=np.uint8)

    ops.take(x, places, axis=0).sum().backward()
    ops.take_along_axis(x, np.array([[-128, 127]], np.int8), axis=0).sum().backward()

    expected = np.zeros((300, 2))
    expected[places] = 1
    expected[[300 - 128, 127], [0, 1]] += 1
    np.testing.assert_array_equal(x.grad.data, expected)


def test_what_takes_elements_is_in_the_graph_by_the_name_that_was_called():
    x = Tensor(np.zeros((3, 3)), requires_grad=True)

    results = [
        ops.take(x, [0], 0),
        ops.take_along_axis(x, [[0]]),
        ops.index_put(x, 0, 1.0),
    ]

    names = [graph(result)[-1].op for result in results]
    assert names == ["take", "take_along_axis", "index_put"]


def test_of_values_put_at_one_place_only_the_last_stays_and_gets_a_gradient():
    x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
    value = Tensor([10.0, 20.0, 30.0], requires_grad=True)

    out = ops.index_put(x, [0, 2, 0], value)
    (out * Tensor([1.0, 2.0, 3.0])).sum().backward(create_graph=True)

    np.testing.assert_array_equal(out.data, [30, 2, 20])
    np.testing.assert_array_equal(x.grad.data, [0, 2, 0])
    np.testing.assert_array_equal(value.grad.data, [0, 3, 1])


def test_a_number_put_everywhere_gets_the_sum():
    x = Tensor(np.zeros((2, 3)), requires_grad=True)
    value = Tensor(5.0, requires_grad=True)

    ops.index_put(x, ([0, 0, 1], [0, 0, 2]), value).sum().backward()

    assert value.grad.item() == 2  # of three, two were of one place
    np.testing.assert_array_equal(x.grad.data, [[0, 1, 1], [1, 1, 0]])


def test_putting_leaves_what_was_given_alone():
    x = np.broadcast_to(np.float32(1), (2, 2))

    result = ops.index_put(x, (0, 0), 7)

    assert result.dtype == np.float32
    np.testing.assert_array_equal(result, [[7, 1], [1, 1]])
    np.testing.assert_array_equal(x, 1)


def test_nan_goes_only_where_it_belongs():
    x = Tensor([np.nan, 1.0], requires_grad=True)

    y = ops.index_put(x, 0, 0.0)
    (y * y).sum().backward()

    np.testing.assert_array_equal(y.data, [0, 1])
    np.testing.assert_array_equal(x.grad.data, [0, 2])


def test_integers_have_values_and_no_gradient():
    x = Tensor(np.arange(6).reshape(2, 3))

    assert ops.take(x, [1], 0).dtype == x.dtype
    assert not ops.take_along_axis(x, [[0]]).requires_grad
    np.testing.assert_array_equal(ops.scatter(x, (3, 3), [1, 1]).data[1], [3, 5, 7])


def test_another_library_scatters_at_the_integers_that_it_can_pick():
    xp = array_api_strict
    index = (xp.asarray([0, 1, 0]), xp.asarray([2, 1, 2]))
    x = Tensor(xp.reshape(xp.arange(9.0), (3, 3)))
    x.requires_grad = True

    picked = x[index]
    (picked * picked).sum().backward()

    np.testing.assert_array_equal(
        x.grad.data._array, [[0, 0, 2 * 2 * 2], [0, 2 * 4, 0], [0, 0, 0]]
    )


X = Tensor(np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: X[3], IndexError, r"getitem: .*\(3, 4\), index=3; .*size 3"),
        (lambda: X[0, 0, 0], IndexError, r"shape \(3, 4\).* too many indices"),
        (lambda: X[np.array([True, False])], IndexError, r"boolean .* axis is 3"),
        (lambda: X[Tensor([0, 1])], IndexError, r"float32; integers or .*INT"),
        (lambda: X[0.5], IndexError, r"getitem: .* only integers"),
        (lambda: ops.scatter(X, (3, 5), [0, 1, 2]), ValueError, r"\(3, 5\), and x"),
        (lambda: ops.scatter(X, (3, 4), [0, 1, 9]), IndexError, r"scatter: .* index 9"),
        (lambda: ops.scatter(X, (9, 4), [0.0]), IndexError, r"scatter: .* integer"),
        (lambda: ops.take(X, [0, -5], 1), IndexError, r"size 4, and -5 .* -4 to 3 are"),
        (lambda: ops.take(Tensor(np.zeros((0, 2))), [0], 0), IndexError, r"has size 0"),
        (lambda: ops.take(X, [0.0], 0), TypeError, r"take: .* float64; integers are"),
        (lambda: ops.take(X, [True], 0), TypeError, r"take: .* bool; integers are"),
        (lambda: ops.take(X, [[0], [1, 2]], 0), TypeError, r"list; integers are"),
        (lambda: ops.take(X, [0], 2), ValueError, r"take: .* no axis 2 among 2"),
        (lambda: ops.take([1.0], [0]), TypeError, r"take: .* list; a Tensor or"),
        (lambda: ops.take_along_axis(X, [0]), ValueError, r"as many axes as x"),
        (lambda: ops.take_along_axis(X, [[0], [0]]), IndexError, r"sizes 3 and 2"),
        (lambda: ops.take_along_axis(X, [[4]]), IndexError, r"size 4, and 4 is no"),
        (lambda: ops.index_add(X, [0, 1], X), ValueError, r"must be \(2, 4\)"),
        (lambda: ops.index_add(X, [[0]], X), ValueError, r"\(1, 1\), and one axis is"),
        (lambda: ops.index_add(X, [0, 1, 3], X), IndexError, r"size 3, and 3 is no"),
        (lambda: ops.index_put(X, 3, 0.0), IndexError, r"index_put: .*size 3"),
        (lambda: ops.index_put(X, [0], X), ValueError, r"index_put: .*broadcast"),
        (lambda: ops.index_put(X, (0, 0), X), ValueError, r"must have shape \(\)"),
        (lambda: ops.index_put(X, Tensor([0.0]), 0), IndexError, r"float32; integers"),
    ],
)  # fmt: skip
def test_errors_say_what_was_given_and_what_is_needed(call, error, match):
    with pytest.raises(error, match=match.replace("INT", 'give dtype="int64"')):
        call()


def test_the_first_place_may_be_counted_from_the_end_and_none_before_or_behind():
    x = np.array([1.0, 2.0, 3.0])

    assert ops.take(x, [-3, 2]).tolist() == [1, 3]
    for outside in (-4, 3, 7):
        with pytest.raises(
            (ValueError, IndexError), match=f"{outside} is no place in it"
        ):
            ops.take(x, [0, outside])
