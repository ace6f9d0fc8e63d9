"""A training step of a network of linear layers, from tiny to MNIST's size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from workloads import Timing

TIMING = Timing()


@dataclass(frozen=True)
class Work:
    """A network and how it is trained.

    `loss` is "mse", after tanh layers, or "cross_entropy", after ReLU layers;
    `optimizer` is "sgd" or "adam".
    """

    sizes: tuple[int, ...]
    loss: str
    optimizer: str
    batch: int
    lr: float


DIGITS = (784, 128, 64, 10)
WORKLOADS = {
    "tiny": Work((2, 16, 16, 1), "mse", "sgd", 4, 0.01),
    "mlp_sgd": Work(DIGITS, "cross_entropy", "sgd", 128, 0.1),
    "mlp_adam": Work(DIGITS, "cross_entropy", "adam", 128, 1e-3),
    "mlp_b1": Work(DIGITS, "cross_entropy", "adam", 1, 1e-3),
}
WORDS = {
    "tiny": "2-16-16-1 tanh net, batch 4, SGD: a step",
    "mlp_sgd": "784-128-64-10, batch 128, SGD: a step",
    "mlp_adam": "784-128-64-10, batch 128, Adam: a step",
    "mlp_b1": "784-128-64-10, batch 1, Adam: a step",
}


def inputs(work: Work) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return the parameters (weight and bias in turn), the batch and its targets."""
    rng = np.random.default_rng(0)
    parameters = []
    for n_in, n_out in pairwise(work.sizes):
        weight = rng.standard_normal((n_out, n_in)) / np.sqrt(n_in)
        parameters += [weight.astype("f4"), np.zeros(n_out, "f4")]
    X = rng.standard_normal((work.batch, work.sizes[0])).astype("f4")
    if work.loss == "mse":
        return parameters, X, rng.standard_normal((work.batch, 1)).astype("f4")
    return parameters, X, rng.integers(0, work.sizes[-1], work.batch)


def on_numpy(work: Work, inputs) -> Callable[[], object]:
    """By hand, as somebody would who knows the network: the floor."""
    parameters, X, y = inputs
    weights = parameters[0::2]
    biases = parameters[1::2]
    rows = np.arange(len(X))
    update = {"sgd": sgd_by_hand, "adam": adam_by_hand}[work.optimizer](
        parameters, work.lr
    )

    def step():
        outputs = [X]
        for weight, bias in zip(weights, biases, strict=True):
            z = outputs[-1] @ weight.T
            z += bias
            if weight is not weights[-1]:
                if work.loss == "mse":
                    np.tanh(z, out=z)
                else:
                    np.maximum(z, 0, out=z)
            outputs.append(z)
        if work.loss == "mse":
            difference = outputs[-1] - y
            loss = np.mean(difference * difference)
            g = difference * (2 / difference.size)
        else:
            g = outputs[-1] - outputs[-1].max(axis=1, keepdims=True)
            right = g[rows, y]
            np.exp(g, out=g)
            total = g.sum(axis=1, keepdims=True)
            loss = np.mean(np.log(total[:, 0]) - right)
            g /= total
            g[rows, y] -= 1
            g /= len(X)
        gradients = []
        for i in reversed(range(len(weights))):
            gradients += [g.sum(axis=0), g.T @ outputs[i]]
            if i:
                g = g @ weights[i]
                out = outputs[i]
                g *= 1 - out * out if work.loss == "mse" else out > 0
        update(gradients[::-1])
        return loss

    return step


def sgd_by_hand(parameters: list[np.ndarray], lr: float):
    """Return the update of stochastic gradient descent."""

    def update(gradients):
        for parameter, gradient in zip(parameters, gradients, strict=True):
            gradient *= lr
            parameter -= gradient

    return update


def adam_by_hand(parameters: list[np.ndarray], lr: float):
    """Return Adam's update, with moments in place."""
    means = [np.zeros_like(p) for p in parameters]
    squares = [np.zeros_like(p) for p in parameters]
    count = 0

    def update(gradients):
        nonlocal count
        count += 1
        rate = lr / (1 - 0.9**count)
        scale = 1 / np.sqrt(1 - 0.999**count)
        for p, g, m, v in zip(parameters, gradients, means, squares, strict=True):
            m *= 0.9
            m += 0.1 * g
            v *= 0.999
            g *= g
            g *= 0.001
            v += g
            np.sqrt(v, out=g)
            g *= scale
            g += 1e-8
            np.divide(m, g, out=g)
            g *= rate
            p -= g

    return update


