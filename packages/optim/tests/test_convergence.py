"""Whether every optimizer gets where it should: down a bent valley, and through a net.

Both problems start from fixed numbers and run without noise. The rates fade to zero in
a line, as they do in practice: an optimizer whose steps do not shorten by themselves,
such as Lion or Muon, circles around the lowest point else.
"""

import numpy as np
import pytest

from pebblegrad.autograd import Tensor, ops

from .cases import OPTIMIZERS

# The rate in the valley, how near to its lowest point 2000 steps must come (it starts
# 2.2 away; about one and a half times what was measured), and the rate for the net.
RATES = {
    "SGD": (0.3, 0.4, 3.0),
    "SGD with momentum": (0.3, 0.001, 1.0),
    "SGD with Nesterov's": (0.1, 0.02, 1.0),
    "SGD with dampening": (0.3, 0.25, 3.0),
    "Adam": (0.3, 0.001, 0.1),
    "Adam with amsgrad": (0.3, 0.001, 0.1),
    "AdamW": (0.3, 0.001, 0.1),
    "AdamW with amsgrad": (0.3, 0.001, 0.1),
    "NAdam": (0.1, 0.1, 0.1),
    "NAdam with fast momentum": (0.1, 0.001, 0.1),
    "RAdam": (0.3, 0.02, 0.3),
    "RAdam, never rectified": (0.3, 0.4, 3.0),
    "Adamax": (1.0, 0.1, 0.3),
    "Lion": (0.003, 0.04, 0.1),
    "Lion with a short memory": (0.003, 0.15, 0.1),
    "RMSprop": (0.03, 0.15, 0.1),
    "RMSprop with momentum": (0.003, 0.001, 0.03),
    "RMSprop, centered": (0.01, 0.15, 0.1),
    "Adagrad": (1.0, 0.7, 1.0),
    "Adagrad with decay": (1.0, 0.9, 3.0),
    "Adadelta": (1.0, 0.5, 3.0),
    "LAMB": (0.03, 0.01, 0.03),
    "LAMB with bounds": (0.01, 0.001, 0.3),
    "Muon": (0.03, 0.02, 0.3),
    "Muon with Nesterov's": (0.03, 0.01, 0.3),
    "Muon with Adam's rates": (0.1, 0.01, 0.3),
}
each_row = pytest.mark.parametrize("name", OPTIMIZERS)


def fading(optimizer, steps):
    """Yield each step's number, with rates that go down to zero in a line."""
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * (1 - step / steps)
        yield step


def down_the_valley(make, lr, steps=2000):
    """Return how far from the lowest point, (1, 1), it gets in Rosenbrock's valley.

    It is a hundred times flatter here, so that one step of plain descent from the start
    does not leave it; RAdam's first steps are such.
    """
    p = Tensor(make.fit([-1.2, 1.0]), requires_grad=True)
    optimizer = make([p], lr=lr)

    for _ in fading(optimizer, steps):
        x, y = p.data.ravel().tolist()
        # of the height (1 - x)**2 / 100 + (y - x**2)**2
        slope = [-0.02 * (1 - x) - 4 * x * (y - x * x), 2 * (y - x * x)]
        p.grad = make.fit(slope)
        optimizer.step()

    return np.linalg.norm(p.data - 1)


def two_moons():
    """Return 40 points on two half circles that reach into each other, and 0 or 1."""
    angles = np.linspace(0, np.pi, 20)
    upper = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    points = np.concatenate([upper, [1.0, 0.5] - upper])
    labels = np.repeat([0.0, 1.0], 20)[:, None]
    return points - points.mean(axis=0), labels  # (N, 2), (N, 1)


def loss_on_moons(make, lr, steps=200):
    """Return the loss of a net of 16 hidden units after training on all points."""
    rng = np.random.default_rng(1)
    points, labels = two_moons()
    # A column of ones in place of a bias: every parameter is a matrix, for Muon's sake.
    x = Tensor(np.concatenate([points, np.ones((len(points), 1))], axis=1))  # (N, 3)
    w1 = Tensor(rng.standard_normal((3, 16)), requires_grad=True)
    w2 = Tensor(rng.standard_normal((16, 1)) / 4, requires_grad=True)
    signs = Tensor(1 - 2 * labels)
    optimizer = make([w1, w2], lr=lr)

    for _ in fading(optimizer, steps):
        logits = ops.tanh(x @ w1) @ w2
        loss = ops.softplus(signs * logits).mean()  # -log of the label's probability
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return loss.item()


def test_every_row_has_rates_here():
    assert RATES.keys() == OPTIMIZERS.keys()


@each_row
def test_a_bent_valley_is_gone_down(name):
    lr, near, _ = RATES[name]

    distance = down_the_valley(OPTIMIZERS[name], lr)

    assert distance < near


@each_row
def test_a_small_net_learns_two_moons(name):
    *_, lr = RATES[name]

    assert loss_on_moons(OPTIMIZERS[name], lr) < 0.05


def test_nothing_of_it_is_reached_without_steps():
    make = OPTIMIZERS["SGD"]

    np.testing.assert_allclose(down_the_valley(make, 0.0, steps=1), 2.2)
    assert loss_on_moons(make, 0.0, steps=1) > 0.5


def test_the_same_numbers_come_out_again():
    make = OPTIMIZERS["Adam"]

    for problem in (down_the_valley, loss_on_moons):
        assert problem(make, 0.1, steps=50) == problem(make, 0.1, steps=50)
