"""TorchLite: its programs as they stand, its log sample byte for byte, its promises.

The text takes a few things for granted between its blocks (`w`, `n_epochs`, `randn`);
each test gives them by name. Random weights come from `manual_seed`: NumPy's global
seed, which the complete example sets, is not listened to here.
"""

import ast
import inspect
import re
from datetime import datetime

import numpy as np
import pytest

from pebblegrad import nn, optim, viz
from pebblegrad.autograd import Tensor, graph, manual_seed
from pebblegrad.loggers import InferenceLogger, TrainingLogger

IMPORTS = {
    "from torchlite import Tensor": "from pebblegrad.autograd import Tensor",
    "from torchlite.nn import Linear, ReLU, Sequential, MSELoss": (
        "from pebblegrad.nn import Linear, ReLU, Sequential, MSELoss"
    ),
    "from torchlite.optim import SGD, Adam": "from pebblegrad.optim import SGD, Adam",
    "from torchlite.optim import Adam": "from pebblegrad.optim import Adam",
    "from torchlite.visualize import plot_computation_graph, "
    "plot_network_architecture, plot_training_history": (
        "from pebblegrad.viz import (plot_computation_graph, "
        "plot_network_architecture, plot_training_history)"
    ),
    "from torchlite.visualize import plot_training_history": (
        "from pebblegrad.viz import plot_training_history"
    ),
    "from torchlite.logger import TrainingLogger": (
        "from pebblegrad.loggers import TrainingLogger"
    ),
}
BLOCKS = (
    "first",
    "operations",
    "network",
    "linear",
    "optimizers",
    "sgd formula",
    "adam formula",
    "pictures",
    "logger",
    "log sample",
    "complete",
    "chain rule",
    "accumulation",
    "own layer",
    "parameters",
    "tests",
)
CLOCK = datetime(2026, 2, 1, 23, 37, 39, 500_000)


@pytest.fixture(autouse=True)
def seeded():
    manual_seed(42)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def given():
    """What the blocks use that no block defines."""
    return {
        "Tensor": Tensor,
        "Module": nn.Module,
        "Linear": nn.Linear,
        "ReLU": nn.ReLU,
        "Sequential": nn.Sequential,
        "SGD": optim.SGD,
        "np": np,
    }


def calls(text, file, heading):
    """The calls that the part on a file lists, such as ``SGD(params, lr)``."""
    part = text.words.partition(f"#### `{file}`")[2].partition("####")[0]
    listed = part.partition(f"**{heading}:**\n")[2].partition("\n\n")[0]
    return re.findall(r"^- `([^`]*)`", listed, re.MULTILINE)


@pytest.mark.seed("T05", "T06", "T07", "T09", "T13", "T17", "T23", "T27")
def test_the_first_example_prints_the_gradients(text, printed):
    names = text.run("first")

    x, w = names["x"], names["w"]
    np.testing.assert_array_equal(x.grad.data, w.data)
    np.testing.assert_array_equal(w.grad.data, x.data)
    assert printed() == ["[ 0.5 -0.3  0.8]", "[1. 2. 3.]"]
    assert not Tensor([1.0]).requires_grad


@pytest.mark.seed(
    "T11", "T12", "T13", "T14", "T15", "T16", "T17", "T18", "T19", "T20", "T21"
)
def test_every_operation_of_the_list_computes_and_has_its_gradient(text, given):
    x = Tensor([[1.0, -2.0], [3.0, 0.5]], requires_grad=True, dtype="float64")
    y = Tensor([[2.0, 4.0], [-1.0, 0.25]], requires_grad=True, dtype="float64")
    lines = re.findall(r"^z = (.*?) *# (.*)$", text.blocks["operations"], re.M)
    a, b = x.data, y.data
    expected = [
        (a + b, 1 + 0 * a),
        (a - b, 1 + 0 * a),
        (a * b, b),
        (a / b, 1 / b),
        (a**2, 2 * a),
        (a @ b, np.ones((2, 2)) @ b.T),
        (a.sum(), np.ones((2, 2))),
        (a.mean(), np.ones((2, 2)) / 4),
        (np.maximum(a, 0), (a > 0) * 1.0),
        (1 / (1 + np.exp(-a)), np.exp(-a) / (1 + np.exp(-a)) ** 2),
        (np.tanh(a), 1 - np.tanh(a) ** 2),
    ]

    text.run("operations", x=x, y=y, w=y, **given)

    assert len(lines) == len(expected)
    for (line, _), (value, gradient) in zip(lines, expected, strict=True):
        z = eval(line, {"x": x, "y": y, "w": y})
        np.testing.assert_allclose(z.data, value, rtol=1e-14, err_msg=line)
        x.grad = None
        z.sum().backward()
        np.testing.assert_allclose(x.grad.data, gradient, rtol=1e-14, err_msg=line)


