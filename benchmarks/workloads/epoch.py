"""A whole shuffled epoch of MNIST's size, with each framework's ordinary loader.

The pixels are random and the labels follow from them, so that no file is needed. Each
framework shuffles in its own way; the mean losses of the epochs must lie close by.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing, mlp

TIMING = Timing(rounds=7, seconds=0.0, tolerance=0.1, first_steps=1)
WORKLOADS = {"epoch": mlp.WORKLOADS["mlp_adam"]}
WORDS = {
    "epoch": "784-128-64-10, Adam: an epoch of 60,000, with the loader",
}
SAMPLES = 60_000


def inputs(work: mlp.Work) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
    """Return the parameters, 60,000 samples and their labels."""
    parameters, _, _ = mlp.inputs(work)
    rng = np.random.default_rng(1)
    X = rng.random((SAMPLES, work.sizes[0]), dtype="f4")
    direction = rng.standard_normal((work.sizes[0], work.sizes[-1])).astype("f4")
    return parameters, X, ((X - 0.5) @ direction).argmax(axis=1)


def on_numpy(work: mlp.Work, inputs) -> Callable[[], object]:
    """One permutation, and a fancy index for each batch, around the step by hand."""
    parameters, X, y = inputs
    batch, targets = X[: work.batch].copy(), y[: work.batch].copy()
    train = mlp.on_numpy(work, (parameters, batch, targets))
    rng = np.random.default_rng(0)

    def step():
        order = rng.permutation(SAMPLES)
        losses = []
        # The last batch, of 96, is left out of this floor; the others train on it.
        for start in range(0, SAMPLES - work.batch + 1, work.batch):
            rows = order[start : start + work.batch]
            np.take(X, rows, axis=0, out=batch)
            np.take(y, rows, out=targets)
            losses.append(train())
        return np.mean(losses)

    return step


def on_pebblegrad(work: mlp.Work, inputs) -> Callable[[], object]:
    """With a DataLoader."""
    from pebblegrad.autograd import Tensor
    from pebblegrad.data import DataLoader
    from pebblegrad.nn import CrossEntropyLoss
    from pebblegrad.optim import Adam

    parameters, X, y = inputs
    model = mlp.pebblegrad_model(work, parameters)
    loss_function = CrossEntropyLoss()
    optimizer = Adam(model.parameters(), lr=work.lr)
    loader = DataLoader((X, y), batch_size=work.batch, shuffle=True, rng=0)

    def step():
        losses = []
        for X, y in loader:
            loss = loss_function(model(Tensor(X)), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return np.mean(losses)

    return step


def on_torch(work: mlp.Work, inputs) -> Callable[[], object]:
    """With a DataLoader over a TensorDataset."""
    import torch
    from torch.utils.data import DataLoader, TensorDataset

    parameters, X, y = inputs
    model = mlp.torch_model(work, parameters)
    loss_function = torch.nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=work.lr)
    torch.manual_seed(0)
    data = TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    loader = DataLoader(data, batch_size=work.batch, shuffle=True)

    def step():
        losses = []
        for X, y in loader:
            loss = loss_function(model(X), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        return np.mean(losses)

    return step


def on_keras(work: mlp.Work, inputs) -> Callable[[], object]:
    """With `fit`."""
    import keras

    parameters, X, y = inputs
    keras.utils.set_random_seed(0)
    model = mlp.keras_model(work, parameters)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(work.lr, epsilon=1e-8), loss)

    def step():
        history = model.fit(X, y, work.batch, shuffle=True, verbose=0)
        return history.history["loss"][0]

    return step
