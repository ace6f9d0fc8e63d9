"""The outputs of MNIST's network for one sample and for a thousand; no graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from workloads import Timing, mlp

TIMING = Timing(first_steps=1)
WORKLOADS = {
    "inference_1": replace(mlp.WORKLOADS["mlp_sgd"], batch=1),
    "inference_1000": replace(mlp.WORKLOADS["mlp_sgd"], batch=1000),
}
WORDS = {
    "inference_1": "784-128-64-10: outputs for 1 sample",
    "inference_1000": "784-128-64-10: outputs for 1,000 samples",
}


def inputs(work: mlp.Work) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the parameters and the samples."""
    parameters, X, _ = mlp.inputs(work)
    return parameters, X


def on_numpy(work: mlp.Work, inputs) -> Callable[[], object]:
    """By hand."""
    parameters, X = inputs
    w1, b1, w2, b2, w3, b3 = parameters

    def step():
        h = X @ w1.T
        h += b1
        np.maximum(h, 0, out=h)
        h = h @ w2.T
        h += b2
        np.maximum(h, 0, out=h)
        h = h @ w3.T
        h += b3
        return h[0, 0]

    return step


def on_pebblegrad(work: mlp.Work, inputs) -> Callable[[], object]:
    """Under no_grad()."""
    from pebblegrad.autograd import Tensor, no_grad

    parameters, X = inputs
    model = mlp.pebblegrad_model(work, parameters)
    model.eval()
    X = Tensor(X)

    def step():
        with no_grad():
            return model(X).data[0, 0]

    return step


def on_torch(work: mlp.Work, inputs) -> Callable[[], object]:
    """Under inference_mode()."""
    import torch

    parameters, X = inputs
    model = mlp.torch_model(work, parameters)
    model.eval()
    X = torch.from_numpy(X)

    def step():
        with torch.inference_mode():
            return model(X).numpy()[0, 0]

    return step


def on_jax(work: mlp.Work, inputs) -> Callable[[], object]:
    """Compiled."""
    import jax
    import jax.numpy as jnp

    parameters, X = inputs
    parameters, X = [jnp.asarray(p) for p in parameters], jnp.asarray(X)

    @jax.jit
    def forward(parameters, X):
        w1, b1, w2, b2, w3, b3 = parameters
        h = jnp.maximum(X @ w1.T + b1, 0)
        h = jnp.maximum(h @ w2.T + b2, 0)
        return h @ w3.T + b3

    def step():
        return np.asarray(forward(parameters, X))[0, 0]

    return step


def on_keras(work: mlp.Work, inputs) -> Callable[[], object]:
    """Called in a compiled function, the fastest of Keras's ways."""
    import tensorflow

    parameters, X = inputs
    model = mlp.keras_model(work, parameters)
    forward = tensorflow.function(model)
    X = tensorflow.constant(X)

    def step():
        return forward(X, training=False).numpy()[0, 0]

    return step