@pytest.mark.seed("T28", "T29", "T31", "T33", "T34", "T37")
def test_the_network_example_runs(text):
    names = text.run("network")

    model, output, target = names["model"], names["output"], names["target"]
    assert output.shape == (2, 1)
    error = output.data - target.data
    assert names["loss"].item() == pytest.approx(float((error**2).mean()), rel=1e-6)
    assert isinstance(names["params"], list)
    assert [p.shape for p in names["params"]] == [
        *[(8, 2), (8,)],
        *[(4, 8), (4,)],
        *[(1, 4), (1,)],
    ]
    assert isinstance(model, nn.Module)
    assert callable(model)


@pytest.mark.seed("T29", "T30", "T63", "C15")
def test_a_linear_layer_does_what_its_comments_say(text, given):
    names = text.run("linear", **given)

    layer, x, y = names["layer"], names["x"], names["y"]
    assert layer.weight.shape == (3, 2)
    assert layer.bias.shape == (3,)
    assert len(set(layer.weight.data.ravel())) == 6  # random values
    assert len(set(layer.bias.data)) == 3  # and so is the bias, as in the log sample
    assert 0 not in layer.bias.data
    assert x.shape == (1, 2)
    assert y.shape == (1, 3)
    np.testing.assert_allclose(
        y.data, x.data @ layer.weight.data.T + layer.bias.data, rtol=1e-6
    )


@pytest.mark.seed("T40", "T41", "T42")
def test_the_optimizer_example_lowers_the_loss(text):
    before = text.run("network")["loss"].item()
    manual_seed(42)

    names = text.run("network", "optimizers")

    assert names["loss"].item() < before
    assert type(names["optimizer"]).__name__ == "Adam"


@pytest.mark.seed("T40")
def test_momentum_is_that_of_the_formula_at_a_constant_rate(text):
    says = text.blocks["sgd formula"]
    formula = re.findall(r"(?:velocity|param) = .* velocity.*$", says, re.MULTILINE)
    p = Tensor([3.0], requires_grad=True, dtype="float64")
    optimizer = optim.SGD([p], lr=0.1, momentum=0.9)
    by_hand = {"param": 3.0, "velocity": 0.0, "momentum": 0.9, "lr": 0.1}

    assert len(formula) == 2
    for gradient in (1.0, -0.5, 2.0, 0.25):
        p.grad = [gradient]
        optimizer.step()
        by_hand["grad"] = gradient
        exec("\n".join(formula), {}, by_hand)
        assert p.item() == pytest.approx(by_hand["param"], rel=1e-14)


@pytest.mark.seed("T41")
def test_adam_converges_faster_than_sgd_with_its_rate_per_parameter(text):
    assert "Adaptive learning rates per parameter" in text.blocks["adam formula"]

    def left_after(make):
        p = Tensor([1.0, 1.0], requires_grad=True, dtype="float64")
        optimizer = make([p])
        steepness = np.array([1.0, 1e-3])
        for _ in range(200):
            loss = (p**2 * steepness).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        return np.abs(p.data).max()

    assert left_after(lambda p: optim.Adam(p, lr=0.01)) < 0.1
    assert left_after(lambda p: optim.SGD(p, lr=0.01)) > 0.9
    parameters = inspect.signature(optim.Adam).parameters
    assert (parameters["betas"].default, parameters["eps"].default) == (
        (0.9, 0.999),
        1e-8,
    )


@pytest.mark.seed("T44", "T46", "T48", "T49")
def test_the_pictures_of_the_example_are_written(text, tmp_path):
    text.run("network", "pictures")

    for name in ("graph.png", "architecture.png", "training.png"):
        assert (tmp_path / name).read_bytes().startswith(b"\x89PNG")


