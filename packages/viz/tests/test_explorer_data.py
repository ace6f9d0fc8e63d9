"""What the explorer tells: the engine's numbers, step by step, and names."""

import numpy as np
import pytest

from pebblegrad.autograd import Function, Tensor, graph, ops, trace
from pebblegrad.viz import explore


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_gradient_on_the_page_is_the_one_of_backward_to_the_bit(
    dtype, rng, tmp_path, read, array, small_net
):
    loss, parameters, _held = small_net(rng, dtype)

    data = read(explore(loss, tmp_path / "page.html"))
    loss.backward()

    by_name = {node["name"]: node for node in data["nodes"]}
    for name, parameter in parameters.items():
        shown = array(data, by_name[name]["gradient"])
        assert shown.dtype == parameter.grad.dtype
        np.testing.assert_array_equal(shown, parameter.grad.data)
        np.testing.assert_array_equal(
            array(data, by_name[name]["value"]), parameter.data
        )


def test_every_step_of_trace_is_told_with_its_numbers(
    rng, tmp_path, read, array, small_net
):
    loss, _parameters, _held = small_net(rng)
    steps = trace(loss)

    told = read(explore(loss, tmp_path / "page.html"))
    shown = [step for step in told["steps"] if step["kind"] == "gradient"]

    assert len(shown) == len(steps)
    for step, found in zip(steps, shown, strict=True):
        assert (found["node"], found["parent"]) == (step.node, step.parent)
        assert found["formula"] == step.formula
        np.testing.assert_array_equal(array(told, found["g"]), step.g)
        np.testing.assert_array_equal(array(told, found["result"]), step.result)
        operands = {op["name"]: op for op in found["operands"]}
        assert list(operands) == list(step.operands)
        for name, value in step.operands.items():
            if isinstance(value, np.ndarray):
                shown_value = array(told, operands[name]["array"])
                np.testing.assert_array_equal(shown_value, value)


def test_every_value_of_the_forward_pass_is_there_and_in_order(
    rng, tmp_path, read, array, small_net
):
    loss, _parameters, _held = small_net(rng)

    data = read(explore(loss, tmp_path / "page.html"))
    forward = [step["node"] for step in data["steps"] if step["kind"] == "op"]

    assert all(node["value"] is not None for node in data["nodes"])
    assert array(data, data["nodes"][-1]["value"]) == loss.item()
    assert forward == [i for i, node in enumerate(graph(loss)) if node.kind == "op"]
    for at, step in enumerate(data["steps"][1 : len(forward) + 1], 1):
        assert data["nodes"][step["node"]]["knownAt"] == at


def test_gradients_that_meet_are_told_as_a_sum(tmp_path, read, array):
    x = Tensor(2.0, requires_grad=True, label="x")

    data = read(explore(x * x + x, tmp_path / "page.html"))
    parts = [s for s in data["steps"] if s["kind"] == "gradient"]
    to_x = [s for s in parts if data["nodes"][s["parent"]]["name"] == "x"]

    assert [(s["turn"], s["of"]) for s in to_x] == [(1, 3), (2, 3), (3, 3)]
    assert to_x[0]["before"] is None
    assert [array(data, s["before"]).item() for s in to_x[1:]] == [1, 3]
    assert [array(data, s["total"]).item() for s in to_x] == [1, 3, 5]
    assert to_x[2]["sentence"].endswith("It is part 3 of 3.")


