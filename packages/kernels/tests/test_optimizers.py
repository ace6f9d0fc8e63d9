"""The steps of Adam and AdamW beside those of `pebblegrad.optim`."""

import numpy as np
import pytest

from pebblegrad.kernels import optimizers
from pebblegrad.optim import Adam, AdamW

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
