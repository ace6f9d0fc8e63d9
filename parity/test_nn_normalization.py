"""Normalisation: layers through ten steps of training, functions to second order."""

import numpy as np
import pytest
import torch
from torch.nn import functional as torch_functional

from pebblegrad import nn
from pebblegrad.nn import functional

BATCH = [
    ("BatchNorm1d", (3,), {}, (6, 3)),
    ("BatchNorm1d", (3,), {}, (4, 3, 5)),
    ("BatchNorm1d", (3, 1e-2), {}, (6, 3)),
    ("BatchNorm1d", (3,), {"momentum": None}, (6, 3)),
    ("BatchNorm1d", (3,), {"affine": False}, (6, 3)),
    ("BatchNorm1d", (3,), {"track_running_stats": False}, (6, 3)),
    ("BatchNorm2d", (3,), {}, (2, 3, 4, 4)),
    ("BatchNorm2d", (3,), {"eps": 0.1, "momentum": 0.5}, (2, 3, 4, 5)),
    ("BatchNorm2d", (3,), {"momentum": None}, (2, 3, 4, 4)),
    ("BatchNorm2d", (3,), {"affine": False}, (2, 3, 4, 4)),
    ("BatchNorm2d", (3,), {"track_running_stats": False}, (2, 3, 4, 4)),
    ("InstanceNorm1d", (3,), {}, (2, 3, 5)),
    ("InstanceNorm1d", (3,), {"affine": True}, (2, 3, 5)),
    ("InstanceNorm1d", (3,), {"eps": 0.1}, (3, 5)),
    ("InstanceNorm1d", (3,), {"track_running_stats": True}, (2, 3, 5)),
    ("InstanceNorm1d", (3,), {"affine": True, "momentum": 0.4}, (2, 3, 5)),
    ("InstanceNorm2d", (3,), {}, (2, 3, 4, 5)),
    ("InstanceNorm2d", (3,), {"affine": True}, (2, 3, 4, 5)),
    ("InstanceNorm2d", (3,), {"eps": 0.1}, (3, 4, 5)),
    ("InstanceNorm2d", (3,), {"track_running_stats": True}, (2, 3, 4, 5)),
    (
        "InstanceNorm2d",
        (3,),
        {"affine": True, "track_running_stats": True, "momentum": 0.4},
        (2, 3, 4, 5),
    ),
    (
        "InstanceNorm2d",
        (3,),
        {"track_running_stats": True, "momentum": None},
        (2, 3, 4, 5),
    ),
    ("LayerNorm", (4,), {}, (3, 4)),
    ("LayerNorm", (4,), {"bias": False}, (3, 4)),
    ("LayerNorm", (4,), {"eps": 0.1}, (2, 3, 4)),
    ("LayerNorm", ((3, 4),), {}, (2, 3, 4)),
    ("LayerNorm", ((3, 4),), {"elementwise_affine": False}, (2, 3, 4)),
    ("RMSNorm", (4,), {}, (3, 4)),
    ("RMSNorm", (4,), {"eps": 1e-3}, (3, 4)),
    ("RMSNorm", ((3, 4),), {}, (2, 3, 4)),
    ("RMSNorm", (4,), {"elementwise_affine": False}, (2, 3, 4)),
    ("RMSNorm", (4,), {"eps": 0.0}, (4,)),
    ("GroupNorm", (2, 4), {}, (3, 4)),
    ("GroupNorm", (2, 4), {}, (3, 4, 5)),
    ("GroupNorm", (1, 4), {"eps": 0.1}, (2, 4, 3, 3)),
    ("GroupNorm", (4, 4), {}, (2, 4, 3, 3)),
    ("GroupNorm", (2, 4), {"affine": False}, (2, 4, 3, 3)),
]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("name", "args", "options", "shape"), BATCH, ids=str)
def test_layers_train_alike(
    name, args, options, shape, training, dtype, same_training, rng
):
    ours = getattr(nn, name)(*args, **options).to(dtype).train(training)
    theirs = getattr(torch.nn, name)(*args, **options).train(training)
    for tensor in [*ours.parameters(), *ours.buffers()]:
        if tensor.dtype.kind == "f":
            tensor.data[...] = rng.uniform(0.5, 1.5, tensor.shape)
    tight = dtype == "float64"

    same_training(
        ours,
        theirs,
        [(rng.standard_normal(shape) * 2 + 1).astype(dtype)],
        rtol=1e-9 if tight else 2e-4,
        atol=1e-10 if tight else 2e-5,
    )


