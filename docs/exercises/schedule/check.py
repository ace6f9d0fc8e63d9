"""Does it warm up, fall, stay, and reach the optimizer?"""

import numpy as np

from pebblegrad.autograd import Tensor
from pebblegrad.optim import SGD, CosineAnnealingLR, WarmupLR


def check_the_warm_up(exercise):
    """It grows by the same amount at each step."""
    found = exercise.WarmupCosine(8.0, 4, 10).rates(4)

    assert np.allclose(found, [2, 4, 6, 8]), (
        f"the first rates are {found}; [2, 4, 6, 8] was needed"
    )


def check_the_fall(exercise):
    """Then it falls as the library's cosine does."""
    found = exercise.WarmupCosine(8.0, 4, 10).rates(11)
    wanted = WarmupLR(8.0, 4, after=CosineAnnealingLR(8.0, T_max=6)).rates(11)

    assert np.allclose(found, wanted), f"the rates are {found}; {wanted} was needed"


def check_the_end(exercise):
    """It stays at 0 and does not rise again."""
    found = exercise.WarmupCosine(8.0, 4, 10).rates(20)[10:]

    assert np.allclose(found, 0), f"from step 10 on the rates are {found}; 0 was needed"


def check_no_warm_up(exercise):
    """Without a warm-up it starts at the base rate."""
    found = exercise.WarmupCosine(8.0, 0, 10).at(0)

    assert found == 8, f"with warmup = 0 the first rate is {found}; 8 was needed"


def check_an_optimizer(exercise):
    """It sets the rate of an optimizer."""
    optimizer = SGD([Tensor([1.0], requires_grad=True)], lr=0.5)
    schedule = exercise.WarmupCosine(optimizer, 2, 4)
    rates = [optimizer.param_groups[0]["lr"]]
    for _ in range(4):
        optimizer.step()
        schedule.step()
        rates.append(optimizer.param_groups[0]["lr"])

    assert np.allclose(rates, [0.25, 0.5, 0.5, 0.25, 0]), (
        f"the optimizer's rates are {rates}; [0.25, 0.5, 0.5, 0.25, 0] was needed"
    )
