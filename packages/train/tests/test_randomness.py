"""Generators: seeded together, saved and put back."""

import random

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import generator, manual_seed
from pebblegrad.train import seed_everything
from pebblegrad.train._randomness import Generators


def draws(model):
    """Return a number from each generator that a run may draw from."""
    own = [m._rng.random() for m in model.modules() if getattr(m, "_rng", None)]
    return [generator().random(), random.random(), np.random.random(), *own]  # noqa: NPY002


@pytest.fixture
def model():
    return nn.Sequential(nn.Dropout(0.5, rng=1), nn.Sequential(nn.Dropout(0.5, rng=2)))


def test_one_seed_seeds_all(model):
    seed_everything(4)
    first = draws(model)[:3]
    seed_everything(np.int64(4))

    assert draws(model)[:3] == first
    seed_everything(5)
    assert not set(draws(model)[:3]) & set(first)


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, True, None, "7"])
def test_what_is_no_seed_is_said(seed):
    with pytest.raises(ValueError, match=f"seed_everything: seed is {seed!r}"):
        seed_everything(seed)


def test_a_state_puts_every_generator_back(model):
    manual_seed(0)
    generators = Generators(model)
    state = generators.state_dict()

    first = draws(model)
    generators.load_state_dict(state)

    assert draws(model) == first


def test_a_forward_pass_can_be_repeated(model):
    generators = Generators(model)
    states = generators.drawn_by_model()

    first = [generator().random(), *draws(model)[3:]]
    generators.rewind(states)

    assert [generator().random(), *draws(model)[3:]] == first


def test_the_state_of_another_model_is_refused_and_changes_nothing(model):
    manual_seed(0)
    state = Generators(nn.Dropout(0.5, rng=7)).state_dict()
    before = Generators(model).state_dict()
    manual_seed(1)
    now = generator().bit_generator.state

    with pytest.raises(ValueError, match=r"generators in \['_rng'\]; this model has"):
        Generators(model).load_state_dict(state)

    assert generator().bit_generator.state == now
    assert Generators(model).state_dict()["model"] == before["model"]


def test_generators_in_lists_and_dicts_are_found():
    class Keeps(nn.Module):
        def __init__(self):
            self.rngs = [np.random.default_rng(1), {"a": np.random.default_rng(2)}]

    model = nn.Sequential(Keeps())

    assert list(Generators(model).state_dict()["model"]) == ["0.rngs.0", "0.rngs.1.a"]
