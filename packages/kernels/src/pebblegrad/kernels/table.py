"""Whose place the kernels take: the entry point `pebblegrad.kernels`."""

# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import Any

from . import classes, convolution, optimizers, pointwise, pooling, reductions

_NN = "pebblegrad.nn.functional"


def kernels() -> dict[str, Callable[[Any], Any]]:
    """Return for each function's name what makes its kernel, given the one in use."""
    return {
        "pebblegrad.autograd.ops.choosing:relu": pointwise.relu,
        "pebblegrad.autograd.ops.choosing:zero_where": pointwise.zero_where,
        "pebblegrad.autograd.ops.exponential:erf": pointwise.erf,
        "pebblegrad.autograd.ops.exponential:sigmoid": pointwise.sigmoid,
        "pebblegrad.autograd.ops.reductions:sum": reductions.sum_,
        f"{_NN}._convolve:convolve": convolution.convolve,
        f"{_NN}._convolve:input_gradient": convolution.input_gradient,
        f"{_NN}._convolve:weight_gradient": convolution.weight_gradient,
        f"{_NN}.activations:log_softmax": classes.log_softmax,
        f"{_NN}.activations:normal_cdf": pointwise.normal_cdf,
        f"{_NN}.activations:normal_cdf_by_tanh": pointwise.normal_cdf_by_tanh,
        f"{_NN}.activations:normal_density": pointwise.normal_density,
        f"{_NN}.activations:softmax": classes.softmax,
        f"{_NN}.activations:softmax_gradient": classes.softmax_gradient,
        f"{_NN}.attention:attention_weights": classes.attention_weights,
        f"{_NN}.losses.classification:mean_cost": classes.mean_cost,
        f"{_NN}.losses.classification:softmax_minus_one_hot": (
            classes.softmax_minus_one_hot
        ),
        f"{_NN}.pooling:max_pool": pooling.max_pool,
        f"{_NN}.pooling:argmax_pool": pooling.argmax_pool,
        f"{_NN}.pooling:max_unpool": pooling.max_unpool,
        "pebblegrad.optim.adam:Adam.update": optimizers.adam,
        "pebblegrad.optim.adamw:AdamW.update": optimizers.adamw,
    }
