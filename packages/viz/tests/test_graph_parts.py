import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops
from pebblegrad.viz._graph_parts import read_parts


def parts(tensor, **more):
    given = {"formulas": False, "show_values": None, "fold": None, "max_nodes": 2000}
    return read_parts(tensor, "draw", **(given | more))


def chain(steps, start=(0.5, 1.0)):
    x = Tensor(start, requires_grad=True)
    for _ in range(steps):
        x = x.tanh()
    return x


def words(found):
    return [line.text for part in found.parts for line in part.box.lines]


def test_each_value_is_a_part_that_knows_what_it_reads():
    x = Tensor([1.0], requires_grad=True, label="x")
    found = parts(x * x + 2.0)

    assert [part.name for part in found.parts] == [
        "leaf-0",
        "op-1",
        "constant-2",
        "op-3",
    ]
    assert [part.parents for part in found.parts] == [(), (0, 0), (), (1, 2)]
    assert found.summary == "2 ops, 1 leaf, 1 constant"
    assert found.notes == []


def mixed(steps, others):
    """Return a chain that repeats, and behind it another that does not."""
    x = chain(steps)
    for i in range(others):
        x = x.reshape((2,) + (1,) * (i + 1))
    return x


@pytest.mark.parametrize(
    ("tensor", "count"),
    [
        (chain(39), 40),
        (chain(40), 2),  # more than 40, and half of them repeat
        (mixed(30, 10), 12),
        (mixed(20, 30), 51),
        (mixed(20, 39), 60),
        (mixed(20, 40), 42),  # more than 60
        (chain(59, 0.5), 60),  # single numbers, which a fold would hide
        (chain(60, 0.5), 2),
    ],
)
def test_long_graphs_are_folded_if_nothing_is_said(tensor, count):
    assert len(parts(tensor).parts) == count


def test_fold_decides_if_it_is_given():
    assert len(parts(chain(10), fold=True).parts) == 2
    assert len(parts(chain(100), fold=False).parts) == 101
    assert len(parts(chain(100), show_values=True).parts) == 101


def test_the_summary_counts_what_is_folded_and_left_out_too():
    found = parts(chain(1000), max_nodes=1)

    assert found.summary == "1,000 ops, 1 leaf"
    assert found.notes == [
        "Parts that repeat are folded: what is marked × stands for 1,000 of 1,001 "
        "values.",
        "1 of 1,001 values is left out; the 1 nearest to the result is shown.",
    ]
    assert found.drawn_notes[2:] == [
        "A box with a dashed outline has inputs that are left out."
    ]


def test_a_graph_of_numbers_shows_them_unless_some_are_hidden():
    assert "value 0.4621" in words(parts(chain(3, 0.5)))
    assert "value 0.4621" not in words(parts(chain(3, 0.5), show_values=False))
    assert "value 0.4621" not in words(parts(chain(3, [0.5])))
    assert "value 0.4621" in words(parts(chain(3, [0.5]), show_values=True))
    assert not any("value" in word for word in words(parts(chain(100, 0.5))))
    assert not any("value" in word for word in words(parts(chain(9, 0.5), max_nodes=2)))


def test_a_fold_is_read_by_one_arrow():
    first = chain(30)
    out = first * first
    found = parts(out, fold=True)

    assert [part.parents for part in found.parts] == [(), (0,), (1,)]


def test_an_op_that_reads_many_alike_reads_their_fold():
    x = [Tensor(np.ones(3), requires_grad=True, label=f"x{i}") for i in range(70)]
    found = parts(ops.stack(x).sum())

    assert [part.box.lines[0].text for part in found.parts] == [
        *("x0 … x69 × 70", "stack", "sum")
    ]
    assert found.parts[0].box.kind == "leaf"


def test_looking_changes_nothing():
    x = Tensor(2.0, requires_grad=True)
    out = x * x
    parts(out)

    assert x.grad is None
    assert x.data == 2.0
