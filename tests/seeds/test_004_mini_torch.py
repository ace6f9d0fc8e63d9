"""Mini-Torch: its programs, signatures and formulas on `pebblegrad.scalar`.

The text has a batch loop of 500 epochs at a learning rate of 0.000001, which learns
nothing. It runs here as it stands, and settings that do learn are shown beside it.
"""

import inspect
import math
import random
import re
import subprocess
import sys

import pytest

from pebblegrad import scalar
from pebblegrad.scalar import (
    Linear,
    MiniOptimizer,
    Module,
    Neuron,
    Relu,
    Sigmoid,
    Tensor,
    binary_round,
    mse_loss,
    target_generator,
)
from pebblegrad.viz import graph_text

IMPORTS = {
    "from layers import Linear": "from pebblegrad.scalar import Linear",
    "from training_utils import MiniOptimizer, mse_loss, target_generator": (
        "from pebblegrad.scalar import MiniOptimizer, mse_loss, target_generator"
    ),
    "from mt_engin.utils import target_generator": (
        "from pebblegrad.scalar import target_generator"
    ),
}
BLOCKS = (
    "short loop",
    "input",
    "model",
    "optimizer",
    "loss",
    "generator",
    "batch loop",
    "sample output",
    "evaluation",
    "class Tensor",
    "constructor",
    "add",
    "mul",
    "pow",
    "relu",
    "sigmoid",
    "backward",
    "operators",
    "repr",
    "graph example",
    "drawing",
    "class Neuron",
    "class Linear",
    "class Relu",
    "class Sigmoid",
    "class Module",
)
GIVEN = {
    "Tensor": Tensor,
    "MiniOptimizer": MiniOptimizer,
    "mse_loss": mse_loss,
    "binary_round": binary_round,
    "target_generator": target_generator,
}


@pytest.fixture(autouse=True)
def seeded():
    random.seed(6)  # with which no network is dead from the start; many are


@pytest.fixture
def network(text):
    """The network that the text defines: 5, 4, 8, 4 neurons and 1, each with ReLU."""
    return text.run("model", nn=scalar)["NuralNetwork"](5, 1)


def signature(text, block):
    """The names and defaults of the parameters of a function that a block shows."""
    found = {}
    exec(text.blocks[block] + "    ...", found)
    (function,) = (f for f in found.values() if inspect.isfunction(f))
    return function.__name__, inspect.signature(function).parameters


def output(network, x):
    """What layers of ReLU neurons make of a list of plain numbers."""
    for layer in vars(network).values():
        sums = [
            sum(w.data * n for w, n in zip(neuron.weights, x, strict=True))
            + neuron.bias.data
            for neuron in layer.neurons
        ]
        x = [max(total, 0) for total in sums]
    return x[0]


def bits_and_majority():
    """What `target_generator` shall draw, as plain numbers."""
    bits = [random.randint(0, 1) for _ in range(5)]
    return bits, max(bits, key=bits.count)


def slope(function, x):
    """The gradient that the engine finds, and the one of a difference."""
    number = Tensor(x)
    function(number).backward()
    h = 1e-6
    difference = function(Tensor(x + h)).data - function(Tensor(x - h)).data
    assert number.grad == pytest.approx(difference / (2 * h), rel=1e-6, abs=1e-9)
    return number.grad


@pytest.mark.seed("S24", "S27", "S36", "S37", "S38", "S39", "S42", "S43", "C5")
def test_the_short_loop_runs_and_prints_its_lines(text, printed):
    state = random.getstate()
    names = text.run("short loop")
    lines = printed()

    random.setstate(state)  # and now the same in plain numbers, digit by digit
    *weights, bias = (random.uniform(-1, 1) for _ in range(6))
    expected = []
    for epoch in range(100):
        x, y = bits_and_majority()
        total = sum(w * bit for w, bit in zip(weights, x, strict=True)) + bias
        error = (total if total > 0 else 0) - y
        gradient = 2 * error if total > 0 else 0
        weights = [
            w - 0.1 * (gradient * bit) for w, bit in zip(weights, x, strict=True)
        ]
        bias -= 0.1 * gradient
        expected.append(f"Epoch {epoch}, Loss: {error**2}")
    assert lines == expected
    assert len(set(lines)) == 100
    assert [p.data for p in names["model"].parameters()] == [*weights, bias]
    losses = [float(line.rpartition(" ")[2]) for line in lines]
    assert sum(losses[-20:]) < 0.5 * sum(losses[:20])