@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2), (2, 3, 2, 2)], ids=str)
def test_batch_norm(shape, both, rng):
    arrays = [rng.standard_normal(s) for s in (shape, (3,), (3,))]
    mean, var = rng.standard_normal(3), rng.uniform(0.5, 1.5, 3)

    both(
        lambda x, w, b: functional.batch_norm(x, None, None, w, b, True, eps=0.1),
        lambda x, w, b: torch_functional.batch_norm(x, None, None, w, b, True, eps=0.1),
        arrays,
    )
    both(
        lambda x, w, b: functional.batch_norm(x, mean, var, w, b),
        lambda x, w, b: torch_functional.batch_norm(
            x, torch.tensor(mean), torch.tensor(var), w, b
        ),
        arrays,
    )


@pytest.mark.parametrize(("shape", "sizes"), [((3, 4), (4,)), ((2, 3, 4), (3, 4))])
def test_layer_norm_and_rms_norm(shape, sizes, both, rng):
    x, weight, bias = (rng.standard_normal(s) for s in (shape, sizes, sizes))

    both(
        lambda x, w, b: functional.layer_norm(x, sizes, w, b),
        lambda x, w, b: torch_functional.layer_norm(x, sizes, w, b),
        [x, weight, bias],
    )
    for eps in (None, 0.1):
        both(
            lambda x, w, eps=eps: functional.rms_norm(x, sizes, w, eps),
            lambda x, w, eps=eps: torch_functional.rms_norm(x, sizes, w, eps),
            [x, weight],
        )


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("shape", [(3, 4), (2, 4, 3), (2, 4, 2, 3)], ids=str)
def test_group_norm(groups, shape, both, rng):
    arrays = [rng.standard_normal(s) for s in (shape, (4,), (4,))]
    eps = 0.05  # with one value in a group the slope is 1 / sqrt(eps)

    both(
        lambda x, w, b: functional.group_norm(x, groups, w, b, eps),
        lambda x, w, b: torch_functional.group_norm(x, groups, w, b, eps),
        arrays,
    )


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 2, 3)], ids=str)
def test_instance_norm(shape, both, rng):
    arrays = [rng.standard_normal(s) for s in (shape, (3,), (3,))]

    both(
        lambda x, w, b: functional.instance_norm(x, weight=w, bias=b),
        lambda x, w, b: torch_functional.instance_norm(x, weight=w, bias=b),
        arrays,
    )


@pytest.mark.parametrize(
    ("p", "dim"), [(2.0, 1), (2.0, -1), (1.0, 0), (3.0, 2), (2.0, 0)]
)
def test_normalize(p, dim, both, rng):
    both(
        lambda x: functional.normalize(x, p, dim),
        lambda x: torch_functional.normalize(x, p, dim),
        [rng.standard_normal((3, 4, 5))],
    )


def test_a_vector_of_zeros_is_normalized_to_zeros(both):
    both(functional.normalize, torch_functional.normalize, [np.zeros((2, 3))], order=1)


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e3, 6e4])
def test_float16_is_computed_in_float32(size, agree, rng):
    x = rng.uniform(-size, size, (8, 64)).astype(np.float16)
    theirs = torch.tensor(x)

    for name, arguments in [
        ("layer_norm", ((64,),)),
        ("rms_norm", ((64,),)),
        ("group_norm", (2,)),
        ("batch_norm", (None, None, None, None, True)),
    ]:
        found = getattr(functional, name)(x, *arguments)
        expected = getattr(torch_functional, name)(theirs, *arguments)
        agree(found, expected, rtol=2e-3, atol=1e-3, what=name)
