"""The outputs of the network of `cnn.py` for a batch; no graph."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workloads import Timing, cnn

TIMING = Timing(first_steps=1)
WORKLOADS = {"cnn_inference": 64}
WORDS = {"cnn_inference": "two convolutions of 3x3: outputs for 64 images"}


def inputs(batch: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the parameters and the images."""
    parameters, X, _ = cnn.inputs(batch)
    return parameters, X


def on_pebblegrad(batch: int, inputs) -> Callable[[], object]:
    """Under no_grad()."""
    from pebblegrad.autograd import Tensor, no_grad

    parameters, X = inputs
    model = cnn.pebblegrad_model(parameters)
    model.eval()
    X = Tensor(X)

    def step():
        with no_grad():
            return model(X).data[0, 0]

    return step


def on_torch(batch: int, inputs, channels_last: bool = False) -> Callable[[], object]:
    """Under inference_mode(), in PyTorch's default memory format."""
    import torch

    model, X = cnn.torch_model(*inputs, channels_last)
    model.eval()

    def step():
        with torch.inference_mode():
            return model(X).numpy()[0, 0]

    return step


def on_torch_channels_last(batch: int, inputs) -> Callable[[], object]:
    """In its other memory format."""
    return on_torch(batch, inputs, channels_last=True)


def on_keras(batch: int, inputs) -> Callable[[], object]:
    """Called in a compiled function, the fastest of Keras's ways."""
    import tensorflow

    parameters, X = inputs
    forward = tensorflow.function(cnn.keras_model(parameters))
    X = tensorflow.constant(np.ascontiguousarray(X.transpose(0, 2, 3, 1)))

    def step():
        return forward(X, training=False).numpy()[0, 0]

    return step
