"""What learners get wrong, found in the first steps; and no false alarms."""

import warnings

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor, manual_seed, ops
from pebblegrad.data import load_digits
from pebblegrad.train import TrainingWarning, fit


def train(model, data, loss=nn.mse_loss, optimizer=None, epochs=4, **options):
    """Train watched; return what was said."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", TrainingWarning)
        fit(
            model,
            data,
            loss=loss,
            optimizer=optimizer or optim.SGD(model, lr=0.05),
            epochs=epochs,
            rng=0,
            progress=False,
            **options,
        )
    for one in caught:
        assert one.category is TrainingWarning
        assert one.filename == __file__
        assert str(one.message).endswith("; lint=False silences this")
    return [str(one.message) for one in caught]


@pytest.fixture
def line(rng):
    """A line to learn: (320, 3) and (320, 1)."""
    X = rng.standard_normal((320, 3)).astype(np.float32)
    return X, X @ np.array([[1.0], [-2.0], [0.5]], np.float32)


# Mistakes


def test_pixels_that_are_not_divided(rng):
    X = rng.integers(0, 256, (640, 16)).astype(np.float32)
    y = np.arange(640) % 2
    model = nn.Linear(16, 2, rng=0)

    said = train(model, (X, y), nn.cross_entropy, optim.SGD(model, lr=1e-5))

    assert said[0].startswith(
        "fit: the inputs are whole numbers from 0 to 255, as pixels are: divide them by"
    )


def test_inputs_of_another_scale(line):
    X, y = line
    model = nn.Linear(3, 1, rng=0)

    said = train(model, (X * 1e4, y), optimizer=optim.SGD(model, lr=1e-9))

    assert said[0].startswith("fit: the inputs are not scaled: they lie between -")


def test_inputs_that_are_all_the_same(line):
    X, y = line

    said = train(nn.Linear(3, 1, rng=0), (np.ones_like(X), y))

    assert said[0].startswith("fit: the inputs of the first batch are all 1: nothing")


def test_which_of_several_inputs_is_said(line):
    class Sum(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 1, rng=0)

        def forward(self, x, y):
            return self.layer(x + 0 * y)

    X, y = line

    said = train(Sum(), (X, np.zeros_like(X), y))

    assert [text.split(":")[1] for text in said] == [
        " the inputs 1 of the first batch are all 0"
    ]


def test_an_optimizer_of_another_model(line):
    old = optim.SGD(nn.Linear(3, 1, rng=0), lr=0.1)
    for group in old.param_groups:
        for p in group["params"]:
            p.grad = np.zeros(p.shape)

    said = train(nn.Linear(3, 1, rng=0), line, optimizer=old)

    assert said[0].startswith(
        "fit: the optimizer trains none of the model's parameters; was the model made "
        "anew after the optimizer?"
    )
    assert "no parameter has changed in 20 steps" in said[1]


def test_parameters_that_the_optimizer_does_not_know(line):
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))

    said = train(model, line, optimizer=optim.SGD(model[2], lr=0.05))

    assert said == [
        "fit: the optimizer does not know 0.weight, 0.bias: give it the model, or "
        "freeze them by requires_grad_(False); lint=False silences this"
    ]


def test_a_parameter_that_takes_no_part(line):
    model = nn.Sequential(nn.Linear(3, 1, rng=0))
    model.spare = nn.Linear(2, 2, rng=1)

    said = train(model, line)

    assert said == [
        "fit: spare.weight, spare.bias had no gradient in 20 steps: it takes no part "
        "in the loss, or the graph is cut before it (by .data, numpy() or detach()); "
        "lint=False silences this"
    ]


def test_a_layer_behind_a_relu_that_is_never_positive(line):
    model = nn.Sequential(nn.Linear(3, 4, rng=0), nn.ReLU(), nn.Linear(4, 1, rng=1))
    model[0].bias.data[...] = -100.0

    said = train(model, line)

    (dead,) = [text for text in said if "all zero" in text]
    assert dead.startswith("fit: the gradients of 0.weight, 0.bias, 2.weight were all")


def test_a_rate_of_zero(line):
    model = nn.Linear(3, 1, rng=0)

    said = train(model, line, optimizer=optim.SGD(model, lr=0.0))

    assert said[0].startswith(
        "fit: no parameter has changed in 20 steps, though there were gradients; the "
        "learning rate is 0.0"
    )
    assert said[1].startswith("fit: the loss has not fallen in 3 epochs (")


def test_a_rate_that_is_too_large(line):
    model = nn.Linear(3, 1, rng=0)

    said = train(model, line, optimizer=optim.SGD(model, lr=2.0), epochs=2)

    assert any("the norm of all gradients rose from" in text for text in said)
    assert any("the learning rate is too large" in text for text in said)


def test_labels_that_start_at_one(rng):
    X = rng.standard_normal((64, 3)).astype(np.float32)
    y = 1 + np.arange(64) % 3
    model = nn.Linear(3, 3, rng=0)

    def forgiving(output, target):
        return nn.cross_entropy(output, target % 3)

    said = train(model, (X, y), forgiving)

    assert said == [
        "fit: a label is 3, and the model has outputs for 3 classes, 0 to 2: is the "
        "first label 1, or the last layer too narrow?; lint=False silences this"
    ]


def test_a_loss_that_does_not_fall(line):
    class Constant(nn.Module):
        def __init__(self):
            self.weight = Tensor([0.0], requires_grad=True)

        def forward(self, x):
            return ops.sin(x[:, :1] * 0 + self.weight * 0.0 + 1.0)

    said = train(Constant(), line)

    assert said[-1].startswith("fit: the loss has not fallen in 3 epochs (")


def test_each_is_said_once_and_not_at_all_if_so_wished(line):
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.SGD(model, lr=0.0)

    assert len(train(model, line, optimizer=optimizer, epochs=9)) == 2
    assert train(model, line, optimizer=optimizer, epochs=9, lint=False) == []


def test_a_loss_of_the_wrong_sign(line):
    model = nn.Linear(3, 1, rng=0)

    def upside_down(output, target):
        return -nn.mse_loss(output, target)

    said = train(model, line, upside_down, optim.SGD(model, lr=0.05))

    assert any("has it the wrong sign?" in text for text in said)


def test_a_rate_that_is_much_too_large_for_classes(rng):
    X = rng.standard_normal((640, 20)).astype(np.float32)
    model = nn.Sequential(nn.Linear(20, 32, rng=0), nn.ReLU(), nn.Linear(32, 10, rng=1))

    said = train(
        model, (X, np.arange(640) % 10), nn.cross_entropy, optim.SGD(model, lr=10.0)
    )

    assert any("the learning rate is too large" in text for text in said)


def test_pixels_as_bytes(rng):
    class FromBytes(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(16, 2, rng=0)

        def forward(self, x):
            return self.layer(Tensor(x.data.astype(np.float32)))

    X = rng.integers(0, 256, (640, 16)).astype(np.uint8)
    model = FromBytes()

    said = train(
        model, (X, np.arange(640) % 2), nn.cross_entropy, optim.SGD(model, lr=1e-6)
    )

    assert "as pixels are: divide them by 255" in said[0]


def test_whole_numbers_that_widen_the_model(rng):
    X = rng.integers(0, 3, (320, 4))
    model = nn.Linear(4, 1, rng=0)

    said = train(model, (X, X[:, :1].astype(np.float32)))

    assert said[0].startswith("fit: the inputs are int64, and so the model computes in")


# No false alarms


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "make",
    [
        lambda model: optim.SGD(model, lr=0.1),
        lambda model: optim.SGD(model, lr=0.02, momentum=0.9),
        lambda model: optim.Adam(model, lr=1e-3),
        lambda model: optim.Lion(model, lr=1e-4),
    ],
)
def test_digits_are_silent(make, seed):
    manual_seed(seed)
    X, y, _, _ = load_digits()
    model = nn.Sequential(
        nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10)
    )

    assert train(model, (X, y), nn.cross_entropy, make(model)) == []


@pytest.mark.parametrize("seed", range(3))
def test_exclusive_or_is_silent_though_it_rests_at_first(seed):
    manual_seed(seed)
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 8, np.float32)
    y = (X[:, :1] != X[:, 1:]).astype(np.float32)
    model = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))

    assert train(model, (X, y), optimizer=optim.Adam(model, lr=0.02), epochs=60) == []


def test_a_regression_with_large_targets_is_silent(line):
    X, y = line
    model = nn.Linear(3, 1, rng=0)

    assert train(model, (X, 1e4 * y + 3e4), optimizer=optim.SGD(model, lr=0.1)) == []


def test_words_through_an_embedding_are_silent(rng):
    manual_seed(0)
    X = rng.integers(0, 300, (256, 6))
    model = nn.Sequential(nn.Embedding(300, 8), nn.Flatten(), nn.Linear(48, 2))

    said = train(
        model, (X, (X[:, 0] > 150).astype(int)), nn.cross_entropy, optim.Adam(model)
    )

    assert said == []


def test_frozen_layers_are_silent(line):
    model = nn.Sequential(nn.Linear(3, 8, rng=0), nn.Tanh(), nn.Linear(8, 1, rng=1))
    model[0].requires_grad_(False)

    assert train(model, line) == []


def test_a_normalized_network_is_silent(rng):
    manual_seed(1)
    X = rng.standard_normal((256, 8)).astype(np.float32)
    model = nn.Sequential(
        nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 2)
    )

    assert train(model, (X, (X[:, 0] > 0).astype(int)), nn.cross_entropy) == []


def test_a_run_that_has_converged_and_goes_on_is_silent(rng):
    X = rng.standard_normal((640, 3)).astype(np.float32)
    y = X[:, :1] + rng.standard_normal((640, 1)).astype(np.float32)
    model = nn.Linear(3, 1, rng=0)
    optimizer = optim.Adam(model, lr=0.02)

    train(model, (X, y), optimizer=optimizer, epochs=30)

    assert train(model, (X, y), optimizer=optimizer, epochs=5) == []
