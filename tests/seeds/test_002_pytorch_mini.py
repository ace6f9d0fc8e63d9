"""PyTorch Mini: its programs on `pebblegrad.scalar`, and its roadmap on the rest.

Its tests compare it with PyTorch. Ours must run without it: here the numbers are worked
out by hand, or come from `pebblegrad.autograd`, which `parity/` compares with PyTorch.
"""

import math
import random
import re
import tomllib

import numpy as np
import pytest

from pebblegrad import autograd, data, nn, optim
from pebblegrad.scalar import MLP, Layer, LeakyRelu, Neuron, Softmax, Tensor, mse_loss
from pebblegrad.scalar import Sigmoid as ScalarSigmoid
from pebblegrad.scalar import cross_entropy as scalar_cross_entropy
from pebblegrad.viz import plot_training_history

IMPORTS = {
    "from minitorch.engine import Tensor": "from pebblegrad.scalar import Tensor",
    "from minitorch.nn import MLP": "from pebblegrad.scalar import MLP",
}
BLOCKS = ("quick start", "layout", "basic", "advanced", "training", "commands")


@pytest.fixture(autouse=True)
def seeded():
    random.seed(0)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.mark.seed("P02", "P03", "P08", "P11", "P13", "P14", "C4")
def test_the_quick_start_prints_its_gradient(text, printed):
    names = text.run("quick start")

    says = re.search(r"print\(f\"dy/dx.*# (\S+)", text.blocks["quick start"])[1]
    assert printed() == [f"dy/dx = {says}"] == ["dy/dx = 4.0"]
    assert len(names["model"].parameters()) == 41


@pytest.mark.seed("P02", "P04", "P06", "P17")
def test_basic_operations_print_what_their_comments_say(text, printed):
    names = text.run("basic")

    prints = r'^print\(f"([abc].grad): .*# (\d+) \('
    says = re.findall(prints, text.blocks["basic"], re.MULTILINE)
    assert printed() == [f"{name}: {number}" for name, number in says]
    assert says == [("a.grad", "2"), ("b.grad", "2"), ("c.grad", "7")]
    assert (names["d"].data, names["e"].data) == (7, 14)


@pytest.mark.seed("P07", "P08", "P09", "P11", "P18")
def test_advanced_operations_have_the_gradients_of_calculus(text, printed):
    names = text.run("advanced")

    # w = exp(z) / (z + 1) at z = 7, and z changes by 2 x = 4 with x, by 1 with y.
    by_z = math.exp(7) / 8 - math.exp(7) / 64
    assert names["z"].data == 7
    assert names["w"].data == pytest.approx(math.exp(7) / 8, rel=1e-15)
    assert names["x"].grad == pytest.approx(4 * by_z, rel=1e-14)
    assert names["y"].grad == pytest.approx(by_z, rel=1e-14)
    numbers = [float(line.partition(": ")[2]) for line in printed()]
    assert [f"{number:.4f}" for number in numbers] == ["479.7770", "119.9443"]


@pytest.mark.seed("P16", "P22", "P23", "P24", "P25", "C2", "C9", "C10")
def test_the_training_example_learns_and_prints_its_lines(text, printed):
    names = text.run("training")

    lines = [
        re.fullmatch(r"Iteration (\d+): Loss = (\d+\.\d{6})", s) for s in printed()
    ]
    assert [int(line[1]) for line in lines] == list(range(100))
    losses = [float(line[2]) for line in lines]
    assert losses[-1] < 0.8 * losses[0]
    wrong = [
        (model_output.data - target) ** 2
        for model_output, target in zip(
            names["predictions"], names["desired_targets"], strict=True
        )
    ]
    assert losses[-1] == pytest.approx(sum(wrong), abs=1e-6)  # a sum, not a mean


