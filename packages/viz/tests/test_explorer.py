"""`explore`: the page holds the engine's numbers, shows them as text, asks nobody."""

import itertools
import json
import os
import re

import numpy as np
import pytest

from pebblegrad.autograd import Function, Tensor, graph, no_grad, ops, trace
from pebblegrad.viz import explore
from pebblegrad.viz._explorer_drawing import draw
from pebblegrad.viz._explorer_numbers import Pool, number_text


def read(page):
    """Return the data of a page."""
    found = re.findall(
        r'<script type="application/json" id="data">(.*?)</script>',
        page.read_text(encoding="utf-8"),
        re.DOTALL,
    )
    assert len(found) == 1
    return json.loads(found[0])


def array(data, place):
    """Return an array of a page as NumPy's."""
    entry = data["arrays"][place]
    assert entry["block"] == entry["shape"], "cut"
    return np.array(entry["texts"], entry["dtype"]).reshape(entry["shape"])


def small_net(rng, dtype=np.float32):
    """Return the loss of a net that broadcasts and shares, and its parameters."""
    x = Tensor(rng.normal(size=(5, 3)).astype(dtype), label="x")
    y = Tensor(rng.normal(size=(5, 1)).astype(dtype), label="y")
    shapes = {"W1": (3, 4), "b1": (4,), "W2": (4, 1), "b2": ()}
    parameters = {
        name: Tensor(rng.normal(size=shape).astype(dtype), True, label=name)
        for name, shape in shapes.items()
    }
    h = (x @ parameters["W1"] + parameters["b1"]).tanh()
    out = h @ parameters["W2"] + parameters["b2"]
    penalty = sum((p * p).sum() for p in parameters.values())
    return ((out - y) ** 2).mean() + 0.1 * penalty, parameters, (x, y)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_every_gradient_on_the_page_is_the_one_of_backward_to_the_bit(
    dtype, rng, tmp_path
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


def test_every_step_of_trace_is_told_with_its_numbers(rng, tmp_path):
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


def test_every_value_of_the_forward_pass_is_there_and_in_order(rng, tmp_path):
    loss, _parameters, _held = small_net(rng)

    data = read(explore(loss, tmp_path / "page.html"))
    forward = [step["node"] for step in data["steps"] if step["kind"] == "op"]

    assert all(node["value"] is not None for node in data["nodes"])
    assert array(data, data["nodes"][-1]["value"]) == loss.item()
    assert forward == [i for i, node in enumerate(graph(loss)) if node.kind == "op"]
    for at, step in enumerate(data["steps"][1 : len(forward) + 1], 1):
        assert data["nodes"][step["node"]]["knownAt"] == at


def test_gradients_that_meet_are_told_as_a_sum(tmp_path):
    x = Tensor(2.0, requires_grad=True, label="x")

    data = read(explore(x * x + x, tmp_path / "page.html"))
    parts = [s for s in data["steps"] if s["kind"] == "gradient"]
    to_x = [s for s in parts if data["nodes"][s["parent"]]["name"] == "x"]

    assert [(s["turn"], s["of"]) for s in to_x] == [(1, 3), (2, 3), (3, 3)]
    assert to_x[0]["before"] is None
    assert [array(data, s["before"]).item() for s in to_x[1:]] == [1, 3]
    assert [array(data, s["total"]).item() for s in to_x] == [1, 3, 5]
    assert to_x[2]["sentence"].endswith("It is part 3 of 3.")


def test_a_sum_over_broadcast_axes_is_told_with_what_was_before_it(tmp_path):
    x = Tensor(np.arange(6.0).reshape(2, 3), label="x")
    w = Tensor([[1.0], [2.0]], requires_grad=True, dtype=np.float64, label="w")

    data = read(explore((x * w).sum(), tmp_path / "page.html"))
    step = data["steps"][-1]

    assert step["axes"] == "axis 1"
    assert array(data, step["raw"]).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert array(data, step["result"]).tolist() == [[3], [12]]
    assert "summed over axis 1" in step["sentence"]


def test_an_element_opens_into_the_elements_that_it_was_made_of(tmp_path):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True, label="x")
    w = Tensor([5.0, 6.0], requires_grad=True, label="w")

    data = read(explore(ops.matmul(x, w), tmp_path / "page.html", gradient=[1.0, 10.0]))
    first, second = data["nodes"][-1]["elements"]

    assert (second["index"], second["value"], second["gradient"]) == (
        [1],
        "39.0",
        "10.0",
    )
    by_x, by_w = second["inputs"]
    assert by_x["edges"] == [
        [[1, 0], "3.0", "5.0", "50.0"],
        [[1, 1], "4.0", "6.0", "60.0"],
    ]
    assert by_w["edges"] == [[[0], "5.0", "3.0", "30.0"], [[1], "6.0", "4.0", "40.0"]]
    assert first["inputs"][1]["edges"][1] == [[1], "6.0", "2.0", "2.0"]


