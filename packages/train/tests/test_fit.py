"""The loop: what it does is what the five lines by hand do, and its errors."""

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor, manual_seed, no_grad
from pebblegrad.data import ArrayDataset, DataLoader
from pebblegrad.train import Callback, fit

QUIET = {"progress": False, "lint": False}


def test_it_is_the_loop_by_hand(points, network, same_state):
    model, optimizer = network()
    history = fit(
        model,
        points,
        loss=nn.cross_entropy,
        optimizer=optimizer,
        epochs=3,
        batch_size=20,
        rng=5,
        **QUIET,
    )

    by_hand, optimizer = network()
    losses = []
    loader = DataLoader(points, 20, shuffle=True, rng=5)
    for _ in range(3):
        total = 0.0
        for X, y in loader:
            loss = nn.cross_entropy(by_hand(Tensor(X)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(X)
        losses.append(total / 96)

    assert same_state(model.state_dict(), by_hand.state_dict())
    np.testing.assert_allclose(history["loss"], losses, rtol=1e-12)
    assert history.steps == 15


def test_the_loss_of_an_epoch_weighs_an_uneven_last_batch_by_its_size():
    X = np.array([[1.0], [1.0], [1.0], [4.0]], np.float32)
    model = nn.Linear(1, 1)
    model.weight.data[...], model.bias.data[...] = 1.0, 0.0

    history = fit(
        model,
        [(X[:3], X[:3] * 0), (X[3:], X[3:] * 0)],
        loss=nn.mse_loss,
        optimizer=optim.SGD(model, lr=0.0),
        epochs=1,
        **QUIET,
    )

    assert history["loss"] == [(1.0 * 3 + 16.0) / 4]


def test_the_numbers_of_the_validation_are_of_the_weights_at_the_epochs_end(
    points, train
):
    X, y = points

    model, history = train((X[:64], y[:64]), validation=(X[64:], y[64:]))

    model.eval()
    with no_grad():
        expected = nn.cross_entropy(model(Tensor(X[64:])), y[64:]).item()
    np.testing.assert_allclose(history["val_loss"][-1], expected, rtol=1e-6)
    assert list(history) == ["loss", "val_loss", "lr"]


def test_validation_leaves_the_modes_as_they_are(points, train):
    model, _ = train(points, validation=points)

    assert all(module.training for module in model.modules())


def test_metrics_are_counted_for_both_sets(points, train):
    _, history = train(points, validation=points, metrics=["accuracy"], epochs=8)

    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy", "lr"]
    assert history["accuracy"][-1] > 0.85
    assert history["val_accuracy"][-1] > 0.9


@pytest.mark.parametrize(
    "form",
    [
        lambda X, y: (X, y),
        lambda X, y: ArrayDataset(X, y),
        lambda X, y: DataLoader((X, y), 32, shuffle=True, rng=0),
        lambda X, y: [(X[:50], y[:50]), (X[50:], y[50:])],
        lambda X, y: [[Tensor(X), y]],
    ],
)
def test_data_may_be_arrays_a_data_set_a_loader_or_batches(form, points, train):
    _, history = train(form(*points), validation=form(*points))

    assert history.epochs == 3


def test_an_array_alone_is_its_own_target(points):
    X, _ = points
    model = nn.Linear(2, 2, rng=0)

    history = fit(
        model,
        X,
        loss=nn.mse_loss,
        optimizer=optim.Adam(model, lr=0.05),
        epochs=100,
        rng=0,
        **QUIET,
    )

    assert history["loss"][-1] < 0.01 < history["loss"][0]


def test_a_model_may_take_several_inputs(rng):
    class Sum(nn.Module):
        def __init__(self):
            self.weight = Tensor([1.0], requires_grad=True)

        def forward(self, x, y):
            return (x + y) * self.weight

    x, y = rng.standard_normal((2, 32, 1))
    model = Sum()

    fit(
        model,
        (x, y, 3 * (x + y)),
        loss=nn.mse_loss,
        optimizer=optim.SGD(model, lr=0.2),
        epochs=30,
        rng=0,
        **QUIET,
    )

    np.testing.assert_allclose(model.weight.data, [3.0], rtol=1e-4)


def test_a_float32_network_stays_in_float32_whatever_the_data(points, train):
    X, y = points

    class Watch(Callback):
        def on_step_end(self, run):
            seen.add((run.inputs[0].dtype.name, run.output.dtype.name))

    seen = set()
    train((X.astype(np.float64), y), callbacks=[Watch()])

    assert seen == {("float32", "float32")}


def test_integers_reach_an_embedding_as_integers(rng):
    manual_seed(0)
    model = nn.Sequential(nn.Embedding(5, 8), nn.Flatten(), nn.Linear(24, 5))
    X = rng.integers(0, 5, (64, 3))

    history = fit(
        model,
        (X, X[:, 0]),
        loss=nn.cross_entropy,
        optimizer=optim.Adam(model, lr=0.05),
        epochs=15,
        rng=0,
        **QUIET,
    )

    assert history["loss"][-1] < 0.1


def test_no_epochs_are_an_empty_history(points, train, network, same_state):
    model, history = train(points, epochs=0)

    assert history.epochs == history.steps == 0
    assert same_state(model.state_dict(), network()[0].state_dict())


def test_the_callbacks_are_called_in_order(points, train):
    calls = []

    class Note(Callback):
        def __init__(self, name):
            self.name = name

        def __getattribute__(self, moment):
            if moment.startswith("on_"):
                return lambda run: calls.append((self.name, moment, run.step))
            return super().__getattribute__(moment)

    train(points, epochs=1, batch_size=48, callbacks=[Note("a"), Note("b")])

    assert calls == [
        (name, moment, step)
        for moment, step in [
            ("on_train_begin", 0),
            ("on_epoch_begin", 0),
            ("on_gradients", 0),
            ("on_step_end", 1),
            ("on_gradients", 1),
            ("on_step_end", 2),
            ("on_epoch_end", 2),
            ("on_train_end", 2),
        ]
        for name in ("a", "b")
    ]


def test_a_callback_can_stop_the_run_after_a_step(points, train):
    class Stop(Callback):
        def on_step_end(self, run):
            if run.step == 4:
                run.stop("enough")

    _, history = train(points, callbacks=[Stop()])  # 3 steps an epoch

    assert (history.stopped, history.steps, history.epochs) == ("enough", 4, 1)


def test_the_bar_shows_the_loss(points, train, capsys):
    train(points, epochs=2, progress=True)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("epoch 1/2: 3/3 in 0:00")
    assert "loss=0." in lines[1]


class Silent:
    """No callback, and no logger."""


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"model": len}, TypeError, "fit: model is a builtin_function_or_method; a Mo"),
        ({"optimizer": None}, TypeError, "fit: optimizer is a NoneType; an optimizer"),
        ({"loss": "mse"}, TypeError, "fit: loss is a str; a function of output and"),
        ({"epochs": 1.5}, TypeError, "fit: epochs is 1.5; an integer is needed"),
        ({"epochs": True}, TypeError, "fit: epochs is True; an integer is needed"),
        ({"epochs": -1}, ValueError, "fit: epochs is -1; it must be at least 0"),
        ({"data": iter([])}, TypeError, "fit: data is of type list_iterator; a D"),
        ({"data": 3}, TypeError, "fit: data is of type int; a DataLoader, arrays"),
        ({"data": "mnist"}, TypeError, "fit: data is of type str; needed is some"),
        ({"data": []}, ValueError, "fit: data has 0 batches; at least 1 is needed"),
        ({"data": [3]}, TypeError, "fit: a batch holds a int; arrays are needed"),
        ({"data": [()]}, TypeError, "fit: a batch is empty; inputs and a target are"),
        ({"callbacks": [Silent()]}, TypeError, "a callback is a Silent; a Callback or"),
        ({"metrics": ["beauty"]}, (TypeError, ValueError), "beauty"),
        ({"validation": 3}, TypeError, "fit: validation is of type int; a DataLoad"),
        ({"data": [np.ones(3), np.ones(3)]}, ValueError, "a list of 2 arrays of equal"),
        (
            {"data": [(np.ones(3), np.array(2))]},
            ValueError,
            "target is a single number",
        ),
        (
            {"loss": nn.MSELoss},
            TypeError,
            r"loss is the class MSELoss; give MSELoss\(\)",
        ),
        (
            {"loss": lambda x, y: 1.0},
            TypeError,
            "the loss gave something of type float",
        ),
        ({"metrics": "accuracy"}, TypeError, "fit: metrics is of type str; a list is"),
        ({"callbacks": Callback()}, TypeError, "callbacks is of type Callback; a list"),
        (
            {"callbacks": [Callback]},
            TypeError,
            "a callback is the class Callback; give",
        ),
    ],
)
def test_wrong_arguments_are_said(wrong, error, message, points, network):
    model, optimizer = network()
    before = {k: v.copy() for k, v in model.state_dict().items()}
    arguments = {
        "model": model,
        "data": points,
        "loss": nn.cross_entropy,
        "optimizer": optimizer,
        "epochs": 1,
        **QUIET,
        **wrong,
    }

    with pytest.raises(error, match=message):
        fit(arguments.pop("model"), arguments.pop("data"), **arguments)

    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_a_schedule_among_the_callbacks_is_told_where_it_belongs(points, train):
    class Schedule:
        def get_last_lr(self):
            return [0.1]

    with pytest.raises(TypeError, match=r"put the schedule into ScheduleRate\(schedul"):
        train(points, callbacks=[Schedule()])