def on_pebblegrad(work: Work, inputs) -> Callable[[], object]:
    """As its guide writes it."""
    from pebblegrad.autograd import Tensor
    from pebblegrad.nn import CrossEntropyLoss, MSELoss
    from pebblegrad.optim import SGD, Adam

    parameters, X, y = inputs
    model = pebblegrad_model(work, parameters)
    loss_function = MSELoss() if work.loss == "mse" else CrossEntropyLoss()
    kind = SGD if work.optimizer == "sgd" else Adam
    optimizer = kind(model.parameters(), lr=work.lr)
    X, y = Tensor(X), Tensor(y)

    def step():
        loss = loss_function(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def pebblegrad_model(work: Work, parameters: list[np.ndarray]):
    """Return the network in pebblegrad."""
    from pebblegrad.nn import MLP

    hidden = "tanh" if work.loss == "mse" else "relu"
    n_in, *sizes, n_out = work.sizes
    model = MLP(n_in, sizes, n_out, activation=hidden)
    for parameter, array in zip(model.parameters(), parameters, strict=True):
        parameter.data[...] = array
    return model


def on_torch(work: Work, inputs) -> Callable[[], object]:
    """As PyTorch's tutorials write it, eagerly."""
    import torch

    parameters, X, y = inputs
    model = torch_model(work, parameters)
    mse = work.loss == "mse"
    loss_function = torch.nn.MSELoss() if mse else torch.nn.CrossEntropyLoss()
    kind = torch.optim.SGD if work.optimizer == "sgd" else torch.optim.Adam
    optimizer = kind(model.parameters(), lr=work.lr)
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def step():
        loss = loss_function(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def torch_model(work: Work, parameters: list[np.ndarray]):
    """Return the network in PyTorch."""
    import torch
    from torch import nn

    layers = []
    for n_in, n_out in pairwise(work.sizes):
        activation = nn.Tanh() if work.loss == "mse" else nn.ReLU()
        layers += [nn.Linear(n_in, n_out), activation]
    model = nn.Sequential(*layers[:-1])
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), parameters, strict=True):
            parameter.copy_(torch.from_numpy(array))
    return model


def functional_loss(xp, work: Work, parameters, X, y):
    """The loss with a NumPy-like library that traces functions."""
    h = X
    for i in range(0, len(parameters), 2):
        h = h @ parameters[i].T + parameters[i + 1]
        if i < len(parameters) - 2:
            h = xp.tanh(h) if work.loss == "mse" else xp.maximum(h, 0)
    if work.loss == "mse":
        return xp.mean((h - y) ** 2)
    shifted = h - xp.max(h, axis=1, keepdims=True)
    logs = xp.log(xp.sum(xp.exp(shifted), axis=1))
    return xp.mean(logs - shifted[np.arange(len(y)), y])


def on_jax(work: Work, inputs) -> Callable[[], object]:
    """Compiled as one function: loss, gradients and update."""
    import jax.numpy as jnp

    parameters, X, y = inputs
    return jax_training(
        lambda parameters, X, y: functional_loss(jnp, work, parameters, X, y),
        *(parameters, X, y, work.optimizer, work.lr),
    )


def jax_training(loss_of, parameters, X, y, optimizer, lr) -> Callable[[], object]:
    """Return a step of training in JAX: one compiled function."""
    import jax
    import jax.numpy as jnp

    X, y = jnp.asarray(X), jnp.asarray(y)

    @jax.jit
    def whole(state, X, y):
        parameters, means, squares, count = state
        loss, gradients = jax.value_and_grad(loss_of)(parameters, X, y)
        if optimizer == "sgd":
            new = [p - lr * g for p, g in zip(parameters, gradients, strict=True)]
            return loss, (new, means, squares, count)
        count = count + 1
        means = [0.9 * m + 0.1 * g for m, g in zip(means, gradients, strict=True)]
        squares = [
            0.999 * v + 0.001 * g * g for v, g in zip(squares, gradients, strict=True)
        ]
        rate, scale = lr / (1 - 0.9**count), 1 / jnp.sqrt(1 - 0.999**count)
        new = [
            p - rate * m / (jnp.sqrt(v) * scale + 1e-8)
            for p, m, v in zip(parameters, means, squares, strict=True)
        ]
        return loss, (new, means, squares, count)

    parameters = [jnp.asarray(p) for p in parameters]
    zeros = [jnp.zeros_like(p) for p in parameters]
    state = (parameters, zeros, zeros, jnp.asarray(0.0))

    def step():
        nonlocal state
        loss, state = whole(state, X, y)
        return float(loss)

    return step