def test_an_element_shows_the_elements_of_constants_that_it_was_made_of(tmp_path):
    x = Tensor([[1.0, 2.0], [3.0, 4.0]], label="x")
    w = Tensor([5.0, 6.0], requires_grad=True, label="w")
    target = Tensor([0.5, 0.25], label="target")
    loss = ((x @ w - target) ** 2).sum()

    data = read(explore(loss, tmp_path / "page.html"))
    views = {n["op"]: n["elements"] for n in data["nodes"] if n["kind"] == "op"}

    (from_x,) = views["matmul"][1]["constants"]
    assert data["nodes"][from_x["node"]]["name"] == "x"
    assert (from_x["name"], from_x["more"]) == ("x", 0)
    assert from_x["edges"] == [[[1, 0], "3.0"], [[1, 1], "4.0"]]
    assert views["subtract"][1]["constants"][0]["edges"] == [[[1], "0.25"]]
    assert views["power"][0]["constants"][0]["edges"] == [[[], "2"]]
    assert views["sum"][0]["constants"] == []
    shown = [s["node"] for s in data["steps"] if s["kind"] == "gradient"]
    assert len(shown) == len(trace(loss))


def test_of_a_large_constant_some_elements_are_shown_and_the_rest_is_counted(tmp_path):
    x = np.arange(1.0, 21.0, dtype=np.float32)
    w = Tensor(np.ones(20, np.float32), requires_grad=True)

    data = read(explore(ops.matmul(x, w), tmp_path / "page.html"))
    (view,) = data["nodes"][-1]["elements"]

    assert len(view["constants"][0]["edges"]) == 6
    assert view["constants"][0]["more"] == 14


def test_the_page_knows_of_how_many_elements_it_opens_some(tmp_path):
    x = Tensor(np.ones((24, 32)), requires_grad=True)

    data = read(explore((x * 2).sum(), tmp_path / "page.html"))
    product = next(n for n in data["nodes"] if n["op"] == "multiply")

    assert (len(product["elements"]), product["size"]) == (12, 768)
    assert [n["size"] for n in data["nodes"]] == [768, 1, 768, 1]


def test_a_constant_that_is_used_twice_is_one_box(tmp_path):
    x = Tensor([1.0, 2.0], label="x")
    w = Tensor([3.0, 4.0], requires_grad=True, label="w")

    data = read(explore(((w * x - x) * 2 * 2).sum(), tmp_path / "page.html"))

    names = [n["name"] for n in data["nodes"] if n["kind"] == "constant"]
    assert names == ["x", "2", "2"]
    assert (
        "1 leaf, which requires a gradient, and 3 constants"
        in (data["steps"][0]["sentence"])
    )


def test_a_formula_comes_with_words_for_the_functions_in_it(tmp_path):
    x = Tensor([1.0, -2.0], requires_grad=True)

    data = read(explore(x.relu().sum(), tmp_path / "page.html"))

    assert "zero_where" in data["nodes"][1]["formulas"][0]
    assert list(data["helpers"]) == ["zero_where", "restore_axes"]
    assert data["helpers"]["zero_where"].startswith("Elementwise 0 where `mask` holds")


def test_parameters_are_told_whole_and_the_arrays_in_them_with_their_numbers(tmp_path):
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


def test_a_long_parameter_is_not_cut(tmp_path):
    x = Tensor(np.zeros(60), requires_grad=True)
    order = list(range(60))

    data = read(explore(x[order].sum(), tmp_path / "page.html"))
    picked = next(n for n in data["nodes"] if n["op"] == "getitem")

    assert picked["static"].endswith("57, 58, 59]")
    assert "57, 58, 59" in picked["parameters"][0]["text"]