@pytest.mark.seed("S39", "S40")
def test_the_example_of_a_target_is_what_the_generator_makes(text):
    x = text.run("input", **GIVEN)["x"]

    assert [bit.data for bit in x] == [0, 1, 1, 1, 0]
    assert "# So, target = Tensor(1)" in text.blocks["input"]
    seen = set()
    for _ in range(300):
        bits, target = target_generator()
        assert len(bits) == 5
        seen.add(tuple(bit.data for bit in bits))
        assert target.data == (sum(bit.data for bit in bits) >= 3)
    assert len(seen) == 32


@pytest.mark.seed("S17", "S20", "S35", "S36", "S37", "S38", "S44", "S46", "C5", "C20")
@pytest.mark.seed("C19")
def test_the_batch_loop_runs_as_it_stands_and_hardly_moves(text, printed, network):
    state = random.getstate()
    samples = [bits_and_majority() for _ in range(32)]
    at_first = sum((output(network, x) - y) ** 2 for x, y in samples) / 32
    before = [p.data for p in network.parameters()]
    random.setstate(state)

    names = text.run(
        *("generator", "optimizer", "batch loop", "evaluation"), model=network, **GIVEN
    )

    *losses, bits, pred = printed()
    # After backward the gradient of the loss itself is 1; the sample has 0.
    shown = [re.fullmatch(r"loss: Value\(data=(\S+), grad=1\)", s) for s in losses]
    assert len(shown) == 500
    assert float(shown[0][1]) == pytest.approx(at_first, rel=1e-12)
    assert float(shown[-1][1]) == names["avg_loss"].data
    after = network.parameters()
    assert sum(p.grad != 0 for p in after) > 50
    moved = [abs(p.data - b) for p, b in zip(after, before, strict=True)]
    assert 0 < max(moved) < 0.05  # in 500 epochs, of numbers between -1 and 1
    *drawn, _, target = bits.split()
    assert int(target) == max(map(int, drawn), key=list(map(int, drawn)).count)
    assert pred == f"pred {int(output(network, list(map(int, drawn))) > 0.5)}"


@pytest.mark.seed("S38")
def test_the_loss_is_the_squared_error(text):
    program = f"loss = {text.program('loss')}"

    assert mse_loss(Tensor(0.25), Tensor(1)).data == 0.5625
    given = {"mse_loss": mse_loss, "out": Tensor(0.25), "y": Tensor(1)}
    exec(program, given)
    assert given["loss"].data == 0.5625


@pytest.mark.seed("S45", "C19")
def test_the_loss_of_the_sample_is_reached_at_another_rate(text):
    first, *_, last = (
        float(re.search(r"data=([\d.]+)", line)[1])
        for line in text.blocks["sample output"].splitlines()
        if "data=" in line
    )
    assert (first, last) == (0.2498, 0.0012)

    neuron = Linear(5, 1, activation="sigmoid", rng=0)
    optimizer, losses = MiniOptimizer(neuron, lr=50.0), []
    for _ in range(400):
        total = Tensor(0)
        for _ in range(32):
            x, y = target_generator()
            total += mse_loss(neuron(x), y)
        optimizer.zero_grad()
        average = total / 32
        average.backward()
        optimizer.step()
        losses.append(average.data)
    assert losses[0] > 0.2
    assert losses[-1] < last


@pytest.mark.seed("S41")
def test_a_prediction_is_rounded_to_a_bit():
    rounded = [binary_round(Tensor(number)).data for number in (-0.3, 0.2, 0.7, 1.4)]

    assert rounded == [0, 0, 1, 1]


@pytest.mark.seed("S02", "S03", "S04", "S05", "S13", "S14", "S15")
def test_every_method_has_the_signature_of_the_text(text):
    assert text.blocks["class Tensor"].startswith("class Tensor:\n")
    for block in ("constructor", "add", "mul", "pow", "relu", "sigmoid", "backward"):
        name, wanted = signature(text, block)
        ours = inspect.signature(getattr(Tensor, name)).parameters
        assert list(ours)[: len(wanted)] == list(wanted), name
        for parameter in wanted.values():
            assert ours[parameter.name].default == parameter.default, name
        for more in list(ours.values())[len(wanted) :]:
            assert more.default is not inspect.Parameter.empty, name

    node = Tensor(6.0, (Tensor(2.0), Tensor(3.0)), "*")
    assert (node.data, node._op, [child.data for child in node._children]) == (
        6.0,
        "*",
        [2.0, 3.0],
    )