def on_keras(work: Work, inputs) -> Callable[[], object]:
    """`train_on_batch` of a compiled Keras 3 model on TensorFlow."""
    import keras

    parameters, X, y = inputs
    X, y = map(keras.ops.convert_to_tensor, (X, y))
    mse = work.loss == "mse"
    model = keras_model(work, parameters)
    kind = keras.optimizers.SGD if work.optimizer == "sgd" else keras.optimizers.Adam
    more = {} if work.optimizer == "sgd" else {"epsilon": 1e-8}
    loss = (
        keras.losses.MeanSquaredError()
        if mse
        else keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    )
    model.compile(optimizer=kind(work.lr, **more), loss=loss)

    def step():
        model.reset_metrics()  # else the loss is the mean of all steps
        return model.train_on_batch(X, y)

    return step


def keras_model(work: Work, parameters: list[np.ndarray]):
    """Return the network in Keras."""
    import keras

    hidden = "tanh" if work.loss == "mse" else "relu"
    layers = [keras.layers.Input((work.sizes[0],))]
    layers += [keras.layers.Dense(n, activation=hidden) for n in work.sizes[1:-1]]
    model = keras.Sequential([*layers, keras.layers.Dense(work.sizes[-1])])
    model.set_weights([p.T for p in parameters])
    return model


def on_autograd(work: Work, inputs) -> Callable[[], object]:
    """HIPS/autograd, with the update by hand."""
    import autograd
    import autograd.numpy as anp

    parameters, X, y = inputs
    gradients_of = autograd.value_and_grad(
        lambda p: functional_loss(anp, work, p, X, y)
    )
    by_hand = {"sgd": sgd_by_hand, "adam": adam_by_hand}[work.optimizer]
    update = by_hand(parameters, work.lr)

    def step():
        loss, gradients = gradients_of(parameters)
        update([np.array(g) for g in gradients])
        return loss

    return step


def on_mygrad(work: Work, inputs) -> Callable[[], object]:
    """MyGrad, with the update by hand."""
    import mygrad

    parameters, X, y = inputs
    tensors = [mygrad.tensor(p, copy=False) for p in parameters]
    arrays = [t.data for t in tensors]
    by_hand = {"sgd": sgd_by_hand, "adam": adam_by_hand}[work.optimizer]
    update = by_hand(arrays, work.lr)
    from mygrad.nnet.losses import softmax_crossentropy

    def step():
        h = X
        for i in range(0, len(tensors), 2):
            h = mygrad.matmul(h, tensors[i].T) + tensors[i + 1]
            if i < len(tensors) - 2:
                h = mygrad.tanh(h) if work.loss == "mse" else mygrad.maximum(h, 0)
        if work.loss == "mse":
            loss = mygrad.mean((h - y) ** 2)
        else:
            loss = softmax_crossentropy(h, y)
        loss.backward()
        value = loss.item()
        update([t.grad for t in tensors])
        for tensor in tensors:
            tensor.null_grad()
        return value

    return step


def on_tinygrad(work: Work, inputs) -> Callable[[], object]:
    """The whole step under TinyJit of tinygrad."""
    from tinygrad import Context, Tensor, TinyJit
    from tinygrad.nn.optim import SGD, Adam

    parameters, X, y = inputs
    tensors = [Tensor(p) for p in parameters]
    kind = SGD if work.optimizer == "sgd" else Adam
    optimizer = kind(tensors, lr=work.lr)
    X, y = Tensor(X), Tensor(y)

    @TinyJit
    def whole():
        h = X
        for i in range(0, len(tensors), 2):
            h = h.linear(tensors[i].T, tensors[i + 1])
            if i < len(tensors) - 2:
                h = h.tanh() if work.loss == "mse" else h.relu()
        if work.loss == "mse":
            loss = ((h - y) ** 2).mean()
        else:
            loss = h.sparse_categorical_crossentropy(y)
        optimizer.zero_grad()
        loss.backward()
        return loss.realize(*optimizer.schedule_step())

    def step():
        with Context(TRAINING=1):
            return whole().item()

    return step
