"""The numbers of a run, a row for each epoch."""

import pytest

from pebblegrad.train import History


@pytest.fixture
def history():
    history = History()
    for loss, accuracy in [(2.0, 0.1), (0.5, 0.9), (1.0, 0.9)]:
        history.append({"loss": loss, "accuracy": accuracy}, seconds=2.0)
    return history


def test_it_is_a_mapping_from_names_to_lists(history):
    assert dict(history) == {"loss": [2.0, 0.5, 1.0], "accuracy": [0.1, 0.9, 0.9]}
    assert history.epochs == 3
    assert history.last() == {"loss": 1.0, "accuracy": 0.9}


def test_the_best_epoch_is_the_first_of_the_best(history):
    assert history.best("loss") == (1, 0.5)
    assert history.best("accuracy", "max") == (1, 0.9)
    with pytest.raises(ValueError, match=r'mode is \'most\'; "min" or "max"'):
        history.best("loss", "most")


def test_a_number_that_is_not_there_is_said(history):
    with pytest.raises(KeyError, match="there is no 'val_loss'; there are loss, accur"):
        history["val_loss"]
    with pytest.raises(KeyError, match="there are no epochs yet"):
        History()["loss"]


def test_epochs_have_the_same_numbers(history):
    with pytest.raises(ValueError, match="an epoch has loss; those before it have"):
        history.append({"loss": 1.0}, seconds=0.0)

    assert history.epochs == len(history["loss"]) == 3


def test_it_is_shown_as_a_table(history):
    assert repr(history).splitlines() == [
        "epoch  loss  accuracy  seconds",
        "    1     2       0.1      2.0",
        "    2   0.5       0.9      2.0",
        "    3     1       0.9      2.0",
    ]
    assert repr(History()) == "epoch  seconds"


def test_its_state_is_a_copy(history):
    state = history.state_dict()
    other = History()

    other.load_state_dict(state)
    other.append({"loss": 0.0, "accuracy": 1.0}, seconds=1.0)

    assert history.epochs == 3
    assert len(state["columns"]["loss"]) == 3
    assert other["loss"] == [2.0, 0.5, 1.0, 0.0]
