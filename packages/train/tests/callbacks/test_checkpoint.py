"""Checkpoints: which files there are, and that a run goes on as if nothing had been."""

import errno
import os

import numpy as np
import pytest

from pebblegrad import nn, optim
from pebblegrad.autograd import Tensor
from pebblegrad.data import DataLoader
from pebblegrad.train import (
    Callback,
    Checkpoint,
    EarlyStopping,
    ScheduleRate,
    evaluate,
    fit,
)
from pebblegrad.train._tree_file import read_tree


class Crash(Callback):
    """Ends the run in the middle, as an error of the user's would."""

    def __init__(self, step, moment="on_step_end"):
        self.step = step
        setattr(self, moment, self.crash)

    def crash(self, run):
        if run.step == self.step:
            raise ZeroDivisionError


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


@pytest.mark.parametrize("step", range(1, 10))  # 3 steps an epoch
@pytest.mark.parametrize("every_steps", [None, 1, 2])
def test_a_run_that_broke_off_at_any_step_goes_on_to_the_bit(
    step, every_steps, points, train, same_state, tmp_path
):
    options = {"validation": points, "metrics": ["accuracy"]}
    expected, whole = train(points, callbacks=[Crash(-1)], **options)

    with pytest.raises(ZeroDivisionError):
        checkpoint = Checkpoint(tmp_path, every_steps=every_steps)
        train(points, callbacks=[Crash(step), checkpoint], **options)
    checkpoint = Checkpoint(tmp_path, every_steps=every_steps, resume=True)
    model, history = train(points, callbacks=[Crash(-1), checkpoint], **options)

    assert dict(history) == dict(whole)
    assert history.steps == whole.steps
    assert same_state(model.state_dict(), expected.state_dict())


@pytest.mark.parametrize("moment", ["on_epoch_begin", "on_gradients", "on_epoch_end"])
def test_it_may_break_off_at_other_moments_too(
    moment, points, train, same_state, tmp_path
):
    expected, whole = train(points, callbacks=[Crash(-1)])

    with pytest.raises(ZeroDivisionError):
        train(
            points,
            callbacks=[Crash(3, moment), Checkpoint(tmp_path, every_steps=1)],
        )
    checkpoint = Checkpoint(tmp_path, every_steps=1, resume=True)
    model, history = train(points, callbacks=[Crash(-1), checkpoint])

    assert dict(history) == dict(whole)
    assert same_state(model.state_dict(), expected.state_dict())


def test_optimizer_schedules_and_patience_go_on_too(
    points, network, same_state, tmp_path
):
    def run(folder, crash, resume=False):
        model, optimizer = network()
        schedule = optim.StepLR(optimizer, 2, gamma=0.5)
        callbacks = [
            ScheduleRate(schedule, every="step"),
            EarlyStopping("val_loss", patience=2),
            Crash(crash),
            Checkpoint(folder, every_steps=2, resume=resume),
        ]
        history = fit(
            model,
            DataLoader(points, 20, shuffle=True, rng=8),
            loss=nn.cross_entropy,
            optimizer=optimizer,
            epochs=9,
            validation=points,
            callbacks=callbacks,
            progress=False,
            lint=False,
        )
        return model, history

    expected, whole = run(tmp_path / "a", -1)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "b", 13)
    model, history = run(tmp_path / "b", -1, resume=True)

    assert dict(history) == dict(whole)
    assert history["lr"][0] == 0.01 * 0.5**2
    assert same_state(model.state_dict(), expected.state_dict())


def test_the_last_few_and_the_best_are_kept(points, train, tmp_path):
    train(points, callbacks=[Checkpoint(tmp_path, keep=2)], epochs=4)

    assert names(tmp_path) == [
        "step-000000009.safetensors",
        "step-000000012.safetensors",
    ]

    train(
        points,
        callbacks=[Checkpoint(tmp_path / "b", keep=1, best="val_loss")],
        validation=points,
    )
    assert names(tmp_path / "b") == ["best.safetensors", "step-000000009.safetensors"]


def test_the_best_weights_can_be_loaded_alone(points, train, network, tmp_path):
    class Spoil(Callback):
        def on_epoch_end(self, run):
            kept.append(run.model.state_dict())
            run.numbers["val_loss"] = [3.0, 1.0, 2.0][run.epoch]

    kept = []
    train(
        points,
        callbacks=[Spoil(), Checkpoint(tmp_path, best="val_loss")],
        validation=points,
    )

    model, _ = network()
    nn.load(model, tmp_path / "best.safetensors")
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, kept[1][name])


def test_epochs_can_be_saved_more_seldom_but_the_last_one_always(
    points, train, tmp_path
):
    train(points, callbacks=[Checkpoint(tmp_path, every_epochs=2, keep=9)], epochs=5)

    steps = [read_tree(path)["run"]["step"] for path in sorted(tmp_path.glob("step-*"))]
    assert steps == [6, 12, 15]


