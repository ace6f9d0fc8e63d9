"""The steps of Adam, AdamW and SGD beside those of `pebblegrad.optim`."""

import numpy as np
import pytest

from pebblegrad.kernels import optimizers
from pebblegrad.optim import SGD, Adam, AdamW

from .against import never

OPTIMIZERS = {"Adam": (Adam, optimizers.adam), "AdamW": (AdamW, optimizers.adamw)}
OPTIONS = [
    {},
    {"betas": (0.0, 0.0), "eps": 1e-3},
    {"weight_decay": 0.1},
    {"amsgrad": True, "weight_decay": 0.01, "maximize": True},
]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("shape", [(), (7,), (300, 200), (5, 4, 3, 3)], ids=str)
def test_steps_are_those_of_the_formula(kind, name, options, shape, dtype, rng):
    made, make_kernel = OPTIMIZERS[name]
    options = {
        **{"lr": 0.01, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0},
        **{"amsgrad": False, "maximize": False},
        **options,
    }
    start = np.asarray(rng.standard_normal(shape), dtype)
    if start.size > 10:
        start.flat[5] = np.inf
    names = ("m", "v", "v_max") if options["amsgrad"] else ("m", "v")
    runs = []
    for update in (make_kernel(never), made.update):
        p, state = start.copy(), {"t": 0, **{n: np.zeros_like(start) for n in names}}
        grads = np.random.default_rng(1)
        for _ in range(5):
            grad = np.asarray(grads.standard_normal(shape), dtype)
            if grad.size > 10:
                grad.flat[3] = np.nan  # for good, also in the largest of squares
            update(None, p, grad, state, **options)
        runs.append([p, *state.values()])

    for found, wanted in zip(*runs, strict=True):
        eps = np.finfo(dtype).eps
        np.testing.assert_allclose(found, wanted, rtol=50 * eps, atol=50 * eps)


def test_the_bits_do_not_depend_on_the_layout(kind, rng):
    start, grad = rng.standard_normal((2, 30, 41)).astype("f4")
    options = {"lr": 0.1, "betas": (0.9, 0.99), "eps": 1e-8, "weight_decay": 0.1}
    runs = []
    for layout in (
        np.copy,
        np.asfortranarray,
        lambda a: np.repeat(a, 2, axis=1)[:, ::2],
    ):
        p = layout(start.copy())
        state = {"t": 0, "m": np.zeros_like(start), "v": np.zeros_like(start)}
        for _ in range(3):
            update = optimizers.adam(never)
            update(None, p, grad, state, **options, amsgrad=False, maximize=False)
        runs.append([p, state["m"], state["v"]])

    for run in runs[1:]:
        for one, other in zip(run, runs[0], strict=True):
            np.testing.assert_array_equal(one, other)


def test_numbers_of_another_kind_are_left_to_numpy():
    for dtype in ("f2", ">f4", "longdouble"):
        p = np.ones((3, 4), dtype)
        state = {"t": 0, "m": np.zeros_like(p), "v": np.zeros_like(p)}

        with pytest.raises(AssertionError, match="left its work"):
            optimizers.adam(never)(None, p, np.ones_like(p), state, amsgrad=False)

        assert state["t"] == 0


SGD_OPTIONS = [
    {},
    {"weight_decay": 0.1, "maximize": True},
    {"momentum": 0.9},
    {"momentum": 0.9, "dampening": 0.3, "weight_decay": 0.01},
    {"momentum": 0.7, "nesterov": True, "weight_decay": 0.1},
    {"momentum": 0.7, "nesterov": True, "maximize": True},
]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", SGD_OPTIONS, ids=str)
@pytest.mark.parametrize("size", [optimizers.SMALL, 300_007])
def test_steps_of_sgd_are_those_of_the_formula_to_the_bit(
    kind, options, size, dtype, threads_set
):
    threads_set(2)
    usual = {"lr": 0.03, "momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0}
    options = {**usual, "nesterov": False, "maximize": False, **options}
    runs = []
    for update in (optimizers.sgd(never), SGD.update):
        draw = np.random.default_rng(1)
        p = draw.standard_normal(size).astype(dtype)
        p[:4] = np.nan, np.inf, -np.inf, -0.0
        state = {"t": 0, "v": np.zeros_like(p)} if options["momentum"] else {}
        for _ in range(3):
            grad = draw.standard_normal(size).astype(dtype)
            grad[3:8] = -0.0, np.nan, np.inf, -np.inf, 1e-40
            update(None, p, grad, state, **options)
        runs.append([p, *state.values()])

    for found, wanted in zip(*runs, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_what_sgd_cannot_take_is_left_to_numpy(rng):
    options = {"lr": 0.1, "momentum": 0.9, "dampening": 0.0, "weight_decay": 0.0}
    options |= {"nesterov": False, "maximize": False}
    large = np.ones((optimizers.SMALL, 2), "f4")
    for p in (np.ones(9, "f4"), large[:, ::2], large.astype("f2"), large.astype(">f4")):
        state = {"t": 0, "v": np.zeros_like(p)}

        with pytest.raises(AssertionError, match="left its work"):
            optimizers.sgd(never)(None, p, p.copy(), state, **options)

        assert state["t"] == 0


def test_sgd_in_another_layout(kind, rng):
    start, grad = rng.standard_normal((2, 300, 211)).astype("f4")
    for layout in (np.copy, np.asfortranarray):
        p, g = layout(start), layout(grad)
        for way in (optimizers.sgd(never), SGD.update):
            way(
                *(None, p, g, {}),
                **{"lr": 0.1, "momentum": 0, "dampening": 0.0, "weight_decay": 0.1},
                nesterov=False,
                maximize=False,
            )

        wanted = start - np.float32(0.1) * (grad + np.float32(0.1) * start)
        wanted -= np.float32(0.1) * (grad + np.float32(0.1) * wanted)
        np.testing.assert_array_equal(p, wanted)
