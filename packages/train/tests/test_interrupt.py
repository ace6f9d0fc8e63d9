"""Ctrl-C: the step is finished, the run ends, and it can go on."""

import os
import signal
import threading

import numpy as np
import pytest

from pebblegrad.train import Callback, Checkpoint, fit

pytestmark = pytest.mark.skipif(os.name == "nt", reason="os.kill means another thing")


@pytest.fixture(autouse=True)
def handler():
    """Python's own handler, which is not there when tests run in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Press(Callback):
    """Presses Ctrl-C in the middle of a step, once or more often."""

    def __init__(self, step, times=1):
        self.step = step
        self.times = times

    def on_gradients(self, run):
        if run.step == self.step:
            for _ in range(self.times):
                os.kill(os.getpid(), signal.SIGINT)


def test_the_step_is_finished_and_the_numbers_are_returned(points, train, capsys):
    _, history = train(points, callbacks=[Press(4)])

    assert (history.stopped, history.steps, history.epochs) == ("interrupted", 5, 1)
    assert "fit: stopping after this step" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_second_time_stops_at_once(points, train):
    with pytest.raises(KeyboardInterrupt):
        train(points, callbacks=[Press(4, times=2)])

    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(
    points, train, same_state, tmp_path
):
    expected, whole = train(points, callbacks=[Press(-1), Checkpoint(tmp_path / "a")])

    train(points, callbacks=[Press(4), Checkpoint(tmp_path / "b")])
    model, history = train(
        points, callbacks=[Press(-1), Checkpoint(tmp_path / "b", resume=True)]
    )

    assert history.stopped is None
    assert dict(history) == dict(whole)
    assert same_state(model.state_dict(), expected.state_dict())


def test_a_handler_of_somebody_else_is_left_alone(points, train):
    calls = []

    def note(number, frame):
        calls.append(number)

    signal.signal(signal.SIGINT, note)
    _, history = train(points, callbacks=[Press(4)])

    assert (calls, history.stopped, history.steps) == ([signal.SIGINT], None, 9)
    assert signal.getsignal(signal.SIGINT) is note


def test_training_works_in_another_thread(points, train):
    found = []
    thread = threading.Thread(target=lambda: found.append(train(points)))
    thread.start()
    thread.join()

    (_, history), *_ = found
    assert history.steps == 9
    assert np.isfinite(history["loss"]).all()
    assert fit.__doc__