@pytest.mark.seed("S03", "S04", "S05", "S13", "S14")
def test_every_gradient_is_that_of_its_formula(text):
    for formula in (
        r"\frac{d}{dx}(x + y) = 1",
        r"\frac{d}{dx}(x \cdot y) = y",
        r"nx^{n-1}",
        r"\sigma(x)(1 - \sigma(x))",
        r"Gradient: 1 if $x > 0$, else 0",
    ):
        assert formula in text

    y, sigma = Tensor(-3.0), 1 / (1 + math.exp(-1.5))
    assert slope(lambda x: x + y, 1.5) == 1
    assert slope(lambda x: x * y, 1.5) == -3.0
    assert slope(lambda x: x**3, 1.5) == 3 * 1.5**2
    assert slope(lambda x: x.relu(), 1.5) == 1
    assert slope(lambda x: x.relu(), -1.5) == 0
    assert slope(lambda x: x.sigmoid(), 1.5) == pytest.approx(sigma * (1 - sigma))
    at_zero = Tensor(0.0)
    at_zero.relu().backward()
    assert at_zero.grad == 0


@pytest.mark.seed("S06", "S07", "S08", "S09", "S10", "S11", "S12")
def test_the_operators_agree_with_the_definitions_of_the_text(text):
    defined = {}
    exec(text.blocks["operators"], defined)
    methods = {name: f for name, f in defined.items() if inspect.isfunction(f)}
    Defined = type("Defined", (Tensor,), methods)  # noqa: N806 - a class
    uses = [
        lambda x: -x,
        lambda x: 3 + x,
        lambda x: x - 3,
        lambda x: x - Tensor(3),
        lambda x: 3 - x,
        lambda x: 3 * x,
        lambda x: x / 3,
        lambda x: x / Tensor(3),
        lambda x: 3 / x,
    ]

    assert len(methods) == 7
    for use in uses:
        x, theirs = Tensor(1.7), Defined(1.7)
        out, expected = use(x), use(theirs)
        out.backward()
        expected.backward()
        assert out.data == pytest.approx(expected.data, rel=1e-15)
        assert x.grad == pytest.approx(theirs.grad, rel=1e-15)


@pytest.mark.seed("S16", "C21")
def test_the_repr_is_the_one_of_the_text(text):
    defined = {}
    exec(text.blocks["repr"], defined)
    x = Tensor(2.5)
    (x * 3).backward()

    assert repr(x) == defined["__repr__"](x) == "Value(data=2.5, grad=3)"
    assert str(Tensor(0)) == "Value(data=0, grad=0)"


@pytest.mark.seed("S15", "S18")
def test_the_graph_example_has_its_gradients(text):
    names = text.run("graph example", Tensor=Tensor)

    says = re.findall(r"\\frac\{dz\}\{d[xy]\} = .* = ([\d.]+)\$", text.words)
    assert says == ["3.0", "3.0"]
    assert [names["x"].grad, names["y"].grad] == [3.0, 3.0]
    assert names["z"].grad == 1


@pytest.mark.seed("S19")
def test_the_drawing_has_the_nodes_of_the_drawn_graph(text):
    x, y = Tensor(2.0, label="x"), Tensor(3.0, label="y")

    shown = graph_text(x * y + y)

    drawn = text.blocks["drawing"].split()
    assert [mark for mark in drawn if mark not in "/\\|"] == "x y * y + z".split()
    names = [re.search(r"[^\s│├└─]+", line)[0] for line in shown.splitlines()]
    assert sorted(names) == sorted("+ * x y y".split())


