"""Early stopping: the epoch, the patience, and the weights that come back."""

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.train import Callback, EarlyStopping, fit


class Scripted(Callback):
    """Makes the weight and the validation loss of each epoch what is written."""

    def __init__(self, losses):
        self.losses = losses

    def on_epoch_end(self, run):
        run.model.bias.data[...] = run.epoch
        run.numbers["val_loss"] = self.losses[run.epoch]


def run(losses, stopping):
    model = nn.Linear(1, 1)
    X = np.zeros((4, 1))
    history = fit(
        model,
        (X, X),
        loss=nn.mse_loss,
        optimizer=optim.SGD(model, lr=0.0),
        epochs=len(losses),
        validation=(X, X),
        callbacks=[Scripted(losses), stopping],
        progress=False,
        lint=False,
    )
    return history, int(model.bias.data[0])


@pytest.mark.parametrize(
    ("losses", "options", "epochs", "best"),
    [
        ([5, 4, 3, 2, 1], {"patience": 1}, 5, 4),
        ([5, 4, 3, 4, 5, 6], {"patience": 2}, 5, 2),
        ([5, 4, 4, 4, 4, 4], {"patience": 3}, 5, 1),
        ([5, 6, 4, 6, 3, 6, 6], {"patience": 2}, 7, 4),
        ([5, 4.9, 4.8, 4.7, 1], {"patience": 2, "min_delta": 0.5}, 3, 0),
        ([1, 2, 3, 3, 3], {"patience": 2, "mode": "max"}, 5, 2),
        ([float("nan")] * 5, {"patience": 2}, 2, None),
        ([3, float("nan"), 2, 1, 4], {"patience": 2}, 5, 3),
    ],
)
def test_it_stops_when_patience_ends_and_goes_back_to_the_best(
    losses, options, epochs, best
):
    stopping = EarlyStopping(**options)

    history, bias = run(losses, stopping)

    assert history.epochs == epochs
    assert stopping.best_epoch == best
    assert bias == (epochs - 1 if best is None else best)


def test_the_reason_is_told():
    history, _ = run([5, 3, 4, 4, 9], EarlyStopping(patience=2))

    assert history.stopped == "val_loss has not become better than 3 for 2 epochs"


def test_the_last_weights_stay_if_that_is_wanted():
    _, bias = run([5, 3, 4, 4, 9], EarlyStopping(patience=2, restore_best=False))

    assert bias == 3


def test_a_second_run_begins_anew():
    stopping = EarlyStopping(patience=2)
    run([1, 2, 3], stopping)

    history, _ = run([9, 8, 7], stopping)

    assert (history.epochs, stopping.best) == (3, 7)


@pytest.mark.parametrize(
    ("name", "mode"),
    [("val_accuracy", "max"), ("f1", "max"), ("val_top5", "max"), ("val_loss", "min")],
)
def test_whether_small_is_good_is_read_off_the_name(name, mode):
    assert EarlyStopping(name).mode == mode


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"patience": 0},
            "EarlyStopping: patience is 0; an integer from 1 on is neede",
        ),
        ({"patience": 1.5}, "patience is 1.5; an integer"),
        ({"patience": True}, "patience is True; an integer"),
        ({"min_delta": -1}, "EarlyStopping: min_delta is -1; a number from 0 on is"),
        ({"min_delta": float("nan")}, "min_delta is nan"),
        ({"mode": "least"}, 'EarlyStopping: mode is \'least\'; "min", "max" or None'),
        ({"monitor": "beauty"}, "whether small or large values of 'beauty' are good"),
    ],
)
def test_wrong_arguments_are_said(arguments, message):
    with pytest.raises(ValueError, match=message):
        EarlyStopping(**arguments)


def test_a_number_that_is_not_there_is_said(points, train):
    with pytest.raises(
        ValueError, match="no 'val_loss'; the numbers of an epoch are loss"
    ):
        train(points, callbacks=[EarlyStopping()])
    with pytest.raises(ValueError, match="fit needs a validation set for it"):
        train(points, callbacks=[EarlyStopping()])