@pytest.mark.seed("T45", "T47")
def test_the_other_two_pictures_take_the_arguments_that_the_text_lists(
    text, tmp_path, rng
):
    listed = calls(text, "visualize.py", "Functions")
    model = nn.Sequential(nn.Linear(2, 1), nn.Sigmoid())
    X = rng.random((20, 2))

    viz.plot_neuron(1.5, -0.5, (-3, 3), "tanh", "neuron.png")
    viz.plot_decision_boundary(model, X, X[:, 0] > 0.5, "halves", "halves.png")

    assert len(listed) == 5
    for call in listed:
        name, names = re.fullmatch(r"(\w+)\((.*)\)", call).groups()
        ours = list(inspect.signature(getattr(viz, name)).parameters)
        wanted = [argument.partition("=")[0] for argument in names.split(", ")]
        assert ours[: len(wanted)] == wanted, call
    assert (tmp_path / "neuron.png").stat().st_size > 0
    assert (tmp_path / "halves.png").stat().st_size > 0


@pytest.mark.seed("T50", "T52", "T54", "T32")
def test_the_logger_example_logs_every_tenth_epoch(text, tmp_path):
    text.run("network", "optimizers", "logger", n_epochs=25)

    log = (tmp_path / "outputs" / "my_model.log").read_text("utf-8")
    assert re.findall(r"^\[EPOCH (\d+) - FORWARD PASS\]$", log, re.M) == [
        "0",
        "10",
        "20",
    ]
    assert log.count("  weight:\n    Shape: (8, 2)\n    Values: [") == 3
    assert log.count("    Gradient shape: (8,)\n    Gradient values: [") == 3


@pytest.mark.seed("T53", "T55", "T56", "T57", "T58", "T59", "C15", "C16")
def test_the_log_sample_is_reproduced_byte_for_byte(text, tmp_path):
    # One sample at a time, y = 2x + 1, w and b from randn(2): so the sample was made.
    weight, bias = (
        Tensor([[number]], requires_grad=True, dtype="float64")
        for number in np.random.RandomState(42).randn(2)
    )
    x, loss = np.array([[1.0], [2.0], [3.0]]), Tensor(np.array(0.0))
    for sample in x:
        output = (sample @ weight.T + bias)[0]
        loss = loss + ((output - (2 * sample + 1)) ** 2).sum() / 3
    loss.backward()

    for _ in range(2):
        logger = TrainingLogger("sample", tmp_path, clock=lambda: CLOCK)
        logger.log_epoch(0, x, output, loss, {"weight": (weight, weight.grad)})

    sample = text.blocks["log sample"]
    assert logger.path.read_bytes() == f"{sample}\n{sample}".encode("ascii")


@pytest.mark.seed("T54", "C26")
def test_the_updates_that_the_sample_lacks_can_be_logged(tmp_path):
    logger = TrainingLogger("run", tmp_path, updates=True)
    for epoch, value in enumerate((1.0, 0.75)):
        logger.log_epoch(epoch, [0.0], [0.0], 0.0, {"w": ([value], [2.5])})

    assert "-0.250000" in logger.path.read_text("utf-8").partition("EPOCH 1 - B")[2]


@pytest.mark.seed("T51", "C26")
def test_inference_is_logged_in_the_format_of_the_forward_pass(text, tmp_path):
    logger = InferenceLogger(name="my_model", log_dir=".", clock=lambda: CLOCK)
    logger.log_inference(0, [[1.0], [2.0], [3.0]], [1.351878])

    forward = text.blocks["log sample"].partition("\n[EPOCH 0 - BACKWARD")[0]
    written = (tmp_path / "my_model.log").read_text("ascii")
    assert written.splitlines()[6:] == forward.splitlines()[6:]
    assert written.splitlines()[:3] == forward.splitlines()[:3]


@pytest.mark.seed("T10", "T48", "T52", "T60", "T61")
def test_the_complete_example_runs_whole(text, printed, tmp_path):
    names = text.run("complete")

    lines = printed()
    assert lines[0] == "Training..."
    assert lines[-1] == "Done! Check outputs/ for logs and plots."
    assert [
        re.fullmatch(r"Epoch (\d+): Loss = \d+\.\d{6}", line)[1] for line in lines[1:-1]
    ] == [str(epoch) for epoch in range(0, 200, 20)]
    losses = names["losses"]
    assert len(losses) == 200
    assert all(type(loss) is float for loss in losses)
    assert losses[-1] < 0.1 * losses[0]
    log = (tmp_path / "regression_model.log").read_text("utf-8")
    assert log.count("  layer0_weight:\n    Shape: (16, 2)\n") == 10
    assert (tmp_path / "outputs" / "training.png").stat().st_size > 0


