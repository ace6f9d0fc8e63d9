"""Averages of the weights beside PyTorch's `AveragedModel`."""

import numpy as np
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from pebblegrad import nn
from pebblegrad.optim import ExponentialMovingAverage, StochasticWeightAverage

AVERAGES = [
    (lambda m, **k: StochasticWeightAverage(m, **k), None),
    (lambda m, **k: ExponentialMovingAverage(m, **k), get_ema_multi_avg_fn()),
    (lambda m, **k: ExponentialMovingAverage(m, 0.99, **k), get_ema_multi_avg_fn(0.99)),
    (lambda m, **k: ExponentialMovingAverage(m, 0.3, **k), get_ema_multi_avg_fn(0.3)),
]


def models(dtype):
    """Return the same model, with statistics of its own, of both libraries."""
    ours = nn.Sequential(nn.Linear(3, 4, rng=0), nn.BatchNorm1d(4)).to(dtype)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))
    theirs.to(getattr(torch, dtype))
    return ours, theirs


@pytest.mark.parametrize(("make", "average_of"), AVERAGES)
@pytest.mark.parametrize("use_buffers", [False, True])
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
def test_fifty_updates(make, average_of, use_buffers, dtype, rtol, rng, agree):
    ours, theirs = models(dtype)
    average = make(ours, use_buffers=use_buffers)
    averaged = AveragedModel(theirs, multi_avg_fn=average_of, use_buffers=use_buffers)
    names = [name for name, value in ours.state_dict().items() if value.ndim]

    for _ in range(50):
        numbers = {
            name: rng.uniform(0.1, 2.0, value.shape).astype(dtype)
            for name, value in ours.state_dict().items()
            if value.ndim
        }
        ours.load_state_dict(numbers, strict=False)
        theirs.load_state_dict(
            {name: torch.tensor(value) for name, value in numbers.items()}, strict=False
        )
        average.update()
        averaged.update_parameters(theirs)

        with average.applied():
            found = ours.state_dict()
        expected = averaged.module.state_dict()
        for name in names:
            agree(found[name], expected[name], rtol, 0.0, name)
    assert average.n_averaged == averaged.n_averaged.item() == 50
    assert {"0.weight", "1.running_mean"} <= set(names)
    for name, value in ours.state_dict().items():
        if value.ndim:
            np.testing.assert_array_equal(value, numbers[name])
