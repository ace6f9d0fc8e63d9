"""Whose place the kernels take: the entry point `pebblegrad.kernels`."""

# mypy: allow-untyped-calls

from collections.abc import Callable
from typing import Any

from . import (
    classes,
    convolution,
    norms,
    optimizers,
    pointwise,
    pooling,
    products,
    recurrent,
    reductions,
    rows,
)

_NN = "pebblegrad.nn.functional"
_CLASSES = f"{_NN}.losses.classification"


def kernels() -> dict[str, Callable[[Any], Any]]:
    """Return for each function's name what makes its kernel, given the one in use."""
    return {
        "pebblegrad.autograd._broadcasting:sum_of_rows": reductions.sum_of_rows,
        "pebblegrad.autograd.ops.choosing:relu": pointwise.relu,
        "pebblegrad.autograd.ops.choosing:where_positive": pointwise.where_positive,
        "pebblegrad.autograd.ops.choosing:zero_where": pointwise.zero_where,
        "pebblegrad.autograd.ops.exponential:erf": pointwise.erf,
        "pebblegrad.autograd.ops.exponential:sigmoid": pointwise.sigmoid,
        "pebblegrad.autograd.ops.indexing:scatter_rows": rows.scatter_rows,
        "pebblegrad.autograd.ops.products:matmul": products.matmul,
        "pebblegrad.autograd.ops.reductions:sum": reductions.sum_,
        "pebblegrad.autograd.ops.shaping:sum_to": norms.sum_to,
        f"{_NN}._convolve:convolve": convolution.convolve,
        f"{_NN}._convolve:convolve_relu": convolution.convolve_relu,
        f"{_NN}._convolve:input_gradient": convolution.input_gradient,
        f"{_NN}._convolve:weight_gradient": convolution.weight_gradient,
        f"{_NN}._recurrences:lstm_states": recurrent.lstm_states,
        f"{_NN}._recurrences_numpy:lstm_gradients": recurrent.lstm_gradients,
        f"{_NN}.activations:log_softmax": classes.log_softmax,
        f"{_NN}.activations:normal_cdf": pointwise.normal_cdf,
        f"{_NN}.activations:normal_cdf_by_tanh": pointwise.normal_cdf_by_tanh,
        f"{_NN}.activations:normal_density": pointwise.normal_density,
        f"{_NN}.activations:softmax": classes.softmax,
        f"{_NN}.activations:softmax_gradient": classes.softmax_gradient,
        f"{_NN}.attention:attention_weights": classes.attention_weights,
        f"{_NN}.linear:linear": products.linear,
        f"{_NN}.linear:linear_relu": products.linear_relu,
        f"{_NN}.linear:product": products.product,
        f"{_CLASSES}:mean_cost": classes.mean_cost,
        f"{_CLASSES}:softmax_minus_one_hot": classes.softmax_minus_one_hot,
        f"{_NN}.normalization:moments": norms.moments,
        f"{_NN}.normalization:scale_and_shift": norms.scale_and_shift,
        f"{_NN}.normalization:standardize": norms.standardize,
        f"{_NN}.normalization:standardize_gradient": norms.standardize_gradient,
        f"{_NN}.pooling:argmax_pool": pooling.argmax_pool,
        f"{_NN}.pooling:max_pool": pooling.max_pool,
        f"{_NN}.pooling:max_unpool": pooling.max_unpool,
        f"{_NN}.pooling:sum_pool": pooling.sum_pool,
        f"{_NN}.pooling:sum_unpool": pooling.sum_unpool,
        "pebblegrad.optim.adam:Adam.update": optimizers.adam,
        "pebblegrad.optim.adamw:AdamW.update": optimizers.adamw,
        "pebblegrad.optim.sgd:SGD.update": optimizers.sgd,
    }