def test_an_element_that_lets_nothing_through_has_no_edges_and_many_are_counted(
    tmp_path,
):
    x = Tensor([-1.0, *range(1, 20)], requires_grad=True)

    data = read(explore(x.relu().sum(), tmp_path / "page.html"))
    relu, total = data["nodes"][1], data["nodes"][2]

    assert relu["elements"][0]["inputs"][0] == {
        "name": "x",
        "node": 0,
        "edges": [],
        "more": 0,
    }
    assert len(total["elements"][0]["inputs"][0]["edges"]) == 6
    assert total["elements"][0]["inputs"][0]["more"] == 14


def test_nothing_is_changed_and_the_graph_can_still_be_used(rng, tmp_path):
    loss, parameters, _held = small_net(rng)
    parameters["W1"].grad = np.ones((3, 4), np.float32)
    explore(loss, tmp_path / "page.html")

    assert parameters["W1"].grad.data.tolist() == np.ones((3, 4)).tolist()
    assert parameters["b1"].grad is None
    loss.backward()
    assert parameters["b1"].grad is not None


def test_labels_are_written_so_that_no_browser_takes_them_for_html(tmp_path):
    evil = "</script><script>alert(\"1\")</script> & 'ü' \u2028 日本 {{data}}"
    x = Tensor([1.0], requires_grad=True, label=evil)
    y = x * 2
    y.label = "<img src=x onerror=alert(1)>"

    page = explore(y, tmp_path / "page.html")
    text = page.read_text(encoding="utf-8")

    assert "alert(" not in text.replace("onerror=alert(1)&gt;", "").replace(
        re.search(r'id="data">(.*?)</script>', text)[1], ""
    )
    assert "<img" not in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert not set("<>&\u2028") & set(re.search(r'id="data">(.*?)</script>', text)[1])
    assert read(page)["nodes"][0]["name"].startswith('</script><script>alert("1")')


def test_a_title_is_text_too_and_a_half_of_a_character_is_no_crash(tmp_path):
    x = Tensor([1.0], requires_grad=True, label="\ud800")
    page = explore(x * 2, tmp_path / "page.html", title="a < b & \udc00")

    assert "<h1>a &lt; b &amp; ?</h1>" in page.read_text(encoding="utf-8")


def test_the_page_asks_for_nothing_outside_itself(rng, tmp_path):
    text = explore(small_net(rng)[0], tmp_path / "page.html").read_text("utf-8")

    assert not re.search(r"https?:/*\w|//www", text)
    assert "default-src 'none'" in text
    assert not re.search(r"@import|url\(|\bsrc=|\bfetch\(|XMLHttp|import\(", text)
    assert re.findall(r'href="([^"]*)"', text) == ["data:,"]
    assert "innerHTML" not in text
    assert "{{" not in text


def test_the_page_of_a_small_net_is_small(rng, tmp_path):
    x = Tensor(rng.normal(size=(64, 784)).astype(np.float32), label="images")
    sizes = [784, 128, 64, 10]
    for n_in, n_out in itertools.pairwise(sizes):
        weight = Tensor(rng.normal(size=(n_in, n_out)), True, dtype=np.float32)
        x = (x @ weight + Tensor(np.zeros(n_out), True, dtype=np.float32)).relu()

    page = explore(x.logsumexp(axis=1).mean(), tmp_path / "page.html")
    entries = read(page)["arrays"]
    weight = next(e for e in entries if e["shape"] == [784, 128])

    assert page.stat().st_size < 1_000_000
    assert weight["block"] == [8, 8]
    assert all(len(entry["texts"]) <= 64 for entry in entries)


def test_the_number_of_elements_shown_is_a_choice(tmp_path):
    x = Tensor(np.arange(100.0), requires_grad=True)

    few = read(explore(x.sum(), tmp_path / "few.html", max_elements=3))
    all_of_them = read(explore(x.sum(), tmp_path / "all.html", max_elements=100))

    assert few["arrays"][few["nodes"][0]["value"]]["texts"] == ["0.0", "1.0", "2.0"]
    shown = array(all_of_them, all_of_them["nodes"][0]["value"])
    np.testing.assert_array_equal(shown, np.arange(100.0))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_number_is_read_back_as_it_was(dtype, rng):
    numbers = (rng.normal(size=200) * 10.0 ** rng.integers(-7, 4, 200)).astype(dtype)
    edges = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, np.finfo(dtype).tiny], dtype)

    for number in [*numbers, *edges]:
        again = dtype(number_text(number))

        assert np.array_equal(again, number, equal_nan=True)
        assert np.signbit(again) == np.signbit(number)