def test_a_finished_run_is_not_trained_again_but_may_be_made_longer(
    points, train, same_state, tmp_path
):
    first, history = train(points, callbacks=[Checkpoint(tmp_path)])

    again, same = train(points, callbacks=[Checkpoint(tmp_path, resume=True)])
    assert dict(same) == dict(history)
    assert same_state(again.state_dict(), first.state_dict())

    longer, _ = train(points, callbacks=[Checkpoint(tmp_path, resume=True)], epochs=5)
    expected, _ = train(points, epochs=5)
    assert same_state(longer.state_dict(), expected.state_dict())


def test_a_run_that_was_stopped_early_stays_stopped(points, train, tmp_path):
    def callbacks(resume):
        stopping = EarlyStopping("val_loss", patience=1, min_delta=10.0)
        return [stopping, Checkpoint(tmp_path, resume=resume)]

    _, first = train(points, validation=points, callbacks=callbacks(False), epochs=9)
    _, again = train(points, validation=points, callbacks=callbacks(True), epochs=9)

    assert first.epochs == again.epochs == 2
    assert first.stopped == again.stopped


def test_without_resume_the_checkpoints_of_another_run_are_not_lost(
    points, train, tmp_path
):
    train(points, callbacks=[Checkpoint(tmp_path)], epochs=1)
    before = names(tmp_path)

    with pytest.raises(
        FileExistsError, match="has a checkpoint of step 3; give resume"
    ):
        train(points, callbacks=[Checkpoint(tmp_path)])

    assert names(tmp_path) == before


def test_resume_in_an_empty_folder_is_a_first_run(points, train, tmp_path):
    folder = tmp_path / "new" / "deep"

    _, history = train(points, callbacks=[Checkpoint(folder, resume=True)])

    assert history.epochs == 3


def test_a_damaged_checkpoint_is_said(points, train, tmp_path):
    train(points, callbacks=[Checkpoint(tmp_path)])
    newest = max(tmp_path.glob("step-*"))
    newest.write_bytes(newest.read_bytes()[:-5])

    with pytest.raises(
        ValueError, match=r"cannot be read .* remove it to go on from th"
    ):
        train(points, callbacks=[Checkpoint(tmp_path, resume=True)])

    newest.unlink()
    _, history = train(points, callbacks=[Checkpoint(tmp_path, resume=True)])
    assert history.epochs == 3


def test_a_checkpoint_of_other_callbacks_is_refused(points, train, tmp_path):
    train(points, callbacks=[Crash(-1), Checkpoint(tmp_path)], epochs=1)

    with pytest.raises(
        ValueError, match="made with the callbacks Crash, Checkpoint; he"
    ):
        train(points, callbacks=[Checkpoint(tmp_path, resume=True)])


def test_what_killed_writes_left_behind_is_swept(points, train, tmp_path):
    left = tmp_path / ".step-000000003.safetensors.77.abcd"
    left.write_bytes(b"half")

    train(points, callbacks=[Checkpoint(tmp_path)], epochs=1)

    assert names(tmp_path) == ["step-000000003.safetensors"]


def test_data_whose_place_cannot_be_saved_is_refused(points, train, tmp_path):
    with pytest.raises(
        TypeError, match="the data is a list without state_dict, so its"
    ):
        train([points], callbacks=[Checkpoint(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"keep": 0}, "Checkpoint: keep is 0; an integer from 1 on is needed"),
        ({"every_steps": 0}, "Checkpoint: every_steps is 0; an integer from 1 on"),
        ({"every_epochs": 1.5}, "Checkpoint: every_epochs is 1.5; an integer from 1"),
        ({"best": "beauty"}, "values of 'beauty' are good cannot be told"),
        ({"best": "loss", "mode": "up"}, "mode is 'up'"),
    ],
)
def test_wrong_arguments_are_said(arguments, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        Checkpoint(tmp_path, **arguments)


def test_what_the_optimizer_trains_beside_the_model_goes_on_too(
    points, network, tmp_path
):
    def run(folder, crash, resume=False):
        model, _ = network()
        scale = Tensor([1.0], requires_grad=True)
        fit(
            model,
            points,
            loss=lambda x, y: nn.cross_entropy(x * scale, y) + (scale**2).mean(),
            optimizer=optim.Adam([model, scale], lr=0.05),
            epochs=3,
            rng=0,
            callbacks=[Crash(crash), Checkpoint(folder, every_steps=1, resume=resume)],
            progress=False,
            lint=False,
        )
        return scale.data

    whole = run(tmp_path / "a", -1)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "b", 5)

    np.testing.assert_array_equal(run(tmp_path / "b", -1, resume=True), whole)


