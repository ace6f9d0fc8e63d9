"""Loss and gradients of an LSTM: 64 steps, batch 32, 128 features, 128 units."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing

TIMING = Timing(rounds=11, seconds=0.5, first_steps=1)  # nothing is updated
WORKLOADS = {"lstm": (64, 32, 128)}
WORDS = {
    "lstm": "LSTM, 128 units, 64 steps, batch 32: loss and gradients",
}


def inputs(work: tuple[int, int, int]) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the parameters as PyTorch orders them, and the sequences."""
    rng = np.random.default_rng(0)
    n = work[2]
    bound = 1 / np.sqrt(n)
    shapes = ((4 * n, n), (4 * n, n), (4 * n,), (4 * n,))
    parameters = [rng.uniform(-bound, bound, shape).astype("f4") for shape in shapes]
    return parameters, rng.standard_normal(work).astype("f4")


def on_numpy(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """By hand: one product for all inputs, one for each step, and back."""
    (w_in, w_state, b_in, b_state), X = inputs
    T, N, H = work

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def step():
        projected = X.reshape(T * N, H) @ w_in.T
        projected += b_in + b_state
        projected = projected.reshape(T, N, 4 * H)
        h = np.zeros((T + 1, N, H), "f4")
        c = np.zeros((T + 1, N, H), "f4")
        gates = np.empty((T, N, 4 * H), "f4")
        tanh_c = np.empty((T, N, H), "f4")
        for t in range(T):
            a = h[t] @ w_state.T
            a += projected[t]
            gates[t] = sigmoid(a)
            gates[t, :, 2 * H : 3 * H] = np.tanh(a[:, 2 * H : 3 * H])
            i, f, g, o = np.split(gates[t], 4, axis=1)
            c[t + 1] = f * c[t] + i * g
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o, tanh_c[t], out=h[t + 1])
        loss = np.mean(h[1:] * h[1:])

        out = h[1:] * (2 / h[1:].size)
        da = np.empty((T, N, 4 * H), "f4")
        dh = np.zeros((N, H), "f4")
        dc = np.zeros((N, H), "f4")
        for t in reversed(range(T)):
            i, f, g, o = np.split(gates[t], 4, axis=1)
            dh = dh + out[t]
            dc = dc + dh * o * (1 - tanh_c[t] * tanh_c[t])
            da[t, :, :H] = dc * g * i * (1 - i)
            da[t, :, H : 2 * H] = dc * c[t] * f * (1 - f)
            da[t, :, 2 * H : 3 * H] = dc * i * (1 - g * g)
            da[t, :, 3 * H :] = dh * tanh_c[t] * o * (1 - o)
            dh = da[t] @ w_state
            dc = dc * f
        flat = da.reshape(T * N, 4 * H)
        _gradients = (
            flat.T @ X.reshape(T * N, H),
            flat.T @ h[:-1].reshape(T * N, H),
            flat.sum(axis=0),
        )
        return loss

    return step


def on_pebblegrad(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """nn.LSTM."""
    from pebblegrad.autograd import Tensor
    from pebblegrad.nn import LSTM

    parameters, X = inputs
    model = LSTM(work[2], work[2])
    for parameter, array in zip(model.parameters(), parameters, strict=True):
        parameter.data[...] = array
    X = Tensor(X)

    def step():
        out, _ = model(X)
        loss = (out * out).mean()
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        return loss.item()

    return step


def on_torch(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """torch.nn.LSTM."""
    import torch

    parameters, X = inputs
    model = torch.nn.LSTM(work[2], work[2])
    with torch.no_grad():
        for parameter, array in zip(model.parameters(), parameters, strict=True):
            parameter.copy_(torch.from_numpy(array))
    X = torch.from_numpy(X)

    def step():
        out, _ = model(X)
        loss = (out * out).mean()
        for parameter in model.parameters():
            parameter.grad = None
        loss.backward()
        return loss.item()

    return step


def on_jax(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """A scan, compiled."""
    import jax
    import jax.numpy as jnp

    _, N, H = work

    def loss_of(parameters, X):
        w_in, w_state, b_in, b_state = parameters

        def next_state(state, projected):
            h, c = state
            i, f, g, o = jnp.split(projected + h @ w_state.T, 4, axis=1)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
            h = jax.nn.sigmoid(o) * jnp.tanh(c)
            return (h, c), h

        zeros = jnp.zeros((N, H), "f4")
        _, out = jax.lax.scan(next_state, (zeros, zeros), X @ w_in.T + (b_in + b_state))
        return (out * out).mean()

    both = jax.jit(jax.value_and_grad(loss_of))
    parameters, X = jax.tree.map(jnp.asarray, inputs)

    def step():
        loss, _ = jax.block_until_ready(both(parameters, X))
        return float(loss)

    return step


def on_keras(work: tuple[int, int, int], inputs) -> Callable[[], object]:
    """keras.layers.LSTM, in a compiled function; of its own kind, batch first."""
    import keras
    import tensorflow

    (w_in, w_state, b_in, b_state), X = inputs
    layer = keras.layers.LSTM(work[2], return_sequences=True)
    X = tensorflow.constant(X.transpose(1, 0, 2))
    layer.build(X.shape)
    layer.set_weights([w_in.T, w_state.T, b_in + b_state])

    @tensorflow.function
    def both(X):
        with tensorflow.GradientTape() as tape:
            out = layer(X)
            loss = tensorflow.reduce_mean(out * out)
        return loss, tape.gradient(loss, layer.trainable_variables)

    def step():
        loss, _ = both(X)
        return loss.numpy()

    return step