def test_odd_sizes_and_layouts_are_shown(tmp_path):
    base = np.arange(12.0).reshape(3, 4)
    base.flags.writeable = False
    values = {
        "none": np.zeros((0, 3)),
        "one": np.ones((1, 1, 1)),
        "number": np.float32(2.5),
        "view": base[:, ::-2],
        "bad": np.array([np.nan, np.inf, -np.inf]),
    }
    pool = Pool(64)
    places = {name: pool.add(value) for name, value in values.items()}

    for name, value in values.items():
        entry = pool.entries[places[name]]
        assert entry["shape"] == list(np.shape(value))
        np.testing.assert_array_equal(
            np.array(entry["texts"], value.dtype).reshape(value.shape), value
        )
    x = Tensor(np.zeros((0, 3)), requires_grad=True, label="x")
    data = read(explore(x.sum(), tmp_path / "page.html"))
    assert array(data, data["nodes"][0]["gradient"]).shape == (0, 3)


def test_not_a_number_and_infinity_come_through(tmp_path):
    x = Tensor([0.0, -1.0], requires_grad=True, label="x")
    with np.errstate(all="ignore"):
        data = read(explore(x.log().sum(), tmp_path / "page.html"))
        x.log().sum().backward()

    shown = array(data, data["nodes"][0]["gradient"])
    np.testing.assert_array_equal(shown, x.grad.data)
    assert data["arrays"][data["nodes"][1]["value"]]["texts"] == ["-inf", "nan"]


def test_what_nobody_holds_any_more_is_shown_as_gone(tmp_path):
    w = Tensor([1.0], requires_grad=True)

    data = read(explore(w - Tensor([2.0], label="y"), tmp_path / "page.html"))

    (target,) = (node for node in data["nodes"] if node["name"] == "y")
    assert target["value"] is None


def test_what_a_hook_returns_is_what_goes_on(tmp_path):
    x = Tensor(2.0, requires_grad=True, label="x")
    h = x * 3
    h.register_hook(lambda g: g * 10)

    data = read(explore(h * h, tmp_path / "page.html"))
    last = data["steps"][-1]

    assert last["hooked"]
    assert array(data, last["g"]) == 120
    assert array(data, data["nodes"][0]["gradient"]) == 360
    assert not data["steps"][-2]["hooked"]


def test_what_the_hook_of_a_leaf_returns_is_its_gradient(tmp_path):
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


def test_a_leaf_alone_has_a_page_too(tmp_path):
    x = Tensor([3.0], requires_grad=True, label="x")

    data = read(explore(x, tmp_path / "page.html"))
    given = read(explore(x, tmp_path / "page.html", gradient=[5.0]))

    assert [step["kind"] for step in data["steps"]] == ["given", "start"]
    assert array(data, data["nodes"][0]["gradient"]).tolist() == [1]
    assert array(given, given["nodes"][0]["gradient"]).tolist() == [5]


def test_a_function_of_the_users_is_told(tmp_path):
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


def test_lists_of_inputs_and_static_parameters_are_told(tmp_path):
    x = Tensor([1.0, 2.0], requires_grad=True, label="x")
    joined = ops.concat([x, x * 3])

    data = read(explore(joined[np.array([0, 3])].sum(), tmp_path / "page.html"))
    getitem = next(s for s in data["steps"] if s.get("formula", "").startswith("scat"))

    assert array(data, data["nodes"][0]["gradient"]).tolist() == [1, 3]
    assert "(4,)" in [operand["text"] for operand in getitem["operands"]]


