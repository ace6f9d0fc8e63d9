"""A training step of two convolutions and two linear layers, as for MNIST.

16 and 32 channels of 3x3, pooling by 2 after each, 128 hidden units; batch 64, Adam.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing, mlp

TIMING = Timing(rounds=11, seconds=0.5)
WORKLOADS = {"cnn": 64}
WORDS = {
    "cnn": "two convolutions of 3x3, batch 64, Adam: a step",
}
LR = 1e-3


def inputs(batch: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return the parameters as PyTorch orders them, the images and the labels."""
    rng = np.random.default_rng(0)
    parameters = []
    for shape in ((16, 1, 3, 3), (32, 16, 3, 3), (128, 32 * 7 * 7), (10, 128)):
        bound = 1 / np.sqrt(np.prod(shape[1:]))
        parameters += [rng.uniform(-bound, bound, shape).astype("f4")]
        parameters += [np.zeros(shape[0], "f4")]
    X = rng.standard_normal((batch, 1, 28, 28)).astype("f4")
    return parameters, X, rng.integers(0, 10, batch)


def on_pebblegrad(batch: int, inputs) -> Callable[[], object]:
    """As its guide writes it."""
    from pebblegrad import nn
    from pebblegrad.autograd import Tensor
    from pebblegrad.optim import Adam

    parameters, X, y = inputs
    model = pebblegrad_model(parameters)
    loss_function = nn.CrossEntropyLoss()
    optimizer = Adam(model.parameters(), lr=LR)
    X, y = Tensor(X), Tensor(y)

    def step():
        loss = loss_function(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def pebblegrad_model(parameters: list[np.ndarray]):
    """Return the network with these parameters."""
    from pebblegrad import nn

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, activation="relu"),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, activation="relu"),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128, activation="relu"),
        nn.Linear(128, 10),
    )
    for parameter, array in zip(model.parameters(), parameters, strict=True):
        parameter.data[...] = array
    return model


def on_torch(batch: int, inputs, channels_last: bool = False) -> Callable[[], object]:
    """In PyTorch's default memory format."""
    import torch

    parameters, X, y = inputs
    model, X = torch_model(parameters, X, channels_last)
    y = torch.from_numpy(y)
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=LR)

    def step():
        loss = loss_function(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def torch_model(parameters: list[np.ndarray], X: np.ndarray, channels_last: bool):
    """Return the network with these parameters, and the images."""
    import torch
    from torch import nn

    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(32 * 7 * 7, 128),
        nn.ReLU(),
        nn.Linear(128, 10),
    )
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), parameters, strict=True):
            parameter.copy_(torch.from_numpy(array))
    X = torch.from_numpy(X)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        X = X.to(memory_format=torch.channels_last)
    return model, X


def on_torch_channels_last(batch: int, inputs) -> Callable[[], object]:
    """In its other memory format."""
    return on_torch(batch, inputs, channels_last=True)


def on_jax(batch: int, inputs) -> Callable[[], object]:
    """Compiled as one function, channels last as XLA has it on processors."""
    import jax
    import jax.numpy as jnp

    def conv(h, weight, bias):
        layout = ("NHWC", "HWIO", "NHWC")
        h = jax.lax.conv_general_dilated(h, weight, (1, 1), "SAME", None, None, layout)
        h = jnp.maximum(h + bias, 0)
        N, H, W, C = h.shape
        return h.reshape(N, H // 2, 2, W // 2, 2, C).max(axis=(2, 4))

    def loss_of(parameters, X, y):
        w1, b1, w2, b2, w3, b3, w4, b4 = parameters
        h = conv(conv(X, w1, b1), w2, b2).reshape(len(X), -1)
        logits = jnp.maximum(h @ w3 + b3, 0) @ w4 + b4
        right = jnp.take_along_axis(logits, y[:, None], axis=1)[:, 0]
        return (jax.nn.logsumexp(logits, axis=1) - right).mean()

    parameters, X, y = inputs
    X = X.transpose(0, 2, 3, 1)
    return mlp.jax_training(loss_of, channels_last(parameters), X, y, "adam", LR)


def on_keras(batch: int, inputs) -> Callable[[], object]:
    """`train_on_batch` of a compiled model, channels last as Keras has it."""
    import keras

    parameters, X, y = inputs
    model = keras_model(parameters)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(LR, epsilon=1e-8), loss)
    X = np.ascontiguousarray(X.transpose(0, 2, 3, 1))

    def step():
        model.reset_metrics()  # else the loss is the mean of all steps
        return model.train_on_batch(X, y)

    return step


def keras_model(parameters: list[np.ndarray]):
    """Return the network with these parameters."""
    import keras
    from keras.layers import Conv2D, Dense, Flatten, Input, MaxPool2D

    model = keras.Sequential(
        [
            Input((28, 28, 1)),
            Conv2D(16, 3, padding="same", activation="relu"),
            MaxPool2D(2),
            Conv2D(32, 3, padding="same", activation="relu"),
            MaxPool2D(2),
            Flatten(),
            Dense(128, activation="relu"),
            Dense(10),
        ]
    )
    model.set_weights(channels_last(parameters))
    return model


def channels_last(parameters: list[np.ndarray]) -> list[np.ndarray]:
    """Return the parameters in the order of axes that Keras and JAX have."""
    w1, b1, w2, b2, w3, b3, w4, b4 = parameters
    w3 = w3.reshape(128, 32, 7, 7).transpose(2, 3, 1, 0).reshape(-1, 128)
    return [
        w1.transpose(2, 3, 1, 0),
        b1,
        w2.transpose(2, 3, 1, 0),
        b2,
        w3,
        b3,
        w4.T,
        b4,
    ]
