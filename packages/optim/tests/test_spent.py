"""The warning when a gradient counts in two steps."""

import copy
import warnings

import pytest

from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, sgd_step


@pytest.fixture
def trained():
    p = Tensor([1.0, 2.0], requires_grad=True)
    return p, SGD([p], lr=0.1)


def square(p):
    return (p * p).sum()


def test_a_forgotten_zero_grad_is_said_in_the_second_step_and_only_there(trained):
    p, optimizer = trained
    square(p).backward()
    optimizer.step()
    square(p).backward()

    with pytest.warns(UserWarning) as caught:
        optimizer.step()
    for _ in range(3):  # silent from here on: warnings are errors
        square(p).backward()
        optimizer.step()

    (warning,) = caught
    assert str(warning.message).startswith(
        "SGD.step: backward() added to the gradients of the step before, so they count "
        "in two steps; call zero_grad() before each backward()"
    )
    assert warning.filename == __file__


def test_a_forgotten_backward_is_said(trained):
    p, optimizer = trained
    square(p).backward()
    optimizer.step()

    with pytest.warns(UserWarning, match="the gradients are still those of the step"):
        optimizer.step()


def no_gradients(p, optimizer):
    optimizer.zero_grad()


def none(p, optimizer):
    p.grad = None


def zeros(p, optimizer):
    p.zero_grad()


@pytest.mark.parametrize("clear", [no_gradients, none, zeros])
@pytest.mark.parametrize("backwards", [1, 3])
def test_an_ordinary_loop_is_silent(clear, backwards, trained):
    p, optimizer = trained

    for _ in range(4):
        for _ in range(backwards):  # gradients of several batches may be added up
            square(p).backward()
        optimizer.step()
        clear(p, optimizer)


def test_gradients_cleared_before_each_backward_are_silent(trained):
    p, optimizer = trained

    for _ in range(4):
        optimizer.zero_grad()
        square(p).backward()
        optimizer.step()


def test_gradients_that_another_loss_added_in_between_may_be_cleared(trained):
    p, optimizer = trained  # as a discriminator's, while the generator learns
    for _ in range(3):
        optimizer.zero_grad()
        square(p).backward()
        optimizer.step()
        square(p).backward()


def test_the_watch_ends_after_the_second_step(trained):
    p, optimizer = trained
    for _ in range(2):
        optimizer.zero_grad()
        square(p).backward()
        optimizer.step()

    assert p.node.hooks == ()


def test_the_advice_of_the_warning_silences_it(trained):
    p, optimizer = trained
    p.grad = [1.0, 1.0]
    optimizer.step()

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*count in two steps")
        optimizer.step()


def test_an_optimizer_that_is_gone_watches_nothing():
    p = Tensor([1.0, 2.0], requires_grad=True)
    for _ in range(3):
        square(p).backward()
        sgd_step([p], 0.1)

        assert p.node.hooks == ()


def test_a_copy_watches_for_itself(trained):
    p, optimizer = trained
    square(p).backward()
    optimizer.step()

    copied = copy.deepcopy(optimizer)
    (q,) = copied.param_groups[0]["params"]
    for _ in range(2):
        copied.zero_grad()
        square(q).backward()
        copied.step()

    with pytest.warns(UserWarning, match="count in two steps"):
        optimizer.step()
