"""Evaluation and prediction: in their mode, over uneven batches, without a trace."""

import numpy as np
import pytest

from pebblegrad import nn
from pebblegrad.autograd import Tensor, no_grad
from pebblegrad.data import DataLoader
from pebblegrad.train import evaluate, predict


@pytest.fixture
def doubling():
    model = nn.Linear(1, 1)
    model.weight.data[...], model.bias.data[...] = 2.0, 0.0
    return model


def test_batches_are_weighted_by_their_sizes(doubling):
    X = np.array([[0.0], [0.0], [3.0]])

    for batch_size in (1, 2, 3, 100):
        numbers = evaluate(
            doubling, (X, 0 * X), loss=nn.mse_loss, batch_size=batch_size
        )
        assert numbers == {"loss": 12.0}


def test_the_model_is_in_evaluation_mode_only_meanwhile(points, network):
    model, _ = network()
    model[2].eval()  # somebody froze this part
    modes = [m.training for m in model.modules()]
    state = {k: v.copy() for k, v in model.state_dict().items()}

    first = evaluate(model, points, loss=nn.cross_entropy, metrics=["accuracy"])
    second = evaluate(model, points, loss=nn.cross_entropy, metrics=["accuracy"])

    assert first == second  # no dropout
    assert [m.training for m in model.modules()] == modes
    for name, array in model.state_dict().items():  # no statistics were taken
        np.testing.assert_array_equal(array, state[name])


def test_the_modes_come_back_after_an_error(points, network):
    model, _ = network()

    with pytest.raises(ValueError, match="shape"):
        predict(model, points[0][:, :1])

    assert all(m.training for m in model.modules())


def test_no_graph_is_made(points, network):
    model, _ = network()
    seen = []

    def loss(output, target):
        seen.append(output.requires_grad)
        return nn.cross_entropy(output, target)

    evaluate(model, points, loss=loss)

    assert seen == [False]


def test_evaluation_needs_something_to_say(points, network):
    with pytest.raises(ValueError, match="neither loss nor metrics are given"):
        evaluate(network()[0], points)


def test_predictions_are_the_models_in_one_array(points, network):
    model, _ = network()
    X, _ = points

    found = predict(model, X, batch_size=7)

    model.eval()
    with no_grad():
        np.testing.assert_allclose(found, model(Tensor(X)).data, rtol=1e-5)
    assert found.dtype == np.float32


def test_predictions_come_from_a_loader_too(doubling):
    X = np.arange(5.0)[:, None]

    found = predict(doubling, DataLoader(X, 2))

    np.testing.assert_array_equal(found, 2 * X)


def test_a_model_with_several_outputs_gives_several_arrays():
    class Two(nn.Module):
        def forward(self, x, y):
            return x + y, x * y

    x, y = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])

    total, product = predict(Two(), (x, y), batch_size=2)

    np.testing.assert_array_equal(total, x + y)
    np.testing.assert_array_equal(product, x * y)


@pytest.mark.parametrize("data", [3, iter([]), "x", None])
def test_what_is_no_data_is_said(data, doubling):
    with pytest.raises(TypeError, match=r"^predict: data is of type"):
        predict(doubling, data)
    with pytest.raises(TypeError, match=r"^evaluate: data is of type"):
        evaluate(doubling, data, loss=nn.mse_loss)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda X, y: (X, y), "a batch has 2 arrays, which is not what Linear.forward"),
        (lambda X, y: DataLoader((X, y), 2), "inputs alone are needed, no targets"),
        (lambda X, y: X.tolist(), "a batch holds something of type float; arrays are"),
    ],
)
def test_predictions_want_inputs_alone(data, message, doubling):
    X = np.ones((4, 1))

    with pytest.raises(TypeError, match=message):
        predict(doubling, data(X, X))