@pytest.mark.seed("C1", "P02")
def test_gradients_are_always_tracked_here_and_on_request_on_arrays():
    x, array = Tensor(2.0), autograd.Tensor(2.0)

    (x * x).backward()

    assert x.grad == 4.0
    assert not (array * array).requires_grad
    with pytest.raises(RuntimeError, match="requires_grad"):
        (array * array).backward()


@pytest.mark.seed("P04", "P05", "P06", "P07", "P08")
def test_every_operator_takes_a_number_on_either_side():
    x = Tensor(4.0)
    cases = [
        (3 + x, 7, 1),
        (x + 3, 7, 1),
        (3 - x, -1, -1),
        (x - 3, 1, 1),
        (3 * x, 12, 3),
        (x * 3, 12, 3),
        (2 / x, 0.5, -2 / 16),
        (x / 2, 2, 0.5),
        (x**3, 64, 48),
        (sum([x, x]), 8, 2),  # which begins with the int 0
    ]

    for out, value, slope in cases:
        x.grad = 0
        out.backward()
        assert (out.data, x.grad) == (value, slope)


@pytest.mark.seed("P09", "P10", "P11", "P12", "P15", "P26")
def test_the_engine_agrees_with_the_one_on_arrays(rng):
    def expression(x, y):
        u = x * y + x  # x is used often, so its gradients add up
        return (u.tanh() + (y * y + 1).log()) / (x.exp() + 1) - (x - y).relu() * u**2

    for a, b in rng.uniform(-2, 2, (20, 2)).tolist():
        x, y = Tensor(a), Tensor(b)
        of_arrays = [
            autograd.Tensor(n, requires_grad=True, dtype="float64") for n in (a, b)
        ]

        out, expected = expression(x, y), expression(*of_arrays)
        out.backward()
        expected.backward()

        assert out.data == pytest.approx(expected.item(), rel=1e-13)
        wanted = [t.grad.item() for t in of_arrays]
        assert [x.grad, y.grad] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.seed("P19", "P20", "P21")
def test_a_neuron_a_layer_and_what_they_return(text):
    neuron, one, three = Neuron(2), Layer(2, 1), Layer(2, 3)
    many = [p.data for _ in range(100) for p in Neuron(2).parameters()]

    assert "uniform distribution [-1, 1]" in text
    assert min(many) < -0.9
    assert max(many) > 0.9
    assert all(-1 <= number <= 1 for number in many)
    w1, w2, b = (p.data for p in neuron.parameters())
    expected = math.tanh(0.5 * w1 - 2 * w2 + b)
    assert neuron([0.5, -2.0]).data == pytest.approx(expected, rel=1e-15)
    assert isinstance(one([1.0, 2.0]), Tensor)
    assert [type(out) for out in three([1.0, 2.0])] == [Tensor] * 3
    assert len(three.parameters()) == 9


@pytest.mark.seed("P22", "P27", "P29", "C14")
def test_a_network_agrees_with_its_twin_on_arrays_and_its_loss_can_be_drawn(rng):
    model = MLP(3, [4, 4, 1])
    layers = [nn.Linear(n, m) for n, m in ((3, 4), (4, 4), (4, 1))]
    for layer, ours in zip(layers, model.layers, strict=True):
        rows = [[w.data for w in neuron.weights] for neuron in ours.neurons]
        layer.weight.data = np.array(rows)
        layer.bias.data = np.array([neuron.bias.data for neuron in ours.neurons])
    twin = nn.Sequential(*(part for layer in layers for part in (layer, nn.Tanh())))
    X, y = rng.standard_normal((6, 3)), rng.standard_normal(6)

    losses = []
    for _ in range(5):
        out = [model(row) for row in X.tolist()]
        loss = mse_loss(out, y.tolist())
        model.zero_grad()
        loss.backward()
        losses.append(loss.data)
        theirs = nn.mse_loss(twin(autograd.Tensor(X)), y[:, None])
        twin.zero_grad()
        theirs.backward()
        assert loss.data == pytest.approx(theirs.item(), rel=1e-12)
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        optim.sgd_step(twin, lr=0.1)

    assert losses[-1] < losses[0]
    assert len(plot_training_history(losses).axes[0].lines) > 0


