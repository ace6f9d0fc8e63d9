import pytest

from pebblegrad.scalar import Tensor, dot, graph, trace, values


def test_dot_is_the_sum_of_the_products_and_so_are_its_gradients():
    xs = [Tensor(2.0), Tensor(-3.0)]
    ys = [Tensor(4.0), Tensor(0.5)]

    (dot(xs, ys) * 10).backward()
    plain = [[Tensor(t.data) for t in row] for row in (xs, ys)]
    (sum(x * y for x, y in zip(*plain, strict=True)) * 10).backward()

    assert dot(xs, ys).data == 6.5
    assert [t.grad for t in xs + ys] == [t.grad for t in plain[0] + plain[1]]


def test_a_tensor_that_is_in_both_lists():
    x = Tensor(3.0)
    dot([x, x], [x, Tensor(2.0)]).backward()  # x**2 + 2 x

    assert x.grad == 8.0


def test_dot_of_one_pair_is_a_product():
    assert dot((Tensor(3),), (Tensor(4),)).data == 12


def test_the_graph_of_a_dot_has_a_formula_for_each_operand():
    w = [Tensor(2.0, label="a"), Tensor(3.0, label="b")]
    out = dot(w, [Tensor(4.0), Tensor(5.0)])

    node = graph(out)[-1]

    assert node.inputs == ("x1", "x2", "y1", "y2")
    assert node.formulas == ("g * y1", "g * y2", "g * x1", "g * x2")
    assert values(out) == [2.0, 3.0, 4.0, 5.0, 23.0]
    assert str(trace(out)[1]) == "dot: gradient of x2 = g * y2 = 5.0"
    assert dict(trace(out)[1].operands) == {"y2": 5.0}


def test_values_notice_that_an_operand_of_a_dot_was_changed():
    x = Tensor(2.0)
    out = dot([x], [Tensor(3.0)])
    x.data = 0.0

    with pytest.raises(RuntimeError, match="dot has another result now"):
        values(out)


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: dot([Tensor(1)], []), ValueError, "xs has length 1 and ys 0; equal"),
        (
            lambda: dot(Tensor(1), 2),
            TypeError,
            "xs is a Tensor and ys an int; two list",
        ),
        (lambda: dot(iter([1]), [1]), TypeError, "xs is a list_iterator and ys a list"),
        (lambda: dot([], []), ValueError, "xs has length 0 and ys 0; .* at least 1"),
        (lambda: dot([Tensor(1)], [2.0]), TypeError, "hold Tensor and float; Tensors"),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
