"""NeuroLite: its programs, its numbers to the last printed digit, its drawing.

Its Tensor tracks everything and has float64 inside; ours asks for ``requires_grad`` and
makes float32 of Python numbers. Both are switched at the import, and by
`default_dtype`. Its only activation is tanh, so the MLP is told to use it.
"""

import re
from functools import partial

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor, default_dtype, graph, manual_seed
from pebblegrad.viz import graph_text

TRACKING = (
    "from functools import partial; from pebblegrad.autograd import Tensor; "
    "Tensor = partial(Tensor, requires_grad=True)"
)
IMPORTS = {
    "from engine import Tensor": TRACKING,
    "from engine import Tensor, MLP, mse_loss, sgd_step": (
        f"{TRACKING}; from pebblegrad.nn import MLP, mse_loss; "
        "from pebblegrad.optim import sgd_step; MLP = partial(MLP, activation='tanh')"
    ),
}
BLOCKS = ("overview", "scalar", "matrix", "xor")


@pytest.fixture(autouse=True)
def double_precision():
    with default_dtype("float64"):
        yield


@pytest.fixture
def tracked():
    return partial(Tensor, requires_grad=True)


def said(text, block):
    """What the comments behind the print calls of a block say is printed."""
    return re.findall(r"^print\(.*#\s*(.*)$", text.blocks[block], re.MULTILINE)


@pytest.mark.seed("N01", "N03", "N05", "N08", "N15", "N16", "C7", "C8")
def test_the_scalar_example_prints_every_digit(text, printed):
    names = text.run("scalar")

    assert printed() == said(text, "scalar")
    assert [names[n].label for n in "ab"] == ["a", "b"]
    assert names["a"].grad.item() == 1.8005623907413337e-06
    assert names["b"].grad.item() == 9.002811953706669e-07


@pytest.mark.seed("N06", "N10", "N11", "N12", "N13", "N17", "N18", "N19")
def test_the_matrix_example_prints_every_digit(text, printed):
    text.run("matrix")

    on_one_line = "\n".join(printed()).replace("\n ", "")  # as the comments have it
    assert on_one_line.splitlines() == said(text, "matrix")


@pytest.mark.seed("N01", "N22", "N23", "N24", "N25", "N26", "C6", "C22")
@pytest.mark.parametrize("seed", range(3))
def test_exclusive_or_is_learned(text, printed, numbers, seed):
    manual_seed(seed)

    names = text.run("xor")

    lines = printed()
    assert lines[0] == "Predictions:"
    (gives,) = said(text, "xor")
    answers = [float(number) for number in numbers(gives)]
    assert answers == [0, 1, 1, 0]
    shown = [float(number) for number in numbers(" ".join(lines[1:]))]
    np.testing.assert_allclose(shown, answers, atol=0.02)
    assert all(p.grad is None for p in names["model"].parameters())  # sgd_step's work


@pytest.mark.seed("C6")
def test_gradients_that_are_never_cleared_do_not_learn_it(text):
    manual_seed(0)

    names = text.run(
        "xor",
        changes={"sgd_step(model": "only_step(model"},
        only_step=lambda parameters, lr: optim.SGD(parameters, lr).step(),
    )

    wrong = names["model"].forward(names["X"]).data - names["y"]
    assert np.abs(wrong).max() > 0.1


@pytest.mark.seed("N04", "N14")
def test_a_new_tensor_refers_to_what_it_was_made_of(tracked):
    a, b = tracked(2.0, label="a"), tracked(3.0, label="b")

    nodes = graph((a * b + a).tanh())

    assert [(n.op or n.label, n.parents) for n in nodes] == [
        ("a", ()),
        ("b", ()),
        ("multiply", (0, 1)),
        ("add", (2, 0)),
        ("tanh", (3,)),
    ]


@pytest.mark.seed("N07", "N09")
def test_minus_and_divided_by_are_elementwise_and_tracked(tracked):
    x, y = tracked([6.0, 8.0]), tracked([2.0, 4.0])

    (x - y).sum().backward()
    (x / y).sum().backward()

    assert (x - y).data.tolist() == [4.0, 4.0]
    assert (x / y).data.tolist() == [3.0, 2.0]
    assert x.grad.data.tolist() == [1 + 1 / 2, 1 + 1 / 4]
    assert y.grad.data.tolist() == [-1 - 6 / 4, -1 - 8 / 16]


@pytest.mark.seed("N20")
def test_the_drawing_of_the_scalar_example_has_these_nodes_and_lines(text, tracked):
    drawing = text.words.partition("### Computation Graph\n")[2].partition("When")[0]
    a, b = tracked(2.0, label="a"), tracked(3.0, label="b")

    shown = graph_text((a * b + a).tanh())

    assert re.findall(r"[a-z]+", drawing) == "a mul c b add d tanh e a".split()
    lines = [re.sub(r" value .*", "", line) for line in shown.splitlines()]
    assert lines == [
        "tanh",
        "└── add",
        "    ├── multiply",
        "    │   ├── a",
        "    │   └── b",
        "    └── a [1], see above",
    ]


@pytest.mark.seed("N02")
def test_each_gradient_of_the_overview_is_one_readable_formula(text, tracked):
    ops = re.search(r"Operations: (.*), etc", text.blocks["overview"])[1].split(", ")
    x, y = tracked([[2.0]]), tracked([[3.0]])
    made = {
        "+": x + y,
        "-": x - y,
        "*": x * y,
        "/": x / y,
        "@": x @ y,
        "tanh": x.tanh(),
        "sum": x.sum(),
    }

    formulas = {name: graph(out)[-1].formulas for name, out in made.items()}

    assert ops == list(made)
    assert all(formulas.values())
    assert formulas["+"] == ("g", "g")
    assert formulas["*"] == ("g * y", "g * x")
    assert formulas["tanh"] == ("g * (1 - out * out)",)


@pytest.mark.seed("N21", "C14")
def test_the_network_is_made_of_layers():
    model = nn.MLP(in_features=2, hidden_sizes=[4], out_features=1, activation="tanh")

    assert [layer.weight.shape for layer in model.layers] == [(4, 2), (1, 4)]
    assert all(isinstance(layer, nn.Linear) for layer in model.layers)
    assert [layer.activation for layer in model.layers] == ["tanh", None]


@pytest.mark.seed("N27", "N28", "N29")
def test_the_roadmap_is_there(text, tracked):
    road = text.words.partition("## Roadmap")[2]
    model = nn.MLP(2, [8], 3, activation="relu", rng=0)
    optimizer = optim.Adam(model.parameters(), lr=0.05)
    X, classes = np.array([[0.0, 0], [0, 1], [1, 0]]), np.array([0, 1, 2])

    losses = []
    for _ in range(50):
        loss = nn.cross_entropy(model(X), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert all(word in road for word in ("ReLU", "Entropy", "Adam"))
    assert losses[-1] < 0.1 * losses[0]
