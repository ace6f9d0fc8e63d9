"""What is warned about, and how that is changed."""

import warnings

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.nn import functional as F


def equal_layers(value=0.5):
    model = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    for parameter in model.parameters():
        parameter.data[...] = value
    return model


X = Tensor([[1.0, 2.0]])


def test_units_that_all_start_as_one_are_warned_about_once_at_the_users_line():
    model = equal_layers()

    with pytest.warns(nn.LintWarning, match=r"Linear: all weights are 0\.5") as caught:
        model(X)
        model(X)

    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert 'to allow it: pebblegrad.nn.lint("off")' in str(caught[0].message)


def test_equal_weights_without_hidden_units_do_no_harm():
    model = nn.Linear(2, 3)
    nn.init.uniform_(model.weight, 0, 0)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model(X)
        hidden = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), model)
        model = nn.Linear(3, 1)
        model.weight.data[...] = 0
        nn.Sequential(nn.Linear(2, 3), nn.Tanh(), model)(X)
        equal_layers().eval()(X)

    assert hidden is not None


def test_it_can_be_made_an_error_that_names_the_layer():
    with (
        nn.lint("error"),
        pytest.raises(nn.LintError, match=r"model\.layers\[2\] \(Linear\): Lin"),
    ):
        equal_layers()(X)


def test_it_can_be_switched_off_for_good_and_on_again():
    nn.lint("off")
    try:
        equal_layers()(X)
    finally:
        nn.lint("warn")

    with pytest.warns(nn.LintWarning):
        equal_layers()(X)


def test_a_block_puts_back_what_was():
    with nn.lint("off"):
        with nn.lint("error"), pytest.raises(nn.LintError):
            equal_layers()(X)
        equal_layers()(X)

    with pytest.warns(nn.LintWarning):
        equal_layers()(X)


def test_a_mode_that_is_not_known_is_refused_and_changes_nothing():
    with pytest.raises(
        ValueError, match='lint: mode is None; give one of "warn", "error", "off"'
    ):
        nn.lint(None)

    with pytest.warns(nn.LintWarning):
        equal_layers()(X)


def test_channels_that_all_start_as_one_are_warned_about():
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Conv2d(3, 2, 3))
    for parameter in model.parameters():
        parameter.data[...] = 0.1
    images = Tensor(np.ones((2, 1, 8, 8), np.float32))

    with pytest.warns(nn.LintWarning, match=r"Conv2d: all weights are 0\.1"):
        model(images)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.Sequential(nn.Conv2d(1, 3, 3), nn.Conv2d(3, 2, 3))(images)


def test_probabilities_given_as_logits_are_warned_about():
    x = Tensor(np.zeros((2, 3)), requires_grad=True)

    with pytest.warns(
        nn.LintWarning, match="cross_entropy: logits is what softmax gave"
    ):
        F.cross_entropy(nn.softmax(x), [0, 1])
    with pytest.warns(
        nn.LintWarning, match="_with_logits: logits is what sigmoid gave"
    ):
        F.binary_cross_entropy_with_logits(nn.sigmoid(x), np.zeros((2, 3)))
    for layer in (
        nn.Linear(3, 3, activation="sigmoid"),
        nn.Conv1d(2, 2, 1, activation="sigmoid"),
        nn.Sequential(nn.Linear(3, 3), nn.Sigmoid(), nn.Flatten(0)),
    ):
        out = layer(x)
        with pytest.warns(nn.LintWarning, match="logits is what sigmoid gave"):
            F.binary_cross_entropy_with_logits(out, np.zeros(out.shape))
    with no_grad():
        F.cross_entropy(nn.softmax(x), [0, 1])


def test_it_decorates_functions():
    @nn.lint("off")
    def build():
        return equal_layers()(X)

    assert nn.lint.mode == "warn"
    build()
    assert nn.lint.mode == "warn"
