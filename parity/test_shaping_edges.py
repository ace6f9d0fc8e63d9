"""Shaping, joining, arranging, diagonals and creation, where PyTorch has an edge."""

import numpy as np
import pytest
import torch

from pebblegrad.autograd import Tensor, default_dtype, ops

from .theirs import THEIRS


@pytest.mark.parametrize(
    ("mode", "theirs"),
    [("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")],
)
@pytest.mark.parametrize("sides", [(1, 1, 1, 1), (2, 0, 1, 3), (0, 0, 0, 2)])
def test_borders_of_images(mode, theirs, sides, both, rng):
    left, right, top, bottom = sides
    widths = ((0, 0), (0, 0), (top, bottom), (left, right))

    both(
        lambda x: ops.pad(x, widths, mode),
        lambda x: torch.nn.functional.pad(x, sides, mode=theirs),
        [rng.standard_normal((2, 3, 5, 4))],
    )


@pytest.mark.parametrize(
    ("mode", "theirs", "width"), [("reflect", "reflect", 4), ("wrap", "circular", 5)]
)
def test_borders_that_are_too_wide_are_refused_by_both(mode, theirs, width):
    with pytest.raises(ValueError, match="too few elements"):
        ops.pad(np.ones((1, 4)), ((0, 0), (width, 0)), mode)
    with pytest.raises(RuntimeError):
        torch.nn.functional.pad(torch.ones((1, 4)), (width, 0), mode=theirs)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, -2.5])
def test_borders_of_any_number(value, both, rng):
    both(
        lambda x: ops.pad(x, ((0, 0), (1, 2)), value=value),
        lambda x: torch.nn.functional.pad(x, (1, 2), value=value),
        [rng.standard_normal((2, 3))],
        order=1,
    )


@pytest.mark.parametrize("size", [0, 1, 5, 6, 7])
@pytest.mark.parametrize("chunks", [1, 3, 8])
def test_the_pieces_of_chunk(size, chunks, agree):
    x = np.arange(2.0 * size).reshape(2, size)

    ours, theirs = ops.chunk(x, chunks, 1), torch.chunk(torch.tensor(x), chunks, 1)

    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        agree(one, other)


EDGES = np.array([[np.nan, np.inf, -0.0], [1.0, -np.inf, np.nan], [0.0, 1.0, np.inf]])


@pytest.mark.parametrize("name", ["tril", "triu", "diagonal", "diag_embed", "ravel"])
def test_nan_and_infinity_are_moved_like_other_numbers(name, both):
    both(getattr(ops, name), THEIRS[name], [EDGES], order=1)


@pytest.mark.parametrize("name", ["tile", "repeat"])
def test_nan_and_infinity_are_repeated_like_other_numbers(name, both):
    both(
        lambda x: getattr(ops, name)(x, 2),
        lambda x: THEIRS[name](x, 2),
        [EDGES],
        order=1,
    )


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("zeros", (2, 3)),
        ("zeros", ((2, 3),)),
        ("ones", (0, 2)),
        ("full", ((2,), 0.5)),
        ("arange", (4,)),
        ("arange", (7, 1, -2)),
        ("arange", (0.0, 1.0, 0.3)),
        ("arange", (-1.5, 1.5, 0.25)),
        ("linspace", (-1, 2, 7)),
        ("linspace", (3, 1, 1)),
        ("linspace", (0, 1, 0)),
        ("eye", (3,)),
        ("eye", (2, 4)),
        ("eye", (3, 0)),
    ],
)
def test_what_is_made_is_the_same(name, args, agree):
    agree(getattr(ops, name)(*args), getattr(torch, name)(*args), 1e-6, 1e-7)


@pytest.mark.parametrize("name", ["rand", "randn"])
def test_sizes_are_given_in_the_same_ways(name):
    for sizes in [(2, 3), ((2, 3),), (0,), ((),)]:
        ours, theirs = getattr(ops, name)(*sizes), getattr(torch, name)(*sizes)

        assert ours.shape == tuple(theirs.shape)
        assert ours.data.dtype == theirs.numpy().dtype
    assert ops.randint(9, (2, 3)).shape == tuple(torch.randint(9, (2, 3)).shape)
    assert ops.randint(1, 9, (2,)).dtype == torch.randint(1, 9, (2,)).numpy().dtype


# Known differences


def test_an_int_for_split_counts_pieces_as_in_numpy_where_torchs_is_their_size(differ):
    x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]

    ours, theirs = ops.split(Tensor(x), 3)[0], torch.split(torch.tensor(x), 3)[0]

    differ(ours, theirs, [0, 1], [0, 1, 2])


def test_repeat_is_numpys_where_torchs_is_a_tile(differ):
    x = [1.0, 2.0]

    differ(
        ops.repeat(Tensor(x), 2), torch.tensor(x).repeat(2), [1, 1, 2, 2], [1, 2, 1, 2]
    )


def test_diagonals_are_of_the_last_two_axes_where_torchs_are_of_the_first(differ):
    # The axes in front are a stack, as in both libraries' linalg.diagonal.
    x = np.arange(8.0).reshape(2, 2, 2)

    differ(
        ops.diagonal(Tensor(x)),
        torch.diagonal(torch.tensor(x)),
        [[0, 3], [4, 7]],
        [[0, 6], [1, 7]],
    )


def test_squeeze_refuses_an_axis_that_has_elements_where_torch_keeps_it():
    with pytest.raises(ValueError, match="axis 0 has size 2"):
        ops.squeeze(Tensor([1.0, 2.0]), 0)

    assert torch.tensor([1.0, 2.0]).squeeze(0).shape == (2,)


def test_a_range_the_wrong_way_is_empty_as_in_numpy_where_torch_refuses():
    assert ops.arange(3, 1).shape == (0,)
    with pytest.raises(RuntimeError):
        torch.arange(3, 1)


def test_full_of_an_integer_is_float_where_torchs_is_integer():
    # As in Tensor(3): numbers become the default float dtype.
    with default_dtype("float32"):
        assert ops.full((2,), 3).dtype == np.float32
    assert torch.full((2,), 3).dtype == torch.int64
