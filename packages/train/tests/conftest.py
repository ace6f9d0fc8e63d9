"""What the test files share: a problem, and a network with every kind of state."""

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import manual_seed


@pytest.fixture
def rng():
    """A generator that starts at the same place in every test."""
    return np.random.default_rng(0)


@pytest.fixture
def points(rng):
    """Two clouds of points, (96, 2), and their classes."""
    y = np.arange(96) % 2
    X = rng.standard_normal((96, 2)) * 0.5 + 2.0 * y[:, None]
    return X.astype(np.float32), y


@pytest.fixture
def network():
    """Make a network with dropout, batch norm, and an optimizer over it."""

    def make():
        manual_seed(0)
        model = nn.Sequential(
            nn.Linear(2, 16),
            nn.ReLU(),
            nn.Dropout(0.2, rng=3),
            nn.BatchNorm1d(16),
            nn.Dropout(0.1),
            nn.Linear(16, 2),
        )
        return model, optim.Adam(model, lr=0.01)

    return make


@pytest.fixture
def train(network):
    """Train the network; what is given goes to `fit`."""
    from pebblegrad.train import fit

    def run(data, made=None, **options):
        model, optimizer = made or network()
        usual = {
            "loss": nn.cross_entropy,
            "epochs": 3,
            "rng": 0,
            "progress": False,
            "lint": False,
        }
        return model, fit(model, data, optimizer=optimizer, **{**usual, **options})

    return run


def same(one, other):
    """Whether two states hold the same numbers, to the bit."""
    return one.keys() == other.keys() and all(
        a.dtype == b.dtype and a.tobytes() == b.tobytes()
        for a, b in zip(one.values(), other.values(), strict=True)
    )


@pytest.fixture
def same_state():
    """The function `same`."""
    return same
