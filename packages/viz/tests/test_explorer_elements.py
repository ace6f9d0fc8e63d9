"""The scalar views: which elements are opened, and what each was made of."""

import numpy as np

from pebblegrad.autograd import Tensor, ops, trace
from pebblegrad.viz import explore


def test_an_element_opens_into_the_elements_that_it_was_made_of(tmp_path, read):
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


def test_an_element_shows_the_elements_of_constants_that_it_was_made_of(tmp_path, read):
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


def test_of_a_large_constant_some_elements_are_shown_and_the_rest_is_counted(
    tmp_path, read
):
    x = np.arange(1.0, 21.0, dtype=np.float32)
    w = Tensor(np.ones(20, np.float32), requires_grad=True)

    data = read(explore(ops.matmul(x, w), tmp_path / "page.html"))
    (view,) = data["nodes"][-1]["elements"]

    assert len(view["constants"][0]["edges"]) == 9
    assert view["constants"][0]["more"] == 11


def test_the_page_knows_of_how_many_elements_it_opens_some(tmp_path, read):
    x = Tensor(np.ones((24, 32)), requires_grad=True)

    data = read(explore((x * 2).sum(), tmp_path / "page.html"))
    product = next(n for n in data["nodes"] if n["op"] == "multiply")

    assert (len(product["elements"]), product["size"]) == (12, 768)
    assert [n["size"] for n in data["nodes"]] == [768, 1, 768, 1]


def test_an_element_that_lets_nothing_through_is_drawn_and_many_are_counted(
    tmp_path, read
):
    x = Tensor([-1.0, *range(1, 20)], requires_grad=True)

    data = read(explore(x.relu().sum(), tmp_path / "page.html"))
    relu, total = data["nodes"][1], data["nodes"][2]

    assert relu["elements"][0]["inputs"][0] == {
        "name": "x",
        "node": 0,
        "edges": [[[0], "-1.0", "0.0", "0.0"]],
        "more": 0,
        "isStill": True,
    }
    assert not relu["elements"][1]["inputs"][0]["isStill"]
    assert len(total["elements"][0]["inputs"][0]["edges"]) == 9
    assert total["elements"][0]["inputs"][0]["more"] == 11


def test_an_input_of_another_shape_that_lets_nothing_through_has_no_edges(
    tmp_path, read
):
    x = Tensor(np.ones((2, 3)), requires_grad=True)

    data = read(
        explore(ops.matmul(x, np.zeros(3)), tmp_path / "a.html", gradient=[1, 1])
    )
    (view, _) = data["nodes"][-1]["elements"]

    assert view["inputs"][0]["edges"] == []
    assert view["inputs"][0]["isStill"]


def test_elements_at_which_a_gradient_comes_in_are_opened_first(tmp_path, read):
    x = Tensor(np.arange(200.0).reshape(50, 4), requires_grad=True)

    data = read(explore((x * 2)[48:, :2].sum(), tmp_path / "page.html"))
    product = next(n for n in data["nodes"] if n["op"] == "multiply")
    views = product["elements"]

    opened = [tuple(view["index"]) for view in views]
    assert len(opened) == 12
    assert opened == sorted(set(opened))
    assert {(48, 0), (48, 1), (49, 0), (49, 1)} <= set(opened)
    assert (0, 0) in opened  # there was room for more
    assert [view["gradient"] for view in views].count("1.0") == 4


def test_of_many_gradients_those_that_the_page_shows_are_opened_first(tmp_path, read):
    x = Tensor(np.ones((50, 8)), requires_grad=True)
    mask = np.ones((50, 8))
    mask[0, :6] = 0

    data = read(explore((x * 2 * mask).sum(), tmp_path / "page.html"))
    product = next(n for n in data["nodes"] if n["op"] == "multiply")

    assert len(product["elements"]) == 12
    for view in product["elements"]:
        assert view["gradient"] == "1.0"
        assert all(place < 8 for place in view["index"])
