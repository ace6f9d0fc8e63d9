"""NaN and infinity: the run stops before the step, and says where they come from."""

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor, ops
from pebblegrad.train import NonFiniteError, fit

QUIET = {"progress": False, "lint": False, "rng": 0}


def test_a_nan_in_the_data_is_found_with_its_batch_and_op(points, train):
    X, y = points
    X[70, 1] = np.nan

    with pytest.raises(NonFiniteError) as caught:
        train([(X[:32], y[:32]), (X[32:64], y[32:64]), (X[64:], y[64:])])

    message = str(caught.value)
    assert message.startswith(
        "fit: the loss is nan in epoch 1 of 3, batch 3 of 3, step 3: detect_anomaly: "
        "linear gave nan in 16 of 512 elements, first at (6, 0)"
    )
    assert "the weights are those from before this step" in message


class Root(nn.Module):
    """sqrt(|w x|), whose slope at zero is infinite."""

    def __init__(self):
        self.weight = Tensor([1.0], requires_grad=True)

    def forward(self, x):
        return ops.sqrt(ops.abs(x * self.weight))


def test_a_gradient_that_is_not_finite_is_found_though_the_loss_is():
    model = Root()
    X = np.array([[1.0], [0.0]], np.float32)

    with (
        pytest.raises(NonFiniteError, match="the backward rule of sqrt") as caught,
        np.errstate(invalid="ignore", divide="ignore"),
    ):
        fit(
            model,
            (X, X),
            loss=nn.mse_loss,
            optimizer=optim.SGD(model, lr=0.1),
            epochs=1,
            **QUIET,
        )

    assert str(caught.value).startswith(
        "fit: a gradient of shape (1,) is not finite in epoch 1 of 1, batch 1 of 1"
    )
    np.testing.assert_array_equal(model.weight.data, [1.0])


@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_a_rate_that_is_too_large_ends_in_an_error_with_the_epochs_so_far():
    model = nn.Linear(1, 1, rng=0)
    X = np.linspace(-1, 1, 8, dtype=np.float32)[:, None]

    with pytest.raises(NonFiniteError, match="the loss is inf in epoch") as caught:
        fit(
            model,
            (X, X),
            loss=nn.mse_loss,
            optimizer=optim.SGD(model, lr=100.0),
            epochs=100,
            **QUIET,
        )

    history = caught.value.history
    assert 1 < history.epochs < 100
    assert history["loss"][-1] > 1e20
    assert np.isfinite(model.weight.data).all()


def test_the_same_dropout_is_drawn_when_the_step_is_repeated():
    class Trap(nn.Module):
        """log(x), where dropout left a zero."""

        def __init__(self):
            self.weight = Tensor([1.0], requires_grad=True)
            self.dropout = nn.Dropout(0.02, rng=0)

        def forward(self, x):
            return ops.log(self.dropout(x * self.weight))

    model = Trap()
    X = np.ones((8, 1), np.float32)

    with (
        pytest.raises(NonFiniteError, match="detect_anomaly: log gave -inf"),
        np.errstate(divide="ignore"),
    ):
        fit(
            model,
            (X, X),
            loss=nn.mse_loss,
            optimizer=optim.SGD(model, lr=0.0),
            epochs=50,
            **QUIET,
        )


def test_a_sum_that_overflows_is_no_fault():
    class Large(nn.Module):
        def __init__(self):
            self.weight = Tensor(np.zeros(8, np.float32), requires_grad=True)

        def forward(self, x):
            return x * self.weight

    model = Large()
    x = np.full((1, 8), 2e38, np.float32)  # each is finite, their sum is not

    history = fit(
        model,
        [(x, x)],
        loss=lambda output, target: output.mean() * 8,
        optimizer=optim.SGD(model, lr=0.0),
        epochs=1,
        **QUIET,
    )

    assert history.steps == 1


def test_running_means_are_those_from_before_the_step(points, train, network):
    X, y = points
    X[70, 1] = np.nan
    model, optimizer = network()
    good = [(X[:32], y[:32]), (X[32:64], y[32:64])]
    train(good, (model, optimizer), epochs=1)
    before = {k: v.copy() for k, v in model.state_dict().items() if "running" in k}

    with pytest.raises(NonFiniteError):
        train([(X[64:], y[64:])], (model, optimizer), epochs=1)

    for name, values in before.items():
        np.testing.assert_array_equal(model.state_dict()[name], values)