def test_a_sum_over_broadcast_axes_is_told_with_what_was_before_it(
    tmp_path, read, array
):
    x = Tensor(np.arange(6.0).reshape(2, 3), label="x")
    w = Tensor([[1.0], [2.0]], requires_grad=True, dtype=np.float64, label="w")

    data = read(explore((x * w).sum(), tmp_path / "page.html"))
    step = data["steps"][-1]

    assert step["axes"] == "axis 1"
    assert array(data, step["raw"]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert array(data, step["result"]).tolist() == [[3], [12]]
    assert "summed over axis 1" in step["sentence"]


def test_a_constant_that_is_used_twice_is_one_box(tmp_path, read):
    x = Tensor([1.0, 2.0], label="x")
    w = Tensor([3.0, 4.0], requires_grad=True, label="w")

    data = read(explore(((w * x - x) * 2 * 2).sum(), tmp_path / "page.html"))

    names = [n["name"] for n in data["nodes"] if n["kind"] == "constant"]
    assert names == ["x", "2", "2"]
    assert (
        "1 leaf, which requires a gradient, and 3 constants"
        in (data["steps"][0]["sentence"])
    )


def test_a_formula_comes_with_words_for_the_functions_in_it(tmp_path, read):
    x = Tensor([1.0, -2.0], requires_grad=True)

    data = read(explore(x.relu().sum(), tmp_path / "page.html"))

    assert "where_positive" in data["nodes"][1]["formulas"][0]
    assert list(data["helpers"]) == ["where_positive", "spread"]
    told = data["helpers"]["where_positive"]
    assert told["signature"] == "where_positive(x, by)"
    assert told["sentence"].startswith("Elementwise ``x`` where `by` is above 0")


def test_of_several_gradients_that_a_rule_returns_one_is_named(tmp_path, read):
    x = Tensor([[2.0, 0.0], [0.0, 4.0]], requires_grad=True, label="x")
    y = Tensor([6.0, 8.0], requires_grad=True, label="y")

    data = read(explore(ops.linalg.solve(x, y).sum(), tmp_path / "page.html"))
    told = [s["returned"] for s in data["steps"] if s["kind"] == "gradient"]

    assert sorted(told) == [
        "",  # of the rule of sum
        "the first of the two that the formula returns",
        "the second of the two that the formula returns",
    ]


def test_values_of_one_label_are_told_apart_and_so_are_their_boxes(tmp_path, read):
    w = Tensor([1.0], requires_grad=True, label="w")
    other = Tensor([2.0], requires_grad=True, label="w")
    h = w * other * 2 * 2
    h.label = "h"

    data = read(explore(h.tanh(), tmp_path / "page.html"))
    names = [node["name"] for node in data["nodes"]]
    texts = [
        [line["text"] for line in box["lines"]] for box in data["drawing"]["boxes"]
    ]

    assert names == [
        "w #0",
        "w #1",
        "multiply #2",
        "2",
        "multiply #4",
        "2",
        "h",
        "tanh #7",
    ]
    for name, lines in zip(names, texts, strict=True):
        assert name in lines
    assert texts[6][:2] == ["multiply", "h"]


def test_a_single_number_has_no_shape_in_its_box_but_room_for_value_and_gradient(
    tmp_path, read
):
    x, y = Tensor(2.0, requires_grad=True, label="x"), Tensor(3.0, label="y")

    data = read(explore(x * y + 1, tmp_path / "page.html"))
    boxes = data["drawing"]["boxes"]

    assert all("()" not in line["text"] for box in boxes for line in box["lines"])
    assert [len(box["slots"]) for box in boxes] == [2, 1, 2, 0, 2]


def test_a_sum_that_overflows_is_warned_of_by_the_engine_alone(tmp_path, read):
    x = Tensor(np.float16(0.25), requires_grad=True, label="x")
    loss = x * np.float16(60000) + x * np.float16(60000)

    with pytest.warns(RuntimeWarning, match="overflow") as told:
        data = read(explore(loss, tmp_path / "page.html"))

    assert len(told) == 1
    assert data["arrays"][data["nodes"][0]["gradient"]]["texts"] == ["inf"]


def test_parameters_are_told_whole_and_the_arrays_in_them_with_their_numbers(
    tmp_path, read, array
):
    x = Tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    rows = np.array([2, 0, 2])

    loss = x[rows, :3].transpose((1, 0)).reshape(3, 3).sum(axis=(0, 1), keepdims=True)
    data = read(explore(loss, tmp_path / "page.html", gradient=[[1.0]]))
    picked = next(n for n in data["nodes"] if n["op"] == "getitem")
    (index,) = picked["parameters"]
    step = next(s for s in data["steps"] if s.get("formula", "").startswith("scatter"))
    operand = next(o for o in step["operands"] if o["name"] == "index")

    assert picked["static"] == index["name"] + "=(int64 of shape (3,), :3)"
    assert index["text"] == "(int64 of shape (3,), :3)"
    assert [part["name"] for part in index["parts"]] == ["index[0]"]
    assert array(data, index["parts"][0]["array"]).tolist() == [2, 0, 2]
    assert operand["parts"] == index["parts"]


def test_a_long_parameter_is_not_cut(tmp_path, read):
    x = Tensor(np.zeros(60), requires_grad=True)
    order = list(range(60))

    data = read(explore(x[order].sum(), tmp_path / "page.html"))
    picked = next(n for n in data["nodes"] if n["op"] == "getitem")

    assert picked["static"].endswith("57, 58, 59]")
    assert "57, 58, 59" in picked["parameters"][0]["text"]


def test_not_a_number_and_infinity_come_through(tmp_path, read, array):
    x = Tensor([0.0, -1.0], requires_grad=True, label="x")
    with np.errstate(all="ignore"):
        data = read(explore(x.log().sum(), tmp_path / "page.html"))
        x.log().sum().backward()

    shown = array(data, data["nodes"][0]["gradient"])
    np.testing.assert_array_equal(shown, x.grad.data)
    assert data["arrays"][data["nodes"][1]["value"]]["texts"] == ["-inf", "nan"]


def test_what_nobody_holds_any_more_is_shown_as_gone(tmp_path, read):
    w = Tensor([1.0], requires_grad=True)

    data = read(explore(w - Tensor([2.0], label="y"), tmp_path / "page.html"))

    (target,) = (node for node in data["nodes"] if node["name"] == "y")
    assert target["value"] is None


def test_what_a_hook_returns_is_what_goes_on(tmp_path, read, array):
    x = Tensor(2.0, requires_grad=True, label="x")
    h = x * 3
    h.register_hook(lambda g: g * 10)

    data = read(explore(h * h, tmp_path / "page.html"))
    last = data["steps"][-1]

    assert last["hooked"]
    assert array(data, last["g"]) == 120
    assert array(data, data["nodes"][0]["gradient"]) == 360
    assert not data["steps"][-2]["hooked"]


def test_what_the_hook_of_a_leaf_returns_is_its_gradient(tmp_path, read, array):
    x = Tensor(2.0, requires_grad=True, label="x")
    x.register_hook(lambda g: g * 10)
    y = Tensor(3.0, requires_grad=True, label="y")
    loss = x * x + y

    data = read(explore(loss, tmp_path / "page.html"))
    loss.backward()
    to_x = [s for s in data["steps"] if s["kind"] == "gradient" and s["parent"] == 0]

    assert data["nodes"][0]["name"] == "x"
    assert array(data, data["nodes"][0]["gradient"]) == x.grad.item() == 40
    assert [step["hook"] for step in to_x[:-1]] == [None]
    assert array(data, to_x[-1]["total"]) == 4
    assert array(data, to_x[-1]["hook"]) == 40
    assert to_x[-1]["sentence"].endswith(
        "It is part 2 of 2. A hook of x makes the gradient 40.0 of the sum."
    )
    assert data["nodes"][0]["arrivals"][-1][1:] == [data["nodes"][0]["gradient"], "40"]
    hooks = [s["hook"] for s in data["steps"] if s["kind"] == "gradient"]
    assert [hook for hook in hooks if hook is not None] == [to_x[-1]["hook"]]


def test_a_leaf_alone_has_a_page_too(tmp_path, read, array):
    x = Tensor([3.0], requires_grad=True, label="x")

    data = read(explore(x, tmp_path / "page.html"))
    given = read(explore(x, tmp_path / "page.html", gradient=[5.0]))

    assert [step["kind"] for step in data["steps"]] == ["given", "start"]
    assert array(data, data["nodes"][0]["gradient"]).tolist() == [1]
    assert array(given, given["nodes"][0]["gradient"]).tolist() == [5]


def test_a_function_of_the_users_is_told(tmp_path, read, array):
    class Double(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = Tensor([1.0, 4.0], requires_grad=True)
    data = read(explore(Double.apply(x).sum(), tmp_path / "page.html"))

    assert data["steps"][-1]["formula"] == "g * 2"
    assert array(data, data["nodes"][0]["gradient"]).tolist() == [2, 2]
    assert [op["name"] for op in data["steps"][-1]["operands"]] == ["out"]


def test_lists_of_inputs_and_static_parameters_are_told(tmp_path, read, array):
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    joined = ops.concat([x, x * 3])

    data = read(explore(joined[np.array([0, 3])].sum(), tmp_path / "page.html"))
    getitem = next(s for s in data["steps"] if s.get("formula", "").startswith("scat"))

    assert array(data, data["nodes"][0]["gradient"]).tolist() == [1, 3]
    assert "(4,)" in [operand["text"] for operand in getitem["operands"]]