@pytest.mark.seed("P01", "P28")
def test_the_layout_and_what_the_tests_need(text, root):
    toml = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    groups = toml["dependency-groups"]
    package = root / "packages" / "scalar"

    for name in ("engine.py", "nn.py", "test_engine.py", "test_nn.py"):
        assert name in text.blocks["layout"]
    for ours in ("tensor.py", "neuron.py", "layer.py", "mlp.py", "__init__.py"):
        assert (package / "src" / "pebblegrad" / "scalar" / ours).exists()
    assert list((package / "tests").glob("test_*.py"))
    assert (package / "pyproject.toml").exists()
    assert "pip install torch matplotlib" in text.blocks["commands"]
    assert any(need.startswith("torch==") for need in groups["parity"])
    assert not any("torch" in str(need) for need in groups["test"])


@pytest.mark.seed("P30", "P31")
def test_the_activations_and_losses_of_the_roadmap_are_there_twice(text):
    assert "- [ ] Additional activation functions (Sigmoid, Softmax, LeakyReLU)" in text
    a = [-1.0, 0.5, 2.0]
    x = autograd.Tensor(a, dtype="float64")

    for ours, theirs in (
        (ScalarSigmoid(), nn.Sigmoid()),
        (Softmax(), nn.Softmax(dim=-1)),
        (LeakyRelu(0.01), nn.LeakyReLU(0.01)),
    ):
        values = [out.data for out in ours([Tensor(number) for number in a])]
        assert values == pytest.approx(theirs(x).data.tolist(), rel=1e-13)

    assert "- [ ] Built-in loss functions (MSE, Cross-Entropy)" in text
    scores = [Tensor(number) for number in a]
    assert scalar_cross_entropy(scores, 1).data == pytest.approx(
        nn.cross_entropy(x.reshape(1, 3), [1]).item(), rel=1e-13
    )
    assert mse_loss(scores, [0.0, 0.0, 0.0]).data == pytest.approx(5.25 / 3)


@pytest.mark.seed("P32")
@pytest.mark.parametrize("name", ["SGD", "Adam", "RMSprop"])
def test_the_optimizers_of_the_roadmap_step_downhill(text, name):
    assert "- [ ] Optimizer classes (SGD, Adam, RMSprop)" in text
    p = autograd.Tensor([2.0], requires_grad=True)
    optimizer = getattr(optim, name)([p], lr=0.1)

    for _ in range(50):
        optimizer.zero_grad()
        (p * p).sum().backward()
        optimizer.step()

    assert abs(p.item()) < 0.2


@pytest.mark.seed("P33", "P34", "P35", "P36", "P37")
def test_tensors_batches_layers_and_files_of_the_roadmap(text, rng, tmp_path):
    roadmap = text.words.partition("## Future Enhancements")[2]
    for wish in ("multi-dimensional", "Broadcasting", "Batch", "Conv2d", "save/load"):
        assert wish in roadmap
    X, y = rng.random((12, 1, 8, 8), dtype="float32"), rng.integers(0, 2, 12)
    model = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3 * 36, 2)
    )

    shapes = []
    for X_batch, y_batch in data.DataLoader((X, y), batch_size=4):
        logits = model(autograd.Tensor(X_batch))
        nn.cross_entropy(logits, y_batch).backward()
        shapes.append(logits.shape)
    shifted = autograd.Tensor(X[:, 0, 0]) + autograd.Tensor(np.ones(8))
    nn.save(model, tmp_path / "weights.safetensors")
    other = nn.Sequential(
        nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Flatten(), nn.Linear(3 * 36, 2)
    )
    nn.load(other, tmp_path / "weights.safetensors")

    assert shapes == [(4, 2)] * 3
    assert shifted.shape == (12, 8)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[name], array, err_msg=name)