def test_the_lines_to_each_input_lead_from_its_box_to_the_op(rng):
    nodes = graph(small_net(rng)[0])
    drawing = draw(nodes)

    def corners(route):
        return re.findall(r"-?[\d.]+", drawing["routes"][route])

    for number, node in enumerate(nodes):
        arriving = drawing["edges"][number]
        assert len(arriving) == len(node.parents)
        for parent, route in zip(node.parents, arriving, strict=True):
            target, source = drawing["boxes"][number], drawing["boxes"][parent]
            arrival = float(corners(route)[-1])
            assert arrival == pytest.approx(target["y"] - target["height"] / 2, abs=0.2)
            while (earlier := drawing["earlier"][route]) is not None:
                assert corners(earlier)[-2:] == corners(route)[:2]
                route = earlier
            departure = float(corners(route)[1])
            assert departure == pytest.approx(
                source["y"] + source["height"] / 2, abs=0.2
            )


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    x = Tensor([1.0], requires_grad=True)
    target = tmp_path / "new" / "folder" / "page.HTML"

    assert explore(x * 2, os.fspath(target)) == target
    assert [p.name for p in target.parent.iterdir()] == ["page.HTML"]
    target.with_name("taken.html").mkdir()
    with pytest.raises(OSError, match="explore: the picture cannot be written"):
        explore(x * 2, target.with_name("taken.html"))


def freed():
    x = Tensor([1.0], requires_grad=True)
    y = x * x
    y.backward()
    return y


def untracked():
    with no_grad():
        return Tensor([1.0], requires_grad=True) * 2


KEPT = Tensor([1.0], requires_grad=True)


def written_into():
    y = (KEPT + 1).exp()
    KEPT.data[...] += 3
    return y


PAIR = Tensor([1.0, 2.0], requires_grad=True) * 2
ONE = Tensor(1.0, requires_grad=True) * 2


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: explore(np.ones(1), f), TypeError, "loss is of type ndarray; a Ten"),
        (lambda f: explore(f, ONE), TypeError, "filename is of type Tensor; a path"),
        (lambda f: explore(ONE, None), TypeError, "filename is of type NoneType"),
        (lambda f: explore(ONE, "a.png"), ValueError, r"'a.png'; a name ending in .h"),
        (lambda f: explore(ONE, f, title=3), TypeError, "title is of type int"),
        (lambda f: explore(ONE, f, max_elements=0), ValueError, "max_elements is 0; a"),
        (
            lambda f: explore(ONE, f, max_elements=True),
            TypeError,
            "max_elements is Tru",
        ),
        (lambda f: explore(ONE, f, max_nodes=np.True_), TypeError, "max_nodes is True"),
        (lambda f: explore(ONE, f, max_nodes=2.5), TypeError, "max_nodes is of type f"),
        (lambda f: explore(ONE, f, max_nodes=2), ValueError, "graph has 3 values; at"),
        (lambda f: explore(PAIR, f), ValueError, r"explore: loss has shape \(2,\); a"),
        (
            lambda f: explore(PAIR, f, gradient=[1.0]),
            ValueError,
            r"e: gradient has .*1",
        ),
        (
            lambda f: explore(PAIR, f, gradient="a"),
            TypeError,
            "gradient is 'a'; a numb",
        ),
        (
            lambda f: explore(PAIR, f, gradient=[1, [2]]),
            TypeError,
            r"\[1, \[2\]\]; a n",
        ),
        (
            lambda f: explore(freed(), f),
            RuntimeError,
            "explore: this graph was already",
        ),
        (lambda f: explore(untracked(), f), RuntimeError, r"\(1,\), requires no grad"),
        (
            lambda f: explore(written_into(), f),
            RuntimeError,
            "explore: .* written into",
        ),
        (lambda f: explore(Tensor, f), TypeError, "explore: loss is the class Tensor"),
    ],
)
def test_a_wrong_call_says_what_was_needed_and_writes_nothing(
    call, error, message, tmp_path
):
    with pytest.raises(error, match=message) as caught:
        call(tmp_path / "page.html")
    assert str(caught.value).startswith("explore: ")
    assert list(tmp_path.iterdir()) == []


def test_what_a_hook_raises_is_not_the_words_of_explore(tmp_path):
    def refuse(g):
        raise ValueError("mine: no")

    x = Tensor(1.0, requires_grad=True)
    x.register_hook(refuse)

    with pytest.raises(ValueError, match=r"^mine: no$"):
        explore(x * x, tmp_path / "page.html")