def test_a_step_costs_little_more_than_by_hand(points, network):
    # No timing: the loop must not walk the model or copy weights in each step.
    model, optimizer = network()
    walks = []
    walk = type(model).named_modules

    class Counted(type(model)):
        def named_modules(self, prefix=""):
            walks.append(prefix)
            return walk(self, prefix)

    model.__class__ = Counted
    for epochs in (1, 3):
        fit(
            model,
            points,
            loss=nn.cross_entropy,
            optimizer=optimizer,
            epochs=epochs,
            rng=0,
            **QUIET,
        )

    first, second = len(walks) // 2, len(walks) - len(walks) // 2
    assert first == second


def test_lbfgs_is_told_to_need_a_loop_of_its_own(points, network):
    model, _ = network()

    with pytest.raises(TypeError, match="write the loop by hand"):
        fit(
            model, points, loss=nn.cross_entropy, optimizer=optim.LBFGS(model), epochs=1
        )


def test_parts_in_evaluation_mode_stay_so_and_modes_come_back(points, network):
    model, optimizer = network()
    model[3].eval()
    seen = []

    class Look(Callback):
        def on_step_end(self, run):
            seen.append([m.training for m in run.model])

    for mode in (True, False):
        model.train(mode)
        model[3].eval()
        before = [m.training for m in model.modules()]
        fit(
            model,
            points,
            loss=nn.cross_entropy,
            optimizer=optimizer,
            epochs=1,
            callbacks=[Look()],
            **QUIET,
        )
        assert [m.training for m in model.modules()] == before

    assert seen[0] == [True, True, True, False, True, True]
    assert seen[-1] == [True] * 6  # the whole model was in evaluation mode


def test_outputs_of_several_parts_reach_metrics_without_their_graph(points):
    class Two(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 2, rng=0)

        def forward(self, x):
            return self.layer(x), x

    def first(output, target):
        scores, _ = output
        assert not scores.requires_grad
        return float((scores.data.argmax(axis=1) == target).mean())

    model = Two()
    history = fit(
        model,
        points,
        loss=lambda output, target: nn.cross_entropy(output[0], target),
        optimizer=optim.Adam(model),
        epochs=1,
        metrics=[first],
        **QUIET,
    )

    assert 0 <= history["first"][0] <= 1


def test_any_error_carries_the_numbers_so_far(points, train):
    class Fail(Callback):
        def on_epoch_end(self, run):
            if run.epoch == 1:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError) as caught:
        train(points, callbacks=[Fail()])

    assert caught.value.history.epochs == 2


def test_the_numbers_of_an_epoch_are_shown_beneath_its_bar(points, train, capsys):
    train(points, validation=points, metrics=["accuracy"], epochs=1, progress=True)

    _, line = capsys.readouterr().err.splitlines()
    assert line.startswith("epoch 1/1: loss=0.")
    assert [part.split("=")[0] for part in line.split(": ")[1].split(", ")] == [
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
    ]
