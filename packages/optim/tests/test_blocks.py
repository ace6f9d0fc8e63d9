"""Arrays in pieces: every element once, and no memory that grows with the network."""

import tracemalloc

import numpy as np
import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, Adam
from pebblegrad.optim._blocks import BLOCK, blocks

SHAPES = [
    (),
    (0,),
    (5,),
    (BLOCK,),
    (BLOCK + 1,),
    (3, BLOCK - 1),
    (2, BLOCK + 1),
    (1, 1, BLOCK * 2 + 3),
    (130, 129, 7),
    (7, 0, BLOCK),
]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_element_is_met_once_in_pieces_of_at_most_a_block(shape, order):
    x = np.zeros(shape, order=order)
    y = np.arange(x.size, dtype=float).reshape(shape)

    for x_block, y_block in blocks(x, y):
        assert x_block.shape == y_block.shape
        assert x_block.size <= BLOCK
        x_block += y_block

    np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize(
    "make",
    [
        lambda p: SGD([p], lr=0.1, momentum=0.9, weight_decay=0.1),
        lambda p: Adam([p], amsgrad=True, weight_decay=0.1),
    ],
)
def test_a_step_allocates_less_than_the_parameter(make):
    p = Tensor(np.ones((1000, 1000), np.float32), requires_grad=True)  # 4 MB
    optimizer = make(p)
    p.grad = np.ones_like(p.data)
    optimizer.step()
    p.grad = np.ones_like(p.data)

    tracemalloc.start()
    optimizer.step()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 10 * 4 * BLOCK