@pytest.mark.seed("T04", "T08", "T22", "T23", "T24", "T74")
def test_the_walk_through_the_chain_rule_has_its_numbers(text, numbers, given):
    says = text.blocks["chain rule"]

    names = text.run("chain rule", **given)

    final = re.search(r"# Final: (.*)", says)[1]
    assert [float(n) for n in numbers(final)] == [4.0, 2.0]
    assert names["x"].grad.data.tolist() == [4.0]
    assert names["y"].grad.data.tolist() == [2.0]
    assert names["z"].data.tolist() == [6.0]
    assert names["w"].data.tolist() == [8.0]
    assert names["w"].data.shape == (1,)  # and yet backward() starts at it
    nodes = graph(names["x"] * names["y"] + names["x"])
    assert [(node.op, node.parents) for node in nodes] == [
        (None, ()),
        (None, ()),
        ("multiply", (0, 1)),
        ("add", (2, 0)),
    ]
    assert all(node.formulas for node in nodes if node.kind == "op")


@pytest.mark.seed("T25", "T26", "C2")
def test_gradients_accumulate_and_are_cleared_to_zeros(text, printed, numbers, given):
    says = re.findall(
        r"^print\(x.grad\)  # (\[[^]]*\])", text.blocks["accumulation"], re.M
    )

    text.run("accumulation", **given)

    shown = [[float(n) for n in numbers(line)] for line in printed()]
    assert says == ["[2.0]", "[5.0]", "[0.0]"]
    assert shown == [ast.literal_eval(values) for values in says]


@pytest.mark.seed("T28", "T33")
def test_a_layer_of_ones_own_and_its_parameters(text, given):
    zeros, randn = np.zeros, np.random.default_rng(0).standard_normal
    given |= {"zeros": zeros, "randn": lambda *shape: randn(shape)}

    names = text.run("own layer", "parameters", **given)

    l1, _, l2 = names["model"].layers
    assert type(l1) is names["Linear"] is not nn.Linear
    wanted = [l1.weight, l1.bias, l2.weight, l2.bias]
    assert len(names["params"]) == 4
    assert all(a is b for a, b in zip(names["params"], wanted, strict=True))


@pytest.mark.seed("T08", "T09", "T43", "T62", "T63", "T64", "C3")
def test_the_tests_of_the_text_pass(text, given):
    names = text.run("tests", **given)

    assert "assert params[0].data[0] == 0.9" in text.blocks["tests"]
    assert names["params"][0].data[0] == np.float32(0.9)
    assert isinstance(names["params"][0].grad, Tensor)


@pytest.mark.seed("T34", "T35", "T36", "T38", "T39")
def test_activations_losses_and_softmax_of_the_list(text):
    x = Tensor([[-1.0, 0.5, 2.0]], dtype="float64")
    p, t = np.array([[0.25, 0.5, 0.75]]), np.array([[0.0, 1.0, 1.0]])

    assert calls(text, "nn.py", "Activations") == ["ReLU()", "Sigmoid()", "Tanh()"]
    np.testing.assert_array_equal(nn.ReLU()(x).data, [[0, 0.5, 2]])
    np.testing.assert_allclose(nn.Sigmoid()(x).data, 1 / (1 + np.exp(-x.data)))
    np.testing.assert_allclose(nn.Tanh()(x).data, np.tanh(x.data))
    assert calls(text, "nn.py", "Loss Functions") == ["MSELoss()", "BCELoss()"]
    bce = -np.log([0.75, 0.5, 0.75]).mean()
    assert nn.BCELoss()(Tensor(p), Tensor(t)).item() == pytest.approx(bce)
    assert nn.MSELoss()(Tensor(p), Tensor(t)).item() == pytest.approx(0.125)
    assert "- `softmax(x, dim=-1)` - Softmax function" in text
    e = np.exp(x.data)
    np.testing.assert_allclose(nn.softmax(x, dim=-1).data, e / e.sum())
