import math

import pytest

from pebblegrad.scalar import (
    Linear,
    MiniOptimizer,
    Module,
    Relu,
    Tensor,
    mse_loss,
    target_generator,
)


def test_a_step_goes_down_the_gradient():
    p = Tensor(1.0)
    p.grad = 2.0

    MiniOptimizer([p], 0.25).step()

    assert (p.data, p.grad) == (0.5, 2.0)


def test_a_model_a_list_of_models_and_a_list_of_tensors():
    model = Linear(2, 2)

    for given in (model, [model], [Linear(2, 1), Linear(2, 1)], model.parameters()):
        assert len(MiniOptimizer(given, lr=0.1).params) == 6


def test_a_parameter_that_comes_twice_is_moved_once():
    model = Linear(1, 1)
    p = model.parameters()[0]
    p.data, p.grad = 1.0, 1.0

    MiniOptimizer([model, model, p], lr=0.5).step()

    assert p.data == 0.5


def test_zero_grad_reaches_all_parameters():
    model = Linear(2, 1)
    for p in model.parameters():
        p.grad = 1

    MiniOptimizer(model, 0.1).zero_grad()

    assert {p.grad for p in model.parameters()} == {0}


def test_the_rate_can_be_changed_later():
    p = Tensor(1.0)
    optimizer = MiniOptimizer([p], lr=0.1)
    p.grad, optimizer.lr = 1.0, 1.0
    optimizer.step()

    assert p.data == 0.0


def test_a_gradient_that_was_set_to_none_moves_nothing():
    a, b = Tensor(1.0), Tensor(1.0)
    a.grad, b.grad = 1.0, None

    MiniOptimizer([a, b], lr=0.5).step()

    assert [a.data, b.data] == [0.5, 1.0]


def test_a_step_with_a_rate_that_is_no_number_moves_nothing():
    a = Tensor(1.0)
    optimizer = MiniOptimizer([a], lr=0.1)
    optimizer.lr = "a"
    a.grad = 1.0

    with pytest.raises(TypeError, match="multiply sequence"):
        optimizer.step()
    assert a.data == 1.0


def test_a_single_neuron_learns_the_majority():
    import random

    rng = random.Random(0)
    model = Linear(5, 1, activation="sigmoid", rng=rng)
    optimizer = MiniOptimizer([model], lr=0.5)
    for _ in range(1000):
        x, y = target_generator(rng=rng)
        loss = mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    for bits in range(32):
        x = [bits >> i & 1 for i in range(5)]
        assert (model(x).data > 0.5) == (sum(x) > 2)


def test_the_deep_model_of_four_layers_trains_on_batches():
    import random

    class Network(Module):
        def __init__(self, in_channel, out_channel):
            super().__init__()
            self.l1 = Linear(in_channel, 4, rng=1)
            self.l2 = Linear(4, 8, rng=2)
            self.l3 = Linear(8, 4, rng=3)
            self.l4 = Linear(4, out_channel, "sigmoid", rng=4)

        def forward(self, x):
            return self.l4(self.l3(self.l2(self.l1(x))))

    rng = random.Random(0)
    model = Network(5, 1)
    optimizer = MiniOptimizer(model, 0.5)
    losses = []
    for _ in range(40):
        total = Tensor(0)
        for _ in range(16):
            x, y = target_generator(rng=rng)
            total += mse_loss(model(x), y)
        optimizer.zero_grad()
        average = total / 16
        average.backward()
        optimizer.step()
        losses.append(average.data)

    assert sum(losses[-5:]) < 0.8 * sum(losses[:5])


@pytest.mark.parametrize(
    ("wrong", "kind", "message"),
    [
        (lambda: MiniOptimizer(Relu(), 0.1), ValueError, r"Relu\(\) has no parameters"),
        (lambda: MiniOptimizer([], 0.1), ValueError, r"\[\] has no parameters; a mod"),
        (lambda: MiniOptimizer(Tensor(1), 0.1), TypeError, "model is a Tensor; a Mod"),
        (lambda: MiniOptimizer([1.0], 0.1), TypeError, "entry 0 is a float; a Module"),
        (
            lambda: MiniOptimizer([Tensor(1.0) * 2], 0.1),
            ValueError,
            r"entry 0, Value\(data=2.0, grad=0\), is the result of '\*'",
        ),
        (
            lambda: MiniOptimizer([Tensor(1)], -0.1),
            ValueError,
            r"lr is -0\.1; a finite",
        ),
        (lambda: MiniOptimizer([Tensor(1)], math.nan), ValueError, "lr is nan"),
        (lambda: MiniOptimizer([Tensor(1)], math.inf), ValueError, "lr is inf"),
        (
            lambda: MiniOptimizer([Tensor(1)], "a"),
            TypeError,
            "MiniOptimizer: lr is 'a', a str",
        ),
    ],
)
def test_a_wrong_call_says_what_was_needed(wrong, kind, message):
    with pytest.raises(kind, match=message):
        wrong()