def test_a_validation_that_draws_goes_on_too(points, train, tmp_path):
    def validation():
        return DataLoader(points, 7, shuffle=True, rng=4, transform=noise)

    def noise(X, y, *, rng):
        return X + rng.standard_normal(X.shape).astype(X.dtype), y

    callbacks = [Crash(-1)]
    _, whole = train(points, validation=validation(), callbacks=callbacks)
    with pytest.raises(ZeroDivisionError):
        callbacks = [Crash(7), Checkpoint(tmp_path)]
        train(points, validation=validation(), callbacks=callbacks)
    callbacks = [Crash(-1), Checkpoint(tmp_path, resume=True)]
    _, history = train(points, validation=validation(), callbacks=callbacks)

    assert dict(history) == dict(whole)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": []}, "made with the metrics accuracy; here they are none: they"),
        ({"metrics": ["mae"]}, "made with the metrics accuracy; here they are mae"),
        ({"validation": None}, "made with the numbers of an epoch loss, accuracy, val"),
        ({"batch_size": 20}, "batch_size"),
    ],
)
def test_a_run_of_another_make_is_refused_and_nothing_is_changed(
    change, message, points, train, network, same_state, tmp_path
):
    usual = {"validation": points, "metrics": ["accuracy"]}
    train(points, callbacks=[Checkpoint(tmp_path)], epochs=1, **usual)
    model, optimizer = network()
    before = model.state_dict()

    with pytest.raises(ValueError, match=message):
        train(
            points,
            (model, optimizer),
            callbacks=[Checkpoint(tmp_path, resume=True)],
            **{**usual, **change},
        )

    assert same_state(model.state_dict(), before)
    assert optimizer.state_dict()["state"] == {}


def test_a_model_that_was_frozen_otherwise_is_refused(points, train, network, tmp_path):
    train(points, callbacks=[Checkpoint(tmp_path)], epochs=1)
    model, _ = network()
    model[0].requires_grad_(False)
    optimizer = optim.Adam(model)

    with pytest.raises(ValueError, match=r"the parameters to train 0\.weight, 0\.bias"):
        train(
            points,
            (model, optimizer),
            callbacks=[Checkpoint(tmp_path, resume=True)],
        )


def test_two_runs_in_one_folder_are_noticed(points, train, tmp_path):
    class Second(Callback):
        def on_step_end(self, run):
            with pytest.raises(RuntimeError, match="another run is training into"):
                train(points, callbacks=[Checkpoint(tmp_path, resume=True)])
            seen.append(run.step)

    seen = []
    train(points, callbacks=[Second(), Checkpoint(tmp_path)], epochs=1)

    assert seen == [1, 2, 3]
    free = type("Second", (Callback,), {})()
    train(points, callbacks=[free, Checkpoint(tmp_path, resume=True)])


def test_a_number_for_the_best_that_will_not_be_is_said(points, train, tmp_path):
    with pytest.raises(ValueError, match="Checkpoint: there is no 'val_loss'"):
        train(points, callbacks=[Checkpoint(tmp_path, best="val_loss")])


def test_a_full_disk_is_said_and_the_checkpoints_before_are_whole(
    points, train, tmp_path, monkeypatch
):
    class Full(Callback):
        def on_epoch_end(self, run):
            if run.epoch == 1:
                monkeypatch.setattr(os, "fsync", self.no_space)

        def no_space(self, descriptor):
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(
        OSError, match="Checkpoint: step 6 could not be saved"
    ) as caught:
        train(points, callbacks=[Full(), Checkpoint(tmp_path)])

    assert caught.value.filename.endswith("step-000000006.safetensors")
    assert names(tmp_path) == ["step-000000003.safetensors"]


def test_a_callback_may_loop_over_the_same_loader(
    points, network, same_state, tmp_path
):
    class Look(Callback):
        def on_step_end(self, run):
            for _ in run.loader:
                break
            evaluate(run.model, run.loader, loss=nn.cross_entropy)

    def run(folder, crash, resume=False):
        model, optimizer = network()
        history = fit(
            model,
            DataLoader(points, 20, shuffle=True, rng=8),
            loss=nn.cross_entropy,
            optimizer=optimizer,
            epochs=2,
            callbacks=[
                Look(),
                Crash(crash),
                Checkpoint(folder, every_steps=1, resume=resume),
            ],
            progress=False,
            lint=False,
        )
        return model.state_dict(), dict(history)

    whole, numbers = run(tmp_path / "a", -1)
    with pytest.raises(ZeroDivisionError):
        run(tmp_path / "b", 4)
    resumed, same_numbers = run(tmp_path / "b", -1, resume=True)

    assert same_numbers == numbers
    assert same_state(resumed, whole)
