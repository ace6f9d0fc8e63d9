"""Tables of vectors, and ones among zeros: gradients, padding, what is refused."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, default_dtype
from pebblegrad.autograd.testing import check_gradients
from pebblegrad.nn import functional

TABLE = np.arange(15.0).reshape(5, 3)


@pytest.mark.parametrize("indices", [[1, 4], [[0], [2]], 3, [], [[]], [2, 2, 2]])
@pytest.mark.parametrize(
    "make", [list, np.array, Tensor], ids=lambda make: make.__name__
)
def test_each_index_gives_its_row(indices, make):
    plain = np.array(indices, dtype=int)

    out = functional.embedding(indices if make is list else make(plain), TABLE)

    assert type(out) is np.ndarray
    np.testing.assert_array_equal(out, TABLE[plain])


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "uint64"])
def test_indices_may_be_integers_of_any_size(dtype):
    indices = np.array([4, 0], dtype)

    np.testing.assert_array_equal(functional.embedding(indices, TABLE), TABLE[[4, 0]])


def test_gradients_of_a_row_are_summed_over_its_uses(rng):
    weight = Tensor(TABLE, requires_grad=True)

    functional.embedding([1, 3, 1], weight).sum().backward()

    np.testing.assert_array_equal(weight.grad.data[:, 0], [0, 2, 0, 1, 0])
    check_gradients(lambda w: functional.embedding([1, 3, 1], w) ** 2, TABLE, order=2)


@pytest.mark.parametrize("padding_idx", [1, -4, np.int64(1)])
def test_the_padding_gets_no_gradient_and_its_row_is_given(padding_idx):
    weight = Tensor(TABLE, requires_grad=True)

    out = functional.embedding([[1, 3], [1, 0]], weight, padding_idx)
    (out * out).sum().backward(create_graph=True)

    np.testing.assert_array_equal(out.data[0], TABLE[[1, 3]])
    wanted = 2 * TABLE * np.array([1, 0, 0, 1, 0])[:, None]
    np.testing.assert_array_equal(weight.grad.data, wanted)


def test_the_padding_of_a_layer_starts_at_zero_and_stays_there(rng):
    layer = nn.Embedding(5, 3, padding_idx=-2, rng=0)

    (layer([3, 3, 1]) + 1).sum().backward()

    assert layer.padding_idx == 3
    assert not layer.weight.data[3].any()
    assert not layer.weight.grad.data[3].any()
    assert layer.weight.grad.data[1].all()


def test_rows_are_drawn_from_the_standard_normal_distribution():
    weight = nn.Embedding(200, 300, rng=0).weight.data

    assert abs(weight.mean()) < 4 / np.sqrt(weight.size)
    assert abs(weight.std() - 1) < 4 / np.sqrt(2 * weight.size)
    shares = [np.mean(weight < z) for z in (-2, -1, 0, 1, 2)]
    np.testing.assert_allclose(shares, [0.0228, 0.1587, 0.5, 0.8413, 0.9772], atol=0.01)


def test_a_seed_gives_the_same_table_in_every_dtype():
    tables = []
    for dtype in ("float64", "float32"):
        with default_dtype(dtype):
            tables.append(nn.Embedding(4, 3, rng=5).weight.data)

    np.testing.assert_array_equal(tables[0].astype("float32"), tables[1])


def test_a_table_that_exists_is_copied_and_frozen():
    given = TABLE.copy()

    layer = nn.Embedding.from_pretrained(given)
    given[...] = -1

    np.testing.assert_array_equal(layer.weight.data, TABLE)
    assert repr(layer) == "Embedding(5, 3)"
    assert layer.parameters() == []
    assert list(layer.state_dict()) == ["weight"]
    assert len(layer.requires_grad_().parameters()) == 1


def test_a_table_that_exists_may_be_trained_on():
    layer = nn.Embedding.from_pretrained(Tensor(TABLE), freeze=False, padding_idx=0)

    layer([0, 1]).sum().backward()

    np.testing.assert_array_equal(layer([0]).data, TABLE[:1])
    np.testing.assert_array_equal(layer.weight.grad.data[:, 0], [0, 1, 0, 0, 0])


@pytest.mark.parametrize(
    ("indices", "classes", "shape"),
    [
        ([0, 2], -1, (2, 3)),
        ([[1], [0]], 4, (2, 1, 4)),
        (1, -1, (2,)),
        ([0], 1, (1, 1)),
        (np.zeros((0, 2), int), 3, (0, 2, 3)),
    ],
)
def test_one_hot_has_a_one_at_the_index_and_zeros_elsewhere(indices, classes, shape):
    out = functional.one_hot(indices, classes)

    assert (out.shape, out.dtype) == (shape, "float32")
    np.testing.assert_array_equal(out.argmax(axis=-1), np.asarray(indices))
    np.testing.assert_array_equal(out.sum(axis=-1), np.ones(shape[:-1]))


def test_one_hot_takes_tensors_and_gives_the_default_dtype():
    with default_dtype("float64"):
        out = functional.one_hot(Tensor(np.array([1, 0])))

    assert out.dtype == "float64"
    assert out.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: functional.embedding([5, 0], TABLE),
            ValueError,
            "embedding: indices go from 0 to 5; they must be from 0 to 4: weight has 5",
        ),
        (
            lambda: functional.embedding([-1], TABLE),
            ValueError,
            "indices go from -1 to -1; they must be from 0 to 4",
        ),
        (
            lambda: functional.embedding([0.5], TABLE),
            TypeError,
            "embedding: indices are float64; integers are needed",
        ),
        (
            lambda: functional.embedding(np.array([True]), TABLE),
            TypeError,
            "indices are bool; integers are needed",
        ),
        (
            lambda: functional.embedding([[1], [1, 2]], TABLE),
            ValueError,
            "indices are lists of different lengths; all must have one length",
        ),
        (
            lambda: functional.embedding([0], TABLE[0]),
            ValueError,
            r"weight has shape \(3,\); a table of shape \(K, D\) is needed",
        ),
        (
            lambda: functional.embedding([0], [[1.0]]),
            TypeError,
            "embedding: weight is list; a Tensor or an array is needed",
        ),
        (
            lambda: functional.embedding([0], TABLE, 5),
            ValueError,
            "padding_idx is 5; an index of one of 5 rows is needed, from -5 to 4",
        ),
        (lambda: nn.Embedding(0, 3), ValueError, "num_embeddings is 0; a positive in"),
        (lambda: nn.Embedding(3, 1.5), ValueError, "embedding_dim is 1.5; a positive"),
        (lambda: nn.Embedding(3, 2, 3), ValueError, "padding_idx is 3; an index of on"),
        (lambda: nn.Embedding(3, 2, "a"), ValueError, "padding_idx is 'a'; an index o"),
        (lambda: nn.Embedding(3, 2, 1.0), ValueError, "padding_idx is 1.0; an index o"),
        (
            lambda: nn.Embedding(3, 2, max_norm=1.0),
            ValueError,
            "Embedding: max_norm is 1.0; None is needed, .* shorten the rows",
        ),
        (
            lambda: nn.Embedding(3, 2)([3]),
            ValueError,
            "Embedding: embedding: indices go from 3 to 3; they must be from 0 to 2",
        ),
        (
            lambda: nn.Embedding.from_pretrained([1.0, 2.0]),
            ValueError,
            r"from_pretrained: weight has shape \(2,\); a table",
        ),
        (lambda: functional.one_hot([0.5]), TypeError, "one_hot: indices are float64"),
        (
            lambda: functional.one_hot([-1]),
            ValueError,
            "one_hot: indices go from -1 to -1; they must be 0 or more",
        ),
        (
            lambda: functional.one_hot([3], 2),
            ValueError,
            "indices go from 3 to 3; they must be from 0 to 1: there are 2 classes",
        ),
        (lambda: functional.one_hot([]), ValueError, "no indices to count the classes"),
        (
            lambda: functional.one_hot([0], 0),
            ValueError,
            "num_classes is 0; a positive",
        ),
        (lambda: functional.one_hot([0], -2), ValueError, "num_classes is -2; a posit"),
        (lambda: functional.one_hot([0], 1.5), ValueError, "num_classes is 1.5; a pos"),
    ],
)
def test_a_wrong_call_is_told_what_to_change(call, kind, message):
    with pytest.raises(kind, match=message):
        call()