@pytest.mark.seed("S20", "S21", "S22", "S23", "C18")
def test_a_neuron_is_relu_of_a_weighted_sum(text):
    assert text.blocks["class Neuron"] == "class Neuron:\n"
    neuron = Neuron(3, "relu")  # 002's has tanh, and the default is that
    w1, w2, w3, b = (p.data for p in neuron.parameters())

    out = neuron([Tensor(1.0), Tensor(-2.0), Tensor(0.5)])
    out.backward()

    assert out.data == pytest.approx(max(0, w1 - 2 * w2 + 0.5 * w3 + b))
    assert any(p.grad for p in neuron.parameters()) is (out.data > 0)
    neuron.zero_grad()
    assert [p.grad for p in neuron.parameters()] == [0, 0, 0, 0]
    assert all(neuron.activation == "relu" for neuron in Linear(2, 2).neurons)


@pytest.mark.seed("S24", "S25", "S26", "S27", "C4")
def test_a_linear_layer_collects_its_neurons(text):
    assert text.blocks["class Linear"] == "class Linear:\n"
    x = [Tensor(1.0), Tensor(2.0)]
    layer = Linear(2, 3)

    out = layer(x)
    sum(out).backward()

    assert [type(value) for value in out] == [Tensor] * 3
    assert isinstance(Linear(5, 1)([Tensor(0)] * 5), Tensor)
    wanted = [p for neuron in layer.neurons for p in neuron.parameters()]
    assert all(a is b for a, b in zip(layer.parameters(), wanted, strict=True))
    layer.zero_grad()
    assert [p.grad for p in layer.parameters()] == [0] * 9


@pytest.mark.seed("S28", "S29", "S47")
def test_activations_go_over_a_list_and_between_layers(text):
    assert text.blocks["class Relu"] == "class Relu:\n"
    assert text.blocks["class Sigmoid"] == "class Sigmoid:\n"
    x = [Tensor(-1.0), Tensor(2.0)]

    assert [out.data for out in Relu()(x)] == [0, 2.0]
    assert [out.data for out in Sigmoid()(x)] == pytest.approx(
        [1 / (1 + math.exp(1)), 1 / (1 + math.exp(-2))]
    )
    hidden = Sigmoid()(Linear(2, 4, activation=None)(x))
    assert all(0 < out.data < 1 for out in hidden)


@pytest.mark.seed("S30", "S31", "S32", "S33", "S34", "S35", "S48")
def test_a_module_finds_parameters_calls_forward_and_shows_itself(text, network):
    assert text.blocks["class Module"] == "class Module:\n"
    assert len(network.parameters()) == 5 * 4 + 4 + 4 * 8 + 8 + 8 * 4 + 4 + 4 + 1
    for p in network.parameters():
        p.data, p.grad = 0.1, 5

    network.zero_grad()
    called, forwarded = (run([Tensor(1)] * 5) for run in (network, network.forward))

    assert {p.grad for p in network.parameters()} == {0}
    assert called.data == forwarded.data > 0
    shown = repr(network).splitlines()
    assert shown[0] == "NuralNetwork("
    assert [line.strip().partition(" ")[0] for line in shown[1:-1]] == [
        "(l1):",
        "(l2):",
        "(l3):",
        "(l4):",
    ]
    with pytest.raises(NotImplementedError, match="forward"):
        Module()(1)


@pytest.mark.seed("S36", "S37", "C5", "C6")
def test_the_optimizer_takes_a_model_or_several_and_makes_plain_steps():
    one, other = Linear(1, 1), Linear(1, 1)
    for model, owned in ((one, [one]), ([one, other], [one, other])):
        parameters = [p for layer in owned for p in layer.parameters()]
        optimizer = MiniOptimizer(model, lr=0.5)
        for p in parameters:
            p.data, p.grad = 1.0, 0.25

        optimizer.step()

        assert [p.data for p in parameters] == [0.875] * len(parameters)
        optimizer.zero_grad()
        assert [p.grad for p in parameters] == [0] * len(parameters)


@pytest.mark.seed("S01")
def test_nothing_is_imported_but_python_itself():
    code = (
        "import sys; before = set(sys.modules); import pebblegrad.scalar; "
        "print(*(set(sys.modules) - before))"
    )
    run = [sys.executable, "-I", "-c", code]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout

    others = {name.partition(".")[0] for name in loaded.split()} - {"pebblegrad"}
    assert others <= sys.stdlib_module_names
    assert "pebblegrad.scalar" in loaded.split()
    assert {n for n in loaded.split() if n.startswith("pebblegrad.")} == {
        n for n in loaded.split() if n.startswith("pebblegrad.scalar")
    }
